//! `dcrcold coins`: every coin of the account, and what a person says of some.

use dcrcold::wallet::{Coin, CoinId, CoinState, CoinsOf, Labels, Outlook, SystemClock, UnixTime, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::Label;
use dcrcold_core::script::StakeTag;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::tx::TxKind;
use serde::Serialize;

use crate::cli::{CoinsArgs, CoinsCommand};
use crate::context::Context;
use crate::date::{day, utc};
use crate::failure::Explain;
use crate::money::Money;

/// A coin; amounts in atoms.
#[derive(Serialize)]
struct Shown {
    coin: String,
    amount: u64,
    state: &'static str,
    /// The request that spends it.
    request: Option<String>,
    /// Whether that is a standing order.
    standing: bool,
    /// The first block that may spend it, and about when that is.
    spendable_at: Option<u32>,
    spendable_on: Option<String>,
    /// The block that holds it.
    height: Option<u32>,
    address: String,
    path: String,
    /// What paid it.
    origin: &'static str,
    label: Option<String>,
}

pub(crate) fn run(context: &mut Context, args: CoinsArgs) -> Result<(), Stop> {
    match args.command {
        None => list(context),
        Some(CoinsCommand::Freeze { coins }) => freeze(context, &coins, true),
        Some(CoinsCommand::Thaw { coins }) => freeze(context, &coins, false),
        Some(CoinsCommand::Label { what, text }) => label(context, &what, text.0),
    }
}

/// Coins and when each can be spent.
pub(crate) struct When {
    tip: Height,
    outlook: Option<Outlook>,
    network: Network,
    /// The requests that are standing orders.
    orders: Vec<TransferId>,
}

impl When {
    pub(crate) fn of(wallet: &Wallet) -> Result<Self, Failure> {
        let (tip, outlook) = (wallet.height().explain()?, wallet.outlook().explain()?);
        let orders = wallet.purchases().explain()?.iter().filter(|it| it.stands()).map(|it| it.id).collect();
        Ok(Self { tip, outlook, network: wallet.network(), orders })
    }

    /// About when a block will be.
    pub(crate) fn time_of(&self, height: Height) -> Option<UnixTime> {
        self.outlook.map(|outlook| outlook.time_of(self.network, height))
    }

    /// Whether a standing order keeps a coin.
    fn ordered(&self, coin: &Coin) -> bool {
        coin.locked_by.is_some_and(|id| self.orders.contains(&id))
    }

    pub(crate) fn state(&self, coin: &Coin) -> CoinState {
        coin.state(self.tip)
    }
}

fn list(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let (coins, labels, when) = (wallet.coins().explain()?, wallet.labels().explain()?, When::of(&wallet)?);
    let shown: Vec<_> =
        coins.iter().map(|coin| facts(&wallet, coin, &labels, &when)).collect::<Result<_, Failure>>()?;
    let money = context.money();
    context.facts(&shown, |out, shown| {
        for (coin, shown) in coins.iter().zip(shown) {
            out.line(&shown.coin)?;
            out.line(format_args!("  {}", line(coin, shown, &when, money)))?;
        }
        let sum = Amount::checked_sum(coins.iter().map(|coin| coin.value)).unwrap_or_default();
        let count = if coins.len() == 1 { "1 coin".to_owned() } else { format!("{} coins", coins.len()) };
        out.line(format_args!("{count}, {} together", money.of(sum)))
    })?;
    if coins.is_empty() {
        context.next_without_coins(&wallet)?;
    }
    Ok(())
}

fn facts(wallet: &Wallet, coin: &Coin, labels: &Labels, when: &When) -> Result<Shown, Failure> {
    let spendable_at = coin.spendable_at().filter(|_| matches!(when.state(coin), CoinState::Immature { .. }));
    Ok(Shown {
        coin: coin.outpoint.to_string(),
        amount: coin.value.atoms(),
        state: when.state(coin).name(),
        request: coin.locked_by.map(|id| id.to_string()),
        standing: when.ordered(coin),
        spendable_at: spendable_at.map(|height| height.0),
        spendable_on: spendable_at.and_then(|height| when.time_of(height)).map(utc),
        height: coin.height.map(|height| height.0),
        address: wallet.address_at(coin.path).explain()?.to_string(),
        path: coin.path.to_string(),
        origin: origin(coin),
        label: labels.of(coin).map(ToString::to_string),
    })
}

/// What paid a coin.
pub(crate) const fn origin(coin: &Coin) -> &'static str {
    match (coin.tag, coin.kind) {
        (Some(StakeTag::Vote), _) => "vote",
        (Some(StakeTag::Revocation), _) => "revocation",
        (Some(StakeTag::Change), _) => "ticket-change",
        (Some(StakeTag::Treasury), _) => "treasury",
        (_, TxKind::Coinbase) => "coinbase",
        _ => "payment",
    }
}

fn line(coin: &Coin, shown: &Shown, when: &When, money: Money) -> String {
    let state = match when.state(coin) {
        CoinState::Immature { spendable_at } => {
            let on = when.time_of(spendable_at).map_or_else(String::new, |time| format!(", about {}", day(time)));
            format!("{} until block {}{on}", shown.state, spendable_at)
        }
        CoinState::Locked => {
            let id: String = shown.request.iter().flat_map(|id| id.chars().take(12)).collect();
            format!("in {} {id}", if when.ordered(coin) { "standing order" } else { "request" })
        }
        _ => shown.state.to_owned(),
    };
    let label = shown.label.as_ref().map_or_else(String::new, |label| format!("  \"{label}\""));
    let origin = if shown.origin == "payment" { String::new() } else { format!("  {}", shown.origin) };
    format!("{}  {state}{origin}  {}{label}", money.of(coin.value), shown.address)
}

#[derive(Serialize)]
struct Frozen {
    coin: String,
    frozen: bool,
    changed: bool,
}

fn freeze(context: &mut Context, coins: &[CoinId], frozen: bool) -> Result<(), Stop> {
    let changed = context.wallet()?.freeze(coins, frozen, &SystemClock).explain()?;
    let done = coins.iter().zip(changed).map(|(coin, changed)| Frozen { coin: coin.to_string(), frozen, changed });
    let done: Vec<_> = done.collect();
    let name = if frozen { "frozen" } else { "thawed" };
    context.facts(&done, |out, done| {
        done.iter().try_for_each(|it| {
            let before = if it.changed { "" } else { ", as it was before" };
            out.line(format_args!("{}  {name}{before}", it.coin))
        })
    })
}

#[derive(Serialize)]
struct Labelled {
    of: String,
    label: Option<String>,
}

fn label(context: &mut Context, what: &CoinsOf, label: Option<Label>) -> Result<(), Stop> {
    context.wallet()?.set_label(what, label).explain()?;
    let of = match what {
        CoinsOf::Coin(coin) => coin.to_string(),
        CoinsOf::Address(address) => address.to_string(),
    };
    let labelled = Labelled { of, label: label.map(|label| label.to_string()) };
    context.facts(&labelled, |out, labelled| match &labelled.label {
        Some(label) => out.line(format_args!("{}  \"{label}\"", labelled.of)),
        None => out.line(format_args!("{}  no label", labelled.of)),
    })
}
