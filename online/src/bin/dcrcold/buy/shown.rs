//! What is shown of a request for tickets.

use std::path::Path;

use dcrcold::chain::window::blocks_needed;
use dcrcold::wallet::purchase::{BuyOrder, Prepared};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_core::request::Funding;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::money::Money;
use crate::screen::Screen;
use crate::window::{Deadline, Outlook, Partial, Window};

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    id: String,
    /// The request whose place it takes.
    replaces: Option<String>,
    check_words: String,
    file: String,
    tickets: Vec<String>,
    split: Option<String>,
    locked_per_ticket: u64,
    price: u64,
    /// What all tickets lock beyond the price; it returns with their votes.
    headroom: u64,
    ticket_fee: u64,
    split_fee: Option<u64>,
    change: Option<u64>,
    inputs: usize,
    expiry: u32,
    vsp: Option<String>,
    purse: Option<u64>,
    window: Window,
    deadline: Deadline,
    /// How many blocks they take at least, with that of the split.
    blocks: u32,
    partial: Vec<Partial>,
}

pub(super) fn show(
    context: &mut Context,
    path: &Path,
    prepared: &Prepared,
    order: &BuyOrder,
    replaces: Option<&TransferId>,
    outlook: &Outlook,
) -> Result<(), Stop> {
    let shown = facts(path, prepared, order, replaces, outlook);
    let money = context.money();
    context.facts(&shown, |out, shown| {
        lines(out, shown, prepared, money)?;
        lines_of_price(out, shown, prepared, outlook, money)
    })?;
    let file = path.display();
    context.next(format_args!(
        "`dcrcold-signer sign {file} --out ANSWER` on the cold side, then `dcrcold submit ANSWER`."
    ));
    Ok(())
}

fn tickets(prepared: &Prepared) -> u32 {
    u32::try_from(prepared.tickets.len()).unwrap_or(u32::MAX)
}

fn facts(
    path: &Path,
    prepared: &Prepared,
    order: &BuyOrder,
    replaces: Option<&TransferId>,
    outlook: &Outlook,
) -> Shown {
    let (price, tickets) = (outlook.price.next, tickets(prepared));
    let funding = if prepared.split.is_some() { Funding::Split } else { Funding::Direct };
    let blocks = blocks_needed(outlook.network, tickets, funding);
    let beyond = prepared.amount.checked_sub(price).and_then(|each| each.checked_mul(tickets.into()));
    Shown {
        id: prepared.id.to_string(),
        replaces: replaces.map(ToString::to_string),
        check_words: check_words(&prepared.id).join(" "),
        file: path.display().to_string(),
        tickets: prepared.tickets.iter().map(ToString::to_string).collect(),
        split: prepared.split.map(|split| split.to_string()),
        locked_per_ticket: prepared.amount.atoms(),
        price: price.atoms(),
        headroom: beyond.unwrap_or_default().atoms(),
        ticket_fee: prepared.ticket_fee.atoms(),
        split_fee: prepared.split_fee.map(Amount::atoms),
        change: prepared.change.map(Amount::atoms),
        inputs: prepared.inputs,
        expiry: prepared.expiry.0,
        vsp: order.vsp.as_ref().map(ToString::to_string),
        purse: prepared.purse.map(|purse| purse.amount.atoms()),
        window: outlook.window(),
        deadline: outlook.deadline(prepared.amount, prepared.expiry, blocks),
        blocks,
        partial: outlook.partial(prepared.amount, tickets, funding),
    }
}

fn lines(out: &mut Screen, shown: &Shown, prepared: &Prepared, money: Money) -> Result<(), Stop> {
    out.line(format_args!("request      {}", shown.file))?;
    out.line(format_args!("id           {}", shown.id))?;
    out.line(format_args!("check words  {}", shown.check_words))?;
    if let Some(id) = &shown.replaces {
        out.line(format_args!("instead of   {id}"))?;
    }
    out.line(format_args!("tickets      {}, each locks {}", shown.tickets.len(), money.of(prepared.amount)))?;
    out.line(format_args!("fees         {} a ticket", money.of(prepared.ticket_fee)))?;
    if let Some(fee) = prepared.split_fee {
        let coins = if shown.inputs == 1 { "1 coin".to_owned() } else { format!("{} coins", shown.inputs) };
        out.line(format_args!("             {} for the split over {coins}", money.of(fee)))?;
    }
    if let Some(vsp) = &shown.vsp {
        out.line(format_args!("VSP          {vsp}"))?;
        let purse = prepared.purse.map(|purse| purse.amount).unwrap_or_default();
        out.line(format_args!("to the purse {} for its fees", money.of(purse)))?;
    }
    out.line(format_args!("change       {}", money.of(prepared.change.unwrap_or_default())))
}

/// How long the request is good for, and at which price.
fn lines_of_price(
    out: &mut Screen,
    shown: &Shown,
    prepared: &Prepared,
    outlook: &Outlook,
    money: Money,
) -> Result<(), Stop> {
    let (tickets, most) = (tickets(prepared), outlook.network.params().max_tickets_per_block);
    if tickets > most {
        let split = if shown.split.is_some() { "one for the split, then " } else { "" };
        let blocks = shown.blocks;
        out.line(format_args!("blocks       {blocks} at least: {split}{most} tickets in each at most"))?;
    }
    out.line(format_args!("price now    {}", money.of(outlook.price.next)))?;
    outlook.lines(money).iter().try_for_each(|line| out.line(line))?;
    outlook.headroom(prepared.amount, tickets, money).iter().try_for_each(|line| out.line(line))?;
    let mut answer = outlook.answer_by(&shown.deadline).into_iter();
    // In the order of time.
    answer.by_ref().take(1).try_for_each(|line| out.line(line))?;
    outlook.partial_lines(&shown.partial, tickets).iter().try_for_each(|line| out.line(line))?;
    answer.try_for_each(|line| out.line(line))?;
    out.line(format_args!("valid        in blocks below {}", shown.expiry))
}
