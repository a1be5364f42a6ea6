//! How the network's own miner puts a block together.
//!
//! Source: dcrd `internal/mining/mining.go`.

use std::collections::{HashMap, HashSet};

use dcrcold_core::amount::{Amount, Size};
use dcrcold_core::hash::{TreeHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader, commitment, merkle, tree_root};
use dcrcold_signer::stake::revocation::automatic_revocation;
use dcrcold_signer::stake::subsidy::{SubsidySplit, TreasuryShare, treasury_subsidy, work_subsidy};
use dcrcold_signer::stake::vote::{Vote, VoteBits};
use dcrcold_signer::tx::{OutPoint, Transaction, TxIn, TxKind, TxOut};

use super::chain::Chain;
use super::coins::{Origin, Overlay, View};
use super::genesis::ledger;
use super::mempool::{Entry, Mempool};
use super::params::{BLOCK_VERSION, MAJORITY, MAX_BLOCK_SIGOPS, MAX_BLOCK_SIZE, SIMNET, TREASURY_VERSION};
use super::sanity::{is_expired, is_final};
use super::script::signature_operations;
use super::spend::{self, Claims};
use super::violation::{Rule, Violation};
use crate::chain::filter::entries::block_filter;
use crate::chain::work::{Target, work_hash};

/// What the miner writes into the signature script of a coinbase, behind two bytes that push nothing.
const COINBASE_SCRIPT: &[u8] = b"\0\0/dcrcold/";
/// The script of the output that gives coins to the treasury.
const TREASURY_ADD_SCRIPT: [u8; 1] = [0xc1];
/// The room kept for what is not there yet while transactions are chosen: header, coinbase, revocations.
const RESERVED_SIZE: usize = 20_000;
const RESERVED_SIGOPS: usize = 200;

/// What a miner adds of its own.
pub(super) struct Miner<'a> {
    /// The script that the coinbase pays.
    pub(super) script: &'a [u8],
    /// The time of the block.
    pub(super) time: u32,
    /// What makes the coinbase differ from that of another block at the same height.
    pub(super) salt: u64,
}

/// Builds the next block from what waits, complete but for its work.
pub(super) fn build(chain: &Chain, mempool: &Mempool, miner: &Miner<'_>) -> Result<Block, Violation> {
    let votes = choose_votes(chain, mempool);
    let voting = chain.headers().next_height().0 >= SIMNET.stake_validation_height;
    Rule::NotEnoughVotes.require(!voting || votes.len() >= MAJORITY.into(), || {
        format!("{} votes on block {} are known, {MAJORITY} are needed", votes.len(), chain.headers().tip().id)
    })?;
    let approving = votes.iter().filter(|(_, vote)| vote.ballot.bits.bits & VoteBits::APPROVE != 0).count();
    let approves = !voting || approving > votes.len() - approving;
    let voted: HashSet<TxId> = votes.iter().map(|(_, vote)| vote.ticket).collect();
    let revocations = revocations(chain, &voted);
    let mut selection = Selection::new(chain, approves);
    selection.stake.extend(treasury_base(chain, votes.len(), miner.salt));
    selection.fill(votes.iter().map(|(entry, _)| (&entry.tx, TxKind::Vote)), usize::MAX);
    let of_kind = |kind| {
        mempool
            .minable()
            .filter(move |entry| entry.kind == kind && fits(chain, entry))
            .map(move |entry| (&entry.tx, kind))
    };
    let most = usize::try_from(SIMNET.max_tickets_per_block).unwrap_or_default();
    let fresh_stake = selection.fill(of_kind(TxKind::Ticket), most);
    selection.fill(revocations.iter().map(|tx| (tx, TxKind::Revocation)), usize::MAX);
    selection.fill(of_kind(TxKind::Regular), usize::MAX);
    let header = BlockHeader {
        vote_bits: if approves { VoteBits::APPROVE } else { 0 },
        voters: narrow(votes.len()),
        fresh_stake: narrow(fresh_stake),
        revocations: narrow(revocations.len()),
        ..next_header(chain, miner.time)
    };
    let mut transactions = vec![coinbase(chain, votes.len(), selection.fees, miner)];
    transactions.append(&mut selection.regular);
    let mut block = Block { header, transactions, stake_transactions: selection.stake };
    seal(&mut block, &selection.spent)?;
    Ok(block)
}

/// Writes into the header what it commits to: size, transactions, filter.
pub(super) fn seal(block: &mut Block, spent: &HashMap<OutPoint, TxOut>) -> Result<(), Violation> {
    block.header.size = Size(narrow(block.encode().len()));
    let (regular, stake) = (tree_root(&block.transactions), tree_root(&block.stake_transactions));
    block.header.merkle_root = merkle::combined_root(&regular, &stake);
    let filter = block_filter(block, |outpoint| spent.get(outpoint));
    let filter = filter.map_err(|error| Rule::MissingTxOut.broken(error.to_string()))?;
    block.header.stake_root = commitment::filter_hash(&filter);
    Ok(())
}

/// Counts the nonce up until the header's hash meets its target and `suits` likes the header, or there are no more.
pub(super) fn solve(header: &mut BlockHeader, mut suits: impl FnMut(&BlockHeader) -> bool) -> bool {
    let Some(target) = Target::from_compact(header.bits) else { return false };
    (0..=u32::MAX).any(|nonce| {
        header.nonce = nonce;
        target.is_met_by(&work_hash(&header.encode())) && suits(header)
    })
}

/// The transactions of a block as far as they are chosen.
struct Selection<'a> {
    chain: &'a Chain,
    view: Overlay<'a>,
    stake: Vec<Transaction>,
    regular: Vec<Transaction>,
    spent: HashMap<OutPoint, TxOut>,
    fees: Amount,
    size: usize,
    operations: usize,
}

impl<'a> Selection<'a> {
    fn new(chain: &'a Chain, approves: bool) -> Self {
        let (stake, regular, spent) = (Vec::new(), Vec::new(), HashMap::new());
        let (view, size, operations) = (chain.coins_for_next(approves), RESERVED_SIZE, RESERVED_SIGOPS);
        Self { chain, view, stake, regular, spent, fees: Amount::ZERO, size, operations }
    }

    /// Adds transactions as long as there is room, at most `most`, and says how many. Those that are not valid here and
    /// now are passed over.
    fn fill<'t>(&mut self, txs: impl IntoIterator<Item = (&'t Transaction, TxKind)>, most: usize) -> usize {
        let mut added = 0;
        for (tx, kind) in txs {
            if added == most {
                break;
            }
            added += usize::from(self.add(tx, kind).is_ok());
        }
        added
    }

    fn add(&mut self, tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
        let size = self.size + tx.encode().len();
        let operations = self.operations + signature_operations(tx, kind);
        let room = size <= usize::try_from(MAX_BLOCK_SIZE).unwrap_or_default() && operations <= MAX_BLOCK_SIGOPS;
        Rule::BlockTooBig.require(room, || "block is full".into())?;
        let place = self.chain.next_place();
        let fee = spend::check(tx, kind, place, &self.view, Claims::Ignored)?;
        let fees = self.fees.checked_add(fee);
        self.fees = fees.ok_or_else(|| Rule::SpendTooHigh.broken("fees exceed all coins"))?;
        let mut tx = tx.clone();
        for input in &mut tx.inputs {
            if let Some(coin) = self.view.coin(&input.previous) {
                input.value_in = coin.value.into();
                input.block_height = coin.origin.height.unwrap_or_default().0;
                input.block_index = coin.origin.index;
                self.spent.insert(input.previous, coin.output);
            }
        }
        // The coinbase comes first in the regular tree, and the treasury base is in the stake tree already.
        let regular = kind == TxKind::Regular;
        let index = if regular { self.regular.len() + 1 } else { self.stake.len() };
        self.view.apply(&tx, kind, Origin::mined(&tx, place.height, narrow(index)));
        if regular {
            self.regular.push(tx);
        } else {
            self.stake.push(tx);
        }
        (self.size, self.operations) = (size, operations);
        Ok(())
    }
}

/// Whether what waits may be in the next block as far as time and price go. After blocks were undone it may not.
fn fits(chain: &Chain, entry: &Entry) -> bool {
    let headers = chain.headers();
    let height = headers.next_height();
    let paid = entry.tx.outputs.first().map(|output| output.value).unwrap_or_default();
    let dear_enough = entry.kind != TxKind::Ticket || paid >= headers.next_price().into();
    dear_enough && !is_expired(&entry.tx, height) && is_final(&entry.tx, height, headers.median_time())
}

/// The votes on the tip by tickets that were called, one for each ticket.
fn choose_votes<'a>(chain: &Chain, mempool: &'a Mempool) -> Vec<(&'a Entry, Vote)> {
    let tip = chain.headers().tip();
    let mut chosen: Vec<(&Entry, Vote)> = Vec::new();
    for entry in mempool.minable().filter(|entry| entry.kind == TxKind::Vote) {
        let Ok(vote) = Vote::read(&entry.tx) else { continue };
        let on_tip = (vote.ballot.block, vote.ballot.height) == (tip.id, tip.header.height);
        let called = chain.draw().winners.contains(&vote.ticket);
        let first = !chosen.iter().any(|(_, other)| other.ticket == vote.ticket);
        let valid =
            || spend::check(&entry.tx, TxKind::Vote, chain.next_place(), chain.coins(), Claims::Ignored).is_ok();
        if on_tip && called && first && valid() {
            chosen.push((entry, vote));
        }
    }
    chosen
}

/// The revocations that the next block must hold: of the tickets called that did not vote, and of those that expire.
fn revocations(chain: &Chain, voted: &HashSet<TxId>) -> Vec<Transaction> {
    let place = chain.next_place();
    let winners = &chain.draw().winners;
    let missed = winners.iter().filter(|winner| !voted.contains(winner)).copied();
    let gone = missed.chain(chain.pool().expiring(place.height, winners));
    gone.filter_map(|id| chain.ticket(&id)).filter_map(|ticket| automatic_revocation(&ticket, place.parent)).collect()
}

/// The header of the next block, as far as the chain fixes it.
fn next_header(chain: &Chain, timestamp: u32) -> BlockHeader {
    let headers = chain.headers();
    BlockHeader {
        version: BLOCK_VERSION,
        previous: headers.tip().id,
        merkle_root: TreeHash::from_bytes([0; 32]),
        stake_root: TreeHash::from_bytes([0; 32]),
        vote_bits: VoteBits::APPROVE,
        final_state: chain.draw().final_state,
        voters: 0,
        fresh_stake: 0,
        revocations: 0,
        pool_size: chain.pool().size(),
        bits: headers.next_bits(),
        sbits: headers.next_price().into(),
        height: headers.next_height(),
        size: Size(0),
        timestamp,
        nonce: 0,
        extra_data: [0; 32],
        stake_version: headers.next_stake_version(),
    }
}

/// The coinbase: the subsidy for work and the fees, less for each vote that is missing; in block 1 the ledger.
fn coinbase(chain: &Chain, votes: usize, fees: Amount, miner: &Miner<'_>) -> Transaction {
    let height = chain.headers().next_height();
    let split = SubsidySplit::of_block(Network::Simnet, height);
    let subsidy = work_subsidy(Network::Simnet, height, narrow(votes), split);
    let signature_script = COINBASE_SCRIPT.to_vec();
    let input = TxIn { signature_script, ..TxIn::unsigned(OutPoint::NONE, subsidy.into()) };
    if height.0 == 1 {
        return Transaction { version: 1, inputs: vec![input], outputs: ledger(), lock_time: 0, expiry: 0 };
    }
    let voting = height.0 >= SIMNET.stake_validation_height;
    let share = if voting { votes as u64 } else { SIMNET.tickets_per_block.into() };
    let fees = Amount::from_atoms(fees.atoms() * share / u64::from(SIMNET.tickets_per_block)).unwrap_or(Amount::ZERO);
    let value = subsidy.checked_add(fees).unwrap_or(subsidy);
    let outputs = vec![unique_data(height.0, miner.salt), TxOut::new(value, miner.script)];
    Transaction { version: TREASURY_VERSION, inputs: vec![input], outputs, lock_time: 0, expiry: 0 }
}

/// The treasury base, from block 2 on.
fn treasury_base(chain: &Chain, votes: usize, salt: u64) -> Option<Transaction> {
    let height = chain.headers().next_height();
    let due = treasury_subsidy(Network::Simnet, height, narrow(votes), TreasuryShare::Whole);
    let input = TxIn::unsigned(OutPoint::NONE, due.into());
    let outputs = vec![TxOut::new(due, &TREASURY_ADD_SCRIPT), unique_data(height.0, salt)];
    (height.0 > 1).then_some(Transaction {
        version: TREASURY_VERSION,
        inputs: vec![input],
        outputs,
        lock_time: 0,
        expiry: 0,
    })
}

/// An output that makes a transaction like no other: it pushes the height and the salt.
fn unique_data(height: u32, salt: u64) -> TxOut {
    let script = [&[0x6a, 12][..], &height.to_le_bytes(), &salt.to_le_bytes()].concat();
    TxOut::new(Amount::ZERO, &script)
}

/// A count that is known to be small.
fn narrow<T: TryFrom<usize>>(count: usize) -> T {
    T::try_from(count).ok().expect("a block holds fewer transactions and bytes than its fields can count")
}
