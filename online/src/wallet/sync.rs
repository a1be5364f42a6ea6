//! The one sync engine, over any source: birthday, headers, filters, matching blocks, coins.
//!
//! Headers and filters go into the wallet file batch by batch, so memory does not grow with the chain, and every
//! batch is one transaction that ends with how far it got: a sync that is stopped anywhere goes on from there, and two
//! of them at once only repeat some work. What the source says is checked against the headers; the headers themselves
//! by [`crate::chain::headers`].

mod search;

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use rusqlite::Connection;

use super::{Clock, Wallet, WalletError, chain_store, db, record, watch};
use crate::chain::genesis::genesis_hash;
use crate::chain::{BlockId, ChainError, ChainSource};

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
        self.take_up_rotation()?;
        let mut sync = Sync { wallet: self, source, clock, progress, report: SyncReport::default() };
        sync.start()?;
        loop {
            let added = sync.headers()?;
            let moved_on = match sync.search() {
                // The source dropped a block since it sent the header; what replaced it comes with the next headers.
                Err(WalletError::Chain(ChainError::UnknownBlock { hash })) => {
                    if !sync.headers()? {
                        return Err(ChainError::UnknownBlock { hash }.into());
                    }
                    true
                }
                result => result.map(|()| added)?,
            };
            if !moved_on {
                break;
            }
        }
        let mut report = sync.report;
        self.drop_ended(clock)?;
        report.tip = chain_store::tip(&self.db)?;
        Ok(report)
    }
}

pub(super) struct Sync<'a> {
    pub(super) wallet: &'a mut Wallet,
    pub(super) source: &'a mut dyn ChainSource,
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
        if chain_store::lowest(&self.wallet.db)?.is_some_and(|lowest| tip < lowest) {
            let wallet = chain_store::tip(&self.wallet.db)?.map_or(tip, |tip| tip.height);
            return Err(WalletError::SourceBehind { chain: tip, wallet });
        }
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
fn take_back(db: &Connection, network: Network, first: &BlockHeader) -> Result<u32, WalletError> {
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
