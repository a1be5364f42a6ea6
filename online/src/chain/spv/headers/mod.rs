//! The best chain of headers: of those that follow every rule, the one that took the most work.
//!
//! Headers of peers are checked by [`HeaderChain`] and held against the chain so far. A branch that took less work is
//! forgotten, one that took more replaces what it branches off from. Memory does not grow with the chain.
//! Source: dcrd `internal/blockchain/blockindex.go`; dcrwallet `wallet/chainntfns.go`.

mod store;

use std::path::Path;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::stake::difficulty::{StakeHeader, headers_needed, next_price};
use dcrcold_signer::stake::estimate::following_window;
use rusqlite::Connection;

use store::Store;
pub use store::StoreError;

use crate::chain::genesis::{assumed_valid, minimum_work};
use crate::chain::headers::{HeaderChain, HeaderError};
use crate::chain::work::{Work, WorkRules};
use crate::chain::{BlockId, MOST_HEADERS, PriceEstimate, PriceWindow};

/// The deepest branch that is looked at.
pub const MOST_REPLACED: u32 = 1024;
/// The locators that step back one block at a time; further ones double their step.
const SINGLE_STEPS: usize = 10;

/// Looks whether a file of headers, opened for reading, is whole and of a network.
///
/// # Errors
/// [`StoreError`].
pub fn examine(file: Connection, network: Network) -> Result<(), StoreError> {
    Store::examine(file, network)
}

/// Why headers do not become part of the chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedHeaders {
    /// A header breaks a rule.
    #[error("header {block} at height {height} is refused: {source}")]
    Rule {
        /// The block.
        block: BlockHash,
        /// The height that it claims.
        height: Height,
        /// The rule.
        source: HeaderError,
    },
    /// The first header follows no block of the chain.
    #[error("header {block} follows {previous}, which is on no known chain")]
    Unattached {
        /// The block.
        block: BlockHash,
        /// The parent that it names.
        previous: BlockHash,
    },
    /// The branch begins too far below the tip.
    #[error("headers branch off {depth} blocks below the tip, at most {MOST_REPLACED} are replaced")]
    TooDeep {
        /// How many blocks would be replaced.
        depth: u32,
    },
    /// The file of headers cannot be used; the peer is not to blame.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// All of them were known.
    Nothing,
    /// They follow the tip.
    Extended,
    /// They took more work than the blocks that they replace.
    Replaced {
        /// How many blocks are replaced.
        blocks: u32,
    },
    /// They are a branch that took no more work than the chain.
    Weaker,
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
        let (mut hashes, mut height, mut step) = (Vec::new(), self.tip().height.0, 1);
        while height > 0 {
            hashes.extend(self.store.hash_at(Height(height))?);
            if hashes.len() > SINGLE_STEPS {
                step *= 2;
            }
            height = height.saturating_sub(step);
        }
        hashes.extend(self.store.hash_at(Height(0))?);
        Ok(hashes)
    }

    /// Checks successive headers of a peer and takes them in if they make the best chain; `now` in seconds since 1970.
    ///
    /// # Errors
    /// [`RefusedHeaders`]; the chain is then as before.
    pub fn add(&mut self, headers: &[BlockHeader], now: i64) -> Result<Added, RefusedHeaders> {
        loop {
            if let Some(added) = self.try_add(headers, now)? {
                return Ok(added);
            }
            // Another process was faster.
            self.reload()?;
        }
    }

    fn try_add(&mut self, headers: &[BlockHeader], now: i64) -> Result<Option<Added>, RefusedHeaders> {
        let known = self.known_prefix(headers)?;
        let Some(first) = headers.get(known) else { return Ok(Some(Added::Nothing)) };
        let fork = self.fork_of(first)?;
        let depth = self.tip().height.above(fork.height).unwrap_or_default();
        if depth > MOST_REPLACED {
            return Err(RefusedHeaders::TooDeep { depth });
        }
        // Another process may have put another block at the height of the tip.
        let mut end = if fork == self.end.tip() { self.end.clone() } else { self.chain_at(fork)? };
        let (mut added, mut gained) = (Vec::with_capacity(headers.len() - known), Work::ZERO);
        for header in &headers[known..] {
            let refused = |source| RefusedHeaders::Rule { block: header.id(), height: header.height, source };
            let hash = end.push(header, now).map_err(refused)?;
            gained = gained.plus(Work::of(header.bits));
            added.push((hash, header.clone()));
        }
        let replaced = self.store.headers(Height(fork.height.0 + 1), depth)?;
        let lost = replaced.iter().fold(Work::ZERO, |sum, header| sum.plus(Work::of(header.bits)));
        if gained <= lost {
            return Ok(Some(Added::Weaker));
        }
        let work = self.work.minus(lost).plus(gained);
        if !self.store.replace(self.tip(), fork.height, &added, work)? {
            return Ok(None);
        }
        (self.end, self.work) = (end, work);
        Ok(Some(if depth == 0 { Added::Extended } else { Added::Replaced { blocks: depth } }))
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

    /// The ticket price at the tip and what is known of the next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn price(&self) -> Result<PriceWindow, StoreError> {
        let tip = self.tip();
        let first = Height(tip.height.0.saturating_sub(headers_needed(self.network)).max(1));
        let recent = self.store.headers(first, u32::MAX)?;
        let at = |height: Height| {
            let place = height.above(first).and_then(|above| usize::try_from(above).ok());
            match place {
                _ if height == Height(0) => Some(StakeHeader { pool_size: 0, fresh_stake: 0, price: Amount::ZERO }),
                Some(place) => StakeHeader::try_from(recent.get(place)?).ok(),
                None => None,
            }
        };
        let current = recent.last().and_then(|header| header.sbits.amount().ok()).unwrap_or_default();
        // A chain of which so few headers are there has the lowest price.
        let next = next_price(self.network, tip.height, at).unwrap_or(current);
        let estimate = following_window(self.network, tip.height, at);
        let window = self.network.params().stake_difficulty_window;
        Ok(PriceWindow {
            tip,
            current,
            next,
            blocks_left: window - (tip.height.0 + 1) % window,
            estimate: estimate.map_or(PriceEstimate { min: next, expected: next, max: next }, |estimate| {
                PriceEstimate { min: estimate.lowest, expected: estimate.expected, max: estimate.highest }
            }),
        })
    }

    /// How many headers in front are on the chain already.
    fn known_prefix(&self, headers: &[BlockHeader]) -> Result<usize, StoreError> {
        let mut known = 0;
        for header in headers {
            if header.height > self.tip().height || self.store.hash_at(header.height)? != Some(header.id()) {
                break;
            }
            known += 1;
        }
        Ok(known)
    }

    /// The block of the chain that a header follows.
    fn fork_of(&self, header: &BlockHeader) -> Result<BlockId, RefusedHeaders> {
        match self.store.height_of(&header.previous)? {
            Some(height) => Ok(BlockId { hash: header.previous, height }),
            None => Err(RefusedHeaders::Unattached { block: header.id(), previous: header.previous }),
        }
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
