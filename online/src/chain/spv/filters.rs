//! Filters of blocks: held against the headers that commit to them, or where none does, against what other peers say.
//!
//! Headers commit to filters since DCP0005. Of each block before, two peers are asked, as far as there are two. Where they
//! differ, the filter is built from the block and from the outputs that it spends, and who sent another one is kept
//! away. That all lie alike is noticed by the wallet, which holds all old filters together against a known hash.
//! Source: DCP0005; dcrd `gcs/blockcf2`, `CheckTransactionInputs` (each input of a block names the block that it spends
//! from).

use std::collections::{BTreeMap, HashMap};

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader, commitment};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};

use super::Spv;
use super::error::SpvError;
use super::gather::{Answer, Question, Verdict, gather, gather_twice};
use super::peer::{Awaited, PeerError};
use super::wire::{BlockFilter, Message};
use crate::chain::filter::entries::block_filter;

/// The filters of a batch of blocks.
type Filters = Vec<Vec<u8>>;

/// Whether a header commits to its filter, as all do from `first` on. That of the genesis block never does.
pub(super) fn commits(header: &BlockHeader, first: Height) -> bool {
    header.height.0 > 0 && header.height >= first
}

impl Spv {
    /// The filters of batches of blocks whose headers commit to them.
    pub(super) fn committed_filters(&mut self, batches: &[Vec<BlockHeader>]) -> Result<Vec<Filters>, SpvError> {
        let network = self.headers.network();
        let questions: Vec<_> = batches.iter().map(|batch| question(batch)).collect();
        gather(&mut self.pool, &questions, |number, message| judge(Some(network), &batches[number], message))
    }

    /// The filters of batches of blocks whose headers do not, as two peers say each.
    pub(super) fn compared_filters(&mut self, batches: &[Vec<BlockHeader>]) -> Result<Vec<Filters>, SpvError> {
        let questions: Vec<_> = batches.iter().map(|batch| question(batch)).collect();
        loop {
            let opinions =
                gather_twice(&mut self.pool, &questions, |number, message| judge(None, &batches[number], message))?;
            let (first, second) = opinions.split_at(batches.len());
            let mut agreed = true;
            for ((batch, one), other) in batches.iter().zip(first).zip(second) {
                if let (Some(one), Some(other)) = (one, other) {
                    agreed &= self.end_dispute(batch, one, other)?;
                }
            }
            // Whoever lied is gone: the others are asked once more.
            if agreed {
                return Ok(opinions.into_iter().take(batches.len()).flatten().map(|answer| answer.what).collect());
            }
        }
    }

    /// Whether two peers agree; where they do not, those are given up who sent another filter than the block has.
    fn end_dispute(
        &mut self,
        batch: &[BlockHeader],
        one: &Answer<Filters>,
        other: &Answer<Filters>,
    ) -> Result<bool, SpvError> {
        let differs = |place: &usize| one.what.get(*place) != other.what.get(*place);
        let Some(place) = (0..batch.len()).find(differs) else { return Ok(true) };
        let (block, filter) = (batch[place].id(), self.built_filter(&batch[place])?);
        for opinion in [one, other].into_iter().filter(|opinion| opinion.what.get(place) != Some(&filter)) {
            self.pool.give_up(opinion.from, PeerError::DisprovenFilter { block });
        }
        Ok(false)
    }

    /// The filter of a block, built from it and from the outputs that it spends.
    fn built_filter(&mut self, header: &BlockHeader) -> Result<Vec<u8>, SpvError> {
        let block = self.checked_block(&header.id())?;
        let spent = self.spent_by(&block)?;
        let disputed = |source| SpvError::Disputed { block: header.id(), source };
        block_filter(&block, |outpoint| spent.get(outpoint)).map_err(disputed)
    }

    /// The outputs whose scripts are in the filter of a block because it spends them, as far as they are where its
    /// inputs say.
    fn spent_by(&mut self, block: &Block) -> Result<HashMap<OutPoint, TxOut>, SpvError> {
        let mut wanted: BTreeMap<Height, Vec<OutPoint>> = BTreeMap::new();
        let spends = |tx: &&Transaction| matches!(tx.kind(), TxKind::Regular | TxKind::Ticket | TxKind::TreasuryAdd);
        for input in transactions(block).filter(spends).flat_map(|tx| &tx.inputs) {
            wanted.entry(Height(input.block_height)).or_default().push(input.previous);
        }
        let mut found = HashMap::new();
        for (height, outpoints) in wanted {
            if height == block.header.height {
                find(block, &outpoints, &mut found);
            } else if let Some(header) = self.headers.headers(height, 1)?.first().filter(|found| found.height == height)
            {
                find(&self.checked_block(&header.id())?, &outpoints, &mut found);
            }
        }
        Ok(found)
    }
}

fn transactions(block: &Block) -> impl Iterator<Item = &Transaction> {
    block.transactions.iter().chain(&block.stake_transactions)
}

/// Finds the outputs that are in a block.
fn find(block: &Block, outpoints: &[OutPoint], found: &mut HashMap<OutPoint, TxOut>) {
    for (tree, txs) in [(Tree::Regular, &block.transactions), (Tree::Stake, &block.stake_transactions)] {
        for tx in txs {
            let id = tx.id();
            for outpoint in outpoints.iter().filter(|outpoint| outpoint.tree == tree && outpoint.id == id) {
                let output = usize::try_from(outpoint.index).ok().and_then(|index| tx.outputs.get(index));
                found.extend(output.map(|output| (*outpoint, output.clone())));
            }
        }
    }
}

fn question(batch: &[BlockHeader]) -> Question {
    let (first, last) = (&batch[0], &batch[batch.len() - 1]);
    Question { message: Message::GetFilters(first.id(), last.id()), awaited: Awaited::Filters, height: last.height }
}

/// Holds filters against the headers that they were asked for, and that commit to them if a network is given.
fn judge(committed: Option<Network>, batch: &[BlockHeader], message: Message) -> Verdict<Filters> {
    let Message::Filters(filters) = message else { return Verdict::Missing };
    let fits = |(header, filter): &(&BlockHeader, &BlockFilter)| filter.block == header.id();
    let found = batch.iter().zip(&filters).take_while(fits).count();
    if found != batch.len() || filters.len() != batch.len() {
        return Verdict::Wrong(PeerError::MissingFilters { found, expected: batch.len() });
    }
    for (header, filter) in batch.iter().zip(&filters) {
        if let Some(network) = committed
            && let Err(error) = commitment::check_proof(network, header, &filter.bytes, filter.index, &filter.proof)
        {
            return Verdict::Wrong(PeerError::FalseFilter(error));
        }
    }
    Verdict::Right(filters.into_iter().map(|filter| filter.bytes).collect())
}
