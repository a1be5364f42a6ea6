//! `dcrcold balance`: what the account owns, line by line, and until when the parts wait that cannot be spent.

use std::collections::BTreeMap;

use dcrcold::wallet::{Coin, CoinState};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::coins::When;
use crate::context::Context;
use crate::date::{day, utc};
use crate::failure::Explain;
use crate::table::{Align, table};

/// How many of the heights at which coins can be spent, or of the requests that keep coins, people are shown.
const MOST_LINES: usize = 4;

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    height: u32,
    spendable: u64,
    locked_by_requests: u64,
    frozen: u64,
    immature: u64,
    locked_by_tickets: u64,
    unconfirmed: u64,
    total: u64,
    purse: u64,
    /// What each request keeps.
    requests: Vec<Kept>,
    /// From which block on the immature coins can be spent, and about when that is.
    matures: Vec<Matures>,
}

#[derive(Serialize)]
struct Kept {
    request: String,
    amount: u64,
}

#[derive(Serialize)]
struct Matures {
    height: u32,
    on: Option<String>,
    amount: u64,
}

/// The sums of what waits.
#[derive(Default)]
struct Waiting {
    requests: BTreeMap<String, Amount>,
    heights: BTreeMap<Height, Amount>,
}

impl Waiting {
    fn of(coins: &[Coin], when: &When) -> Self {
        let mut waiting = Self::default();
        for coin in coins {
            match (when.state(coin), coin.locked_by) {
                (CoinState::Locked, Some(request)) => add(waiting.requests.entry(text(&request)).or_default(), coin),
                (CoinState::Immature { spendable_at }, _) => {
                    add(waiting.heights.entry(spendable_at).or_default(), coin);
                }
                _ => {}
            }
        }
        waiting
    }
}

fn text(id: &TransferId) -> String {
    id.to_string()
}

/// The balance was summed before, so this sum exists.
fn add(sum: &mut Amount, coin: &Coin) {
    *sum = sum.checked_add(coin.value).unwrap_or(*sum);
}

pub(crate) fn run(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let balance = wallet.balance().explain()?;
    let purse = wallet.purse().explain()?;
    let purse = Amount::checked_sum([purse.free, purse.in_fees, purse.immature]).unwrap_or_default();
    let height = wallet.height().explain()?.0;
    let when = When::of(&wallet)?;
    let waiting = Waiting::of(&wallet.coins().explain()?, &when);
    let kept = |(request, amount): (&String, &Amount)| Kept { request: request.clone(), amount: amount.atoms() };
    let matures = |(height, amount): (&Height, &Amount)| Matures {
        height: height.0,
        on: when.time_of(*height).map(utc),
        amount: amount.atoms(),
    };
    let shown = Shown {
        height,
        spendable: balance.spendable.atoms(),
        locked_by_requests: balance.locked_by_requests.atoms(),
        frozen: balance.frozen.atoms(),
        immature: balance.immature.atoms(),
        locked_by_tickets: balance.locked_by_tickets.atoms(),
        unconfirmed: balance.unconfirmed.atoms(),
        total: balance.total().atoms(),
        purse: purse.atoms(),
        requests: waiting.requests.iter().map(kept).collect(),
        matures: waiting.heights.iter().map(matures).collect(),
    };
    let money = context.money();
    context.facts(&shown, |out, _| {
        let row = |name: &str, amount: Amount, note: &str| [name.to_owned(), money.number(amount), note.to_owned()];
        let mut rows = vec![row("spendable", balance.spendable, "")];
        rows.push(row("in requests", balance.locked_by_requests, "prepared and not carried out"));
        let requests = waiting.requests.iter().map(|(id, sum)| (format!("in {}", &id[..12]), *sum));
        rows.extend(notes(&requests.collect::<Vec<_>>(), &|sum| money.of(sum)));
        // Few ever freeze anything.
        if balance.frozen > Amount::ZERO {
            rows.push(row("frozen", balance.frozen, "until you thaw them: dcrcold coins"));
        }
        rows.push(row("immature", balance.immature, "votes, revocations and coinbases wait"));
        let about = |height| when.time_of(height).map_or_else(String::new, |time| format!(", about {}", day(time)));
        let heights =
            waiting.heights.iter().map(|(height, sum)| (format!("at block {height}{}", about(*height)), *sum));
        rows.extend(notes(&heights.collect::<Vec<_>>(), &|sum| money.of(sum)));
        rows.push(row("in tickets", balance.locked_by_tickets, "until they vote or are revoked"));
        rows.push(row("unconfirmed", balance.unconfirmed, "waits to be mined"));
        rows.push(row("total", balance.total(), ""));
        // Nobody without a VSP has a purse.
        if purse > Amount::ZERO {
            rows.push(row("purse", purse, "apart from it: hot, for VSP fees"));
        }
        let heading = format!("at block {height}");
        let lines = table([(&heading, Align::Left), (money.unit(), Align::Right), ("", Align::Left)], &rows);
        lines.iter().try_for_each(|line| out.line(line))
    })?;
    match shown.total {
        0 => Ok(context.next_without_coins(&wallet)?),
        _ => Ok(()),
    }
}

/// The parts of a sum, the first few of them; what follows those in one line.
fn notes(parts: &[(String, Amount)], print: &dyn Fn(Amount) -> String) -> Vec<[String; 3]> {
    let note = |text: String| [String::new(), String::new(), text];
    let more = parts.len().saturating_sub(MOST_LINES);
    let mut rows: Vec<_> =
        parts.iter().take(MOST_LINES).map(|(what, sum)| note(format!("  {} {what}", print(*sum)))).collect();
    if more > 0 {
        let rest = Amount::checked_sum(parts[MOST_LINES..].iter().map(|(_, sum)| *sum)).unwrap_or_default();
        rows.push(note(format!("  {} in {more} more", print(rest))));
    }
    rows
}
