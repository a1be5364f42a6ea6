//! Reading that can be told to stop: a pipe that nobody writes to any more must not keep a program.

use std::io::{self, Read};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How long to wait before looking whether to stop.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// A reader that ends with an error soon after it was told to stop.
pub(super) struct Patient<R> {
    from: R,
    stop: Arc<AtomicBool>,
}

impl<R> Patient<R> {
    pub(super) const fn new(from: R, stop: Arc<AtomicBool>) -> Self {
        Self { from, stop }
    }
}

impl<R: Read + AsFd> Read for Patient<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Err(io::Error::other("told to stop"));
            }
            match poll(&mut [PollFd::new(&self.from, PollFlags::IN)], Some(&TICK)) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => match self.from.read(bytes) {
                    // Another reader of the same pipe was faster.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    result => return result,
                },
                Err(error) => return Err(error.into()),
            }
        }
    }
}
