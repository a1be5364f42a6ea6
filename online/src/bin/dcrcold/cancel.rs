//! `dcrcold cancel`: gives up a request, or lists them.

use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::{PurchaseRecord, RequestKind};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;
use crate::money::Money;
use crate::table::{Align, table};

/// Amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Shown {
    id: String,
    kind: &'static str,
    state: &'static str,
    tickets: u32,
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
        wallet.cancel(&id, &SystemClock).explain()?;
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
        RequestKind::Purchase => format!("{} tickets of", record.tickets),
        RequestKind::Payment if record.amount == Amount::ZERO => "joining coins".to_owned(),
        RequestKind::Payment => "a payment of".to_owned(),
    };
    [short, shown.state.to_owned(), what, money.number(record.amount)]
}
