//! Why peers do not tell what they were asked.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use dcrcold_core::hash::BlockHash;

use super::headers::StoreError;
use super::peer::PeerError;
use crate::chain::ChainError;

/// A peer that was given up.
#[derive(Clone, Debug)]
pub struct Loss {
    /// Where it was.
    pub address: SocketAddr,
    /// Why it was given up.
    pub error: Arc<PeerError>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.address, self.error)
    }
}

/// Why peers do not tell what they were asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpvError {
    /// No peer is known.
    #[error("no peers are known")]
    NoneKnown,
    /// No peer is left that could be asked.
    #[error("no peer answers; {}", list(lost))]
    NoneLeft {
        /// Those that were given up last.
        lost: Vec<Loss>,
    },
    /// The peers are there, but do not go on.
    #[error("the peers make no progress; {}", list(lost))]
    NoProgress {
        /// Those that were given up last.
        lost: Vec<Loss>,
    },
    /// No peer has what was asked for.
    #[error("no peer has it")]
    Missing,
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

fn list(lost: &[Loss]) -> String {
    if lost.is_empty() {
        return "none was lost".to_owned();
    }
    let lost: Vec<_> = lost.iter().map(Loss::to_string).collect();
    lost.join("; ")
}

impl From<SpvError> for ChainError {
    fn from(error: SpvError) -> Self {
        match error {
            SpvError::UnknownBlock { hash } => Self::UnknownBlock { hash },
            other => Self::Unavailable(Box::new(other)),
        }
    }
}
