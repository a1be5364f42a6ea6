//! Encodings of ECDSA signatures and public keys against `ecdsa.json`; `tests/ecdsa.rs` drives its other lists.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, hex};
use dcrcold_signer::key::Signature;
use dcrcold_signer::tx::der::{self, DerError};
use dcrcold_signer::tx::standard::ScriptKey;
use serde_json::Value;

#[test]
fn encodings_are_read_as_strictly_as_by_dcrd() {
    let mut vectors = Vectors::load("ecdsa.json");
    vectors.each("strict_der_consensus", |row| check_kind(row, der::check_consensus(&hex(&row["sig"]))));
    vectors.each("der_parse", |row| {
        let bytes = hex(&row["sig"]);
        let parsed = der::parse(&bytes);
        if let Ok(signature) = parsed {
            assert_eq!(der::encode(&signature), bytes);
        }
        check_kind(row, parsed.map(|_| ()));
    });
    vectors.each("pubkey_encoding_consensus", |row| {
        assert_eq!(ScriptKey::read(&hex(&row["pubkey"])).is_some(), row["error"].is_null(), "{}", row["name"]);
    });
    vectors.elsewhere("sign");
    vectors.elsewhere("recover_compact_errors");
    vectors.finish(29 + 28 + 13);
}

/// Compares with dcrd's kind, which is the name of the variant behind `ErrSig`.
fn check_kind(row: &Value, result: Result<(), DerError>) {
    let kind = result.err().map(|error| format!("ErrSig{error:?}").to_lowercase());
    assert_eq!(kind, row["error"].as_str().map(str::to_lowercase), "{}", row["name"]);
}

#[test]
fn small_integers_take_one_byte() {
    let mut bytes = [0; 64];
    bytes[31] = 1;
    bytes[63] = 0x80;
    let signature = Signature::from_bytes(bytes);
    let der = der::encode(&signature);
    assert_eq!(der, [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]);
    assert_eq!(der::parse(&der), Ok(signature));
}

#[test]
fn a_signature_has_one_encoding() {
    let vectors = Vectors::load("ecdsa.json");
    let der = hex(&vectors.get("der_parse")[0]["sig"]);
    for place in 0..der.len() {
        for value in 0..=u8::MAX {
            let mut bytes = der.clone();
            bytes[place] = value;
            if let Ok(signature) = der::parse(&bytes) {
                assert_eq!(der::encode(&signature), bytes, "byte {place} is {value}");
            }
        }
    }
}
