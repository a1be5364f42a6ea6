//! The thread that waits for a device, so that nobody else has to.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::bus::Link;
use super::error::UsbError;
use super::lock::DeviceLock;

/// A thread with an open device. The transport waits for hours, and cannot be told to stop.
pub(super) struct Worker {
    commands: Option<Sender<Vec<u8>>>,
    replies: Receiver<Result<Vec<u8>, UsbError>>,
    thread: Option<JoinHandle<()>>,
    /// Whether a command is under way that nobody waits for any more.
    abandoned: Cell<bool>,
}

impl Worker {
    /// Takes an open device. The lock is held for as long as it is open, after its user has gone too.
    pub(super) fn start(mut link: Box<dyn Link>, lock: DeviceLock) -> Self {
        let (commands, to_do) = channel::<Vec<u8>>();
        let (done, replies) = channel();
        let thread = thread::spawn(move || {
            for command in to_do {
                if done.send(link.exchange(&command)).is_err() {
                    break;
                }
            }
            drop((link, lock));
        });
        Self { commands: Some(commands), replies, thread: Some(thread), abandoned: Cell::new(false) }
    }

    /// Sends a command and waits for its reply, but not longer than this.
    pub(super) fn exchange(&self, command: &[u8], after: Duration) -> Result<Vec<u8>, UsbError> {
        let sent = self.commands.as_ref().map(|commands| commands.send(command.to_vec()));
        if !matches!(sent, Some(Ok(()))) {
            return Err(UsbError::Unplugged);
        }
        match self.replies.recv_timeout(after) {
            Ok(reply) => reply,
            Err(RecvTimeoutError::Timeout) => {
                self.abandoned.set(true);
                Err(UsbError::Timeout { after })
            }
            Err(RecvTimeoutError::Disconnected) => Err(UsbError::Unplugged),
        }
    }
}

impl Drop for Worker {
    /// Waits until the device is closed, unless it is the device that is waited for: that thread ends with its reply,
    /// when the device is unplugged, or with the process.
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take()
            && !self.abandoned.get()
        {
            // A thread that panicked has closed the device too.
            let _ = thread.join();
        }
    }
}
