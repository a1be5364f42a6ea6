//! Why the network refuses a transaction or a block: one name for each rule, as dcrd knows them.

use std::fmt;

/// A rule of the consensus or of the mempool. The names are those of dcrd's error kinds.
///
/// Source: dcrd `internal/blockchain/error.go`, `internal/mempool/error.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names say what the texts of dcrd's kinds say")]
pub enum Rule {
    // Transactions on their own.
    NoTxInputs,
    NoTxOutputs,
    TxTooBig,
    BadTxOutValue,
    FraudAmountIn,
    DuplicateTxInputs,
    TxVersionTooHigh,
    ScriptVersionTooHigh,
    ScriptMalformed,
    RegTxCreateStakeOut,
    BadCoinbaseScriptLen,
    BadStakebaseScrVal,
    InvalidRevocationTxVersion,
    BadTxInput,
    // Inputs.
    MissingTxOut,
    ZeroValueOutputSpend,
    FraudBlockHeight,
    FraudBlockIndex,
    ImmatureSpend,
    ExpiryTxSpentEarly,
    TxSStxOutSpend,
    SpendTooHigh,
    ScriptValidation,
    // Tickets, votes and revocations.
    TicketInputScript,
    TicketCommitment,
    BadStakebaseAmountIn,
    InvalidVoteInput,
    InvalidRevokeInput,
    ImmatureTicketSpend,
    BadNumPayees,
    BadPayeeScriptType,
    MismatchedPayeeHash,
    BadPayeeValue,
    // The mempool.
    Duplicate,
    AlreadyExists,
    Treasurybase,
    Coinbase,
    Expired,
    Invalid,
    NonStandard,
    DustOutput,
    InsufficientFee,
    FeeTooHigh,
    MempoolDoubleSpend,
    AlreadyVoted,
    TooManyVotes,
    DuplicateRevocation,
    OldVote,
    Orphan,
    SeqLockUnmet,
    // Blocks.
    MissingParent,
    BlockTooBig,
    WrongBlockSize,
    BlockVersion,
    UnexpectedDifficulty,
    HighHash,
    TimeTooOld,
    BadBlockHeight,
    BadStakeVersion,
    PoolSize,
    InvalidFinalState,
    InvalidEarlyStakeTx,
    InvalidEarlyVoteBits,
    NotEnoughVotes,
    TooManySStxs,
    NotEnoughStake,
    FreshStakeMismatch,
    VotesMismatch,
    RevocationsMismatch,
    IncongruentVotebit,
    VotesOnWrongBlock,
    TicketUnavailable,
    InvalidSSRtx,
    NoMissedTicketRevocation,
    NoExpiredTicketRevocation,
    FirstTxNotCoinbase,
    FirstTxNotTreasurybase,
    CoinbaseHeight,
    TreasurybaseHeight,
    TreasurybaseOutValue,
    BadTreasurybaseAmountIn,
    BadCoinbaseAmountIn,
    BadCoinbaseValue,
    BlockOneOutputs,
    StakeTxInRegularTree,
    RegTxInStakeTree,
    MultipleCoinbases,
    MultipleTreasurybases,
    ExpiredTx,
    UnfinalizedTx,
    DuplicateTx,
    TooManySigOps,
    BadMerkleRoot,
    BadCommitmentRoot,
    // What dcrd accepts and this network leaves out.
    /// Valid to dcrd, perhaps, but beyond what this network implements.
    Unsupported,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A rule broken, and by what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail} ({rule})")]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// What was found and what was expected.
    pub detail: String,
}

impl Rule {
    /// The rule broken, with what was found and expected.
    pub(super) fn broken(self, detail: impl Into<String>) -> Violation {
        Violation { rule: self, detail: detail.into() }
    }

    /// An error unless `holds`.
    pub(super) fn require(self, holds: bool, detail: impl FnOnce() -> String) -> Result<(), Violation> {
        if holds { Ok(()) } else { Err(self.broken(detail())) }
    }
}
