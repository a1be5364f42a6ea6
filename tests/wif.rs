//! Private keys as text, `wif.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use dcrcold_core::net::Network;
use dcrcold_signer::base58;
use dcrcold_signer::key::{KeyError, PrivateKey};
use dcrcold_signer::wif::{Wif, WifError};
use serde_json::Value;

mod common;

use common::{Vectors, array, hex, number, text};

#[test]
fn private_keys_agree_with_dcrd() {
    let mut vectors = Vectors::load("wif.json");
    vectors.each("valid", |row| match text(&row["net"]).parse() {
        Ok(network) => check_valid(row, network),
        Err(_) => {
            // The regression test network is none of ours.
            let error = refusal(text(&row["wif"]), Network::Simnet);
            assert!(matches!(error, WifError::UnknownPrefix { .. }));
            assert_eq!(base58::decode(text(&row["wif"])).unwrap()[3..35], hex(&row["privkey"]));
        }
    });
    vectors.each("invalid", |row| match row["wif"].as_str() {
        Some(wif) => check_invalid(row, wif),
        None => check_constructor(row),
    });
    vectors.finish(12 + 7);
}

fn check_valid(row: &Value, network: Network) {
    let wif = Wif::parse(text(&row["wif"]), network).unwrap();
    assert_eq!(*wif.to_text(), text(&row["wif"]));
    assert_eq!(wif.network(), network);
    assert_eq!(wif.signature_type().code(), number::<u8>(&row["sig_type"]));
    match wif.public_key() {
        Some(key) => assert_eq!(key.to_bytes().as_slice(), hex(&row["pubkey"])),
        // There is no Ed25519 in this package; the encoding is all that is compared.
        None => assert_eq!(text(&row["name"]).split(' ').nth(1), Some("ed25519")),
    }
    let key = array(&row["privkey"]);
    match wif.ecdsa_key() {
        Some(found) => {
            assert_eq!(found.secret_bytes(), &key);
            let made = Wif::new(network, &PrivateKey::from_bytes(&key).unwrap());
            assert_eq!(*made.to_text(), text(&row["wif"]));
        }
        None => assert_ne!(wif.signature_type().code(), 0),
    }
}

fn check_invalid(row: &Value, wif: &str) {
    let error = refusal(wif, text(&row["net"]).parse().unwrap());
    let expected = match text(&row["name"]) {
        "encoded wif too long" => matches!(error, WifError::TextTooLong { .. }),
        "bad checksum" => error == WifError::Checksum,
        "bad decoded data length" => matches!(error, WifError::Length { .. }),
        "wif for wrong network" => {
            error == WifError::OtherNetwork { found: Network::Testnet3, expected: Network::Mainnet }
        }
        "invalid ed25519 privkey via decode" => error == WifError::Key(KeyError::PrivateOutOfRange),
        other => panic!("unknown case {other}"),
    };
    assert!(expected, "{}: {error}", row["name"]);
}

/// Writes what dcrd's constructor refuses and reads it back.
fn check_constructor(row: &Value) {
    let prefix = Network::Mainnet.params().wif;
    let kind = u8::try_from(number::<u32>(&row["sig_type"])).unwrap_or(u8::MAX);
    let mut bytes = [&prefix[..], &[kind], &hex(&row["privkey"])].concat();
    bytes.extend_from_slice(&blake256::blake256(&bytes)[..4]);
    let expected = if kind == 1 {
        WifError::Key(KeyError::PrivateOutOfRange)
    } else {
        WifError::UnknownSignatureType { found: kind }
    };
    assert_eq!(refusal(&base58::encode(&bytes), Network::Mainnet), expected);
}

fn refusal(text: &str, network: Network) -> WifError {
    match Wif::parse(text, network) {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}
