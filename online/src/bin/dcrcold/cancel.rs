//! `dcrcold cancel`: gives up a request, or lists them.

use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::PurchaseRecord;
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::table::{Align, table};

/// Amounts in atoms.
#[derive(Serialize)]
pub(crate) struct Shown {
    id: String,
    state: &'static str,
    tickets: u32,
    locked_per_ticket: u64,
    expiry: u32,
    created: i64,
}

impl From<&PurchaseRecord> for Shown {
    fn from(record: &PurchaseRecord) -> Self {
        Self {
            id: record.id.to_string(),
            state: record.state.name(),
            tickets: record.tickets,
            locked_per_ticket: record.amount.atoms(),
            expiry: record.expiry.0,
            created: record.created.0,
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
    context.facts(&shown, |out, shown| {
        if shown.is_empty() {
            return out.line("no requests");
        }
        let rows: Vec<_> = records.iter().zip(shown).map(|(record, shown)| row(record, shown)).collect();
        let headings =
            [("request", Align::Left), ("state", Align::Left), ("tickets", Align::Right), ("DCR each", Align::Right)];
        table(headings, &rows).iter().try_for_each(|line| out.line(line))?;
        shown.iter().try_for_each(|shown| out.line(&shown.id))
    })
}

fn row(record: &PurchaseRecord, shown: &Shown) -> [String; 4] {
    let short = shown.id.chars().take(12).collect();
    [short, shown.state.to_owned(), shown.tickets.to_string(), format!("{:#}", record.amount)]
}
