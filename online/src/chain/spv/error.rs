//! Why peers do not tell what they were asked.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use dcrcold_core::hash::BlockHash;

use super::address::PeerAddress;
use super::discover::SeederLoss;
use super::headers::StoreError;
use super::peer::PeerError;
use crate::chain::ChainError;
use crate::chain::filter::entries::MissingOutput;

/// A peer that was given up.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Where it was.
    pub address: PeerAddress,
    /// Why it was given up.
    pub error: Arc<PeerError>,
    /// When it was given up.
    pub at: Instant,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.error)
    }
}

/// Why nothing can begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The file of headers cannot be used.
    #[error(transparent)]
    Headers(#[from] StoreError),
    /// The file of addresses cannot be read.
    #[error("the file of peers cannot be read: {0}")]
    Book(#[source] io::Error),
}

/// Why peers do not tell what they were asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpvError {
    /// No peer is known.
    #[error("no peers are known")]
    NoneKnown,
    /// Nobody tells of a peer.
    #[error("no peers are found{}", list(lost))]
    NoneFound {
        /// The seeders that were of no use.
        lost: Vec<SeederLoss>,
    },
    /// No peer is left that could be asked.
    #[error("no peer answers{}{}", list(lost), list(seeders))]
    NoneLeft {
        /// The addresses that were given up last, each with its last failure.
        lost: Vec<Loss>,
        /// The seeders that were of no use.
        seeders: Vec<SeederLoss>,
    },
    /// The peers are there, but do not go on.
    #[error("the peers make no progress{}", list(lost))]
    NoProgress {
        /// The addresses that were given up last, each with its last failure.
        lost: Vec<Loss>,
    },
    /// No peer has what was asked for.
    #[error("no peer has it")]
    Missing,
    /// Peers differ about the filter of a block, and it cannot be built.
    #[error("peers differ about block {block}: {source}")]
    Disputed {
        /// The block.
        block: BlockHash,
        /// What is missing.
        source: MissingOutput,
    },
    /// The file of headers cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A block is not on the chain of headers.
    #[error("block {hash} is not on the chain")]
    UnknownBlock {
        /// The block.
        hash: BlockHash,
    },
}

/// Failures that an error names; nobody reads more.
const MOST_NAMED: usize = 6;

/// The last of them, as the end of a sentence.
fn list<T: ToString>(lost: &[T]) -> String {
    let others = lost.len().saturating_sub(MOST_NAMED);
    let named = lost[others..].iter().map(|lost| format!("; {}", lost.to_string())).collect();
    if others == 0 { named } else { format!("{named}; and {others} others") }
}

impl From<SpvError> for ChainError {
    fn from(error: SpvError) -> Self {
        match error {
            SpvError::UnknownBlock { hash } => Self::UnknownBlock { hash },
            other => Self::Unavailable(Box::new(other)),
        }
    }
}
