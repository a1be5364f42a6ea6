//! Why the network refuses a transaction or a block: one name for each rule, as dcrd knows them.

use std::fmt;

/// A rule of the consensus or of the mempool, named as dcrd's error kind. "It" is the transaction or block refused.
///
/// Source: dcrd `internal/blockchain/error.go`, `internal/mempool/error.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Rule {
    // Transactions on their own.
    /// It has no inputs.
    NoTxInputs,
    /// It has no outputs.
    NoTxOutputs,
    /// It has too many bytes.
    TxTooBig,
    /// An output, or all together, are worth more than there can be, or less than nothing.
    BadTxOutValue,
    /// An input claims another value than that of what it spends, or an impossible one.
    FraudAmountIn,
    /// It spends an output twice.
    DuplicateTxInputs,
    /// Its version has no meaning yet.
    TxVersionTooHigh,
    /// A script version has no meaning yet.
    ScriptVersionTooHigh,
    /// A script is cut short.
    ScriptMalformed,
    /// A payment has an output with a stake opcode.
    RegTxCreateStakeOut,
    /// The signature script of a coinbase is too short or too long.
    BadCoinbaseScriptLen,
    /// The signature script of a stakebase is not the one of the network.
    BadStakebaseScrVal,
    /// A revocation has another version than automatic ones have.
    InvalidRevocationTxVersion,
    /// An input spends nothing.
    BadTxInput,
    // Inputs.
    /// What it spends does not exist or is spent.
    MissingTxOut,
    /// An input claims that what it spends is in another block.
    FraudBlockHeight,
    /// An input claims that what it spends is at another position of its block.
    FraudBlockIndex,
    /// What it spends is too young.
    ImmatureSpend,
    /// What it spends is too young, coming from a transaction with an expiry.
    ExpiryTxSpentEarly,
    /// It spends a ticket and is neither vote nor revocation.
    TxSStxOutSpend,
    /// Its outputs are worth more than what it spends.
    SpendTooHigh,
    /// An input is not signed as what it spends asks.
    ScriptValidation,
    // Tickets, votes and revocations.
    /// A ticket spends an output of a form that tickets may not spend.
    TicketInputScript,
    /// A commitment is not what its input brings less the change.
    TicketCommitment,
    /// A vote claims another subsidy than the one of the block voted on.
    BadStakebaseAmountIn,
    /// A vote spends no ticket.
    InvalidVoteInput,
    /// A revocation spends no ticket.
    InvalidRevokeInput,
    /// The ticket is not live yet.
    ImmatureTicketSpend,
    /// There are more or fewer payouts than commitments.
    BadNumPayees,
    /// A payout pays another kind of script than the commitment names.
    BadPayeeScriptType,
    /// A payout pays another hash than the commitment names.
    MismatchedPayeeHash,
    /// A payout is not the share that is due.
    BadPayeeValue,
    // The mempool.
    /// It waits already.
    Duplicate,
    /// It is mined already.
    AlreadyExists,
    /// A treasury base belongs into blocks alone.
    Treasurybase,
    /// A coinbase belongs into blocks alone.
    Coinbase,
    /// Its expiry is over.
    Expired,
    /// It comes too early in the life of the chain.
    Invalid,
    /// Its form is not relayed.
    NonStandard,
    /// An output costs more to spend than it is worth.
    DustOutput,
    /// It pays too small a fee, or a ticket less than the price.
    InsufficientFee,
    /// It pays a fee that must be a mistake.
    FeeTooHigh,
    /// Something that waits spends the same.
    MempoolDoubleSpend,
    /// Another vote of the ticket on the same block waits.
    AlreadyVoted,
    /// There are more votes than a ticket may cast or a block may hold.
    TooManyVotes,
    /// Another revocation of the ticket waits.
    DuplicateRevocation,
    /// It votes on a block too long ago.
    OldVote,
    /// What it spends is not known.
    Orphan,
    // Blocks.
    /// It does not follow the tip.
    MissingParent,
    /// It has too many bytes.
    BlockTooBig,
    /// It has more or fewer bytes than its header says.
    WrongBlockSize,
    /// Its version is not the one of the network.
    BlockVersion,
    /// Its target or its ticket price is not the one required.
    UnexpectedDifficulty,
    /// Its work is not done.
    HighHash,
    /// Its time does not follow the median of the blocks before.
    TimeTooOld,
    /// Its height does not follow.
    BadBlockHeight,
    /// Its stake version is not what the votes agreed on.
    BadStakeVersion,
    /// It does not count the live tickets rightly.
    PoolSize,
    /// It does not carry the state of the lottery.
    InvalidFinalState,
    /// It has votes or revocations before voting begins.
    InvalidEarlyStakeTx,
    /// It has other vote bits than blocks before voting begins.
    InvalidEarlyVoteBits,
    /// It has too few votes.
    NotEnoughVotes,
    /// It has too many tickets.
    TooManySStxs,
    /// A ticket in it pays less than the price.
    NotEnoughStake,
    /// It does not count its tickets rightly.
    FreshStakeMismatch,
    /// It does not count its votes rightly.
    VotesMismatch,
    /// It does not count its revocations rightly.
    RevocationsMismatch,
    /// It does not say of the block before what the votes say.
    IncongruentVotebit,
    /// A vote in it is not on the block before.
    VotesOnWrongBlock,
    /// A vote in it is by a ticket that was not called.
    TicketUnavailable,
    /// It revokes a ticket that is neither missed nor expired.
    InvalidSSRtx,
    /// It does not revoke a ticket that missed its vote.
    NoMissedTicketRevocation,
    /// It does not revoke a ticket that expires.
    NoExpiredTicketRevocation,
    /// Its regular tree does not begin with a coinbase.
    FirstTxNotCoinbase,
    /// Its stake tree does not begin with a treasury base.
    FirstTxNotTreasurybase,
    /// Its coinbase names another height.
    CoinbaseHeight,
    /// Its treasury base names another height.
    TreasurybaseHeight,
    /// Its treasury base pays another amount than is due.
    TreasurybaseOutValue,
    /// Its treasury base claims another amount than is due.
    BadTreasurybaseAmountIn,
    /// Its coinbase claims another subsidy than the one for work.
    BadCoinbaseAmountIn,
    /// Its coinbase pays more than subsidy and fees.
    BadCoinbaseValue,
    /// It is block 1 and does not pay the ledger.
    BlockOneOutputs,
    /// A stake transaction is in its regular tree.
    StakeTxInRegularTree,
    /// A payment is in its stake tree.
    RegTxInStakeTree,
    /// It has more than one coinbase.
    MultipleCoinbases,
    /// It has more than one treasury base.
    MultipleTreasurybases,
    /// A transaction in it has an expiry that is over.
    ExpiredTx,
    /// A transaction in it is still locked.
    UnfinalizedTx,
    /// It holds a transaction twice.
    DuplicateTx,
    /// It has too many signature operations.
    TooManySigOps,
    /// Its header commits to other transactions.
    BadMerkleRoot,
    /// Its header commits to another filter.
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
