//! `dcrcold balance`: what the account owns, line by line, and until when the parts wait that cannot be spent.

mod waiting;

use dcrcold::wallet::Balance;
use dcrcold_core::amount::Amount;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::money::Money;
use crate::table::{Align, table};
use waiting::{Kept, Matures, Staked, Waiting};

/// How many parts of a sum people are shown.
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
    /// From which block on the immature coins can be spent, about when that is, and where they come from.
    matures: Vec<Matures>,
    /// What the tickets of each request lock.
    tickets: Vec<Staked>,
}

pub(crate) fn run(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let balance = wallet.balance().explain()?;
    let purse = wallet.purse().explain()?;
    let purse = Amount::checked_sum([purse.free, purse.in_fees, purse.immature]).unwrap_or_default();
    let height = wallet.height().explain()?.0;
    let waiting = Waiting::of(&wallet)?;
    let money = context.money();
    let lines = lines(&balance, purse, &waiting, money, height);
    context
        .facts(&Shown::new(height, &balance, purse, waiting), |out, _| lines.iter().try_for_each(|line| out.line(line)))
}

impl Shown {
    fn new(height: u32, balance: &Balance, purse: Amount, waiting: Waiting) -> Self {
        Self {
            height,
            spendable: balance.spendable.atoms(),
            locked_by_requests: balance.locked_by_requests.atoms(),
            frozen: balance.frozen.atoms(),
            immature: balance.immature.atoms(),
            locked_by_tickets: balance.locked_by_tickets.atoms(),
            unconfirmed: balance.unconfirmed.atoms(),
            total: balance.total().atoms(),
            purse: purse.atoms(),
            requests: waiting.requests,
            matures: waiting.matures,
            tickets: waiting.tickets,
        }
    }
}

/// The balance for people.
fn lines(balance: &Balance, purse: Amount, waiting: &Waiting, money: Money, height: u32) -> Vec<String> {
    let row = |name: &str, amount: Amount, note: &str| [name.to_owned(), money.number(amount), note.to_owned()];
    let mut rows = vec![row("spendable", balance.spendable, "")];
    rows.push(row("in requests", balance.locked_by_requests, "prepared and not carried out"));
    rows.extend(notes(waiting.requests.iter().map(|kept| (kept.amount, kept.line())), money));
    // Few ever freeze anything.
    if balance.frozen > Amount::ZERO {
        rows.push(row("frozen", balance.frozen, "until you thaw them: dcrcold coins"));
    }
    rows.push(row("immature", balance.immature, "votes, revocations and coinbases wait"));
    rows.extend(notes(waiting.matures.iter().map(|coins| (coins.amount, coins.line())), money));
    rows.push(row("in tickets", balance.locked_by_tickets, "until they vote or are revoked"));
    rows.extend(notes(waiting.tickets.iter().map(|staked| (staked.amount, staked.line())), money));
    rows.push(row("unconfirmed", balance.unconfirmed, "waits to be mined"));
    rows.push(row("total", balance.total(), ""));
    // Nobody without a VSP has a purse.
    if purse > Amount::ZERO {
        rows.push(row("purse", purse, "apart from it: hot, for VSP fees"));
    }
    let heading = format!("at block {height}");
    table([(&heading, Align::Left), (money.unit(), Align::Right), ("", Align::Left)], &rows)
}

/// The parts of a sum in atoms, the first few of them; what follows those in one line.
fn notes(parts: impl Iterator<Item = (u64, String)>, money: Money) -> Vec<[String; 3]> {
    let parts: Vec<_> = parts.collect();
    let note = |text: String| [String::new(), String::new(), text];
    let print = |atoms: u64| money.number(Amount::from_atoms(atoms).unwrap_or_default());
    let (first, more) = parts.split_at(parts.len().min(MOST_LINES));
    let mut rows: Vec<_> = first.iter().map(|(atoms, what)| note(format!("  {} {what}", print(*atoms)))).collect();
    if !more.is_empty() {
        let rest = more.iter().map(|(atoms, _)| atoms).sum();
        rows.push(note(format!("  {} in {} more", print(rest), more.len())));
    }
    rows
}
