//! Sources that stand before another one and change some of what it says.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use dcrcold::chain::{BlockId, ChainError, ChainSource, PriceWindow};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

/// What somebody between a wallet and its source answers: what the source does, unless he says otherwise.
pub(crate) trait Between {
    type Source: ChainSource;

    /// The source, asked before each answer that comes from it; or why there is none.
    fn source(&mut self) -> Result<&mut Self::Source, ChainError>;

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        self.source()?.tip()
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.source()?.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.source()?.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.source()?.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.source()?.send(tx)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        self.source()?.price()
    }
}

/// The source that somebody between is: a foreign trait is not ours to implement for everyone.
pub(crate) struct Through<T>(pub(crate) T);

impl<T: Between> ChainSource for Through<T> {
    fn network(&self) -> Network {
        Network::Simnet
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        self.0.tip()
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.0.headers_after(locators)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.0.filters(blocks)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.0.block(hash)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.0.send(tx)
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.0.source()?.in_mempool(ids)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        self.0.price()
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        self.0.source()?.wait_for_tip(after, timeout)
    }
}

impl<T> Deref for Through<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Through<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
