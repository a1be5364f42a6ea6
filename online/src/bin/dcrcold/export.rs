//! `dcrcold export`: the history of the account, for spreadsheets and scripts.

use dcrcold::wallet::{Entry, UnixTime};
use dcrcold_core::amount::Amount;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::file::{self, Readers};
use serde::Serialize;

use crate::cli::ExportArgs;
use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// An entry of JSON; amounts in atoms, the time in UTC.
#[derive(Serialize)]
struct Shown<'a> {
    date: Option<String>,
    height: Option<u32>,
    transaction: String,
    kind: &'static str,
    amount: i64,
    /// How much of it went into tickets, or came out of them.
    locked: i64,
    balance: u64,
    label: Option<&'a str>,
}

/// A line of CSV.
#[derive(Serialize)]
struct Line {
    date_utc: Option<String>,
    height: Option<u32>,
    transaction: String,
    kind: &'static str,
    amount_atoms: i64,
    amount_dcr: String,
    locked_atoms: i64,
    locked_dcr: String,
    balance_atoms: u64,
    balance_dcr: String,
    label: Option<String>,
}

impl<'a> From<&'a Entry> for Shown<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            date: entry.time.map(utc),
            height: entry.height.map(|height| height.0),
            transaction: entry.tx.to_string(),
            kind: entry.kind.name(),
            amount: entry.change.atoms(),
            locked: entry.locked.atoms(),
            balance: entry.balance.atoms(),
            label: entry.label.as_deref(),
        }
    }
}

impl From<&Entry> for Line {
    fn from(entry: &Entry) -> Self {
        Self {
            date_utc: entry.time.map(UnixTime::stamp),
            height: entry.height.map(|height| height.0),
            transaction: entry.tx.to_string(),
            kind: entry.kind.name(),
            amount_atoms: entry.change.atoms(),
            amount_dcr: entry.change.to_string(),
            locked_atoms: entry.locked.atoms(),
            locked_dcr: entry.locked.to_string(),
            balance_atoms: entry.balance.atoms(),
            balance_dcr: format!("{:#}", entry.balance),
            label: entry.label.as_deref().map(harmless),
        }
    }
}

pub(crate) fn run(context: &mut Context, args: &ExportArgs) -> Result<(), Stop> {
    if args.csv && context.common.json {
        return Err(Failure::new(FailureKind::Usage, "--csv and --json are two forms of one export").into());
    }
    let entries = context.wallet()?.history().explain()?;
    let bytes = if context.common.json { json(&entries) } else { csv(&entries)? };
    let Some(path) = &args.out else { return context.out.bytes(&bytes) };
    // What somebody owns is nobody else's business.
    file::write_new(path, &bytes, Readers::Owner).explain()?;
    let sum = entries.last().map_or(Amount::ZERO, |entry| entry.balance);
    context.tell(format_args!(
        "{} entries, {} in the end, are in {}",
        entries.len(),
        context.money().of(sum),
        path.display()
    ));
    Ok(())
}

fn json(entries: &[Entry]) -> Vec<u8> {
    let shown: Vec<_> = entries.iter().map(Shown::from).collect();
    let text = serde_json::to_string_pretty(&shown).expect("facts are plain values with text keys");
    format!("{text}\n").into_bytes()
}

fn csv(entries: &[Entry]) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::new(FailureKind::Failed, format!("CSV: {error}"));
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.write_record(HEADINGS).map_err(|error| failed(&error))?;
    for entry in entries {
        writer.serialize(Line::from(entry)).map_err(|error| failed(&error))?;
    }
    writer.into_inner().map_err(|error| failed(&error))
}

/// The names of the columns; there even when nothing happened yet.
const HEADINGS: [&str; 11] = [
    "date_utc",
    "height",
    "transaction",
    "kind",
    "amount_atoms",
    "amount_dcr",
    "locked_atoms",
    "locked_dcr",
    "balance_atoms",
    "balance_dcr",
    "label",
];

/// A text that no spreadsheet runs.
fn harmless(text: &str) -> String {
    let starts = text.trim_start().starts_with(FORMULA);
    if starts { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_no_formulas() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "  =HYPERLINK(\"x\")"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["rent", "a=b", "'=1", "1-2"] {
            assert_eq!(harmless(text), text);
        }
    }
}
