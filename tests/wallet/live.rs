//! A source that stops answering after some calls, or whose chain changes while it is asked.

use std::time::Duration;

use dcrcold::chain::{BlockId, ChainError, ChainSource, PriceWindow};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use crate::world::World;

pub struct Live<'a> {
    pub world: &'a mut World,
    /// The calls that are still answered.
    pub calls: u32,
    /// One call in so many finds the chain changed; 0 for none.
    pub restless: u32,
}

impl<'a> Live<'a> {
    /// Answers everything.
    pub fn calm(world: &'a mut World) -> Self {
        Self { world, calls: u32::MAX, restless: 0 }
    }

    fn call(&mut self) -> Result<(), ChainError> {
        self.calls = self.calls.checked_sub(1).ok_or(ChainError::Unavailable("cut off".into()))?;
        if self.restless > 0 && self.world.dice.once_in(self.restless) {
            let depth = self.world.dice.roll(4);
            self.world.sim.undo(depth).unwrap();
            self.world.mine(depth + 1);
        }
        Ok(())
    }
}

impl ChainSource for Live<'_> {
    fn network(&self) -> Network {
        self.world.sim.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        self.call()?;
        ChainSource::tip(&mut self.world.sim)
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.call()?;
        self.world.sim.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.call()?;
        self.world.sim.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.call()?;
        self.world.sim.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.call()?;
        self.world.sim.send(tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.call()?;
        self.world.sim.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        self.call()?;
        self.world.sim.price()
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        self.call()?;
        self.world.sim.wait_for_tip(after, timeout)
    }
}
