//! `dcrcold tickets`: the tickets of the account, what each cost and brought, and when it is expected back.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::Duration;

use dcrcold::vsp::FeeState;
use dcrcold::wallet::purchase::{PurchaseRecord, PurchaseState, RequestKind};
use dcrcold::wallet::vsp_tickets::{VspState, VspTicket};
use dcrcold::wallet::{Costs, Outlook, Ticket, TicketState, UnixTime, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use crate::context::Context;
use crate::date::{DAY, day, utc};
use crate::failure::Explain;
use crate::money::Money;
use crate::progress;
use crate::sync;
use crate::table::{Align, table};

/// How long to wait for a block before asking again.
const PATIENCE: Duration = Duration::from_secs(30);
/// Clears a terminal and goes to its upper left corner.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// A ticket; amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Shown {
    id: String,
    state: &'static str,
    price: u64,
    height: Option<u32>,
    ended_at: Option<u32>,
    ended_by: Option<String>,
    paid: Option<u64>,
    returns_at: Option<u32>,
    /// How far it is with VSPs, and what they say of the fee.
    vsps: Vec<WithVsp>,
    ticket_fee: u64,
    split_fee: u64,
    vsp_fee: u64,
    /// What its vote paid beyond what it locked.
    reward: Option<u64>,
    /// What came back less all that went in; so far the fees alone.
    net: i64,
    /// About when it is back.
    returns_on: Option<String>,
    /// Percent of what went in, over its whole time, and as if that were a year.
    yield_percent: Option<f64>,
    yield_percent_a_year: Option<f64>,
    explanation: Option<&'static str>,
}

#[derive(Serialize)]
struct WithVsp {
    vsp: String,
    state: &'static str,
    says: Option<&'static str>,
}

/// Everything about a ticket that is shown.
struct Told<'a> {
    ticket: &'a Ticket,
    state: TicketState,
    costs: Costs,
    vsps: Vec<&'a VspTicket>,
    returns_at: Option<Height>,
    returns_on: Option<UnixTime>,
    days: Option<i64>,
}

pub(crate) fn run(context: &mut Context, watch: bool) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    if !watch {
        return show(context, &wallet);
    }
    let mut source = context.source(wallet.network())?;
    loop {
        let synced = sync::facts(&mut wallet, source.as_mut(), &mut sync::sync)?;
        if std::io::stdout().is_terminal() && !context.common.json {
            context.out.bytes(CLEAR.as_bytes())?;
        }
        let tip = source.tip().explain()?;
        if !context.common.json {
            context.out.line(format_args!("at block {}", tip.height))?;
            synced.orders().iter().try_for_each(|line| context.out.line(line))?;
        }
        show(context, &wallet)?;
        let waiting = progress::waiting("waiting for a block");
        while source.wait_for_tip(&tip.hash, PATIENCE).explain()?.is_none() {}
        drop(waiting);
    }
}

/// What `--json` prints.
pub(crate) fn facts(wallet: &Wallet) -> Result<Vec<Shown>, Failure> {
    let (tickets, rows) = (wallet.tickets().explain()?, wallet.vsp_tickets().explain()?);
    Ok(tell_all(wallet, &tickets, &rows)?.iter().map(fact).collect())
}

fn tell_all<'a>(wallet: &Wallet, tickets: &'a [Ticket], rows: &'a [VspTicket]) -> Result<Vec<Told<'a>>, Failure> {
    let (network, tip, outlook) = (wallet.network(), wallet.height().explain()?, wallet.outlook().explain()?);
    let mut with_vsps: HashMap<TxId, Vec<&VspTicket>> = HashMap::new();
    rows.iter().for_each(|row| with_vsps.entry(row.ticket).or_default().push(row));
    let mut told = Vec::new();
    for ticket in tickets {
        let vsps = with_vsps.remove(&ticket.id).unwrap_or_default();
        told.push(tell(wallet, ticket, vsps, outlook.as_ref(), (network, tip))?);
    }
    Ok(told)
}

fn show(context: &mut Context, wallet: &Wallet) -> Result<(), Stop> {
    let (tickets, rows) = (wallet.tickets().explain()?, wallet.vsp_tickets().explain()?);
    let told = tell_all(wallet, &tickets, &rows)?;
    let shown: Vec<_> = told.iter().map(fact).collect();
    let money = context.money();
    let tip = wallet.height().explain()?;
    let records = wallet.purchases().explain()?;
    let requests: Vec<_> = records.iter().filter_map(|record| under_way(record, tip, money)).collect();
    context.facts(&shown, |out, shown| {
        if told.is_empty() {
            out.line("no tickets")?;
            return requests.iter().try_for_each(|line| out.line(line));
        }
        let cells: Vec<_> = told.iter().zip(shown).map(|(told, shown)| row(told, shown, money)).collect();
        let (locked, net) = (format!("{} locked", money.unit()), format!("net {}", money.unit()));
        let headings = [
            ("ticket", Align::Left),
            ("state", Align::Left),
            ("VSP", Align::Left),
            (&locked, Align::Right),
            (&net, Align::Right),
            ("back", Align::Left),
        ];
        table(headings, &cells).iter().try_for_each(|line| out.line(line))?;
        let unvoted: Vec<_> = shown.iter().filter_map(|it| Some((it, it.explanation?))).collect();
        for (ticket, explanation) in &unvoted {
            out.line(format_args!("{}  {explanation}", short(&ticket.id)))?;
        }
        if !unvoted.is_empty() {
            out.line("What such a ticket locked returns in full; there is no reward.")?;
        }
        requests.iter().try_for_each(|line| out.line(line))
    })?;
    if told.is_empty() && requests.is_empty() {
        context.next("`dcrcold buy 1 --out FILE`, which prepares a request for a ticket.");
    }
    Ok(())
}

/// How far a purchase is whose tickets are not all mined.
fn under_way(record: &PurchaseRecord, tip: Height, money: Money) -> Option<String> {
    let id: String = record.id.to_string().chars().take(12).collect();
    let (tickets, mined, waiting) = (record.tickets, record.mined, record.waiting);
    let sent = record.kind == RequestKind::Purchase && record.state > PurchaseState::Answered;
    if record.stands() && mined == 0 && waiting == 0 {
        let (amount, expiry) = (money.of(record.amount), record.expiry);
        let plural = if tickets == 1 { "ticket" } else { "tickets" };
        Some(format!("standing order {id}: {tickets} {plural}, sent at {amount} or less, until block {expiry}"))
    } else if sent && record.replaced_by.is_none() && mined < tickets && (waiting > 0 || tip < record.expiry) {
        let missing = tickets.saturating_sub(mined).saturating_sub(waiting);
        let missing = if missing == 0 { String::new() } else { format!(", {missing} were not sent") };
        Some(format!("request {id}: {mined} of {tickets} tickets mined, {waiting} wait{missing}"))
    } else {
        None
    }
}

fn tell<'a>(
    wallet: &Wallet,
    ticket: &'a Ticket,
    vsps: Vec<&'a VspTicket>,
    outlook: Option<&Outlook>,
    (network, tip): (Network, Height),
) -> Result<Told<'a>, Failure> {
    let returns_at = outlook.and_then(|outlook| outlook.returns_at(network, ticket));
    let returns_on = outlook.zip(returns_at).map(|(outlook, height)| outlook.time_of(network, height));
    let bought_on = outlook.zip(ticket.height).map(|(outlook, height)| outlook.time_of(network, height));
    let days = returns_on.zip(bought_on).map(|(back, bought)| (back.0 - bought.0) / DAY);
    Ok(Told {
        ticket,
        state: ticket.state(network, tip),
        costs: wallet.costs(ticket).explain()?,
        vsps,
        returns_at,
        returns_on,
        days,
    })
}

fn fact(told: &Told<'_>) -> Shown {
    let (ticket, costs) = (told.ticket, &told.costs);
    let ending = ticket.ending;
    let reward = ending.and_then(|ending| ending.paid.checked_sub(ticket.own_price()));
    let (net, went_in) = (net(ticket, costs), ticket.own_price().atoms().saturating_add(costs.total().atoms()));
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let percent = ending.map(|_| net as f64 * 100.0 / went_in.max(1) as f64);
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let a_year = percent.zip(told.days.filter(|days| *days > 0)).map(|(percent, days)| percent * 365.25 / days as f64);
    let with_vsp = |row: &&VspTicket| WithVsp {
        vsp: row.vsp.to_string(),
        state: row.state.name(),
        says: row.reported.map(FeeState::word),
    };
    Shown {
        id: ticket.id.to_string(),
        state: told.state.name(),
        price: ticket.price.atoms(),
        height: ticket.height.map(|height| height.0),
        ended_at: ending.and_then(|ending| ending.height).map(|height| height.0),
        ended_by: ending.map(|ending| ending.id.to_string()),
        paid: ending.map(|ending| ending.paid.atoms()),
        returns_at: told.returns_at.map(|height| height.0),
        vsps: told.vsps.iter().map(with_vsp).collect(),
        ticket_fee: costs.ticket_fee.atoms(),
        split_fee: costs.split_fee.atoms(),
        vsp_fee: costs.vsp_fee.atoms(),
        reward: reward.map(Amount::atoms),
        net,
        returns_on: told.returns_on.map(utc),
        yield_percent: percent,
        yield_percent_a_year: a_year,
        explanation: explanation(ticket),
    }
}

/// What came back less all that went in, in atoms; before the end, the fees so far.
fn net(ticket: &Ticket, costs: &Costs) -> i64 {
    let reward = ticket.ending.and_then(|ending| ending.paid.checked_sub(ticket.own_price())).unwrap_or_default();
    let atoms = |amount: Amount| i64::try_from(amount.atoms()).unwrap_or(i64::MAX);
    atoms(reward) - atoms(costs.total())
}

/// Why a ticket brought no reward.
fn explanation(ticket: &Ticket) -> Option<&'static str> {
    match ticket.ending?.how {
        TicketState::Missed => Some("missed: it was called and no vote came in time"),
        TicketState::Expired => Some("expired: it was never called"),
        TicketState::Revoked => Some("revoked: it was missed or expired"),
        _ => None,
    }
}

fn row(told: &Told<'_>, shown: &Shown, money: Money) -> [String; 6] {
    let best = VspState::farthest(told.vsps.iter().map(|row| row.state));
    let back = match (told.ticket.ending, told.returns_on) {
        (Some(_), Some(time)) => day(time),
        (None, Some(time)) => format!("~{}", day(time)),
        (_, None) => "?".to_owned(),
    };
    [
        short(&shown.id),
        told.state.name().to_owned(),
        best.map_or("-", VspState::name).to_owned(),
        money.number(told.ticket.price),
        money.signed(shown.net),
        back,
    ]
}

/// Enough of an id to tell tickets apart; `--json` has all of it.
pub(crate) fn short(id: &str) -> String {
    format!("{}..{}", &id[..8], &id[id.len() - 4..])
}
