//! The embedded network behind a source that misbehaves.

use std::collections::BTreeMap;
use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{BlockId, ChainError, ChainSource, LiveTicket, VoteSource, Winners};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use crate::between::{Between, Through};

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
    pub fn telling(sim: &'a mut Sim, told: Vec<Winners>) -> Through<Self> {
        Through(Self { sim, left: u32::MAX, told, invented: None, asked: BTreeMap::new() })
    }

    /// Answers some calls, then none.
    pub fn cut_off(sim: &'a mut Sim, left: u32) -> Through<Self> {
        Through(Self { left, ..Self::telling(sim, Vec::new()).0 })
    }

    /// Tells an invented block as the tip, on a chain of which it shows nothing else, and that it calls these tickets.
    pub fn inventing(sim: &'a mut Sim, block: Block, tickets: Vec<TxId>) -> Through<Self> {
        let winners = Winners { block: id_of(&block), tickets };
        Through(Self { invented: Some(block), ..Self::telling(sim, vec![winners]).0 })
    }
}

fn id_of(block: &Block) -> BlockId {
    BlockId { hash: block.id(), height: block.header.height }
}

impl Between for Source<'_> {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        self.left = self.left.checked_sub(1).ok_or(ChainError::Unavailable("cut off".into()))?;
        Ok(self.sim)
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        let invented = self.invented.as_ref().map(id_of);
        let tip = ChainSource::tip(self.source()?)?;
        Ok(invented.unwrap_or(tip))
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        let headers = self.source()?.headers_after(locators)?;
        Ok(if self.invented.is_some() { Vec::new() } else { headers })
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        *self.asked.entry(*hash).or_default() += 1;
        let invented = self.invented.clone().filter(|block| block.id() == *hash);
        let sim = self.source()?;
        invented.map_or_else(|| sim.block(hash), Ok)
    }
}

impl VoteSource for Through<Source<'_>> {
    fn calls(&mut self, timeout: Duration) -> Result<Vec<Winners>, ChainError> {
        let told = std::mem::take(&mut self.told);
        if told.is_empty() { self.source()?.calls(timeout) } else { Ok(told) }
    }

    fn block_at(&mut self, height: Height) -> Result<Option<BlockHash>, ChainError> {
        let below = self.invented.as_ref().map(|block| block.header.previous);
        let found = self.source()?.block_at(height)?;
        Ok(found.or(below))
    }

    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError> {
        self.source()?.live_tickets()
    }

    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError> {
        self.source()?.treasury_spends()
    }
}
