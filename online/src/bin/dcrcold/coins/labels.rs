//! `dcrcold coins labels`: what a person said of coins, for other wallets and for later.
//!
//! Source: BIP 329. Lines are objects of JSON; what they say beside type, reference, label and whether an output may be
//! spent is left out, and so are references to what this wallet gives no label.

use std::path::Path;

use dcrcold::plural::count;
use dcrcold::wallet::{Note, SystemClock};
use dcrcold_core::net::Network;
use dcrcold_core::request::Label;
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::file::{self, Readers};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::failure::Explain;
use crate::submit::read;

/// A line. The names of its fields are those of BIP 329.
#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(rename = "type")]
    of: String,
    #[serde(rename = "ref")]
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spendable: Option<bool>,
}

impl From<&Note> for Line {
    fn from(note: &Note) -> Self {
        match note {
            Note::Address { address, label } => {
                Self { of: "addr".into(), name: address.to_string(), label: Some(label.to_string()), spendable: None }
            }
            Note::Coin { coin, label, frozen } => Self {
                of: "output".into(),
                name: coin.to_string(),
                label: label.map(|label| label.to_string()),
                spendable: frozen.map(|frozen| !frozen),
            },
        }
    }
}

impl Line {
    /// What it says, if that is of something that has a label here.
    fn note(self, network: Network) -> Result<Option<Note>, String> {
        let label = self.label.filter(|text| !text.is_empty());
        let label = label.map(|text| {
            Label::new(text.as_bytes()).ok_or_else(|| format!("label {text:?} is not of at most 64 ASCII characters"))
        });
        match (self.of.as_str(), label.transpose()?) {
            ("addr", Some(label)) => {
                // One of another network is a stranger's.
                Ok(Address::parse(&self.name, network).ok().map(|address| Note::Address { address, label }))
            }
            ("output", label) if label.is_some() || self.spendable.is_some() => {
                let coin = self.name.parse().map_err(|error| format!("{}: {error}", self.name))?;
                Ok(Some(Note::Coin { coin, label, frozen: self.spendable.map(|spendable| !spendable) }))
            }
            _ => Ok(None),
        }
    }
}

pub(super) fn export(context: &mut Context, out: Option<&Path>) -> Result<(), Stop> {
    let lines: Vec<Line> = context.wallet()?.notes().explain()?.iter().map(Line::from).collect();
    let text = |line: &Line| serde_json::to_string(line).expect("facts are plain values with text keys");
    let Some(path) = out else {
        return context.facts(&lines, |out, lines| lines.iter().try_for_each(|line| out.line(text(line))));
    };
    let all: String = lines.iter().map(|line| text(line) + "\n").collect();
    file::write_new(path, all.as_bytes(), Readers::Owner).explain()?;
    context.tell(format_args!("{} in {}", count(lines.len(), "line"), path.display()));
    Ok(())
}

/// What became of the lines of a file.
#[derive(Serialize)]
struct Imported {
    /// Those of coins and addresses of the account.
    taken: usize,
    /// Those of others.
    left_out: usize,
}

pub(super) fn import(context: &mut Context, path: &Path) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let network = wallet.network();
    let bytes = read(path)?;
    let text = String::from_utf8(bytes).map_err(|_| malformed(path, "it is not UTF-8"))?;
    let (mut notes, mut strange) = (Vec::new(), 0);
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let refused = |why: String| malformed(path, &format!("line {number}: {why}"));
        let line: Line = serde_json::from_str(line).map_err(|error| refused(error.to_string()))?;
        match line.note(network).map_err(refused)? {
            Some(note) => notes.push(note),
            None => strange += 1,
        }
    }
    let taken = wallet.take_notes(&notes, &SystemClock).explain()?;
    let taken = taken.into_iter().filter(|taken| *taken).count();
    let imported = Imported { taken, left_out: notes.len() - taken + strange };
    context.facts(&imported, |out, imported| {
        out.line(format_args!("{} taken in, {} of others left out", count(imported.taken, "line"), imported.left_out))
    })
}

fn malformed(path: &Path, why: &str) -> Failure {
    let failure = Failure::new(FailureKind::Malformed, format!("{}: {why}", path.display()));
    failure.hint("nothing was taken in; each line is to be a label as BIP 329 has it")
}
