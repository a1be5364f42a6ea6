//! What is wrong with a frame or with a stream of them.

use super::{MAX_LENGTH, StreamId};
use crate::transfer::TransferError;

/// Why a text is no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The code holds something else.
    #[error("not a frame of a transfer: it does not start with DCR1/")]
    NotAFrame,
    /// Longer than any QR code can hold.
    #[error("frame has {found} characters, at most {most} fit into a code")]
    TooLong {
        /// Its length in characters.
        found: usize,
        /// What version 40 holds.
        most: usize,
    },
    /// A character or a group of them that base45 does not have.
    #[error("frame is not base45")]
    NotBase45,
    /// Shorter than its fixed fields, or not a whole number of symbols.
    #[error("frame has {found} bytes, which is no whole number of symbols")]
    Length {
        /// Its bytes after the text's prefix.
        found: usize,
    },
    /// Misread.
    #[error("frame has check sum {found:08x}, expected {expected:08x}: it was misread")]
    CheckSum {
        /// What it says.
        found: u32,
        /// That of its bytes.
        expected: u32,
    },
    /// A version or type of the future.
    #[error("frame has the unknown type {found}")]
    UnknownType {
        /// The type's byte.
        found: u8,
    },
    /// A stream of nothing, or of more than a receiver takes.
    #[error("frame belongs to {found} bytes, expected 1 to {MAX_LENGTH}")]
    StreamLength {
        /// The length that it claims.
        found: u32,
    },
    /// The numbers of its symbols do not fit into three bytes.
    #[error("frame starts at symbol {first}, and its {symbols} symbols run past the last number")]
    SymbolRange {
        /// The first symbol.
        first: u32,
        /// How many it has.
        symbols: usize,
    },
}

/// Why the symbols of a stream give no transfer, or a transfer no stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// More than a receiver takes, or nothing.
    #[error("transfer has {found} bytes, codes carry 1 to {most}")]
    Length {
        /// Its length.
        found: usize,
        /// The most that a stream has.
        most: usize,
    },
    /// Symbols that contradict each other: not all of them are of one transfer, although their check sums are right.
    #[error("frames of stream {stream} contradict each other")]
    Contradiction {
        /// The stream.
        stream: StreamId,
    },
    /// All symbols together are another stream.
    #[error("frames of stream {expected} give stream {found}")]
    OtherStream {
        /// That of the bytes.
        found: StreamId,
        /// The one that the frames name.
        expected: StreamId,
    },
    /// Bytes after the last one are not zero.
    #[error("last symbol of stream {stream} is not filled with zeros")]
    Padding {
        /// The stream.
        stream: StreamId,
    },
    /// The bytes are right and are no transfer.
    #[error(transparent)]
    Transfer(#[from] TransferError),
}
