//! `dcrcold vsp status`: how far tickets are with VSPs.

use dcrcold::vsp::FeeState;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::vsp_tickets::VspTicket;
use dcrcold_core::amount::Amount;
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;
use crate::money::Money;
use crate::table::{Align, table};
use crate::tickets::short;

/// A ticket with a VSP; amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Row {
    pub(crate) ticket: String,
    pub(crate) vsp: String,
    /// Whose key deals with the VSP.
    voter: String,
    pub(crate) state: &'static str,
    vsp_says: Option<&'static str>,
    pub(crate) fee: Option<u64>,
    fee_transaction: Option<String>,
    choices: Option<serde_json::Value>,
    trouble: Option<String>,
    retry_at: Option<String>,
}

impl From<&VspTicket> for Row {
    fn from(it: &VspTicket) -> Self {
        let trouble = it.trouble.as_ref();
        Self {
            ticket: it.ticket.to_string(),
            vsp: it.vsp.to_string(),
            voter: it.voter.to_string(),
            state: it.state.name(),
            vsp_says: it.reported.map(FeeState::word),
            fee: it.fee.map(|fee| fee.amount.atoms()),
            fee_transaction: it.payment.map(|payment| payment.to_string()),
            choices: it.voting.as_ref().and_then(|text| serde_json::from_str(text).ok()),
            trouble: trouble.map(|trouble| trouble.reason.clone()),
            retry_at: trouble.and_then(|trouble| trouble.retry_at).map(utc),
        }
    }
}

/// All tickets with all VSPs.
pub(crate) fn rows(wallet: &Wallet) -> Result<Vec<Row>, Failure> {
    Ok(wallet.vsp_tickets().explain()?.iter().map(Row::from).collect())
}

pub(super) fn run(context: &mut Context) -> Result<(), Stop> {
    let rows = rows(&context.wallet()?)?;
    let money = context.money();
    context.facts(&rows, |out, rows| lines(rows, money).iter().try_for_each(|line| out.line(line)))
}

/// A table, and below it what holds tickets up.
pub(super) fn lines(rows: &[Row], money: Money) -> Vec<String> {
    if rows.is_empty() {
        return vec!["no tickets with VSPs".to_owned()];
    }
    let cells: Vec<_> = rows.iter().map(|row| cells(row, money)).collect();
    let fee = format!("fee {}", money.unit());
    let headings = [
        ("ticket", Align::Left),
        ("VSP", Align::Left),
        ("state", Align::Left),
        ("VSP says", Align::Left),
        (&fee, Align::Right),
    ];
    let mut lines = table(headings, &cells);
    let mut said: Vec<(&str, usize)> = Vec::new();
    for reason in rows.iter().filter_map(|row| row.trouble.as_deref()) {
        match said.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += 1,
            None => said.push((reason, 1)),
        }
    }
    lines.extend(said.iter().map(|(reason, count)| match count {
        1 => format!("one ticket is held up: {reason}"),
        count => format!("{count} tickets are held up: {reason}"),
    }));
    lines
}

/// The longest host that leaves room for the rest of a row.
const WIDEST_HOST: usize = 28;

/// Both ends of a host that is too wide, as those of onion services are.
fn clipped(host: &str) -> String {
    match (host.get(..12), host.get(host.len().saturating_sub(14)..)) {
        (Some(start), Some(end)) if host.len() > WIDEST_HOST => format!("{start}..{end}"),
        _ => host.to_owned(),
    }
}

fn cells(row: &Row, money: Money) -> [String; 5] {
    let host = row.vsp.split_once("://").map_or(row.vsp.as_str(), |(_, host)| host);
    let fee = row.fee.and_then(|fee| Amount::from_atoms(fee).ok());
    let fee = fee.map_or_else(|| "-".to_owned(), |fee| money.number(fee));
    [short(&row.ticket), clipped(host), row.state.to_owned(), row.vsp_says.unwrap_or("-").to_owned(), fee]
}
