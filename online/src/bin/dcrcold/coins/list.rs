//! Coins as they are listed.

use dcrcold::plural::count;
use dcrcold::wallet::{Coin, CoinState, Labels, Outlook, UnixTime, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::script::StakeTag;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::tx::TxKind;
use serde::Serialize;

use super::name::short;
use crate::context::Context;
use crate::date::{day, utc};
use crate::failure::Explain;
use crate::money::Money;
use crate::table::{Align, longest_that_fits};

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

pub(super) fn run(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let (coins, labels, when) = (wallet.coins().explain()?, wallet.labels().explain()?, When::of(&wallet)?);
    let shown: Vec<_> =
        coins.iter().map(|coin| facts(&wallet, coin, &labels, &when)).collect::<Result<_, Failure>>()?;
    let money = context.money();
    context.facts(&shown, |out, shown| {
        let all: Vec<_> = coins.iter().zip(shown).collect();
        if !all.is_empty() {
            lines(&all, &when, money).iter().try_for_each(|line| out.line(line))?;
        }
        let sum = Amount::checked_sum(coins.iter().map(|coin| coin.value)).unwrap_or_default();
        let count = count(coins.len(), "coin");
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

/// A table, in which coins and addresses are shortened where the terminal is too narrow for all of them.
fn lines(coins: &[(&Coin, &Shown)], when: &When, money: Money) -> Vec<String> {
    let headings = [
        ("coin", Align::Left),
        (money.unit(), Align::Right),
        ("state", Align::Left),
        ("address", Align::Left),
        ("", Align::Left),
    ];
    let rows = |coin_name: fn(&Shown) -> String, address: fn(&Shown) -> String| -> Vec<[String; 5]> {
        let row = |(coin, shown): &(&Coin, &Shown)| {
            let amount = money.number(coin.value);
            [coin_name(shown), amount, state(coin, shown, when), address(shown), notes(coin, shown, when)]
        };
        coins.iter().map(row).collect()
    };
    let (whole, whole_address) = (|shown: &Shown| shown.coin.clone(), |shown: &Shown| shown.address.clone());
    let (brief, brief_address) = (|shown: &Shown| short(&shown.coin), |shown: &Shown| ends(&shown.address));
    let forms = [rows(whole, whole_address), rows(brief, whole_address), rows(brief, brief_address)];
    longest_that_fits(headings, &forms.each_ref().map(Vec::as_slice))
}

/// What keeps a coin, with enough of a request's id to tell it from others.
fn state(coin: &Coin, shown: &Shown, when: &When) -> String {
    match &shown.request {
        Some(id) => {
            let id: String = id.chars().take(12).collect();
            format!("{} {id}", if when.ordered(coin) { "order" } else { "request" })
        }
        None => shown.state.to_owned(),
    }
}

/// When a coin can be spent, what paid it, and its label.
fn notes(coin: &Coin, shown: &Shown, when: &When) -> String {
    let until = match when.state(coin) {
        CoinState::Immature { spendable_at } => {
            let on = when.time_of(spendable_at).map_or_else(String::new, |time| format!(", about {}", day(time)));
            Some(format!("until block {spendable_at}{on}"))
        }
        _ => None,
    };
    let origin = Some(shown.origin).filter(|origin| *origin != "payment").map(str::to_owned);
    let label = shown.label.as_ref().map(|label| format!("\"{label}\""));
    [origin, until, label].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Both ends of an address.
fn ends(address: &str) -> String {
    match (address.get(..8), address.get(address.len().saturating_sub(4)..)) {
        (Some(start), Some(end)) => format!("{start}..{end}"),
        _ => address.to_owned(),
    }
}
