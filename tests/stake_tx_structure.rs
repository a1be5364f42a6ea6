//! The forms of tickets, votes and revocations against `stake_tx_structure.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Debug;

use common::{Vectors, hex, list, number, text};
use dcrcold_signer::tx::check::{check_revocation, check_ticket, check_vote};
use dcrcold_signer::tx::{Transaction, TxKind};
use serde_json::Value;

#[test]
fn forms_are_judged_as_by_dcrd() {
    let mut vectors = Vectors::load("stake_tx_structure.json");
    vectors.each("transactions", check_row);
    // `tests/tickets_and_votes.rs` reads these.
    vectors.elsewhere("reference_ticket_commitments");
    vectors.elsewhere("reference_vote");
    vectors.finish(48);
}

fn check_row(row: &Value) {
    let bytes = hex(&row["tx"]);
    let tx = Transaction::decode(&bytes).unwrap();
    assert_eq!(tx.encode(), bytes);
    assert_eq!(tx.id().to_string(), text(&row["txid"]));
    assert_eq!(bytes.len(), number::<usize>(&row["size"]));
    let (kind, error) = match text(&row["kind"]) {
        "ticket" => (TxKind::Ticket, check_ticket(&tx).err().map(|error| name("ErrSStx", &error))),
        "vote" => (TxKind::Vote, check_vote(&tx).err().map(|error| name("ErrSSGen", &error))),
        "revocation" => (TxKind::Revocation, check_revocation(&tx).err().map(|error| name("ErrSSRtx", &error))),
        other => panic!("unknown kind {other}"),
    };
    assert_eq!(error, row["error"].as_str().map(str::to_lowercase), "{}", row["name"]);
    assert_eq!(tx.kind() == kind, row["valid"].as_bool().unwrap(), "{}", row["name"]);
    if let Some(votes) = row.get("treasury_votes") {
        let found = check_vote(&tx).unwrap();
        assert_eq!(found.len(), list(votes).len());
        for (found, known) in found.iter().zip(list(votes)) {
            assert_eq!(found.spend.to_string(), text(&known["tspend"]));
            assert_eq!(found.choice.code(), known["vote"]);
        }
    }
}

/// dcrd's kind, in lower case: the name of the variant behind its prefix.
fn name(prefix: &str, error: &impl Debug) -> String {
    let debug = format!("{error:?}");
    let variant = debug.split([' ', '{']).next().unwrap();
    format!("{prefix}{variant}").to_lowercase()
}
