//! Standard output that survives a closed pipe.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;

use super::{Failure, FailureKind, Stop};

/// Standard output, where facts go; everything for people goes to standard error.
#[derive(Debug)]
pub struct Output<W> {
    to: W,
}

impl Output<io::StdoutLock<'static>> {
    /// The program's standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self { to: io::stdout().lock() }
    }
}

impl Output<File> {
    /// The program's standard output, past the buffer of the standard library: for what may be a secret.
    ///
    /// # Errors
    /// A failure when it is closed.
    pub fn unbuffered() -> Result<Self, Failure> {
        let descriptor = io::stdout().as_fd().try_clone_to_owned();
        Ok(Self { to: descriptor.map_err(|error| cannot_write(&error))?.into() })
    }
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("cannot write to standard output: {error}"))
}

impl<W: Write> Output<W> {
    /// Any other writer, for tests.
    pub const fn new(to: W) -> Self {
        Self { to }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`Stop::ClosedPipe`], or a failure that names the system's reason, a full disk for example.
    pub fn line(&mut self, line: impl fmt::Display) -> Result<(), Stop> {
        self.bytes(format!("{line}\n").as_bytes())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.to.write_all(bytes).and_then(|()| self.to.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::ClosedPipe,
            _ => cannot_write(&error).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is_one() {
        assert!(matches!(Output::new(Broken(io::ErrorKind::BrokenPipe)).line("x"), Err(Stop::ClosedPipe)));
        let full = Output::new(Broken(io::ErrorKind::StorageFull)).line("x");
        assert!(matches!(full, Err(Stop::Failure(failure)) if failure.kind() == FailureKind::Failed));
    }
}
