//! What is typed at a terminal, waited for without a thread.

use std::fs::File;
use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, tcflush};

use super::keys::Typed;
use super::{Key, broken, signals};
use crate::cli::Failure;

/// How long to wait before looking for other things again.
pub(super) const TICK: Duration = Duration::from_millis(100);
/// How long the rest of a key may take: Escape alone is a key, and starts others.
const REST_OF_KEY: Duration = Duration::from_millis(30);

/// The keys of a terminal that was taken over.
pub(super) struct Keyboard {
    tty: File,
    typed: Typed,
}

impl Keyboard {
    pub(super) fn new(tty: File) -> Self {
        Self { tty, typed: Typed::new() }
    }

    pub(super) const fn tty(&self) -> &File {
        &self.tty
    }

    /// The next key, if there is one within a time below a second. Half a key is waited for a little longer.
    pub(super) fn key(&mut self, wait: Duration) -> Result<Option<Key>, Failure> {
        if self.typed.is_empty() {
            self.read(wait)?;
        }
        match self.typed.key() {
            None if !self.typed.is_empty() && !self.read(REST_OF_KEY)? => Ok(Some(self.typed.give_up())),
            None => Ok(self.typed.key()),
            key => Ok(key),
        }
    }

    /// Forgets what was typed. A key that is still held down is waited for, and so is the rest of what is pasted.
    pub(super) fn forget(&mut self) -> Result<(), Failure> {
        tcflush(&self.tty, QueueSelector::IFlush).map_err(broken)?;
        self.typed.clear();
        while self.read(TICK)? && !signals::ended() {
            self.typed.clear();
        }
        Ok(())
    }

    /// Forgets what was typed behind the last key, if anything was.
    pub(super) fn forget_more(&mut self) -> Result<(), Failure> {
        if !self.typed.is_empty() || self.read(Duration::ZERO)? { self.forget() } else { Ok(()) }
    }

    /// Reads what comes within a time below a second, and says whether anything came.
    fn read(&mut self, wait: Duration) -> Result<bool, Failure> {
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.tty, PollFlags::IN)], Some(&wait)) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(broken(error)),
        }
        match self.typed.read(&self.tty) {
            Ok(0) => Err(broken(io::ErrorKind::UnexpectedEof)),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(broken(error)),
            _ => Ok(true),
        }
    }
}
