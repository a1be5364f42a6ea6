//! What a station says of what it did.

use dcrcold_core::hash::TxId;

use super::doubt::Skip;
use crate::chain::BlockId;

/// What a station did.
#[derive(Debug, Default)]
pub struct Report {
    /// The tip, once all blocks are searched.
    pub tip: Option<BlockId>,
    /// The votes sent.
    pub cast: Vec<Cast>,
    /// Blocks that were not voted on.
    pub skipped: Vec<(BlockId, Skip)>,
    /// What went wrong without keeping anybody from voting.
    pub problems: Vec<String>,
}

/// A vote that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// The ticket.
    pub ticket: TxId,
    /// The block voted on.
    pub block: BlockId,
    /// The vote.
    pub vote: TxId,
    /// Whether this station votes with the ticket on the block for the first time.
    pub first: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The network took it.
    Sent,
    /// The network had it before.
    Known,
    /// The same ticket voted on the same block already, with other choices.
    VotedOtherwise,
    /// The tip was another block already when it arrived.
    Late,
    /// The network refuses it.
    Refused {
        /// The node's words.
        reason: String,
    },
}
