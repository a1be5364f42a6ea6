//! `dcrcold balance`: what the account owns, line by line.

use dcrcold_core::amount::Amount;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::table::{Align, table};

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    height: u32,
    spendable: u64,
    locked_by_requests: u64,
    immature: u64,
    locked_by_tickets: u64,
    unconfirmed: u64,
    total: u64,
    purse: u64,
}

pub(crate) fn run(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let balance = wallet.balance().explain()?;
    let purse = wallet.purse().explain()?;
    let purse = Amount::checked_sum([purse.free, purse.in_fees, purse.immature]).unwrap_or_default();
    let height = wallet.height().explain()?.0;
    let shown = Shown {
        height,
        spendable: balance.spendable.atoms(),
        locked_by_requests: balance.locked_by_requests.atoms(),
        immature: balance.immature.atoms(),
        locked_by_tickets: balance.locked_by_tickets.atoms(),
        unconfirmed: balance.unconfirmed.atoms(),
        total: balance.total().atoms(),
        purse: purse.atoms(),
    };
    context.facts(&shown, |out, _| {
        let row = |name: &str, amount: Amount, note: &str| [name.to_owned(), format!("{amount:#}"), note.to_owned()];
        let mut rows = vec![
            row("spendable", balance.spendable, ""),
            row("in requests", balance.locked_by_requests, "prepared and not carried out"),
            row("immature", balance.immature, "votes, revocations and coinbases wait"),
            row("in tickets", balance.locked_by_tickets, "until they vote or are revoked"),
            row("unconfirmed", balance.unconfirmed, "waits to be mined"),
            row("total", balance.total(), ""),
        ];
        // Nobody without a VSP has a purse.
        if purse > Amount::ZERO {
            rows.push(row("purse", purse, "apart from it: hot, for VSP fees"));
        }
        let heading = format!("at block {height}");
        let lines = table([(&heading, Align::Left), ("DCR", Align::Right), ("", Align::Left)], &rows);
        lines.iter().try_for_each(|line| out.line(line))
    })
}
