//! What is asked of a block before its transactions are looked at one by one.
//!
//! Source: dcrd `internal/blockchain/validate.go` (`checkBlockHeaderSanity` to `checkBlockContext`).

use std::collections::HashSet;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader, TreeError};
use dcrcold_signer::stake::vote::{TICKET_INPUT, Vote, VoteBits};
use dcrcold_signer::tx::{Transaction, TxKind};

use super::chain::Chain;
use super::params::{BLOCK_VERSION, MAJORITY, MAX_BLOCK_SIGOPS, MAX_BLOCK_SIZE, SIMNET, TREASURY_VERSION};
use super::sanity;
use super::script::signature_operations;
use super::violation::{Rule, Violation};
use crate::chain::work::{Target, work_hash};

/// A block's transactions with what each is.
pub(super) struct Kinds {
    /// Of the regular tree.
    pub(super) regular: Vec<TxKind>,
    /// Of the stake tree.
    pub(super) stake: Vec<TxKind>,
}

impl Kinds {
    /// Recognises the transactions of `block`.
    pub(super) fn of(block: &Block) -> Self {
        let kinds = |txs: &[Transaction]| txs.iter().map(Transaction::kind).collect();
        Self { regular: kinds(&block.transactions), stake: kinds(&block.stake_transactions) }
    }

    fn count(&self, kind: TxKind) -> usize {
        self.stake.iter().filter(|found| **found == kind).count()
    }
}

/// Whether a header lets the regular tree of the block before it stand.
pub(super) fn approves_parent(header: &BlockHeader) -> bool {
    header.vote_bits & VoteBits::APPROVE != 0
}

/// Checks that `header` may follow the tip of `chain`.
pub(super) fn check_header(chain: &Chain, header: &BlockHeader) -> Result<(), Violation> {
    let headers = chain.headers();
    let tip = headers.tip();
    Rule::MissingParent
        .require(header.previous == tip.id, || format!("block follows {}, the tip is {}", header.previous, tip.id))?;
    let version = header.version;
    Rule::BlockVersion
        .require(version == BLOCK_VERSION, || format!("block version is {version}, expected {BLOCK_VERSION}"))?;
    let bits = headers.next_bits();
    Rule::UnexpectedDifficulty
        .require(header.bits == bits, || format!("block has bits {:#x}, expected {:#x}", header.bits.0, bits.0))?;
    let solved = Target::from_compact(bits).is_some_and(|target| target.is_met_by(&work_hash(&header.encode())));
    Rule::HighHash.require(solved, || "the hash of the header is above its target".into())?;
    let (time, median) = (header.timestamp, headers.median_time());
    Rule::TimeTooOld.require(time > median, || format!("block has time {time}, it must exceed {median}"))?;
    let height = headers.next_height();
    Rule::BadBlockHeight
        .require(header.height == height, || format!("block has height {}, expected {height}", header.height))?;
    check_stake_fields(chain, header)
}

fn check_stake_fields(chain: &Chain, header: &BlockHeader) -> Result<(), Violation> {
    let headers = chain.headers();
    let price = headers.next_price();
    Rule::UnexpectedDifficulty.require(header.sbits == price.into(), || {
        format!("block has a ticket price of {} atoms, expected {price}", header.sbits.0)
    })?;
    let (found, version) = (header.stake_version, headers.next_stake_version());
    Rule::BadStakeVersion.require(found == version, || format!("stake version is {found}, expected {version}"))?;
    let (found, size) = (header.pool_size, chain.pool().size());
    Rule::PoolSize.require(found == size, || format!("block claims {found} live tickets, there are {size}"))?;
    let state = chain.draw().final_state;
    Rule::InvalidFinalState.require(header.final_state == state, || {
        format!("final state is {:02x?}, expected {state:02x?}", header.final_state)
    })?;
    if header.height.0 < SIMNET.stake_validation_height {
        let early = header.voters > 0 || header.revocations > 0;
        Rule::InvalidEarlyStakeTx
            .require(!early, || "block claims votes or revocations before voting begins".into())?;
        return Rule::InvalidEarlyVoteBits.require(header.vote_bits == VoteBits::APPROVE, || {
            format!("vote bits are {:#06x}, expected 0x0001 before voting begins", header.vote_bits)
        });
    }
    let voters = header.voters;
    let most = SIMNET.tickets_per_block;
    Rule::TooManyVotes
        .require(u32::from(voters) <= most, || format!("block has {voters} votes, at most {most} fit"))?;
    Rule::NotEnoughVotes
        .require(voters >= MAJORITY, || format!("block has {voters} votes, at least {MAJORITY} are needed"))
}

/// Checks the transactions of a block as a whole: their number, order and form, and what the header says about them.
pub(super) fn check_shape(chain: &Chain, block: &Block, kinds: &Kinds) -> Result<(), Violation> {
    let header = &block.header;
    check_size(block)?;
    check_bases(block, kinds)?;
    for (tx, kind) in all(block, kinds) {
        sanity::check(tx, kind)?;
        check_time(chain, tx, header.height)?;
    }
    let fresh = kinds.count(TxKind::Ticket);
    let most = usize::try_from(SIMNET.max_tickets_per_block).unwrap_or_default();
    Rule::TooManySStxs.require(fresh <= most, || format!("block has {fresh} tickets, at most {most} are allowed"))?;
    let claimed = usize::from(header.fresh_stake);
    Rule::FreshStakeMismatch.require(claimed == fresh, || format!("block claims {claimed} tickets and has {fresh}"))?;
    check_price(block, kinds)?;
    check_votes(block, kinds)?;
    check_redeemers(chain, block, kinds)?;
    let operations: usize = all(block, kinds).map(|(tx, kind)| signature_operations(tx, kind)).sum();
    Rule::TooManySigOps
        .require(operations <= MAX_BLOCK_SIGOPS, || format!("block has {operations} signature operations"))?;
    block.check_merkle(Network::Simnet).map_err(|error| match error {
        TreeError::Duplicate { .. } => Rule::DuplicateTx.broken(error.to_string()),
        _ => Rule::BadMerkleRoot.broken(error.to_string()),
    })
}

fn all<'a>(block: &'a Block, kinds: &'a Kinds) -> impl Iterator<Item = (&'a Transaction, TxKind)> {
    let kinds = kinds.regular.iter().chain(&kinds.stake);
    block.transactions.iter().chain(&block.stake_transactions).zip(kinds.copied())
}

fn check_size(block: &Block) -> Result<(), Violation> {
    let size = block.encode().len();
    let (size, claimed) = (u32::try_from(size).unwrap_or(u32::MAX), block.header.size.0);
    Rule::WrongBlockSize.require(size == claimed, || format!("block claims {claimed} bytes and has {size}"))?;
    Rule::BlockTooBig.require(size <= MAX_BLOCK_SIZE, || format!("block has {size} bytes, at most {MAX_BLOCK_SIZE}"))
}

/// Checks that each tree holds what belongs there: one coinbase and payments, one treasury base and stake transactions.
fn check_bases(block: &Block, kinds: &Kinds) -> Result<(), Violation> {
    let Some((TxKind::Coinbase, payments)) = kinds.regular.split_first() else {
        return Err(Rule::FirstTxNotCoinbase.broken("the first transaction is not a coinbase"));
    };
    // The treasury begins with block 2.
    let first = block.header.height.0 == 1;
    let version = block.transactions.first().map_or(0, |coinbase| coinbase.version);
    Rule::FirstTxNotCoinbase.require(first || version == TREASURY_VERSION, || {
        format!("coinbase has version {version}, expected {TREASURY_VERSION}")
    })?;
    for kind in payments {
        match kind {
            TxKind::Regular => {}
            TxKind::Coinbase => return Err(Rule::MultipleCoinbases.broken("block has more than one coinbase")),
            _ => return Err(Rule::StakeTxInRegularTree.broken(format!("regular tree holds a {kind:?}"))),
        }
    }
    if !first && kinds.stake.first() != Some(&TxKind::TreasuryBase) {
        return Err(Rule::FirstTxNotTreasurybase.broken("the first stake transaction is not a treasury base"));
    }
    match kinds.stake.iter().skip(usize::from(!first)).find(|kind| !is_staking(**kind)) {
        Some(TxKind::TreasuryBase) => Err(Rule::MultipleTreasurybases.broken("block has more than one treasury base")),
        Some(kind) => Err(Rule::RegTxInStakeTree.broken(format!("stake tree holds a {kind:?}"))),
        None => Ok(()),
    }
}

const fn is_staking(kind: TxKind) -> bool {
    matches!(kind, TxKind::Ticket | TxKind::Vote | TxKind::Revocation)
}

fn check_time(chain: &Chain, tx: &Transaction, height: Height) -> Result<(), Violation> {
    Rule::ExpiredTx.require(!sanity::is_expired(tx, height), || {
        format!("transaction {} expired at height {}", tx.id(), tx.expiry)
    })?;
    let fin = sanity::is_final(tx, height, chain.headers().median_time());
    Rule::UnfinalizedTx.require(fin, || format!("transaction {} is locked until {}", tx.id(), tx.lock_time))
}

fn check_price(block: &Block, kinds: &Kinds) -> Result<(), Violation> {
    let price = block.header.sbits;
    let tickets = block.stake_transactions.iter().zip(&kinds.stake).filter(|(_, kind)| **kind == TxKind::Ticket);
    for (ticket, _) in tickets {
        let paid = ticket.outputs.first().map(|output| output.value).unwrap_or_default();
        Rule::NotEnoughStake.require(paid >= price, || {
            format!("ticket {} pays {} atoms, the price is {}", ticket.id(), paid.0, price.0)
        })?;
    }
    Ok(())
}

/// Checks that the votes vote on the parent and that the header counts them and their opinion rightly.
fn check_votes(block: &Block, kinds: &Kinds) -> Result<(), Violation> {
    let header = &block.header;
    let parent = Height(header.height.0.saturating_sub(1));
    let mut approving = 0;
    for (tx, _) in block.stake_transactions.iter().zip(&kinds.stake).filter(|(_, kind)| **kind == TxKind::Vote) {
        Rule::InvalidEarlyStakeTx.require(header.height.0 >= SIMNET.stake_validation_height, || {
            "block has a vote before voting begins".into()
        })?;
        let ballot = Vote::read(tx).map_err(|error| Rule::InvalidVoteInput.broken(error.to_string()))?.ballot;
        Rule::VotesOnWrongBlock.require((ballot.block, ballot.height) == (header.previous, parent), || {
            format!("vote {} is not on the parent {} at height {parent}", tx.id(), header.previous)
        })?;
        approving += usize::from(ballot.bits.bits & VoteBits::APPROVE != 0);
    }
    let votes = kinds.count(TxKind::Vote);
    let claimed = usize::from(header.voters);
    Rule::VotesMismatch.require(claimed == votes, || format!("block claims {claimed} votes and has {votes}"))?;
    let revocations = kinds.count(TxKind::Revocation);
    let claimed = usize::from(header.revocations);
    Rule::RevocationsMismatch
        .require(claimed == revocations, || format!("block claims {claimed} revocations and has {revocations}"))?;
    let stands = header.height.0 < SIMNET.stake_validation_height || approving > votes - approving;
    Rule::IncongruentVotebit.require(approves_parent(header) == stands, || {
        format!("{approving} of {votes} votes approve the parent, the header says otherwise")
    })
}

/// Checks that only winners vote, and that exactly the tickets missed or expired with this block are revoked.
fn check_redeemers(chain: &Chain, block: &Block, kinds: &Kinds) -> Result<(), Violation> {
    let spent = |kind: TxKind, input: usize| -> HashSet<TxId> {
        let txs = block.stake_transactions.iter().zip(&kinds.stake).filter(|(_, found)| **found == kind);
        txs.filter_map(|(tx, _)| tx.inputs.get(input)).map(|input| input.previous.id).collect()
    };
    let winners = &chain.draw().winners;
    let voted = spent(TxKind::Vote, TICKET_INPUT);
    if let Some(other) = voted.iter().find(|ticket| !winners.contains(ticket)) {
        return Err(Rule::TicketUnavailable.broken(format!("ticket {other} was not called to vote")));
    }
    let missed: Vec<TxId> = winners.iter().filter(|winner| !voted.contains(winner)).copied().collect();
    let expired = chain.pool().expiring(block.header.height, winners);
    let revoked = spent(TxKind::Revocation, 0);
    if let Some(other) = revoked.iter().find(|ticket| !missed.contains(ticket) && !expired.contains(ticket)) {
        return Err(Rule::InvalidSSRtx.broken(format!("ticket {other} is neither missed nor expired")));
    }
    if let Some(ticket) = missed.iter().find(|ticket| !revoked.contains(ticket)) {
        return Err(Rule::NoMissedTicketRevocation.broken(format!("missed ticket {ticket} is not revoked")));
    }
    match expired.iter().find(|ticket| !revoked.contains(ticket)) {
        Some(ticket) => Err(Rule::NoExpiredTicketRevocation.broken(format!("expired ticket {ticket} is not revoked"))),
        None => Ok(()),
    }
}
