//! Votes.

use std::collections::HashSet;

use dcrcold_core::hash::TxId;
use dcrcold_core::script::StakeTag;

use super::{MAX_COMMITMENTS, TREASURY_VERSION, direct_push, is_null_data, is_tagged};
use crate::tx::{OutPoint, Transaction, Tree, TxIn, TxOut, opcode};

/// The script of the output that names the block voted on: `OP_RETURN` and 36 bytes pushed.
const REFERENCE_SCRIPT: usize = 38;
/// The payload of that output.
const REFERENCE: u8 = 36;
/// The payload of the shortest output of vote bits.
const LEAST_BITS: u8 = 2;
/// The lengths that the script of vote bits may have.
const BITS_SCRIPT: std::ops::RangeInclusive<usize> = 4..=77;
/// A treasury vote: the id of the spend and the choice.
const TREASURY_VOTE: usize = 33;

/// A choice on a treasury spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreasuryChoice {
    /// For it.
    Yes,
    /// Against it.
    No,
}

impl TreasuryChoice {
    /// The byte in the vote.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Yes => 1,
            Self::No => 2,
        }
    }

    /// The choice of a byte, if it is one.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Yes),
            2 => Some(Self::No),
            _ => None,
        }
    }
}

/// A choice on one treasury spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreasuryVote {
    /// The treasury spend.
    pub spend: TxId,
    /// The choice.
    pub choice: TreasuryChoice,
}

/// Why a transaction is no vote; the variants are dcrd's `ErrSSGen...` kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VoteError {
    /// Another number of inputs than the stakebase and the ticket.
    #[error("vote has {found} inputs, expected 2")]
    WrongNumInputs {
        /// The number found.
        found: usize,
    },
    /// More than 66 outputs.
    #[error("vote has {found} outputs, at most 66 are allowed")]
    TooManyOutputs {
        /// The number found.
        found: usize,
    },
    /// Fewer than two outputs.
    #[error("vote has {found} outputs, expected at least 2")]
    NoOutputs {
        /// The number found.
        found: usize,
    },
    /// The first input is no stakebase.
    #[error("first input of the vote is not a stakebase")]
    NoStakebase,
    /// The second input spends another output than a ticket's first.
    #[error("vote spends output {found} of its ticket, expected 0")]
    WrongIndex {
        /// The position found.
        found: u32,
    },
    /// The second input does not spend from the stake tree.
    #[error("vote spends an output of the regular tree, expected the stake tree")]
    WrongTxTree,
    /// An output is not a payout.
    #[error("output {index} of the vote is not a payout of script version 0")]
    BadGenOuts {
        /// The position.
        index: usize,
    },
    /// The first output carries no data.
    #[error("output 0 of the vote carries no data")]
    NoReference,
    /// The first output names no block.
    #[error("output 0 of the vote is not a push of a block hash and height")]
    BadReference,
    /// The second output carries no data.
    #[error("output 1 of the vote carries no data")]
    NoVotePush,
    /// The second output holds no vote bits.
    #[error("output 1 of the vote is not a push of 2 to 75 bytes of vote bits")]
    BadVotePush,
    /// The last output carries data that does not say what it is.
    #[error("last output of the vote does not say what its data is")]
    InvalidDiscriminatorLength,
    /// The last output is cut short.
    #[error("last output of the vote ends before its data")]
    InvalidNullScript,
    /// The last output carries data of an unknown sort.
    #[error("last output of the vote carries data of the unknown sort {found:02x?}, expected treasury votes")]
    UnknownDiscriminator {
        /// The two bytes found.
        found: [u8; 2],
    },
    /// The treasury votes are not a whole number of at least one.
    #[error("treasury votes take {found} bytes, expected a multiple of 33 and at least one")]
    InvalidTvLength {
        /// The number of bytes found.
        found: usize,
    },
    /// A treasury vote has no choice.
    #[error("treasury vote on {spend} is {found}, expected 1 or 2")]
    InvalidTreasuryVote {
        /// The treasury spend.
        spend: TxId,
        /// The byte found.
        found: u8,
    },
    /// Two treasury votes are on the same spend.
    #[error("vote has two treasury votes on {spend}")]
    DuplicateTreasuryVote {
        /// The treasury spend.
        spend: TxId,
    },
    /// A vote with treasury votes has another version than 3.
    #[error("vote with treasury votes has version {found}, expected 3")]
    InvalidTxVersion {
        /// The version found.
        found: u16,
    },
}

/// Checks that `tx` has the form of a vote, and gives its treasury votes.
///
/// # Errors
/// The [`VoteError`] of the first rule broken, in dcrd's order.
pub fn check_vote(tx: &Transaction) -> Result<Vec<TreasuryVote>, VoteError> {
    check_counts_and_inputs(tx)?;
    if let Some(index) = tx.outputs.iter().position(|output| output.script_version != 0) {
        return Err(VoteError::BadGenOuts { index });
    }
    check_reference(&tx.outputs[0])?;
    check_bits(&tx.outputs[1])?;
    let (payouts, votes) = match tx.outputs.split_last() {
        Some((last, before)) if is_null_data(last) => (before, read_treasury_votes(&last.script)?),
        _ => (tx.outputs.as_slice(), Vec::new()),
    };
    if payouts.len() < tx.outputs.len() && tx.version != TREASURY_VERSION {
        return Err(VoteError::InvalidTxVersion { found: tx.version });
    }
    match payouts.iter().skip(2).position(|output| !is_tagged(output, StakeTag::Vote)) {
        Some(payout) => Err(VoteError::BadGenOuts { index: payout + 2 }),
        None => Ok(votes),
    }
}

fn check_counts_and_inputs(tx: &Transaction) -> Result<(), VoteError> {
    let [stakebase, ticket] = tx.inputs.as_slice() else {
        return Err(VoteError::WrongNumInputs { found: tx.inputs.len() });
    };
    let found = tx.outputs.len();
    if found > MAX_COMMITMENTS + 2 {
        return Err(VoteError::TooManyOutputs { found });
    }
    if found < 2 {
        return Err(VoteError::NoOutputs { found });
    }
    let unmined = stakebase.block_height == TxIn::UNKNOWN_HEIGHT && stakebase.block_index == TxIn::UNKNOWN_INDEX;
    if stakebase.previous != OutPoint::NONE || !unmined {
        return Err(VoteError::NoStakebase);
    }
    if ticket.previous.index != 0 {
        return Err(VoteError::WrongIndex { found: ticket.previous.index });
    }
    if ticket.previous.tree != Tree::Stake {
        return Err(VoteError::WrongTxTree);
    }
    Ok(())
}

fn check_reference(output: &TxOut) -> Result<(), VoteError> {
    if !is_null_data(output) {
        return Err(VoteError::NoReference);
    }
    let direct = output.script.len() == REFERENCE_SCRIPT && direct_push(output, REFERENCE).is_some();
    if direct { Ok(()) } else { Err(VoteError::BadReference) }
}

fn check_bits(output: &TxOut) -> Result<(), VoteError> {
    if !is_null_data(output) {
        return Err(VoteError::NoVotePush);
    }
    let direct = BITS_SCRIPT.contains(&output.script.len()) && direct_push(output, LEAST_BITS).is_some();
    if direct { Ok(()) } else { Err(VoteError::BadVotePush) }
}

/// Reads `OP_RETURN`, one push, `TV` and at least one treasury vote. How long the push says it is was checked before.
fn read_treasury_votes(script: &[u8]) -> Result<Vec<TreasuryVote>, VoteError> {
    let data = match script {
        [_, opcode::OP_PUSHDATA1, _, data @ ..] if script.len() >= 4 => data,
        [_, 0..=opcode::OP_DATA_75, data @ ..] if script.len() >= 4 => data,
        _ => return Err(VoteError::InvalidDiscriminatorLength),
    };
    let (sort, votes) = data.split_first_chunk().ok_or(VoteError::InvalidNullScript)?;
    if sort != b"TV" {
        return Err(VoteError::UnknownDiscriminator { found: *sort });
    }
    let (votes, rest) = votes.as_chunks::<TREASURY_VOTE>();
    if votes.is_empty() || !rest.is_empty() {
        return Err(VoteError::InvalidTvLength { found: votes.len() * TREASURY_VOTE + rest.len() });
    }
    let mut seen = HashSet::new();
    votes.iter().map(|vote| read_treasury_vote(vote, &mut seen)).collect()
}

fn read_treasury_vote(vote: &[u8; TREASURY_VOTE], seen: &mut HashSet<TxId>) -> Result<TreasuryVote, VoteError> {
    let [spend @ .., found] = *vote;
    let spend = TxId::from_bytes(spend);
    let choice = TreasuryChoice::from_code(found).ok_or(VoteError::InvalidTreasuryVote { spend, found })?;
    if !seen.insert(spend) {
        return Err(VoteError::DuplicateTreasuryVote { spend });
    }
    Ok(TreasuryVote { spend, choice })
}
