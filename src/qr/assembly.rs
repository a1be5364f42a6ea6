//! The receiver's side: frames in any order to a transfer.

use super::frame::Part;
use super::solver::{Solver, Use};
use super::{MAX_SYMBOLS, StreamError, StreamId};
use crate::transfer::Container;

/// A transfer of which some symbols are there.
///
/// It takes at most about 9 MB, for a stream of [`MAX_SYMBOLS`] of which only combinations were seen. A length that a
/// frame merely claims costs less than half a megabyte, and no more however many frames claim it.
pub struct Assembly {
    stream: StreamId,
    length: usize,
    solver: Solver,
    contradicted: bool,
}

/// What a frame was good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It had symbols that were of use.
    New,
    /// All that it says follows from the frames before.
    Known,
    /// It is of another stream and was not looked at.
    OtherStream,
}

/// How much of a stream is there. The two are equal when it is complete, and not before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Independent symbols that are there.
    pub symbols: usize,
    /// Symbols that are needed.
    pub needed: usize,
}

impl Progress {
    /// Whether nothing is missing.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.symbols == self.needed
    }
}

impl Assembly {
    /// Begins with the stream of a frame, whose symbols are not taken yet.
    #[must_use]
    pub fn new(part: &Part) -> Self {
        let symbols = part.source_symbols();
        debug_assert!(symbols <= MAX_SYMBOLS, "a part's length is bounded when it is read");
        let solver = Solver::new(part.stream(), symbols);
        Self { stream: part.stream(), length: part.length(), solver, contradicted: false }
    }

    /// The stream that is being received.
    #[must_use]
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// How much of it is there.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        Progress { symbols: self.solver.rank(), needed: self.solver.needed() }
    }

    /// Takes a frame, of this stream or another.
    ///
    /// # Errors
    /// [`StreamError::Contradiction`], now and ever after: nothing tells which of the frames is wrong.
    pub fn take(&mut self, part: &Part) -> Result<Taken, StreamError> {
        if part.stream() != self.stream || part.length() != self.length {
            return Ok(Taken::OtherStream);
        }
        let mut taken = Taken::Known;
        for (id, symbol) in part.symbols() {
            match self.solver.take(id, symbol) {
                Use::New => taken = Taken::New,
                Use::Known => {}
                Use::Contradiction => self.contradicted = true,
            }
        }
        if self.contradicted { Err(StreamError::Contradiction { stream: self.stream }) } else { Ok(taken) }
    }

    /// The transfer, once nothing is missing.
    ///
    /// # Errors
    /// Symbols that do not belong together, or bytes that are no transfer.
    pub fn transfer(&self) -> Option<Result<Container, StreamError>> {
        let symbols = self.solver.symbols()?;
        Some(self.check(symbols.as_flattened()))
    }

    fn check(&self, bytes: &[u8]) -> Result<Container, StreamError> {
        if self.contradicted {
            return Err(StreamError::Contradiction { stream: self.stream });
        }
        let (transfer, padding) = bytes.split_at(self.length);
        if padding.iter().any(|byte| *byte != 0) {
            return Err(StreamError::Padding { stream: self.stream });
        }
        let found = StreamId::of(transfer);
        if found != self.stream {
            return Err(StreamError::OtherStream { found, expected: self.stream });
        }
        Ok(Container::parse(transfer)?)
    }
}
