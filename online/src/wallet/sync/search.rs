//! Searching blocks by their filters for what concerns the account.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, commitment};
use rusqlite::Connection;

use super::super::chain_store::{self, StoredBlock};
use super::super::old_filters::OldFilters;
use super::super::watch::{self, Watch};
use super::super::{WalletError, db, record};
use super::{APPROVES_PARENT, Progress, Sync};
use crate::chain::filter::{Filter, FilterKey};

/// Blocks whose filters are searched together.
const FILTER_BATCH: u32 = 200;
/// Blocks fetched before what is in them is written down.
const BLOCK_BATCH: usize = 16;

impl Sync<'_> {
    /// Searches all blocks up to the last header.
    pub(super) fn search(&mut self) -> Result<(), WalletError> {
        loop {
            self.prove_old_filters()?;
            self.search_again()?;
            let scanned = chain_store::scanned(&self.wallet.db)?;
            let next = Height(scanned.0.saturating_add(1)).max(self.wallet.birthday);
            let blocks = chain_store::blocks(&self.wallet.db, next, FILTER_BATCH)?;
            let Some(last) = blocks.last() else { return Ok(()) };
            let last = last.header.height;
            let filters = self.filters(&blocks)?;
            let watch = Watch::load(&self.wallet.db)?;
            let matching = self.fetch(&watch, &blocks, &filters)?;
            self.apply(scanned, &watch, &blocks, &filters, &matching)?;
            let reached = chain_store::scanned(&self.wallet.db)?;
            let tip = chain_store::tip(&self.wallet.db)?.map_or(last, |tip| tip.height);
            (self.progress)(Progress::Blocks { height: reached, tip });
        }
    }

    /// The filters of stored blocks, from the file or else from the source, each checked against its header.
    fn filters(&mut self, blocks: &[StoredBlock]) -> Result<Vec<Vec<u8>>, WalletError> {
        let missing: Vec<_> = blocks.iter().filter(|block| block.filter.is_none()).collect();
        let hashes: Vec<_> = missing.iter().map(|block| block.hash).collect();
        let fetched = if hashes.is_empty() { Vec::new() } else { self.source.filters(&hashes)? };
        if fetched.len() != hashes.len() {
            return Err(WalletError::FilterCount { found: fetched.len(), expected: hashes.len() });
        }
        let proven =
            |block: &StoredBlock| OldFilters::proves_header(self.wallet.old_filters.as_ref(), block.header.height);
        for (block, filter) in missing.iter().zip(&fetched).filter(|(block, _)| proven(block)) {
            commitment::check_filter(self.wallet.network(), &block.header, filter)?;
        }
        let mut fetched = fetched.into_iter();
        let filter = |block: &StoredBlock| block.filter.clone().or_else(|| fetched.next()).unwrap_or_default();
        Ok(blocks.iter().map(filter).collect())
    }

    /// Fetches the first blocks that match, in order, at most [`BLOCK_BATCH`].
    fn fetch(&mut self, watch: &Watch, blocks: &[StoredBlock], filters: &[Vec<u8>]) -> Result<Vec<Block>, WalletError> {
        let mut matching = Vec::new();
        for (block, filter) in blocks.iter().zip(filters) {
            if matching.len() < BLOCK_BATCH && matches(watch, block, filter)? {
                matching.push(self.block(&block.hash)?);
            }
        }
        Ok(matching)
    }

    /// Fetches a block and checks that its transactions are those of its header.
    fn block(&mut self, expected: &BlockHash) -> Result<Block, WalletError> {
        let block = self.source.block(expected)?;
        let found = block.id();
        if found != *expected {
            return Err(WalletError::OtherBlock { found, expected: *expected });
        }
        block.check_merkle(self.wallet.network()).map_err(|source| WalletError::Block { block: found, source })?;
        self.report.fetched += 1;
        Ok(block)
    }

    /// Writes down what was found, up to where it can be trusted to be all.
    ///
    /// That is the whole batch, or up to the last block fetched when there was no room for further ones. For addresses
    /// that are added on the way, [`Self::search_again`] goes over all of it once more.
    fn apply(
        &mut self,
        scanned: Height,
        watch: &Watch,
        blocks: &[StoredBlock],
        filters: &[Vec<u8>],
        matching: &[Block],
    ) -> Result<(), WalletError> {
        let network = self.wallet.network();
        let tx = db::begin(&mut self.wallet.db)?;
        let Some(last) = blocks.last() else { return Ok(()) };
        if chain_store::scanned(&tx)? != scanned || !is_stored(&tx, last)? || !watch.is_all(&tx)? {
            // Another process was here, or the chain changed: look again.
            return Ok(());
        }
        for (stored, filter) in blocks.iter().zip(filters).filter(|(stored, _)| stored.filter.is_none()) {
            chain_store::put_filter(&tx, stored.header.height, filter)?;
        }
        let full = matching.len() == BLOCK_BATCH;
        let mut matching = matching.iter().peekable();
        for stored in blocks {
            let height = stored.header.height;
            if stored.header.vote_bits & APPROVES_PARENT == 0 {
                record::undo_regular(&tx, Height(height.0.saturating_sub(1)))?;
            }
            chain_store::set_scanned(&tx, height)?;
            self.report.searched += 1;
            let Some(block) = matching.next_if(|block| block.header.height == height) else { continue };
            record_standing(&tx, network, watch, block)?;
            watch::extend(&tx, &self.wallet.keys, false)?;
            if full && matching.peek().is_none() {
                break;
            }
        }
        Ok(tx.commit()?)
    }

    /// Searches the blocks before for addresses that were added since, until no more are added.
    fn search_again(&mut self) -> Result<(), WalletError> {
        loop {
            let added = Watch::load_untested(&self.wallet.db)?;
            if added.is_empty() {
                return Ok(());
            }
            self.search_for(&added)?;
        }
    }

    fn search_for(&mut self, added: &Watch) -> Result<(), WalletError> {
        let last = chain_store::scanned(&self.wallet.db)?;
        let mut next = self.wallet.birthday;
        while next <= last {
            let mut blocks = chain_store::blocks(&self.wallet.db, next, FILTER_BATCH)?;
            blocks.retain(|block| block.header.height <= last);
            let Some(end) = blocks.last().map(|block| block.header.height) else { break };
            for stored in &blocks {
                let filter = stored.filter.as_deref().unwrap_or_default();
                if matches(added, stored, filter)? {
                    self.apply_again(stored)?;
                }
            }
            next = Height(end.0.saturating_add(1));
        }
        let tx = db::begin(&mut self.wallet.db)?;
        watch::mark_tested(&tx, added)?;
        Ok(tx.commit()?)
    }

    /// Fetches and records a block once more, if it is still there.
    fn apply_again(&mut self, stored: &StoredBlock) -> Result<(), WalletError> {
        let block = self.block(&stored.hash)?;
        let network = self.wallet.network();
        let watch = Watch::load(&self.wallet.db)?;
        let tx = db::begin(&mut self.wallet.db)?;
        if !is_stored(&tx, stored)? {
            return Ok(());
        }
        record_standing(&tx, network, &watch, &block)?;
        watch::extend(&tx, &self.wallet.keys, false)?;
        Ok(tx.commit()?)
    }
}

/// Records what of a block stands: all of it, or its stake transactions when the next one is known to disapprove of it.
///
/// Recording payments only to take them back would give up what of ours spends the same coins, and move those mined
/// again since to the wrong block.
fn record_standing(db: &Connection, network: Network, watch: &Watch, block: &Block) -> Result<(), WalletError> {
    let judge = chain_store::header_at(db, Height(block.header.height.0.saturating_add(1)))?;
    if judge.is_some_and(|judge| judge.vote_bits & APPROVES_PARENT == 0) {
        record::stake_tree(db, network, watch, block)
    } else {
        record::block(db, network, watch, block)
    }
}

fn is_stored(db: &Connection, block: &StoredBlock) -> Result<bool, WalletError> {
    Ok(chain_store::hash_at(db, block.header.height)? == Some(block.hash))
}

fn matches(watch: &Watch, block: &StoredBlock, filter: &[u8]) -> Result<bool, WalletError> {
    let decoded = Filter::decode(filter).map_err(|source| WalletError::Filter { block: block.hash, source })?;
    Ok(decoded.matches_any(FilterKey::of(&block.header), watch.scripts()))
}
