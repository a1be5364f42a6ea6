//! The embedded network as a source of the chain.

use std::time::{Duration, Instant};

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::stake::estimate::following_window;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};

use super::coins::View;
use super::params::SIMNET;
use super::state::State;
use super::{Rule, Sim, SimError};
use crate::chain::{
    BlockId, ChainError, ChainSource, LiveTicket, MOST_HEADERS, PriceEstimate, PriceWindow, VoteSource, Winners,
};

/// How often another process is looked for at work.
const POLL: Duration = Duration::from_millis(50);

impl From<SimError> for ChainError {
    fn from(error: SimError) -> Self {
        match error {
            SimError::Violation(violation) if matches!(violation.rule, Rule::Duplicate | Rule::AlreadyExists) => {
                Self::AlreadyKnown
            }
            SimError::Violation(violation) => Self::Rejected { reason: violation.to_string() },
            other => Self::Unavailable(Box::new(other)),
        }
    }
}

impl ChainSource for Sim {
    fn network(&self) -> Network {
        Network::Simnet
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        Ok(Self::tip(self)?)
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        Ok(self.read(|state| headers_after(state, locators))?)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.read(|state| {
            let filter = |hash: &BlockHash| state.chain.filter(hash).map(<[u8]>::to_vec);
            blocks.iter().map(|hash| filter(hash).ok_or(ChainError::UnknownBlock { hash: *hash })).collect()
        })?
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.read(|state| state.chain.block(hash).cloned())?.ok_or(ChainError::UnknownBlock { hash: *hash })
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        let id = tx.id();
        match self.accept(tx) {
            // What it spends is spent by itself.
            Err(SimError::Violation(violation))
                if violation.rule == Rule::Orphan && self.read(|state| state.chain.has_mined(&id))? =>
            {
                Err(ChainError::AlreadyKnown)
            }
            result => Ok(result?),
        }
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        Ok(self.read(|state| ids.iter().map(|id| state.mempool.get(id).is_some()).collect())?)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        Ok(self.read(price)?)
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        let started = Instant::now();
        loop {
            let tip = Self::tip(self)?;
            if tip.hash != *after {
                return Ok(Some(tip));
            }
            // In memory there is nobody else who could mine.
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() || !self.is_shared() {
                return Ok(None);
            }
            std::thread::sleep(POLL.min(left));
        }
    }
}

impl VoteSource for Sim {
    fn calls(&mut self, timeout: Duration) -> Result<Vec<Winners>, ChainError> {
        let told = self.told;
        if told.is_some_and(|told| !matches!(self.wait_for_tip(&told, timeout), Ok(Some(_)) | Err(_))) {
            return Ok(Vec::new());
        }
        let winners = self.winners()?;
        self.told = Some(winners.block.hash);
        Ok(if winners.tickets.is_empty() { Vec::new() } else { vec![winners] })
    }

    fn block_at(&mut self, height: Height) -> Result<Option<BlockHash>, ChainError> {
        let at = usize::try_from(height.0).unwrap_or(usize::MAX);
        Ok(self.read(|state| state.chain.headers().all().get(at).map(|link| link.id))?)
    }

    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError> {
        Ok(self.read(|state| {
            let live = |id: &TxId| {
                let coin = state.chain.coins().coin(&OutPoint { id: *id, index: 0, tree: Tree::Stake })?;
                Some(LiveTicket { id: *id, voting: coin.ticket?.voting, height: coin.origin.height? })
            };
            state.chain.pool().ids().iter().filter_map(live).collect()
        })?)
    }

    /// The embedded network has no treasury spends.
    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError> {
        Ok(Vec::new())
    }
}

fn headers_after(state: &State, locators: &[BlockHash]) -> Vec<BlockHeader> {
    let known = locators.iter().find_map(|hash| state.chain.height_of(hash)).unwrap_or_default();
    let after = usize::try_from(known.0).unwrap_or(usize::MAX).saturating_add(1);
    let links = state.chain.headers().all().iter().skip(after).take(MOST_HEADERS);
    links.map(|link| link.header.clone()).collect()
}

fn price(state: &State) -> PriceWindow {
    let headers = state.chain.headers();
    let (id, header) = (headers.tip().id, &headers.tip().header);
    let next = headers.next_price();
    let window = SIMNET.stake_difficulty_window;
    let first = (header.height.0 + 1) % window;
    let estimate = following_window(Network::Simnet, header.height, |height| headers.stake_header(height));
    let estimate = estimate.map_or(PriceEstimate { min: next, expected: next, max: next }, |estimate| PriceEstimate {
        min: estimate.lowest,
        expected: estimate.expected,
        max: estimate.highest,
    });
    PriceWindow {
        tip: BlockId { hash: id, height: header.height },
        current: header.sbits.amount().unwrap_or(Amount::ZERO),
        next,
        blocks_left: window - first,
        estimate,
    }
}
