//! The embedded network behind a source that misbehaves.

use std::collections::BTreeMap;
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
    /// A block that is not on the chain and is told as its tip.
    pub invented: Option<Block>,
    /// How often each block was asked for.
    pub asked: BTreeMap<BlockHash, usize>,
}

impl<'a> Source<'a> {
    pub fn telling(sim: &'a mut Sim, told: Vec<Winners>) -> Self {
        Self { sim, left: u32::MAX, told, invented: None, asked: BTreeMap::new() }
    }

    /// Answers some calls, then none.
    pub fn cut_off(sim: &'a mut Sim, left: u32) -> Self {
        Self { left, ..Self::telling(sim, Vec::new()) }
    }

    /// Tells an invented block as the tip, on a chain of which it shows nothing else, and that it calls these tickets.
    pub fn inventing(sim: &'a mut Sim, block: Block, tickets: Vec<TxId>) -> Self {
        let winners = Winners { block: id_of(&block), tickets };
        Self { invented: Some(block), ..Self::telling(sim, vec![winners]) }
    }

    fn call(&mut self) -> Result<&mut Sim, ChainError> {
        self.left = self.left.checked_sub(1).ok_or(ChainError::Unavailable("cut off".into()))?;
        Ok(self.sim)
    }
}

fn id_of(block: &Block) -> BlockId {
    BlockId { hash: block.id(), height: block.header.height }
}

impl ChainSource for Source<'_> {
    fn network(&self) -> Network {
        self.sim.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        let invented = self.invented.as_ref().map(id_of);
        let tip = ChainSource::tip(self.call()?)?;
        Ok(invented.unwrap_or(tip))
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        let headers = self.call()?.headers_after(locators)?;
        Ok(if self.invented.is_some() { Vec::new() } else { headers })
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.call()?.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        *self.asked.entry(*hash).or_default() += 1;
        let invented = self.invented.clone().filter(|block| block.id() == *hash);
        let sim = self.call()?;
        invented.map_or_else(|| sim.block(hash), Ok)
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
        let below = self.invented.as_ref().map(|block| block.header.previous);
        let found = self.call()?.block_at(height)?;
        Ok(found.or(below))
    }

    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError> {
        self.call()?.live_tickets()
    }

    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError> {
        self.call()?.treasury_spends()
    }
}
