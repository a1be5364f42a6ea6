//! What can go wrong with a peer.

use std::io;
use std::time::Duration;

use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::TreeError;
use dcrcold_signer::block::commitment::CommitmentError;

use super::super::headers::RefusedHeaders;
use super::super::wire::{Command, EncodeError, FrameError, ProtocolVersion, Services};
use super::socks::SocksError;
use crate::chain::headers::HeaderError;
use crate::chain::work::Work;

/// Why a peer was given up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// Nobody answers at the address.
    #[error("cannot connect: {0}")]
    Connect(#[source] io::Error),
    /// Only Tor leads to the peer.
    #[error("an onion service is reached over a proxy only")]
    NoProxy,
    /// The proxy does not lead to the peer.
    #[error(transparent)]
    Proxy(#[from] SocksError),
    /// The peer does not take what it is sent.
    #[error("{waiting} messages wait for it to take them")]
    Clogged {
        /// How many messages wait.
        waiting: usize,
    },
    /// The connection broke.
    #[error("lost the connection: {0}")]
    Disconnected(#[source] io::Error),
    /// The peer closed the connection.
    #[error("the peer closed the connection")]
    Closed,
    /// The peer did not say who it is in time.
    #[error("no handshake within {} s", after.as_secs())]
    NoHandshake {
        /// How long was waited.
        after: Duration,
    },
    /// The peer sent another message than the handshake has at that point.
    #[error("handshake with a {found} message, expected {expected}")]
    Handshake {
        /// The message found.
        found: Command,
        /// The message expected.
        expected: Command,
    },
    /// The peer speaks too old a version of the protocol.
    #[error("speaks version {found} of the protocol, expected at least {expected}")]
    TooOld {
        /// Its version.
        found: ProtocolVersion,
        /// The lowest that is of use.
        expected: ProtocolVersion,
    },
    /// The peer has no blocks.
    #[error("serves no blocks, its services are {:#x}", found.0)]
    NoBlocks {
        /// What it does.
        found: Services,
    },
    /// The peer is this program.
    #[error("connected to itself")]
    Itself,
    /// The peer sent bytes that are no message.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What was to be sent is no message that a node would take.
    #[error("cannot ask: {0}")]
    Encode(#[from] EncodeError),
    /// The peer sent data that nobody asked it for.
    #[error("sent a {found} message that nobody asked for")]
    Unrequested {
        /// The message.
        found: Command,
    },
    /// The peer answered a ping with another number.
    #[error("answered a ping with another number")]
    WrongPong,
    /// The peer did not answer a ping.
    #[error("no sign of life for {} s", after.as_secs())]
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// The peer did not answer a question in time.
    #[error("no answer to {question} within {} s", after.as_secs())]
    Stalled {
        /// What it was asked.
        question: Command,
        /// How long was waited.
        after: Duration,
    },
    /// The peer sent another block than it was asked for.
    #[error("sent block {found}, asked for {expected}")]
    OtherBlock {
        /// The block sent.
        found: BlockHash,
        /// The block asked for.
        expected: BlockHash,
    },
    /// The peer sent another transaction than it was asked for.
    #[error("sent another transaction than asked for")]
    OtherTransaction,
    /// A block's transactions are not those of its header.
    #[error("sent a false block {block}: {source}")]
    FalseBlock {
        /// The block.
        block: BlockHash,
        /// What differs.
        source: TreeError,
    },
    /// The peer sent fewer or more filters than it was asked for, or for other blocks.
    #[error("sent {found} of the {expected} filters asked for")]
    MissingFilters {
        /// Filters of the blocks asked for, in order.
        found: usize,
        /// Filters asked for.
        expected: usize,
    },
    /// A filter is not the one that the header commits to.
    #[error("sent a false filter: {0}")]
    FalseFilter(#[source] CommitmentError),
    /// A filter is not the one that follows from the block.
    #[error("sent a false filter of block {block}: another one follows from its transactions")]
    DisprovenFilter {
        /// The block.
        block: BlockHash,
    },
    /// Headers break a rule.
    #[error(transparent)]
    Headers(RefusedHeaders),
    /// The chain of the peer took too little work to be the main chain.
    #[error("its chain took too little work: {found}, expected at least {expected}")]
    LowWork {
        /// The work of its chain.
        found: Work,
        /// The work that the main chain has at least.
        expected: Work,
    },
}

impl PeerError {
    /// Whether an honest peer never does this, whatever the network between, our clock and the headers that are here.
    #[must_use]
    pub const fn is_offence(&self) -> bool {
        !matches!(
            self,
            Self::Connect(_)
                | Self::NoProxy
                | Self::Proxy(_)
                | Self::Clogged { .. }
                | Self::Disconnected(_)
                | Self::Closed
                | Self::NoHandshake { .. }
                | Self::Handshake { .. }
                | Self::Silent { .. }
                | Self::Stalled { .. }
                | Self::Encode(_)
                | Self::LowWork { .. }
                | Self::Headers(RefusedHeaders::Unattached { .. } | RefusedHeaders::TooDeep { .. })
        ) && !self.is_too_new()
    }

    /// Whether its headers are from the future by our clock, which may be the one that is wrong.
    #[must_use]
    pub const fn is_too_new(&self) -> bool {
        matches!(self, Self::Headers(RefusedHeaders::Rule { source: HeaderError::TooNew { .. }, .. }))
    }
}
