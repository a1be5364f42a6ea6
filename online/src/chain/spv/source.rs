//! Peers as a source of the chain.

use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use super::Spv;
use super::error::SpvError;
use super::filters::commits;
use super::gather::{Question, Verdict, gather};
use super::peer::{Awaited, PeerError};
use super::wire::{Inventory, Message};
use crate::chain::{BlockId, ChainError, ChainSource, PriceWindow};

/// The most filters that a peer is asked for at once.
const FILTER_BATCH: u32 = 100;
/// The longest wait for news before peers are asked anew.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

impl ChainSource for Spv {
    fn network(&self) -> Network {
        self.headers.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        self.mended(Self::follow)?;
        Ok(self.headers.tip())
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        if !self.headers.is_settled() || self.headers.tip().height == Height(0) {
            self.mended(Self::follow)?;
        }
        Ok(self.mended(|spv| Ok(spv.headers.after(locators)?))?)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        let mut filters = Vec::with_capacity(blocks.len());
        // Batches that are proven in the same way are asked for together.
        let first = self.first_commitment;
        for batches in self
            .mended(|spv| spv.batches(blocks))?
            .chunk_by(|one, other| commits(&one[0], first) == commits(&other[0], first))
        {
            let found = match commits(&batches[0][0], first) {
                true => self.committed_filters(batches),
                false => self.compared_filters(batches),
            };
            let found = found.map_err(|error| match error {
                SpvError::Missing => SpvError::UnknownBlock { hash: batches[0][0].id() },
                other => other,
            })?;
            filters.extend(found.into_iter().flatten());
        }
        Ok(filters)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        Ok(self.checked_block(hash)?)
    }

    /// Nobody says that a transaction is refused, or why: either somebody shows it, or it is not seen yet.
    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        let id = tx.id();
        if self.is_seen(id)? {
            // Peers that come later are to have it too.
            self.pool.outbox().put(id, tx.clone());
            return Err(ChainError::AlreadyKnown);
        }
        let seen = self.publish(id, tx)?;
        (self.published)(id, seen);
        if seen.by > 0 {
            return Ok(id);
        }
        if self.is_in_recent_block(tx)? {
            return Err(ChainError::AlreadyKnown);
        }
        Err(ChainError::Unseen { of: seen.of })
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        ids.iter().map(|id| Ok(self.is_seen(*id)?)).collect()
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        self.mended(Self::follow)?;
        Ok(self.mended(|spv| Ok(spv.headers.price()?))?)
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        let until = Instant::now() + timeout;
        loop {
            let tip = self.tip()?;
            if tip.hash != *after {
                return Ok(Some(tip));
            }
            let asked_anew = until.min(Instant::now() + LONGEST_SILENCE);
            while !self.pool.new_block && self.pool.wait(asked_anew).is_some() {}
            if !self.pool.new_block && Instant::now() >= until {
                return Ok(None);
            }
        }
    }
}

impl Spv {
    /// Does what needs headers; where their file turns out to be damaged, it is made anew and filled first.
    fn mended<T>(&mut self, mut act: impl FnMut(&mut Self) -> Result<T, SpvError>) -> Result<T, SpvError> {
        match act(self) {
            Err(SpvError::Store(error)) if error.is_damage() => {
                self.headers.renew()?;
                self.follow()?;
                act(self)
            }
            done => done,
        }
    }

    /// A block with the transactions that its header commits to.
    pub(super) fn checked_block(&mut self, hash: &BlockHash) -> Result<Block, SpvError> {
        let message = Message::GetData(vec![Inventory::Block(*hash)]);
        // A block off the chain of headers may be anybody's.
        let height = self.headers.height_of(hash)?.unwrap_or_default();
        let question = Question { message, awaited: Awaited::Block(*hash), height };
        let network = self.headers.network();
        let found = gather(&mut self.pool, &[question], |_, message| match message {
            Message::Block(block) => match block.check_merkle(network) {
                Ok(()) => Verdict::Right(*block),
                Err(source) => Verdict::Wrong(PeerError::FalseBlock { block: *hash, source }),
            },
            _ => Verdict::Missing,
        });
        match found.map(|blocks| blocks.into_iter().next()) {
            Ok(Some(block)) => Ok(block),
            Ok(None) | Err(SpvError::Missing) => Err(SpvError::UnknownBlock { hash: *hash }),
            Err(other) => Err(other),
        }
    }

    /// The headers of blocks, in runs of at most [`FILTER_BATCH`] that follow each other.
    fn batches(&self, blocks: &[BlockHash]) -> Result<Vec<Vec<BlockHeader>>, SpvError> {
        let (mut batches, first) = (Vec::<Vec<BlockHeader>>::new(), self.first_commitment);
        for hash in blocks {
            let header = self.header(hash)?;
            match batches.last_mut() {
                Some(batch)
                    if batch.len() < FILTER_BATCH as usize
                        && batch.last().is_some_and(|last| {
                            last.id() == header.previous && commits(last, first) == commits(&header, first)
                        }) =>
                {
                    batch.push(header);
                }
                _ => batches.push(vec![header]),
            }
        }
        Ok(batches)
    }

    fn header(&self, hash: &BlockHash) -> Result<BlockHeader, SpvError> {
        let unknown = || SpvError::UnknownBlock { hash: *hash };
        let height = self.headers.height_of(hash)?.ok_or_else(unknown)?;
        if height == Height(0) {
            return Ok(dcrcold_signer::block::genesis::header(self.network()));
        }
        self.headers.headers(height, 1)?.into_iter().next().ok_or_else(unknown)
    }

    /// Whether one of the last blocks holds a transaction.
    fn is_in_recent_block(&mut self, tx: &Transaction) -> Result<bool, ChainError> {
        /// More than a wallet misses between its sync and what it sends.
        const RECENT: u32 = 6;
        self.follow()?;
        let first = Height(self.headers.tip().height.0.saturating_sub(RECENT).max(1));
        let recent = self.headers.headers(first, RECENT + 1).map_err(SpvError::from)?;
        for header in recent.iter().rev() {
            let block = self.block(&header.id())?;
            if block.transactions.iter().chain(&block.stake_transactions).any(|mined| mined.id() == tx.id()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
