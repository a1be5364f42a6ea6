//! Why bytes are no transfer.

use dcrcold_core::cbor::CborError;
use dcrcold_core::hash::TransferId;

use super::Kind;
use crate::sealed::SealedError;

/// Why bytes are no transfer, or not the one that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransferError {
    /// Another kind of file.
    #[error("not a transfer file: it does not start with DCRCOLD")]
    NotATransfer,
    /// The end is missing.
    #[error("transfer is cut off: it has {found} bytes, expected {expected}")]
    Truncated {
        /// Its length.
        found: usize,
        /// The length that its header asks for, or that of the header.
        expected: usize,
    },
    /// Bytes after the end.
    #[error("transfer has {found} bytes, expected {expected}: something was appended")]
    Trailing {
        /// Its length.
        found: usize,
        /// The length that its header asks for.
        expected: usize,
    },
    /// A version of the future.
    #[error("transfer has version {found}, expected {expected}")]
    Version {
        /// Its version.
        found: u8,
        /// The version that is known.
        expected: u8,
    },
    /// A kind that is not known.
    #[error("transfer is of the unknown kind {found}")]
    UnknownKind {
        /// Its code.
        found: u8,
    },
    /// Another kind than the wanted one.
    #[error("transfer is {found}, expected {expected}")]
    WrongKind {
        /// Its kind.
        found: Kind,
        /// The wanted kind.
        expected: Kind,
    },
    /// A network that is not known.
    #[error("transfer is for the unknown network {found}")]
    UnknownNetwork {
        /// Its code.
        found: u8,
    },
    /// Flags that are not known.
    #[error("transfer has the unknown flags {found:#04x}")]
    UnknownFlags {
        /// The flags.
        found: u8,
    },
    /// More than a reader takes.
    #[error("transfer has a body of {found} bytes, at most {most} expected")]
    TooLarge {
        /// The length of the plain body.
        found: u32,
        /// The bound.
        most: u32,
    },
    /// The deflated body is damaged, or longer or shorter than the header says.
    #[error("deflated body of the transfer is damaged, or is not {expected} bytes long")]
    Inflate {
        /// The length that the header says.
        expected: u32,
    },
    /// The body was altered.
    #[error("id of the transfer is {found}, but its body has the id {expected}: a byte was altered")]
    IdMismatch {
        /// The id in the header.
        found: TransferId,
        /// The id of the body.
        expected: TransferId,
    },
    /// The body is not the one encoding of its kind.
    #[error("body of {kind} is malformed")]
    Body {
        /// The kind.
        kind: Kind,
        /// What is wrong.
        source: BodyError,
    },
    /// The sealed file inside cannot be opened.
    #[error(transparent)]
    Sealed(#[from] SealedError),
}

/// Why a body, of a transfer or of a sealed file, is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It is not the one encoding of anything.
    #[error("not the one encoding of its content: {0}")]
    Encoding(CborError),
    /// A value that cannot be.
    #[error("{what} is out of range")]
    Value {
        /// The name of the value.
        what: &'static str,
    },
}

impl From<CborError> for BodyError {
    fn from(error: CborError) -> Self {
        Self::Encoding(error)
    }
}

impl BodyError {
    /// A value that cannot be.
    pub(crate) const fn value(what: &'static str) -> Self {
        Self::Value { what }
    }
}
