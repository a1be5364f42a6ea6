//! dcrd as a source of the chain.

use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::stake::difficulty::{StakeHeader, headers_needed};
use dcrcold_signer::stake::estimate::following_window;
use dcrcold_signer::tx::Transaction;

use super::client::Client;
use super::error::RpcError;
use super::methods::{self, Sent};
use super::reply::{BestBlock, StakeEstimate};
use super::session::Session;
use super::settings::Settings;
use super::transport::Transport;
use crate::chain::{BlockId, ChainError, ChainSource, LiveTicket, PriceEstimate, PriceWindow, VoteSource, Winners};

/// Longest silence on a connection, after which the daemon is asked, lest a dead connection is waited on for ever.
const LONGEST_SILENCE: Duration = Duration::from_secs(20);

/// A user's own dcrd.
pub struct Dcrd {
    session: Session,
}

impl Dcrd {
    /// Connects to dcrd and checks network and version.
    ///
    /// # Errors
    /// [`RpcError`] naming the step that failed.
    pub fn connect(settings: Settings, network: Network) -> Result<Self, RpcError> {
        Session::open(settings, network).map(|session| Self { session })
    }

    /// The connection, for calls that are not part of [`ChainSource`].
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl ChainSource for Dcrd {
    fn network(&self) -> Network {
        self.session.network()
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        Ok(self.session.run(methods::best_block)?.into())
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        Ok(self.session.run(|client| methods::headers(client, locators))?)
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        Ok(self.session.run(|client| methods::filters(client, blocks))?)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        Ok(self.session.run(|client| methods::block(client, hash))?)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        let mut attempts = 0;
        let sent = self.session.run(|client| {
            attempts += 1;
            methods::send(client, tx)
        })?;
        match sent {
            Sent::Accepted => Ok(tx.id()),
            // The connection broke before the reply to the first attempt.
            Sent::AlreadyKnown if attempts > 1 => Ok(tx.id()),
            Sent::AlreadyKnown => Err(ChainError::AlreadyKnown),
            Sent::Rejected { reason } => Err(ChainError::Rejected { reason }),
        }
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        Ok(self.session.run(|client| methods::in_mempool(client, ids))?)
    }

    /// After the last block of a window dcrd estimates the price of the next block itself, which is certain by then: what
    /// comes after it is worked out from headers.
    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        loop {
            let network = self.session.network();
            let (before, price, estimate, after) = self.session.run(|client| {
                let before = methods::best_block(client)?;
                let price = methods::stake_difficulty(client)?;
                let estimate = match later_estimate(client, network, Height(before.height))? {
                    Some(estimate) => estimate,
                    None => methods::stake_estimate(client)?.into(),
                };
                Ok((before, price, estimate, methods::best_block(client)?))
            })?;
            // The three replies belong together only if no block came in between.
            if before.hash == after.hash {
                let tip = BlockId::from(after);
                return Ok(PriceWindow {
                    tip,
                    current: price.current.0,
                    next: price.next.0,
                    blocks_left: blocks_left(network, tip.height),
                    estimate,
                });
            }
        }
    }

    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        let until = Instant::now() + timeout;
        loop {
            let best = self.session.run(|client| {
                methods::subscribe_to_blocks(client)?;
                methods::best_block(client)
            })?;
            if best.hash.0 != *after {
                return Ok(Some(best.into()));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            let pause = until.min(Instant::now() + LONGEST_SILENCE);
            self.session.run(|client| {
                let mut notification = client.notification(pause)?;
                while notification.is_some() {
                    notification = client.notification(Instant::now())?;
                }
                Ok(())
            })?;
        }
    }
}

impl VoteSource for Dcrd {
    fn calls(&mut self, timeout: Duration) -> Result<Vec<Winners>, ChainError> {
        let until = Instant::now() + timeout.min(LONGEST_SILENCE);
        let (found, _) = self.session.run(|client| {
            let found = methods::calls(client, until)?;
            // A dead connection is noticed by asking something.
            Ok((found, methods::best_block(client)?))
        })?;
        Ok(found)
    }

    fn block_at(&mut self, height: Height) -> Result<Option<BlockHash>, ChainError> {
        Ok(self.session.run(|client| methods::block_hash(client, height))?)
    }

    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError> {
        Ok(self.session.run(methods::live_tickets)?)
    }

    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError> {
        Ok(self.session.run(methods::treasury_spends)?)
    }
}

impl From<BestBlock> for BlockId {
    fn from(best: BestBlock) -> Self {
        Self { hash: best.hash.0, height: Height(best.height) }
    }
}

impl From<RpcError> for ChainError {
    fn from(error: RpcError) -> Self {
        match error.unknown_block() {
            Some(hash) => Self::UnknownBlock { hash },
            None => Self::Unavailable(Box::new(error)),
        }
    }
}

impl From<StakeEstimate> for PriceEstimate {
    fn from(estimate: StakeEstimate) -> Self {
        Self { min: estimate.min.0, expected: estimate.expected.0, max: estimate.max.0 }
    }
}

/// What the price may be after the window that begins with the next block; none within a window, and where the headers
/// do not tell, because the chain is too short.
fn later_estimate<T: Transport>(
    client: &mut Client<T>,
    network: Network,
    tip: Height,
) -> Result<Option<PriceEstimate>, RpcError> {
    let below = tip.0.checked_sub(headers_needed(network));
    let Some(below) = below.filter(|_| blocks_left(network, tip) == network.params().stake_difficulty_window) else {
        return Ok(None);
    };
    let Some(locator) = methods::block_hash(client, Height(below))? else { return Ok(None) };
    let headers = methods::headers(client, &[locator])?;
    let at = |height: Height| {
        let place = height.0.checked_sub(below)?.checked_sub(1)?;
        StakeHeader::try_from(headers.get(usize::try_from(place).ok()?)?).ok()
    };
    Ok(following_window(network, tip, at).ok().map(|window| PriceEstimate {
        min: window.lowest,
        expected: window.expected,
        max: window.highest,
    }))
}

/// Blocks after a tip that have the price of the block after the tip: the price changes at multiples of the window.
fn blocks_left(network: Network, tip: Height) -> u32 {
    let window = network.params().stake_difficulty_window;
    window - (tip.0 % window + 1) % window
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_of_the_next_block_lasts_until_the_next_multiple_of_the_window() {
        let left = |tip| blocks_left(Network::Mainnet, Height(tip));
        assert_eq!([left(142), left(143), left(144), left(145)], [1, 144, 143, 142]);
    }

    #[test]
    fn an_unknown_block_is_told_from_other_failures() {
        let hash = BlockHash::from_bytes([7; 32]);
        let refused = |code, message| RpcError::Refused { method: "getblock".into(), code, message };
        let error = ChainError::from(refused(-5, format!("Block not found: {hash}")));
        assert!(matches!(error, ChainError::UnknownBlock { hash: found } if found == hash));
        assert!(matches!(ChainError::from(refused(-5, "no".into())), ChainError::Unavailable(_)));
    }
}
