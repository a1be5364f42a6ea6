//! The best chain of headers: of those that follow every rule, the one that took the most work.
//!
//! Headers of peers are checked by [`HeaderChain`] and held against the chain so far. A branch that took less work is
//! forgotten, one that took more replaces what it branches off from. Memory does not grow with the chain.
//! Source: dcrd `internal/blockchain/blockindex.go`; dcrwallet `wallet/chainntfns.go`.

mod extend;
mod price;
mod store;

use std::path::Path;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use rusqlite::Connection;

pub use extend::{Added, RefusedHeaders};
use store::Store;
pub use store::StoreError;

use crate::chain::genesis::{assumed_valid, minimum_work};
use crate::chain::headers::HeaderChain;
use crate::chain::work::{Work, WorkRules};
use crate::chain::{BlockId, MOST_HEADERS, locator_heights};

/// The deepest branch that is looked at.
pub const MOST_REPLACED: u32 = 1024;

/// Looks whether a file of headers, opened for reading, is whole and of a network: every header of it; the last block.
///
/// # Errors
/// [`StoreError`].
pub fn examine(file: Connection, network: Network) -> Result<BlockId, StoreError> {
    Store::examine(file, network)
}

/// The best chain of headers.
pub struct Headers {
    network: Network,
    store: Store,
    /// The end of the chain, ready to take further headers.
    end: HeaderChain,
    work: Work,
    least_work: Work,
}

impl Headers {
    /// Opens the headers in a file, or makes it.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be used.
    pub fn open(path: &Path, network: Network) -> Result<Self, StoreError> {
        Self::from(Store::open(path, network)?, network)
    }

    /// Keeps headers in memory.
    ///
    /// # Errors
    /// [`StoreError`] when there is no memory.
    pub fn in_memory(network: Network) -> Result<Self, StoreError> {
        Self::from(Store::in_memory(network)?, network)
    }

    fn from(store: Store, network: Network) -> Result<Self, StoreError> {
        let (end, least_work) = (HeaderChain::genesis(network), minimum_work(network));
        let mut headers = Self { network, store, end, work: Work::ZERO, least_work };
        headers.reload()?;
        Ok(headers)
    }

    fn reload(&mut self) -> Result<(), StoreError> {
        self.end = self.chain_at(self.store.tip()?)?;
        self.work = self.store.work()?;
        Ok(())
    }

    /// Demands more or less work than the network's own minimum.
    pub fn demand(&mut self, least_work: Work) {
        self.least_work = least_work;
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The last block.
    #[must_use]
    pub const fn tip(&self) -> BlockId {
        self.end.tip()
    }

    /// The work of the chain without its genesis block.
    #[must_use]
    pub const fn work(&self) -> Work {
        self.work
    }

    /// The work that the chain must have to be believed.
    #[must_use]
    pub const fn least_work(&self) -> Work {
        self.least_work
    }

    /// Whether the chain holds the block that every node assumes valid and took enough work.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let passed = assumed_valid(self.network).is_none_or(|block| self.tip().height >= block.height);
        passed && self.work >= self.least_work
    }

    /// The height of a block of the chain.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn height_of(&self, block: &BlockHash) -> Result<Option<Height>, StoreError> {
        self.store.height_of(block)
    }

    /// At most `count` headers from `first` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn headers(&self, first: Height, count: u32) -> Result<Vec<BlockHeader>, StoreError> {
        self.store.headers(first, count)
    }

    /// At most [`MOST_HEADERS`] headers after the first locator on the chain, or from block 1 on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn after(&self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, StoreError> {
        let mut known = Height(0);
        for locator in locators {
            if let Some(height) = self.store.height_of(locator)? {
                known = height;
                break;
            }
        }
        self.store.headers(Height(known.0 + 1), u32::try_from(MOST_HEADERS).unwrap_or(u32::MAX))
    }

    /// Blocks that tell a peer where this chain is: the tip first, ever further apart, the genesis block last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn locators(&self) -> Result<Vec<BlockHash>, StoreError> {
        let above_genesis = locator_heights(self.tip().height).take_while(|height| *height > Height(0));
        let hashes = above_genesis.chain([Height(0)]).map(|height| self.store.hash_at(height));
        hashes.filter_map(Result::transpose).collect()
    }

    /// Forgets all headers: they were the beginning of a chain that nobody carried on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn clear(&mut self) -> Result<(), StoreError> {
        while !self.store.replace(self.tip(), Height(0), &[], Work::ZERO)? {
            self.reload()?;
        }
        self.reload()
    }

    /// Forgets all headers and makes their file anew, which is damaged.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn renew(&mut self) -> Result<(), StoreError> {
        self.store.renew()?;
        self.reload()
    }

    /// The chain up to a block of it, ready to take further headers.
    fn chain_at(&self, block: BlockId) -> Result<HeaderChain, StoreError> {
        let anchor = Height(WorkRules::of(self.network).anchor_height);
        let anchor = if anchor <= block.height { self.store.headers(anchor, 1)? } else { Vec::new() };
        let mut chain = HeaderChain::at(self.network, block, anchor.first().map(|header| header.timestamp));
        let first = Height(block.height.0.saturating_sub(HeaderChain::memory(self.network)).max(1));
        let count = block.height.above(first).map_or(0, |above| above + 1);
        self.store.headers(first, count)?.iter().for_each(|header| chain.remember(header));
        Ok(chain)
    }
}
