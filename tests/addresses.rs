//! Addresses of every kind and their scripts, `addresses.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_core::script::{Commitment, Payment, StakeTag};
use dcrcold_signer::address::{Address, AddressError, Payload, SignatureType};
use dcrcold_signer::base58::{self, Base58Error};
use dcrcold_signer::key::PublicKey;
use serde_json::Value;

mod common;

use common::{Vectors, hex, list, number, text};

#[test]
fn addresses_agree_with_dcrd() {
    let mut vectors = Vectors::load("addresses.json");
    vectors.each("valid", |row| match text(&row["net"]).parse() {
        Ok(network) => check_valid(row, network),
        Err(_) => check_regnet(row),
    });
    vectors.one("invalid", |rows| {
        let texts: Vec<_> = list(rows).iter().filter(|row| row["kind"] != "constructor").collect();
        texts.iter().for_each(|row| check_invalid(row));
        texts.len()
    });
    // Arguments of dcrd's constructors that cannot be written here: a hash and a key have one length, a script one version.
    vectors.data_only("invalid", 24);
    vectors.each("probably_base58", |row| {
        assert_eq!(base58::decode(text(&row["str"])).is_ok(), row["want"].as_bool().unwrap());
    });
    vectors.finish(39 + 17 + 11);
}

fn check_valid(row: &Value, network: Network) {
    let address = Address::parse(text(&row["addr"]), network).unwrap();
    assert_eq!(address.to_string(), text(&row["addr"]));
    assert_eq!(address.network(), network);
    assert_eq!(address.script(), hex(&row["pay_script"]));
    match address.payload() {
        Payload::KeyHash(kind, hash) => {
            let name = ["p2pkh-ecdsa", "p2pkh-ed25519", "p2pkh-schnorr"][usize::from(kind.code())];
            assert_eq!(text(&row["type"]), name);
            assert_eq!(hash.as_bytes().as_slice(), hex(&row["hash160"]));
        }
        Payload::ScriptHash(hash) => {
            assert_eq!(text(&row["type"]), "p2sh");
            assert_eq!(hash.as_bytes().as_slice(), hex(&row["hash160"]));
        }
        Payload::EcdsaKey(key) => check_key(row, &key.to_bytes(), SignatureType::Ecdsa),
        Payload::Ed25519Key(key) => check_key(row, key, SignatureType::Ed25519),
        Payload::SchnorrKey(key) => check_key(row, &key.to_bytes(), SignatureType::Schnorr),
    }
    if let Some(expected) = row["pubkey_hash_address"].as_str() {
        assert_eq!(address.key_hash().unwrap().to_string(), expected);
    }
    match address.payee() {
        Some(payee) => {
            assert_eq!(Address::of_payee(network, &payee), address);
            check_stake_scripts(row, |tag| Payment { tag: Some(tag), payee }.script().as_bytes().to_vec());
            let amount = Amount::from_atoms(number(&row["reward_amount"])).unwrap();
            let revocation_limit = u16::try_from(number::<u64>(&row["revocation_fee_limit"]).ilog2()).unwrap();
            let commitment = Commitment { payee, amount, limits: 0x4000 | (revocation_limit << 8) };
            assert_eq!(commitment.script().as_bytes(), hex(&row["reward_commitment_script"]));
        }
        None => assert!(row.get("voting_rights_script").is_none()),
    }
}

fn check_key(row: &Value, key: &[u8], kind: SignatureType) {
    assert_eq!(text(&row["type"]), "pubkey");
    assert_eq!(key, hex(&row["pubkey"]));
    assert_eq!(kind.code(), number::<u8>(&row["sig_type"]));
}

fn check_stake_scripts(row: &Value, script: impl Fn(StakeTag) -> Vec<u8>) {
    for (tag, name) in [
        (StakeTag::Submission, "voting_rights_script"),
        (StakeTag::Change, "stake_change_script"),
        (StakeTag::Vote, "vote_payout_script"),
        (StakeTag::Revocation, "revocation_payout_script"),
        (StakeTag::Treasury, "treasury_payout_script"),
    ] {
        assert_eq!(script(tag), hex(&row[name]), "{name}");
    }
}

/// The regression test network is none of ours: its addresses are well-formed and refused.
fn check_regnet(row: &Value) {
    let bytes = base58::decode_check(text(&row["addr"])).unwrap();
    let prefix = [bytes[0], bytes[1]];
    assert_eq!(text(&row["addr"]).parse::<Address>(), Err(AddressError::UnknownPrefix { found: prefix }));
    if let Some(hash) = row["hash160"].as_str() {
        assert_eq!(base16ct::lower::encode_string(&bytes[2..]), hash);
    }
}

fn check_invalid(row: &Value) {
    let network: Network = text(&row["net"]).parse().unwrap();
    let error = Address::parse(text(&row["addr"]), network).unwrap_err();
    let expected = match text(&row["name"]) {
        "bad checksum" => matches!(error, AddressError::Base58(Base58Error::Checksum)),
        "parse valid mainnet address with testnet rejected" => {
            error == AddressError::OtherNetwork { found: Network::Mainnet, expected: Network::Testnet3 }
        }
        "mainnet p2pk with no data for pubkey" => error == AddressError::PayloadLength { found: 0, expected: 33 },
        name if name.starts_with("invalid base58") => {
            matches!(error, AddressError::Base58(Base58Error::Character { .. }))
        }
        name if name.starts_with("exceeds max") || name.contains("uncompressed") => {
            matches!(error, AddressError::TooLong { .. })
        }
        name if name.contains("malformed pubkey") => matches!(error, AddressError::PayloadLength { found: 32, .. }),
        other => panic!("unknown case {other}"),
    };
    assert!(expected, "{}: {error}", row["name"]);
}

#[test]
fn every_single_character_error_is_refused() {
    let good = "DsUZxxoHJSty8DCfwfartwTYbuhmVct7tJu";
    let alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let mut tried = 0;
    for position in 0..good.len() {
        for letter in alphabet.chars().filter(|letter| good.as_bytes()[position] != u8::try_from(*letter).unwrap()) {
            let mut text: Vec<char> = good.chars().collect();
            text[position] = letter;
            assert!(text.into_iter().collect::<String>().parse::<Address>().is_err());
            tried += 1;
        }
    }
    println!("one wrong character: {tried} cases");
    assert_eq!(tried, good.len() * 57);
}

#[test]
fn bytes_after_a_hash_and_unknown_key_types_are_refused() {
    let prefix = Network::Mainnet.params().key_hash;
    let long = base58::encode_check(&[&prefix[..], &[7; 21]].concat());
    assert_eq!(long.parse::<Address>(), Err(AddressError::PayloadLength { found: 21, expected: 20 }));

    let prefix = Network::Mainnet.params().public_key;
    let key = PublicKey::from_bytes(&hex_key()).unwrap().to_bytes();
    for (first, error) in [
        (0x03, AddressError::UnknownSignatureType { found: 3 }),
        (0x81, AddressError::UnknownSignatureType { found: 0x81 }),
    ] {
        let text = base58::encode_check(&[&prefix[..], &[first], &key[1..]].concat());
        assert_eq!(text.parse::<Address>(), Err(error));
    }
    let text = base58::encode_check(&[&prefix[..], &[0], &[0xff; 32]].concat());
    assert_eq!(text.parse::<Address>(), Err(AddressError::NotAPoint));
}

fn hex_key() -> [u8; 33] {
    let text = "028f53838b7639563f27c94845549a41e5146bcd52e7fef0ea6da143a02b0fe2ed";
    base16ct::lower::decode_vec(text).unwrap().try_into().unwrap()
}
