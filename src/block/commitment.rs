//! What a header commits to besides the transactions: the block's version 2 filter.
//!
//! There is a single commitment, so its root is the hash of the filter and the proof is empty.
//! Source: DCP0005, dcrd `internal/blockchain/headercmt.go`, `gcs/gcs.go`.

use dcrcold_core::hash::{BlockHash, Sink, TreeHash};
use dcrcold_core::net::Network;

use super::merkle::EMPTY_ROOT;
use super::{BlockHeader, merkle};
use crate::agenda::Agenda;

/// The position of the filter among the commitments.
const FILTER_INDEX: u32 = 0;

/// Why a filter is not the one a header commits to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommitmentError {
    /// Headers before DCP0005 commit to no filter, and the genesis header never does.
    #[error("block {block} is too old to commit to a filter")]
    NotCommitted {
        /// The block.
        block: BlockHash,
    },
    /// The proof is for another commitment than the filter's.
    #[error("filter of block {block} comes with a proof for position {index}, expected 0")]
    Position {
        /// The block.
        block: BlockHash,
        /// The position found.
        index: u32,
    },
    /// The filter has another hash than the one committed to.
    #[error("filter of block {block} has hash {found}, the header commits to {expected}")]
    Filter {
        /// The block.
        block: BlockHash,
        /// The filter's hash.
        found: TreeHash,
        /// The header's commitment.
        expected: TreeHash,
    },
}

/// The hash of a filter's bytes; an empty filter has the hash of zeros.
#[must_use]
pub fn filter_hash(filter: &[u8]) -> TreeHash {
    if filter.is_empty() { EMPTY_ROOT } else { TreeHash::of(|hasher| hasher.put(filter)) }
}

/// Checks that `header` commits to `filter`.
///
/// # Errors
/// [`CommitmentError::NotCommitted`] for a header before DCP0005, [`CommitmentError::Filter`] for another filter.
pub fn check_filter(network: Network, header: &BlockHeader, filter: &[u8]) -> Result<(), CommitmentError> {
    check_proof(network, header, filter, FILTER_INDEX, &[])
}

/// Checks that `header` commits to `filter`, by the proof that a peer sent with it.
///
/// A later commitment at another position must not pass for a filter, so only position 0 is accepted.
///
/// # Errors
/// Those of [`check_filter`], and [`CommitmentError::Position`].
pub fn check_proof(
    network: Network,
    header: &BlockHeader,
    filter: &[u8],
    index: u32,
    proof: &[TreeHash],
) -> Result<(), CommitmentError> {
    let block = header.id();
    if !Agenda::HeaderCommitments.is_active(network, header.height) {
        return Err(CommitmentError::NotCommitted { block });
    }
    if index != FILTER_INDEX {
        return Err(CommitmentError::Position { block, index });
    }
    let found = filter_hash(filter);
    if merkle::verify(&header.stake_root, &found, index, proof) {
        return Ok(());
    }
    Err(CommitmentError::Filter { block, found, expected: header.stake_root })
}
