//! What waits: which request or ticket has it, and until when.

use std::collections::{BTreeMap, HashMap};

use dcrcold::wallet::purchase::{PurchaseRecord, RequestKind};
use dcrcold::wallet::{Coin, CoinState, Outlook, Ticket, UnixTime, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::cli::Failure;
use serde::Serialize;

use crate::coins::{When, origin};
use crate::date::{day, utc};
use crate::failure::Explain;

/// How much of an id is enough to tell requests apart.
const SHORT: usize = 12;

/// What a request keeps; atoms.
#[derive(Serialize)]
pub(super) struct Kept {
    request: String,
    pub(super) amount: u64,
    kind: &'static str,
    state: &'static str,
    label: Option<String>,
    tickets: u32,
    /// The last block that its tickets can be in, and about when that is; a payment does not expire.
    valid_until: Option<u32>,
    valid_until_time: Option<String>,
}

/// Coins that can be spent from a block on; atoms.
#[derive(Serialize)]
pub(super) struct Matures {
    height: u32,
    on: Option<String>,
    pub(super) amount: u64,
    origin: &'static str,
    /// The request that bought the tickets which return.
    request: Option<String>,
    #[serde(skip)]
    time: Option<UnixTime>,
}

/// What the tickets of a request lock; atoms.
#[derive(Serialize)]
pub(super) struct Staked {
    /// None where they were bought elsewhere.
    request: Option<String>,
    count: u32,
    pub(super) amount: u64,
    /// The block from which all of it can be spent, and when: on average, for tickets that were not called yet.
    back_at: Option<u32>,
    back_on: Option<String>,
    #[serde(skip)]
    time: Option<UnixTime>,
}

/// All that waits.
pub(super) struct Waiting {
    pub(super) requests: Vec<Kept>,
    pub(super) matures: Vec<Matures>,
    pub(super) tickets: Vec<Staked>,
}

// Lines for people leave out what a terminal of 80 columns has no room for; JSON has all of it.

impl Kept {
    pub(super) fn line(&self) -> String {
        let until = self.valid_until.map_or_else(|| "it is sent".to_owned(), |height| format!("block {height}"));
        format!("in {} until {until}", short(&self.request))
    }
}

impl Matures {
    pub(super) fn line(&self) -> String {
        let on = self.time.map_or_else(String::new, |time| format!(", ~{}", day(time)));
        format!("at block {}{on}, {}", self.height, self.origin)
    }
}

impl Staked {
    pub(super) fn line(&self) -> String {
        let of = self.request.as_ref().map_or("bought elsewhere".to_owned(), |id| format!("of {}", short(id)));
        let back = self.time.map_or_else(String::new, |time| format!(", ~{}", day(time)));
        format!("in {} {of}{back}", self.count)
    }
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

/// What the wallet says, to be put together.
struct Facts {
    when: When,
    outlook: Option<Outlook>,
    network: Network,
    coins: Vec<Coin>,
    tickets: Vec<Ticket>,
    bought_by: HashMap<TxId, TransferId>,
}

impl Waiting {
    pub(super) fn of(wallet: &Wallet) -> Result<Self, Failure> {
        let facts = Facts {
            when: When::of(wallet)?,
            outlook: wallet.outlook().explain()?,
            network: wallet.network(),
            coins: wallet.coins().explain()?,
            tickets: wallet.tickets().explain()?,
            bought_by: wallet.bought_by().explain()?,
        };
        let purchases = wallet.purchases().explain()?;
        Ok(Self { requests: facts.kept(&purchases), matures: facts.matures(), tickets: facts.staked() })
    }
}

impl Facts {
    fn time(&self, height: Height) -> Option<UnixTime> {
        self.when.time_of(height)
    }

    /// What each request keeps, the newest first.
    fn kept(&self, purchases: &[PurchaseRecord]) -> Vec<Kept> {
        let mut sums: HashMap<TransferId, Amount> = HashMap::new();
        for coin in self.coins.iter().filter(|coin| self.when.state(coin) == CoinState::Locked) {
            coin.locked_by.iter().for_each(|id| add(sums.entry(*id).or_default(), coin.value));
        }
        let kept = |purchase: &PurchaseRecord| {
            let amount = sums.get(&purchase.id)?.atoms();
            let last = Height(purchase.expiry.0.saturating_sub(1));
            let last = (purchase.kind == RequestKind::Purchase).then_some(last);
            Some(Kept {
                request: purchase.id.to_string(),
                amount,
                kind: purchase.kind.name(),
                state: purchase.state.name(purchase.kind),
                label: purchase.label.map(|label| label.to_string()),
                tickets: purchase.tickets,
                valid_until: last.map(|height| height.0),
                valid_until_time: last.and_then(|height| self.time(height)).map(utc),
            })
        };
        purchases.iter().filter_map(kept).collect()
    }

    /// What can be spent later, the earliest first.
    fn matures(&self) -> Vec<Matures> {
        let endings =
            self.tickets.iter().filter_map(|ticket| Some((ticket.ending?.id, self.bought_by.get(&ticket.id)?)));
        let endings: HashMap<TxId, &TransferId> = endings.collect();
        let mut sums: BTreeMap<(Height, &'static str, Option<String>), Amount> = BTreeMap::new();
        for coin in &self.coins {
            if let CoinState::Immature { spendable_at } = self.when.state(coin) {
                let request = endings.get(&coin.outpoint.id).map(ToString::to_string);
                add(sums.entry((spendable_at, origin(coin), request)).or_default(), coin.value);
            }
        }
        let matures = |((height, origin, request), amount): (_, Amount)| {
            let height: Height = height;
            let time = self.time(height);
            Matures { height: height.0, on: time.map(utc), amount: amount.atoms(), origin, request, time }
        };
        sums.into_iter().map(matures).collect()
    }

    /// What is in tickets, by the request that bought them, those that are back first.
    fn staked(&self) -> Vec<Staked> {
        let mut sums: BTreeMap<Option<String>, (u32, Amount, Option<Height>)> = BTreeMap::new();
        for ticket in self.tickets.iter().filter(|ticket| ticket.ending.is_none()) {
            let request = self.bought_by.get(&ticket.id).map(ToString::to_string);
            let (count, sum, back) = sums.entry(request).or_default();
            *count += 1;
            add(sum, ticket.own_price());
            let returns = self.outlook.as_ref().and_then(|outlook| outlook.returns_at(self.network, ticket));
            *back = (*back).max(returns);
        }
        let staked = |(request, (count, amount, back)): (_, (u32, Amount, Option<Height>))| {
            let (back_at, time) = (back.map(|height| height.0), back.and_then(|height| self.time(height)));
            Staked { request, count, amount: amount.atoms(), back_at, back_on: time.map(utc), time }
        };
        let mut staked: Vec<_> = sums.into_iter().map(staked).collect();
        staked.sort_by_key(|staked| staked.back_at);
        staked
    }
}

/// The balance was summed before, so this sum exists.
fn add(sum: &mut Amount, value: Amount) {
    *sum = sum.checked_add(value).unwrap_or(*sum);
}
