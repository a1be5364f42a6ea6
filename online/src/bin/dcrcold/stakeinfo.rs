//! `dcrcold stakeinfo`: the ticket price, when it changes, and what the account's tickets came to.

use dcrcold::chain::window::blocks_needed;
use dcrcold::prepare::{WINDOWS, expiry_after};
use dcrcold::wallet::{StakeInfo, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use crate::coins::When;
use crate::context::Context;
use crate::failure::Explain;
use crate::money::Money;
use crate::window::{Deadline, Outlook, Window};

/// Amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Shown {
    network: String,
    height: u32,
    price: u64,
    blocks_left: u32,
    minutes_left: u32,
    next_window_min: u64,
    next_window_expected: u64,
    next_window_max: u64,
    window: Window,
    /// For a ticket without headroom, over a split.
    deadline: Deadline,
    account: Option<Account>,
}

/// The account's tickets, as `getstakeinfo` of dcrwallet counts them.
#[derive(Serialize)]
pub(crate) struct Account {
    searched_to: u32,
    pool_size: u32,
    unmined: u64,
    immature: u64,
    live: u64,
    voted: u64,
    missed: u64,
    expired: u64,
    revoked: u64,
    rewards: u64,
    proportion_live: f64,
    proportion_missed: f64,
}

pub(crate) fn run(context: &mut Context, network: Option<Network>) -> Result<(), Stop> {
    let (network, when, account) = match network {
        Some(network) => own(context, network)?,
        None => {
            let wallet = context.wallet()?;
            (wallet.network(), Some(When::of(&wallet)?), Some(account(&wallet)?))
        }
    };
    let price = context.source(network)?.price().explain()?;
    let outlook = Outlook { network, price, when };
    let shown = facts(&outlook, account);
    let money = context.money();
    context.facts(&shown, |out, shown| {
        out.line(format_args!("{} at block {}", shown.network, shown.height))?;
        out.line(format_args!("ticket price {}", money.of(price.next)))?;
        outlook.lines(money).iter().try_for_each(|line| out.line(line))?;
        outlook.answer_by(&shown.deadline).iter().try_for_each(|line| out.line(line))?;
        shown
            .account
            .as_ref()
            .map_or(Ok(()), |account| lines(account, money).iter().try_for_each(|line| out.line(line)))
    })
}

/// A network, and what the account's tickets came to if it is on this one.
fn own(context: &Context, network: Network) -> Result<(Network, Option<When>, Option<Account>), Failure> {
    if !context.wallet_path()?.exists() {
        return Ok((network, None, None));
    }
    let wallet = context.wallet()?;
    if wallet.network() != network {
        return Ok((network, None, None));
    }
    Ok((network, Some(When::of(&wallet)?), Some(account(&wallet)?)))
}

/// What `--json` prints.
pub(crate) fn facts(outlook: &Outlook, account: Option<Account>) -> Shown {
    let (network, price) = (outlook.network, &outlook.price);
    let expiry = expiry_after(network, price.tip.height, WINDOWS);
    Shown {
        network: network.to_string(),
        height: price.tip.height.0,
        price: price.next.atoms(),
        blocks_left: price.blocks_left,
        minutes_left: outlook.minutes_left(),
        next_window_min: price.estimate.min.atoms(),
        next_window_expected: price.estimate.expected.atoms(),
        next_window_max: price.estimate.max.atoms(),
        window: outlook.window(),
        deadline: outlook.deadline(price.next, expiry, blocks_needed(network, 1, Funding::Split)),
        account,
    }
}

/// What the account's tickets came to.
#[expect(clippy::cast_precision_loss, reason = "shares for people")]
pub(crate) fn account(wallet: &Wallet) -> Result<Account, Failure> {
    let tip = wallet.height().explain()?;
    let info = StakeInfo::of(&wallet.tickets().explain()?, wallet.network(), tip);
    let pool_size = wallet.outlook().explain()?.map_or(0, |outlook| outlook.pool);
    let called = info.voted + info.missed;
    Ok(Account {
        searched_to: tip.0,
        pool_size,
        unmined: info.unmined,
        immature: info.immature,
        live: info.live,
        voted: info.voted,
        missed: info.missed,
        expired: info.expired,
        revoked: info.revoked,
        rewards: info.rewards.atoms(),
        proportion_live: info.live as f64 / f64::from(pool_size.max(1)),
        proportion_missed: info.missed as f64 / called.max(1) as f64,
    })
}

fn lines(account: &Account, money: Money) -> [String; 4] {
    let rewards = Amount::from_atoms(account.rewards).unwrap_or_default();
    [
        format!("own tickets  {} unmined, {} immature", account.unmined, account.immature),
        format!("             {} live of {} in the lottery", account.live, account.pool_size),
        format!("             {} voted, {} missed, {} expired", account.voted, account.missed, account.expired),
        format!("rewards      {}", money.of(rewards)),
    ]
}
