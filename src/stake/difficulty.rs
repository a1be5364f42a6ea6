//! The ticket price (stake difficulty), from nothing but headers.
//!
//! Source: DCP0001, dcrd `internal/blockchain/difficulty.go`.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;

use super::subsidy::estimated_supply;
use crate::block::BlockHeader;
use crate::tx::NotAnAmount;

/// What of a header the price depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeHeader {
    /// Live tickets before the block.
    pub pool_size: u32,
    /// Tickets in the block.
    pub fresh_stake: u8,
    /// The price of the block.
    pub price: Amount,
}

impl TryFrom<&BlockHeader> for StakeHeader {
    type Error = NotAnAmount;

    fn try_from(header: &BlockHeader) -> Result<Self, NotAnAmount> {
        let price = header.sbits.amount()?;
        Ok(Self { pool_size: header.pool_size, fresh_stake: header.fresh_stake, price })
    }
}

/// Why there is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PriceError {
    /// A header that the price depends on is not there.
    #[error("header at height {height} is needed for the ticket price and missing")]
    MissingHeader {
        /// The height.
        height: Height,
    },
    /// More tickets are assumed than the remaining blocks of the window can hold.
    #[error("{tickets} tickets do not fit into the rest of the price window, at most {most} do")]
    TooManyTickets {
        /// The tickets assumed.
        tickets: u32,
        /// The most that fit.
        most: u32,
    },
    /// The headers claim more live tickets than there can be.
    #[error("headers claim live tickets that give no price")]
    ImpossiblePool,
}

/// How many headers up to the tip decide about the prices that follow it.
#[must_use]
pub const fn headers_needed(network: Network) -> u32 {
    let params = network.params();
    params.stake_difficulty_window + params.ticket_maturity + 1
}

/// The price that the block after `tip` must carry.
///
/// `header` gives the header at a height of the same chain; only the last [`headers_needed`] up to the tip are asked
/// for.
///
/// # Errors
/// [`PriceError::MissingHeader`] when `header` does not have one of them.
pub fn next_price(
    network: Network,
    tip: Height,
    header: impl Fn(Height) -> Option<StakeHeader>,
) -> Result<Amount, PriceError> {
    let chain = Chain { network, header };
    let params = network.params();
    let next = i64::from(tip.0) + 1;
    if next <= i64::from(params.coinbase_maturity) {
        return Ok(params.minimum_stake_difficulty);
    }
    let current = chain.at(tip.0.into())?;
    if next % i64::from(params.stake_difficulty_window) != 0 {
        return Ok(current.price);
    }
    let Some(before) = chain.tickets_before(next)? else { return Ok(current.price) };
    let now = u64::from(current.pool_size) + chain.bought(tip.0.into(), params.ticket_maturity.into())?;
    retarget(network, Height(tip.0.saturating_add(1)), current.price, before, now)
}

/// The price of a window from the price before it and the tickets, live and immature, one window ago and now.
///
/// # Errors
/// [`PriceError::ImpossiblePool`] when there were no tickets before, or more are claimed than 128 bits can count with.
pub fn retarget(
    network: Network,
    next: Height,
    price: Amount,
    tickets_before: u64,
    tickets_now: u64,
) -> Result<Amount, PriceError> {
    let params = network.params();
    let target = u128::from(params.tickets_per_block * (params.ticket_pool_size + params.ticket_maturity));
    // Two divisions, in this order: each rounds down.
    let scaled = u128::from(price.atoms())
        .checked_mul(tickets_now.into())
        .and_then(|scaled| scaled.checked_mul(tickets_now.into()))
        .and_then(|scaled| scaled.checked_div(tickets_before.into()))
        .ok_or(PriceError::ImpossiblePool)?
        / target;
    let highest = estimated_supply(network, next) / u64::from(params.ticket_pool_size);
    let atoms = u64::try_from(scaled).unwrap_or(u64::MAX).min(highest);
    let price = Amount::from_atoms(atoms).map_err(|_| PriceError::ImpossiblePool)?;
    Ok(price.max(params.minimum_stake_difficulty))
}

/// A chain of headers; what would lie before the genesis block counts as nothing.
pub(super) struct Chain<F> {
    pub(super) network: Network,
    pub(super) header: F,
}

impl<F: Fn(Height) -> Option<StakeHeader>> Chain<F> {
    /// The header at a height that is not negative.
    pub(super) fn at(&self, height: i64) -> Result<StakeHeader, PriceError> {
        let height = Height(u32::try_from(height).map_err(|_| PriceError::ImpossiblePool)?);
        (self.header)(height).ok_or(PriceError::MissingHeader { height })
    }

    /// The tickets, live and immature, that the price of the window before `boundary` was computed with.
    ///
    /// `None` when there were none: the price then stays as it is.
    pub(super) fn tickets_before(&self, boundary: i64) -> Result<Option<u64>, PriceError> {
        let params = self.network.params();
        let then = boundary - i64::from(params.stake_difficulty_window) - 1;
        if then < 0 {
            return Ok(None);
        }
        let tickets = u64::from(self.at(then)?.pool_size) + self.bought(then, params.ticket_maturity.into())?;
        Ok((tickets > 0).then_some(tickets))
    }

    /// The tickets bought in the `blocks` blocks up to `last`.
    pub(super) fn bought(&self, last: i64, blocks: i64) -> Result<u64, PriceError> {
        let first = (last - blocks + 1).max(0);
        (first..=last).map(|height| Ok(u64::from(self.at(height)?.fresh_stake))).sum()
    }
}
