//! `dcrcold cancel`: gives up a request, or lists them.

use std::path::Path;

use dcrcold::plural::count;
use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::{PurchaseRecord, PurchaseState, RequestKind};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{STDIO, Stop};
use serde::Serialize;

use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;
use crate::hand_out;
use crate::money::Money;
use crate::send;
use crate::sync::sync;
use crate::table::{Align, table};

/// Amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Shown {
    id: String,
    kind: &'static str,
    state: &'static str,
    tickets: u32,
    /// Of a purchase: how many tickets are in blocks, and how many were sent and wait.
    mined: Option<u32>,
    waiting: Option<u32>,
    /// It is sent when the price fits.
    standing: bool,
    replaces: Option<String>,
    replaced_by: Option<String>,
    /// Of a purchase.
    locked_per_ticket: Option<u64>,
    /// Of a purchase.
    expiry: Option<u32>,
    /// Of a payment: what others get.
    paid: Option<u64>,
    label: Option<String>,
    created: String,
}

impl From<&PurchaseRecord> for Shown {
    fn from(record: &PurchaseRecord) -> Self {
        let buys = record.kind == RequestKind::Purchase;
        Self {
            id: record.id.to_string(),
            kind: record.kind.name(),
            state: record.state.name(record.kind),
            tickets: record.tickets,
            mined: buys.then_some(record.mined),
            waiting: buys.then_some(record.waiting),
            standing: record.stands(),
            replaces: record.replaces.map(|replaced| replaced.to_string()),
            replaced_by: record.replaced_by.map(|by| by.to_string()),
            locked_per_ticket: buys.then_some(record.amount.atoms()),
            expiry: buys.then_some(record.expiry.0),
            paid: (!buys).then_some(record.amount.atoms()),
            label: record.label.map(|label| label.to_string()),
            created: utc(record.created),
        }
    }
}

pub(crate) fn run(context: &mut Context, id: Option<TransferId>) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    if let Some(id) = id {
        let signed = wallet.purchases().explain()?.iter().any(|it| it.id == id && it.state == PurchaseState::Answered);
        wallet.cancel(&id, &SystemClock).explain()?;
        if signed {
            context.tell("note: it was signed, and whoever has the answer can still send it; to make that worthless:");
            context.tell(format_args!("note: dcrcold cancel {id} --spend FILE"));
        }
    }
    let records = wallet.purchases().explain()?;
    let named = |record: &&PurchaseRecord| id.is_none_or(|id| record.id == id);
    let records: Vec<_> = records.iter().filter(named).collect();
    let shown: Vec<_> = records.iter().map(|record| Shown::from(*record)).collect();
    let money = context.money();
    context.facts(&shown, |out, shown| {
        if shown.is_empty() {
            return out.line("no requests");
        }
        let rows: Vec<_> = records.iter().zip(shown).map(|(record, shown)| row(record, shown, money)).collect();
        let headings =
            [("request", Align::Left), ("state", Align::Left), ("for", Align::Left), (money.unit(), Align::Right)];
        table(headings, &rows).iter().try_for_each(|line| out.line(line))?;
        shown.iter().try_for_each(|shown| out.line(&shown.id))
    })
}

fn row(record: &PurchaseRecord, shown: &Shown, money: Money) -> [String; 4] {
    let short = shown.id.chars().take(12).collect();
    let what = match record.kind {
        RequestKind::Purchase if record.tickets == 1 => "1 ticket of".to_owned(),
        RequestKind::Purchase => format!("{} of", count(record.tickets, "ticket")),
        RequestKind::Payment if record.replaces.is_some() => "returning coins".to_owned(),
        RequestKind::Payment if record.amount == Amount::ZERO => "joining coins".to_owned(),
        RequestKind::Payment => "a payment of".to_owned(),
    };
    let state = match record.replaced_by {
        Some(_) => "replaced".to_owned(),
        None if record.stands() => "standing".to_owned(),
        None if record.mined > 0 && record.mined < record.tickets => format!("{} mined", record.mined),
        None => shown.state.to_owned(),
    };
    [short, state, what, money.number(record.amount)]
}

/// Prepares what makes the signatures of a request worthless.
pub(crate) fn spend(context: &mut Context, id: &TransferId, file: &Path) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    hand_out::must_be_free(&wallet, file)?;
    let mut source = context.source(wallet.network())?;
    sync(&mut wallet, source.as_mut())?;
    let lock = hand_out::lock(context, &mut wallet)?;
    let prepared = wallet.prepare_return(id, FeeRate::RELAY_MINIMUM, source.as_mut(), &SystemClock).explain()?;
    hand_out::write(context, &mut wallet, lock, (&prepared.id, &prepared.request), file)?;
    if file.as_os_str() == STDIO {
        return Ok(());
    }
    send::show(context, file, &wallet, &prepared)?;
    context.tell(format_args!("note: once it is mined, the signatures of request {id} are worth nothing"));
    Ok(())
}
