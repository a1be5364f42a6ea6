//! What the ticket price of the next window may become.
//!
//! Source: dcrd `internal/blockchain/difficulty.go` (`estimateNextStakeDifficultyV2`), `internal/rpcserver`
//! (`estimatestakediff`).

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;

use super::difficulty::{Chain, PriceError, StakeHeader, next_price, retarget};

/// How many tickets the rest of the window is assumed to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchases {
    /// As many as fit.
    Most,
    /// This many.
    Exactly(u32),
}

/// The price of the next window, as far as it can be foreseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextWindow {
    /// If no more tickets are bought in this window. Tickets that expire, which no header foretells, take a little more
    /// off it: on mainnet about five of 41,000 do in a window.
    pub lowest: Amount,
    /// If tickets are bought as in this window so far.
    pub expected: Amount,
    /// If every remaining block is full of tickets.
    pub highest: Amount,
}

/// Estimates the price of the window after the one of `tip`, for three assumptions.
///
/// `header` is as for [`super::difficulty::next_price`].
///
/// # Errors
/// [`PriceError`] when a header is missing.
pub fn next_window(
    network: Network,
    tip: Height,
    header: impl Fn(Height) -> Option<StakeHeader>,
) -> Result<NextWindow, PriceError> {
    let window = i64::from(network.params().stake_difficulty_window);
    let chain = Chain { network, header: &header };
    let since = i64::from(tip.0) % window + 1;
    let bought = chain.bought(tip.0.into(), since)?;
    // Both are less than a window, so the product is small.
    let expected = bought * (window - since).unsigned_abs() / since.unsigned_abs();
    let expected = u32::try_from(expected).map_err(|_| PriceError::ImpossiblePool)?;
    Ok(NextWindow {
        lowest: estimate_price(network, tip, Purchases::Exactly(0), &header)?,
        expected: estimate_price(network, tip, Purchases::Exactly(expected), &header)?,
        highest: estimate_price(network, tip, Purchases::Most, &header)?,
    })
}

/// Estimates the price of the window after the one that the block after `tip` belongs to, for three assumptions.
///
/// Within a window this is [`next_window`]. After the last block of one, where that tells the price of the window that
/// begins, which is certain by then, it is the price of the one after that; tickets are then expected as in the window
/// that ended. `header` is as for [`super::difficulty::next_price`].
///
/// # Errors
/// [`PriceError`] when a header is missing.
pub fn following_window(
    network: Network,
    tip: Height,
    header: impl Fn(Height) -> Option<StakeHeader>,
) -> Result<NextWindow, PriceError> {
    let params = network.params();
    let window = params.stake_difficulty_window;
    if !(tip.0 + 1).is_multiple_of(window) {
        return next_window(network, tip, header);
    }
    let bought = Chain { network, header: &header }.bought(tip.0.into(), window.into())?;
    let bought = u32::try_from(bought).map_err(|_| PriceError::ImpossiblePool)?;
    let after = |tickets| price_after_window(network, tip, tickets, &header);
    Ok(NextWindow {
        lowest: after(0)?,
        expected: after(bought)?,
        highest: after(window * params.max_tickets_per_block)?,
    })
}

/// The price after the window that begins with the block after `tip`, if it sees `tickets`, evenly spread: the rule
/// itself, over headers that are not there yet.
fn price_after_window(
    network: Network,
    tip: Height,
    tickets: u32,
    header: impl Fn(Height) -> Option<StakeHeader>,
) -> Result<Amount, PriceError> {
    let params = network.params();
    let window = params.stake_difficulty_window;
    let price = next_price(network, tip, &header)?;
    let mut ahead: Vec<StakeHeader> = Vec::new();
    for block in 0..window {
        let at = |height: u32| match height.checked_sub(tip.0 + 1) {
            Some(place) => ahead.get(usize::try_from(place).ok()?).copied(),
            None => header(Height(height)),
        };
        let last = tip.0 + block;
        let missing = |height| PriceError::MissingHeader { height: Height(height) };
        let pool = at(last).ok_or_else(|| missing(last))?.pool_size;
        let matured = match last.checked_sub(params.ticket_maturity) {
            Some(height) => at(height).ok_or_else(|| missing(height))?.fresh_stake,
            None => 0,
        };
        let called = if last >= params.stake_validation_height { params.tickets_per_block } else { 0 };
        let fresh = tickets * (block + 1) / window - tickets * block / window;
        ahead.push(StakeHeader {
            pool_size: pool.saturating_add(matured.into()).saturating_sub(called),
            fresh_stake: u8::try_from(fresh).map_err(|_| PriceError::ImpossiblePool)?,
            price,
        });
    }
    next_price(network, Height(tip.0 + window), |height| match height.0.checked_sub(tip.0 + 1) {
        Some(place) => ahead.get(usize::try_from(place).ok()?).copied(),
        None => header(height),
    })
}

/// Estimates the price of the window after the one of `tip` if it sees `purchases` more tickets.
///
/// # Errors
/// [`PriceError::TooManyTickets`] when they do not fit, and [`PriceError::MissingHeader`].
pub fn estimate_price(
    network: Network,
    tip: Height,
    purchases: Purchases,
    header: impl Fn(Height) -> Option<StakeHeader>,
) -> Result<Amount, PriceError> {
    let params = network.params();
    let remaining = params.stake_difficulty_window - tip.0 % params.stake_difficulty_window - 1;
    let most = remaining * params.max_tickets_per_block;
    let new = match purchases {
        Purchases::Most => most,
        Purchases::Exactly(tickets) if tickets > most => return Err(PriceError::TooManyTickets { tickets, most }),
        Purchases::Exactly(tickets) => tickets,
    };
    let boundary = i64::from(tip.0) + i64::from(remaining) + 1;
    if boundary <= i64::from(params.coinbase_maturity) {
        return Ok(params.minimum_stake_difficulty);
    }
    let chain = Chain { network, header };
    let current = chain.at(tip.0.into())?;
    let Some(before) = chain.tickets_before(boundary)? else { return Ok(current.price) };
    let outlook = Outlook { tip: tip.0.into(), boundary, remaining: remaining.into(), new: new.into() };
    let pool = i64::from(current.pool_size) + outlook.maturing(&chain)? - outlook.votes(network);
    let now = (pool + outlook.immature(&chain)?).max(0).unsigned_abs();
    let next = Height(u32::try_from(boundary).map_err(|_| PriceError::ImpossiblePool)?);
    retarget(network, next, current.price, before, now)
}

/// The rest of a window under an assumption.
struct Outlook {
    /// Height of the tip.
    tip: i64,
    /// Height of the first block of the next window.
    boundary: i64,
    /// Blocks of this window after the tip.
    remaining: i64,
    /// Tickets that they hold.
    new: i64,
}

impl Outlook {
    /// The last height whose tickets are mature at the boundary.
    fn floor(&self, maturity: u32) -> i64 {
        self.boundary - i64::from(maturity) - 1
    }

    /// Tickets that are still immature at the boundary.
    fn immature<F: Fn(Height) -> Option<StakeHeader>>(&self, chain: &Chain<F>) -> Result<i64, PriceError> {
        let params = chain.network.params();
        let floor = self.floor(params.ticket_maturity);
        let known = if self.tip > floor { chain.bought(self.tip, self.tip - floor)? } else { 0 };
        let most = i64::from(params.ticket_maturity) * i64::from(params.max_tickets_per_block);
        Ok(known.cast_signed() + self.new.min(most))
    }

    /// Tickets that become live before the boundary. Those that do so in the block before it do not count yet.
    fn maturing<F: Fn(Height) -> Option<StakeHeader>>(&self, chain: &Chain<F>) -> Result<i64, PriceError> {
        let params = chain.network.params();
        let floor = self.floor(params.ticket_maturity);
        let last = (floor - 1).min(self.tip);
        let first = self.tip - i64::from(params.ticket_maturity);
        let known = if last >= first.max(0) { chain.bought(last, last - first + 1)? } else { 0 };
        let blocks = (floor - self.tip - 1).max(0);
        Ok(known.cast_signed() + (blocks * i64::from(params.max_tickets_per_block)).min(self.new))
    }

    /// Tickets that vote before the boundary.
    fn votes(&self, network: Network) -> i64 {
        let params = network.params();
        let first = i64::from(params.stake_validation_height);
        let blocks = if self.boundary <= first {
            0
        } else if self.tip < first {
            self.boundary - first
        } else {
            self.remaining
        };
        blocks * i64::from(params.tickets_per_block)
    }
}
