//! The one sync engine, over any source: birthday, headers, filters, matching blocks, coins.
//!
//! Headers and filters go into the wallet file batch by batch, so memory does not grow with the chain, and every
//! batch is one transaction that ends with how far it got: a sync that is stopped anywhere goes on from there, and two
//! of them at once only repeat some work. What the source says is checked against the headers; the headers themselves
//! by [`super::headers`].

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::{Block, BlockHeader, commitment};
use rusqlite::Connection;

use super::chain_store::{self, StoredBlock};
use super::watch::{self, Watch};
use super::{Clock, Wallet, WalletError, db, record};
use crate::chain::filter::{Filter, FilterKey};
use crate::chain::genesis::genesis_hash;
use crate::chain::{BlockId, ChainSource};

/// Blocks whose filters are searched together.
const FILTER_BATCH: u32 = 200;
/// Blocks fetched before what is in them is written down.
const BLOCK_BATCH: usize = 16;
/// The deepest reorganisation that is followed; beyond it, the source is on another chain.
const MOST_UNDONE: u32 = 1024;
/// Bit 0 of the vote bits: the regular transactions of the block before stand.
const APPROVES_PARENT: u16 = 1;

/// How far a sync got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Headers up to a height were checked and stored.
    Headers {
        /// The height reached.
        height: Height,
        /// The source's tip when the sync began.
        tip: Height,
    },
    /// Blocks up to a height were searched.
    Blocks {
        /// The height reached.
        height: Height,
        /// The last header.
        tip: Height,
    },
}

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// The last block now.
    pub tip: Option<BlockId>,
    /// Headers added.
    pub headers: u64,
    /// Blocks whose filters were searched.
    pub searched: u64,
    /// Blocks that were fetched because their filters matched.
    pub fetched: u64,
    /// Blocks taken back because another branch became the main chain.
    pub undone: u64,
}

impl Wallet {
    /// Brings the wallet up to the tip of `source`.
    ///
    /// # Errors
    /// What the source, its data or the wallet file is refused for; everything up to there is kept.
    pub fn sync(
        &mut self,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SyncReport, WalletError> {
        let (found, expected) = (source.network(), self.network());
        if found != expected {
            return Err(WalletError::OtherNetwork { found, expected });
        }
        let mut sync = Sync { wallet: self, source, clock, progress, report: SyncReport::default() };
        sync.start()?;
        loop {
            let added = sync.headers()?;
            sync.search()?;
            if !added {
                break;
            }
        }
        let mut report = sync.report;
        report.tip = chain_store::tip(&self.db)?;
        Ok(report)
    }
}

struct Sync<'a> {
    wallet: &'a mut Wallet,
    source: &'a mut dyn ChainSource,
    clock: &'a dyn Clock,
    progress: &'a mut dyn FnMut(Progress),
    report: SyncReport,
}

impl Sync<'_> {
    /// Makes sure that there are addresses to look for.
    fn start(&mut self) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.wallet.db)?;
        let nothing_searched = chain_store::scanned(&tx)? < self.wallet.birthday;
        watch::extend(&tx, &self.wallet.keys, nothing_searched)?;
        Ok(tx.commit()?)
    }

    /// Fetches headers until there are no more; says whether there were any.
    fn headers(&mut self) -> Result<bool, WalletError> {
        let mut any = false;
        let tip = self.source.tip()?.height;
        loop {
            let locators = chain_store::locators(&self.wallet.db)?;
            let headers = self.source.headers_after(&locators)?;
            if headers.is_empty() || !self.add_headers(&headers)? {
                return Ok(any);
            }
            any = true;
            let height = chain_store::tip(&self.wallet.db)?.map_or(Height(0), |tip| tip.height);
            (self.progress)(Progress::Headers { height, tip: tip.max(height) });
        }
    }

    /// Appends headers, first taking back what they replace; says whether any of them is new.
    fn add_headers(&mut self, headers: &[BlockHeader]) -> Result<bool, WalletError> {
        let network = self.wallet.network();
        let tx = db::begin(&mut self.wallet.db)?;
        let known = known_prefix(&tx, headers)?;
        let Some(first) = headers.get(known) else { return Ok(false) };
        let undone = take_back(&tx, network, first)?;
        let mut chain = chain_store::header_chain(&tx, network)?;
        let mut added = Vec::with_capacity(headers.len() - known);
        for header in &headers[known..] {
            let hash = chain.push(header, self.clock.now().0).map_err(|source| WalletError::Header {
                block: header.id(),
                height: header.height,
                source,
            })?;
            added.push((hash, header));
        }
        chain_store::append(&tx, &added, chain.anchor_time())?;
        chain_store::prune(&tx, self.wallet.birthday)?;
        tx.commit()?;
        self.report.headers += added.len() as u64;
        self.report.undone += u64::from(undone);
        Ok(true)
    }

    /// Searches all blocks up to the last header.
    fn search(&mut self) -> Result<(), WalletError> {
        loop {
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
        for (block, filter) in missing.iter().zip(&fetched) {
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
        if chain_store::scanned(&tx)? != scanned || !is_stored(&tx, last)? {
            // Another process was here, or the chain changed: look again.
            return Ok(());
        }
        let full = matching.len() == BLOCK_BATCH;
        let mut matching = matching.iter().peekable();
        for (stored, filter) in blocks.iter().zip(filters) {
            let height = stored.header.height;
            if stored.filter.is_none() {
                chain_store::put_filter(&tx, height, filter)?;
            }
            if stored.header.vote_bits & APPROVES_PARENT == 0 {
                record::undo_regular(&tx, Height(height.0.saturating_sub(1)))?;
            }
            chain_store::set_scanned(&tx, height)?;
            self.report.searched += 1;
            let Some(block) = matching.next_if(|block| block.header.height == height) else { continue };
            record::block(&tx, network, watch, block)?;
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

    /// Fetches and records a block once more, if it is still there and its parent's fate is known.
    fn apply_again(&mut self, stored: &StoredBlock) -> Result<(), WalletError> {
        let block = self.block(&stored.hash)?;
        let network = self.wallet.network();
        let watch = Watch::load(&self.wallet.db)?;
        let tx = db::begin(&mut self.wallet.db)?;
        if !is_stored(&tx, stored)? {
            return Ok(());
        }
        record::block(&tx, network, &watch, &block)?;
        let height = stored.header.height;
        let next = chain_store::header_at(&tx, Height(height.0.saturating_add(1)))?;
        let judged = chain_store::scanned(&tx)? > height;
        if judged && next.is_some_and(|next| next.vote_bits & APPROVES_PARENT == 0) {
            record::undo_regular(&tx, height)?;
        }
        watch::extend(&tx, &self.wallet.keys, false)?;
        Ok(tx.commit()?)
    }
}

/// How many headers in front are stored already.
fn known_prefix(db: &Connection, headers: &[BlockHeader]) -> Result<usize, WalletError> {
    let mut known = 0;
    for header in headers {
        match chain_store::hash_at(db, header.height)? {
            Some(hash) if hash == header.id() => known += 1,
            _ => break,
        }
    }
    Ok(known)
}

/// Takes back the blocks that `first` and what follows replace; says how many.
fn take_back(db: &Connection, network: dcrcold_core::net::Network, first: &BlockHeader) -> Result<u32, WalletError> {
    let Some(tip) = chain_store::tip(db)? else { return Ok(0) };
    let fork = Height(first.height.0.saturating_sub(1));
    let Some(blocks) = tip.height.above(fork).filter(|blocks| *blocks > 0) else { return Ok(0) };
    if blocks > MOST_UNDONE {
        return Err(WalletError::OtherChain { fork, blocks, most: MOST_UNDONE });
    }
    let parent = if fork == Height(0) { Some(genesis_hash(network)) } else { chain_store::hash_at(db, fork)? };
    if parent != Some(first.previous) {
        // The headers do not follow what they were asked to follow; the check of the first one says so.
        return Ok(0);
    }
    let judged = chain_store::header_at(db, first.height)?;
    let disapproved = judged.is_some_and(|judge| judge.vote_bits & APPROVES_PARENT == 0);
    record::undo_above(db, fork)?;
    chain_store::truncate(db, fork)?;
    // A block whose judge is gone counts again and must be searched again.
    let keep = if disapproved { Height(fork.0.saturating_sub(1)) } else { fork };
    if chain_store::scanned(db)? > keep {
        chain_store::set_scanned(db, keep)?;
    }
    Ok(blocks)
}

fn is_stored(db: &Connection, block: &StoredBlock) -> Result<bool, WalletError> {
    Ok(chain_store::hash_at(db, block.header.height)? == Some(block.hash))
}

fn matches(watch: &Watch, block: &StoredBlock, filter: &[u8]) -> Result<bool, WalletError> {
    let decoded = Filter::decode(filter).map_err(|source| WalletError::Filter { block: block.hash, source })?;
    Ok(decoded.matches_any(FilterKey::of(&block.header), watch.scripts()))
}
