//! Lines on a terminal that may do no more, and questions whose answers may be seen.

use std::fs::File;
use std::io::{Read, Write};

use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};
use zeroize::Zeroizing;

use super::{broken, open};
use crate::cli::Failure;

/// The longest line that is read.
const MAX_LINE: usize = 1024;
/// The size of a terminal that does not know it.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// The terminal, line by line. What is typed and not asked for is forgotten, in the end too: the rest of what somebody
/// pasted is no command for a shell.
pub struct Lines(File);

impl Lines {
    /// Opens the terminal, whatever standard input is.
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> Result<Self, Failure> {
        open().map(Self)
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.0) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 1 => (size.ws_col.into(), size.ws_row.into()),
            _ => USUAL_SIZE,
        }
    }

    /// Writes text as it is.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.0.write_all(text.as_bytes()).map_err(broken)
    }

    /// Asks for a line; `None` when the person ends the input instead. What was typed before the question was not meant
    /// for it.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn ask(&mut self, question: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        tcflush(&self.0, QueueSelector::IFlush).map_err(broken)?;
        self.write(question)?;
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE));
        let mut byte = Zeroizing::new([0]);
        while self.0.read(&mut *byte).map_err(broken)? == 1 {
            if *byte == *b"\n" {
                return Ok(Some(String::from_utf8_lossy(&line).into_owned().into()));
            }
            // The rest of an endless line is read and dropped.
            if line.len() < MAX_LINE {
                line.extend(*byte);
            }
        }
        // Nobody pressed Enter, and what follows begins a line.
        self.write("\n")?;
        Ok(None)
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // A terminal that is gone sends nothing.
        let _ = tcflush(&self.0, QueueSelector::IFlush);
    }
}
