//! A chain that tells, before every answer, what it is asked for.

use std::time::Duration;

use dcrcold::chain::{BlockId, ChainError, ChainSource, PriceWindow};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use crate::chain::TestChain;

/// What a source is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Tip,
    Headers,
    /// So many.
    Filters(usize),
    Block,
    Send,
    InMempool,
    Price,
    Wait,
}

pub struct Observed<'a> {
    pub chain: &'a mut TestChain,
    pub before: Box<dyn FnMut(Call) + 'a>,
}

impl<'a> Observed<'a> {
    pub fn new(chain: &'a mut TestChain, before: impl FnMut(Call) + 'a) -> Self {
        Self { chain, before: Box::new(before) }
    }
}

impl ChainSource for Observed<'_> {
    fn network(&self) -> Network {
        self.chain.network
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        (self.before)(Call::Tip);
        self.chain.tip()
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        (self.before)(Call::Headers);
        self.chain.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        (self.before)(Call::Filters(blocks.len()));
        self.chain.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        (self.before)(Call::Block);
        self.chain.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        (self.before)(Call::Send);
        self.chain.send(tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        (self.before)(Call::InMempool);
        self.chain.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        (self.before)(Call::Price);
        self.chain.price()
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        (self.before)(Call::Wait);
        self.chain.wait_for_tip(after, timeout)
    }
}
