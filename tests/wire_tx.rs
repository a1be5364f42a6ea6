//! Serialisations and hashes of transactions against `wire_tx.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex, list, number, text};
use dcrcold_core::hash::put_varint;
use dcrcold_signer::tx::{Transaction, TxError};
use dcrcold_signer::wire::{Buffer, Reader, WireError};
use serde_json::Value;

#[test]
fn transactions_have_the_known_bytes_and_hashes() {
    let mut vectors = Vectors::load("wire_tx.json");
    vectors.each("transactions", check_transaction);
    vectors.each("malformed", check_malformed);
    vectors.each("varint", |row| {
        let value = number(&row["value"]);
        let mut buffer = Buffer::default();
        put_varint(&mut buffer, value);
        assert_eq!(buffer.0, hex(&row["encoded"]));
        let mut reader = Reader::new(&buffer.0);
        assert_eq!(reader.varint("number"), Ok(value));
        assert_eq!(reader.finish("number"), Ok(()));
    });
    vectors.each("varint_non_canonical", |row| {
        let bytes = hex(&row["encoded"]);
        let error = Reader::new(&bytes).varint("number").unwrap_err();
        assert!(matches!(error, WireError::NonCanonical { offset: 0, .. }), "{}: {error}", row["name"]);
    });
    vectors.finish(13 + 6 + 8 + 6);
}

fn check_transaction(row: &Value) {
    let full = hex(&row["full"]);
    let tx = Transaction::decode(&full).unwrap();
    assert_eq!(tx.encode(), full);
    assert_eq!(tx.encode_prefix(), hex(&row["prefix"]));
    assert_eq!(tx.encode_witness(), hex(&row["witness"]));
    assert_eq!(tx.id().to_string(), text(&row["txid"]));
    assert_eq!(tx.witness_hash().to_string(), text(&row["witness_hash"]));
    assert_eq!(tx.full_hash().to_string(), text(&row["full_hash"]));
    check_fields(&tx, &row["decoded"]);

    let mut rejoined = Transaction::decode_prefix(&hex(&row["prefix"])).unwrap();
    assert_eq!(rejoined.id(), tx.id());
    rejoined.decode_witness(&hex(&row["witness"])).unwrap();
    assert_eq!(rejoined, tx);
}

fn check_fields(tx: &Transaction, row: &Value) {
    assert_eq!(tx.version, row["version"]);
    assert_eq!(tx.lock_time, row["lock_time"]);
    assert_eq!(tx.expiry, row["expiry"]);
    assert_eq!(tx.inputs.len(), list(&row["inputs"]).len());
    for (input, row) in tx.inputs.iter().zip(list(&row["inputs"])) {
        assert_eq!(input.previous.id.to_string(), text(&row["prev_hash"]));
        assert_eq!(input.previous.index, row["prev_index"]);
        assert_eq!(input.previous.tree.code(), row["tree"]);
        assert_eq!(input.sequence, row["sequence"]);
        assert_eq!(input.value_in.0, row["value_in"]);
        assert_eq!(input.block_height, row["block_height"]);
        assert_eq!(input.block_index, row["block_index"]);
        assert_eq!(input.signature_script, hex(&row["signature_script"]));
    }
    assert_eq!(tx.outputs.len(), list(&row["outputs"]).len());
    for (output, row) in tx.outputs.iter().zip(list(&row["outputs"])) {
        assert_eq!(output.value.0, row["value"]);
        assert_eq!(output.script_version, row["version"]);
        assert_eq!(output.script, hex(&row["script"]));
    }
}

fn check_malformed(row: &Value) {
    let error = Transaction::decode(&hex(&row["tx"])).unwrap_err();
    let kind = match &error {
        TxError::SerialisationType { found: 3, expected: 0, .. } => "ErrUnknownTxType",
        TxError::WitnessCount { .. } => "ErrMismatchedWitnessCount",
        TxError::Wire(WireError::NonCanonical { what: "input count", offset: 4, .. }) => "ErrNonCanonicalVarInt",
        TxError::Wire(WireError::Truncated { .. }) => "unexpected EOF",
        TxError::Wire(WireError::TooMany { what: "input count", offset: 4, .. }) => "ErrTooManyTxs",
        TxError::Wire(WireError::TooMany { what: "signature script", .. }) => "ErrVarBytesTooLong",
        _ => "another",
    };
    assert_eq!(kind, text(&row["error"]), "{}: {error}", row["name"]);
}

/// A known transaction, so that the tests below begin from something valid.
fn sample() -> Vec<u8> {
    hex(&Vectors::load("wire_tx.json").get("transactions")[1]["full"])
}

#[test]
fn every_truncation_is_refused() {
    let full = sample();
    for length in 0..full.len() {
        assert!(Transaction::decode(&full[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn a_byte_after_the_end_is_refused() {
    let mut full = sample();
    let end = full.len();
    full.push(0);
    let error = Transaction::decode(&full).unwrap_err();
    assert_eq!(error, TxError::Wire(WireError::Trailing { what: "transaction", offset: end, left: 1 }));
}

#[test]
fn an_unknown_tree_is_refused_with_its_offset() {
    let mut full = sample();
    // Version and type, one byte of count, then id and index stand in front of the first tree.
    full[4 + 1 + 32 + 4] = 2;
    assert_eq!(Transaction::decode(&full).unwrap_err(), TxError::UnknownTree { offset: 5, found: 2 });
}

#[test]
fn a_witness_that_fails_changes_nothing() {
    let tx = Transaction::decode(&sample()).unwrap();
    let mut unsigned = Transaction::decode_prefix(&tx.encode_prefix()).unwrap();
    let before = unsigned.clone();
    let mut witness = tx.encode_witness();
    witness.pop();
    assert!(unsigned.decode_witness(&witness).is_err());
    assert_eq!(unsigned, before);
}

#[test]
fn what_is_read_is_written_again_whatever_byte_is_wrong() {
    let full = sample();
    let (mut read, mut refused) = (0, 0);
    for place in 0..full.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = full.clone();
            bytes[place] ^= flip;
            match Transaction::decode(&bytes) {
                Ok(tx) => {
                    assert_eq!(tx.encode(), bytes, "byte {place}");
                    read += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    println!("{read} changed transactions read, {refused} refused");
    assert!(read > 0 && refused > 0);
}
