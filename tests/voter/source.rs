//! The embedded network behind a source that misbehaves.

use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{BlockId, ChainError, ChainSource, LiveTicket, PriceWindow, VoteSource, Winners};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

pub struct Source<'a> {
    pub sim: &'a mut Sim,
    /// The calls that are still answered.
    pub left: u32,
    /// Told instead of what the network tells, if there is any.
    pub told: Vec<Winners>,
}

impl<'a> Source<'a> {
    pub fn telling(sim: &'a mut Sim, told: Vec<Winners>) -> Self {
        Self { sim, left: u32::MAX, told }
    }

    /// Answers some calls, then none.
    pub fn cut_off(sim: &'a mut Sim, left: u32) -> Self {
        Self { sim, left, told: Vec::new() }
    }

    fn call(&mut self) -> Result<&mut Sim, ChainError> {
        self.left = self.left.checked_sub(1).ok_or(ChainError::Unavailable("cut off".into()))?;
        Ok(self.sim)
    }
}

impl ChainSource for Source<'_> {
    fn network(&self) -> Network {
        self.sim.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        ChainSource::tip(self.call()?)
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.call()?.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.call()?.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.call()?.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.call()?.send(tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.call()?.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        self.call()?.price()
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        self.call()?.wait_for_tip(after, timeout)
    }
}

impl VoteSource for Source<'_> {
    fn calls(&mut self, timeout: Duration) -> Result<Vec<Winners>, ChainError> {
        let told = std::mem::take(&mut self.told);
        if told.is_empty() { self.call()?.calls(timeout) } else { Ok(told) }
    }

    fn block_at(&mut self, height: Height) -> Result<Option<BlockHash>, ChainError> {
        self.call()?.block_at(height)
    }

    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError> {
        self.call()?.live_tickets()
    }

    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError> {
        self.call()?.treasury_spends()
    }
}
