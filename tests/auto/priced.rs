//! The embedded network with prices of the test's own: above the chain's, so that what is bought at them is valid.

use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{BlockId, ChainError, ChainSource, PriceEstimate, PriceWindow};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

pub struct Priced<'a> {
    pub sim: &'a mut Sim,
    /// The price in percent of the chain's own, 100 at least.
    pub percent: u64,
}

impl Priced<'_> {
    fn raised(&self, price: Amount) -> Amount {
        Amount::from_atoms(price.atoms() * self.percent / 100).unwrap()
    }
}

impl ChainSource for Priced<'_> {
    fn network(&self) -> Network {
        self.sim.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        ChainSource::tip(self.sim)
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.sim.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.sim.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.sim.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.sim.send(tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.sim.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        let price = self.sim.price()?;
        let estimate = PriceEstimate {
            min: self.raised(price.estimate.min),
            expected: self.raised(price.estimate.expected),
            max: self.raised(price.estimate.max),
        };
        Ok(PriceWindow { current: self.raised(price.current), next: self.raised(price.next), estimate, ..price })
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        self.sim.wait_for_tip(after, timeout)
    }
}
