//! The main chain: its blocks, its coins, its live tickets, and how a block is added and taken away.
//!
//! Every block goes through the same checks, whoever made it.
//! Source: dcrd `internal/blockchain/validate.go` (`checkConnectBlock`), `chain.go`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader, commitment};
use dcrcold_signer::stake::lottery::Draw;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};

use super::base::{check_coinbase, check_treasury_base};
use super::block_rules::{Kinds, approves_parent, check_header, check_shape};
use super::coins::{Coins, Origin, Overlay, Undo, View};
use super::genesis::genesis_block;
use super::headers::{Headers, Link};
use super::lottery::{LivePool, PoolUndo};
use super::params::SIMNET;
use super::script;
use super::spend::{self, Claims, Place};
use super::violation::{Rule, Violation};
use crate::chain::filter::entries::block_filter;

/// Whether the signatures of a block are verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signatures {
    /// All of them.
    Verified,
    /// None: the block was verified before it was written down.
    Trusted,
}

/// A block of the main chain with the way back.
#[derive(Debug)]
struct Record {
    block: Block,
    filter: Vec<u8>,
    draw: Draw,
    regular: Undo,
    stake: Undo,
    pool: PoolUndo,
}

/// The main chain.
#[derive(Debug)]
pub(super) struct Chain {
    headers: Headers,
    records: Vec<Record>,
    heights: HashMap<BlockHash, Height>,
    mined: HashSet<TxId>,
    coins: Coins,
    pool: LivePool,
}

impl Chain {
    /// The chain of the genesis block alone; coins with one of `own_scripts` will be listed.
    pub(super) fn new(own_scripts: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let block = genesis_block();
        let link = Link { id: block.id(), header: block.header.clone(), vote_versions: Vec::new() };
        let heights = HashMap::from([(link.id, block.header.height)]);
        let (draw, pool) = (LivePool::default().draw(&block.header), PoolUndo::default());
        let (regular, stake, filter) = (Undo::default(), Undo::default(), Vec::new());
        let records = vec![Record { block, filter, draw, regular, stake, pool }];
        let mined = HashSet::new();
        Self {
            headers: Headers::new(link),
            records,
            heights,
            mined,
            coins: Coins::new(own_scripts),
            pool: LivePool::default(),
        }
    }

    /// The headers.
    pub(super) fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The coins.
    pub(super) fn coins(&self) -> &Coins {
        &self.coins
    }

    /// The live tickets.
    pub(super) fn pool(&self) -> &LivePool {
        &self.pool
    }

    /// The lottery on the tip.
    pub(super) fn draw(&self) -> &Draw {
        &self.tip_record().draw
    }

    /// The height of a block of the main chain.
    pub(super) fn height_of(&self, id: &BlockHash) -> Option<Height> {
        self.heights.get(id).copied()
    }

    /// A block of the main chain.
    pub(super) fn block(&self, id: &BlockHash) -> Option<&Block> {
        self.record(id).map(|record| &record.block)
    }

    /// The block before `block`, if `block` takes its regular tree away.
    pub(super) fn disapproved_by(&self, block: &Block) -> Option<&Block> {
        if disapproves(&block.header) { self.block(&block.header.previous) } else { None }
    }

    /// The filter of a block of the main chain.
    pub(super) fn filter(&self, id: &BlockHash) -> Option<&[u8]> {
        self.record(id).map(|record| record.filter.as_slice())
    }

    /// A ticket that has neither voted nor been revoked.
    pub(super) fn ticket(&self, id: &TxId) -> Option<Arc<Ticket>> {
        self.coins.coin(&OutPoint { id: *id, index: 0, tree: Tree::Stake })?.ticket
    }

    /// Whether a transaction is in a block of the main chain.
    pub(super) fn has_mined(&self, id: &TxId) -> bool {
        self.mined.contains(id)
    }

    /// The place of the next block.
    pub(super) fn next_place(&self) -> Place<'_> {
        Place { height: self.headers.next_height(), parent: &self.headers.tip().header }
    }

    /// The coins as the next block finds them: without the regular tree of the tip when that block disapproves it.
    pub(super) fn coins_for_next(&self, approves: bool) -> Overlay<'_> {
        let mut overlay = Overlay::new(&self.coins);
        if !approves && self.headers.tip().header.height.0 > 0 {
            overlay.revert(&self.tip_record().regular);
        }
        overlay
    }

    /// The outputs that the transactions of a next block spend, as far as they exist.
    pub(super) fn spent_by(&self, block: &Block) -> HashMap<OutPoint, TxOut> {
        let mut view = self.coins_for_next(approves_parent(&block.header));
        let mut spent = HashMap::new();
        for tx in block.stake_transactions.iter().chain(&block.transactions) {
            let inputs = tx.inputs.iter().map(|input| input.previous);
            spent.extend(inputs.filter_map(|outpoint| Some((outpoint, view.coin(&outpoint)?.output))));
            view.apply(tx, tx.kind(), Origin::unmined(tx));
        }
        spent
    }

    /// The tickets that become live with the block at `height`.
    pub(super) fn maturing(&self, height: Height) -> Vec<TxId> {
        let bought = height.0.checked_sub(SIMNET.ticket_maturity).filter(|_| height.0 >= SIMNET.stake_enabled_height);
        let record = bought.and_then(|bought| self.records.get(usize::try_from(bought).ok()?));
        let txs = record.map_or(&[][..], |record| &record.block.stake_transactions);
        txs.iter().filter(|tx| tx.kind() == TxKind::Ticket).map(Transaction::id).collect()
    }

    /// Checks `block` and makes it the tip.
    pub(super) fn connect(&mut self, block: Block, signatures: Signatures) -> Result<(), Violation> {
        let kinds = Kinds::of(&block);
        check_header(self, &block.header)?;
        check_shape(self, &block, &kinds)?;
        let filter = self.check_transactions(&block, &kinds, signatures)?;
        self.apply(block, &kinds, filter);
        Ok(())
    }

    /// Takes the tip away and gives it back; the genesis block stays.
    pub(super) fn disconnect(&mut self) -> Option<Block> {
        let link = self.headers.pop()?;
        let record = self.records.pop()?;
        self.heights.remove(&link.id);
        for tx in record.block.transactions.iter().chain(&record.block.stake_transactions) {
            self.mined.remove(&tx.id());
        }
        self.pool.revert(&record.pool);
        self.coins.revert(&record.regular);
        self.coins.revert(&record.stake);
        if disapproves(&link.header) {
            let parent = self.records.last_mut()?;
            parent.regular = apply_regular(&mut self.coins, &parent.block);
            self.mined.extend(parent.block.transactions.iter().map(Transaction::id));
        }
        Some(record.block)
    }

    /// Checks every transaction of `block` where it stands, and gives the block's filter.
    fn check_transactions(&self, block: &Block, kinds: &Kinds, signatures: Signatures) -> Result<Vec<u8>, Violation> {
        let header = &block.header;
        let place = self.next_place();
        let mut view = self.coins_for_next(approves_parent(header));
        let mut spent = HashMap::new();
        let mut fees = Amount::ZERO;
        let stake = block.stake_transactions.iter().zip(&kinds.stake);
        let regular = block.transactions.iter().zip(&kinds.regular);
        for (index, (tx, kind)) in (0..).zip(stake).chain((0..).zip(regular)) {
            match kind {
                TxKind::Coinbase => {}
                TxKind::TreasuryBase => {
                    check_treasury_base(tx, header.height, header.voters)?;
                    continue;
                }
                _ => {
                    let fee = spend::check(tx, *kind, place, &view, Claims::Checked)?;
                    fees = fees.checked_add(fee).ok_or_else(|| Rule::SpendTooHigh.broken("fees exceed all coins"))?;
                    if signatures == Signatures::Verified {
                        script::check(tx, *kind, &view)?;
                    }
                    spent.extend(
                        tx.inputs.iter().filter_map(|input| Some((input.previous, view.coin(&input.previous)?.output))),
                    );
                }
            }
            view.apply(tx, *kind, Origin::mined(tx, header.height, index));
        }
        check_coinbase(&block.transactions[0], header.height, header.voters, fees)?;
        check_filter(block, &spent)
    }

    fn apply(&mut self, block: Block, kinds: &Kinds, filter: Vec<u8>) {
        let (height, id) = (block.header.height, block.id());
        if disapproves(&block.header) {
            let parent = self.records.last().expect("the genesis block is never taken away");
            self.coins.revert(&parent.regular);
            for tx in &parent.block.transactions {
                self.mined.remove(&tx.id());
            }
        }
        let mut stake = Undo::default();
        for (index, (tx, kind)) in (0..).zip(block.stake_transactions.iter().zip(&kinds.stake)) {
            if *kind != TxKind::TreasuryBase {
                self.coins.apply(tx, *kind, Origin::mined(tx, height, index), &mut stake);
            }
        }
        let regular = apply_regular(&mut self.coins, &block);
        let winners = self.draw().winners.clone();
        let matured = self.maturing(height);
        let pool = self.pool.advance(height, &winners, &matured);
        let draw = self.pool.draw(&block.header);
        let votes = block.stake_transactions.iter().zip(&kinds.stake).filter(|(_, kind)| **kind == TxKind::Vote);
        let vote_versions =
            votes.filter_map(|(tx, _)| Vote::read(tx).ok()).map(|vote| vote.ballot.bits.version()).collect();
        self.headers.push(Link { id, header: block.header.clone(), vote_versions });
        self.heights.insert(id, height);
        self.mined.extend(block.transactions.iter().chain(&block.stake_transactions).map(Transaction::id));
        self.records.push(Record { block, filter, draw, regular, stake, pool });
    }

    fn record(&self, id: &BlockHash) -> Option<&Record> {
        self.records.get(usize::try_from(self.height_of(id)?.0).ok()?)
    }

    fn tip_record(&self) -> &Record {
        self.records.last().expect("the genesis block is never taken away")
    }
}

/// Whether a block takes away the regular tree of the block before it. There is nothing in the genesis block to take.
fn disapproves(header: &BlockHeader) -> bool {
    header.height.0 > 1 && !approves_parent(header)
}

fn apply_regular(coins: &mut Coins, block: &Block) -> Undo {
    let mut undo = Undo::default();
    for (index, tx) in (0..).zip(&block.transactions) {
        let origin = Origin::mined(tx, block.header.height, index);
        coins.apply(tx, tx.kind(), origin, &mut undo);
    }
    undo
}

/// Builds the filter of `block` and checks that the header commits to it.
fn check_filter(block: &Block, spent: &HashMap<OutPoint, TxOut>) -> Result<Vec<u8>, Violation> {
    let filter = block_filter(block, |outpoint| spent.get(outpoint));
    let filter = filter.map_err(|error| Rule::MissingTxOut.broken(error.to_string()))?;
    commitment::check_filter(Network::Simnet, &block.header, &filter)
        .map_err(|error| Rule::BadCommitmentRoot.broken(error.to_string()))?;
    Ok(filter)
}
