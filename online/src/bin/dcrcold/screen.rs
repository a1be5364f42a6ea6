//! Standard output. On a terminal, lines that are too long for it break between words.

use std::fmt::Display;
use std::io::{StdoutLock, stdout};

use dcrcold_signer::cli::{Output, Stop, wrapped};

/// Where facts are printed.
pub(crate) struct Screen {
    out: Output<StdoutLock<'static>>,
    /// The columns of the terminal; none for files and pipes, whose lines are as long as they are.
    columns: Option<usize>,
}

impl Screen {
    pub(crate) fn stdout() -> Self {
        Self { out: Output::stdout(), columns: columns() }
    }

    /// Writes a line for people.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), Stop> {
        match self.columns {
            Some(columns) => wrapped(&line.to_string(), columns).iter().try_for_each(|line| self.out.line(line)),
            None => self.out.line(line),
        }
    }

    /// Writes a line for programs, or one to be copied.
    pub(crate) fn whole(&mut self, line: impl Display) -> Result<(), Stop> {
        self.out.line(line)
    }

    /// Writes bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.out.bytes(bytes)
    }
}

/// How many columns the terminal has, if there is one.
pub(crate) fn columns() -> Option<usize> {
    dcrcold_signer::cli::columns(&stdout())
}
