//! What is wrong with bytes from a peer, and with messages for one.

use dcrcold_signer::block::BlockError;
use dcrcold_signer::tx::TxError;
use dcrcold_signer::wire::WireError;

use super::{Command, ProtocolVersion};

/// Why bytes are not a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The message belongs to another network, or the bytes are no message at all.
    #[error("message of another network: it begins with {}, expected {}", hex(found), hex(expected))]
    OtherNetwork {
        /// The first bytes.
        found: [u8; 4],
        /// The first bytes of every message of this network.
        expected: [u8; 4],
    },
    /// The name of the message is not printable ASCII filled up with zeros.
    #[error("malformed name of a message: {}", hex(found))]
    Name {
        /// The bytes found.
        found: [u8; super::command::NAME_SIZE],
    },
    /// The message is longer than such a message may be.
    #[error("{name} message of {found} bytes, at most {most} are allowed")]
    TooLong {
        /// The name of the message.
        name: String,
        /// The length that it claims.
        found: usize,
        /// The longest that is allowed.
        most: usize,
    },
    /// The message does not exist in the version that was agreed on.
    #[error("{command} message, which does not exist at version {version}")]
    NotAtVersion {
        /// The kind of message.
        command: Command,
        /// The version.
        version: ProtocolVersion,
    },
    /// The bytes were changed on the way, or made wrong.
    #[error("{command} message with checksum {}, expected {}", hex(found), hex(expected))]
    Checksum {
        /// The kind of message.
        command: Command,
        /// The checksum in front.
        found: [u8; 4],
        /// The checksum of the bytes.
        expected: [u8; 4],
    },
    /// What the message holds is malformed.
    #[error("malformed {command} message: {source}")]
    Payload {
        /// The kind of message.
        command: Command,
        /// What is malformed.
        source: PayloadError,
    },
}

/// Why the inside of a message is malformed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// A number, a count or a length cannot be read, or bytes follow.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The transaction is malformed.
    #[error(transparent)]
    Transaction(#[from] TxError),
    /// The block is malformed.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// A header comes with transactions.
    #[error("header {position} comes with {found} transactions")]
    HeaderWithTransactions {
        /// The position of the header.
        position: usize,
        /// The number of transactions.
        found: u64,
    },
    /// A text is not ASCII.
    #[error("{what} is not ASCII")]
    NotAscii {
        /// The text.
        what: &'static str,
    },
    /// A byte that says yes or no says neither.
    #[error("{what} is {found}, expected 0 or 1")]
    NotABool {
        /// What the byte says.
        what: &'static str,
        /// The byte found.
        found: u8,
    },
    /// A height is negative.
    #[error("{what} is {found}")]
    NegativeHeight {
        /// Which height.
        what: &'static str,
        /// The number found.
        found: i32,
    },
    /// An address is of a kind that this side does not know.
    #[error("address of kind {found}")]
    AddressKind {
        /// The kind found.
        found: u8,
    },
    /// A list that must not be empty is.
    #[error("no {what}")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
}

/// Why a message cannot be sent. A node that got it would ban the sender.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The message does not exist in the version that was agreed on.
    #[error("{command} does not exist at version {version}")]
    NotAtVersion {
        /// The kind of message.
        command: Command,
        /// The version.
        version: ProtocolVersion,
    },
    /// A list holds nothing.
    #[error("{command} without anything in it")]
    Empty {
        /// The kind of message.
        command: Command,
    },
    /// A list holds more than the message may.
    #[error("{command} with {found} items, at most {most} are allowed")]
    TooMany {
        /// The kind of message.
        command: Command,
        /// The number of items.
        found: usize,
        /// The most allowed.
        most: usize,
    },
    /// The message is longer than such a message may be.
    #[error("{command} of {found} bytes, at most {most} are allowed")]
    TooLong {
        /// The kind of message.
        command: Command,
        /// The length.
        found: usize,
        /// The longest allowed.
        most: usize,
    },
    /// A text is not ASCII.
    #[error("{command} with a text that is not ASCII")]
    NotAscii {
        /// The kind of message.
        command: Command,
    },
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
