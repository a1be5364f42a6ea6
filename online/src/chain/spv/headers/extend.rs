//! Headers of peers held against the best chain so far.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::BlockHeader;

use super::{Headers, MOST_REPLACED, StoreError};
use crate::chain::BlockId;
use crate::chain::headers::HeaderError;
use crate::chain::work::Work;

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

impl Headers {
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
}
