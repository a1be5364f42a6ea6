//! Extended keys and BIP-44 accounts, `hdkeychain.json` and `wallet_hd.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, Branch, CoinType, Index, KeyPath};
use dcrcold_signer::address::Address;
use dcrcold_signer::base58;
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedPrivateKey, ExtendedPublicKey, HdError};
use dcrcold_signer::key::KeyError;
use dcrcold_signer::wif::Wif;
use serde_json::Value;

mod common;

use common::{Vectors, array, hex, list, number, text};

fn walk(mut key: ExtendedPrivateKey, indices: &Value) -> ExtendedPrivateKey {
    for index in list(indices) {
        key = key.child(ChildNumber::from_raw(number(index))).unwrap();
    }
    key
}

#[test]
fn extended_keys_agree_with_dcrd() {
    let mut vectors = Vectors::load("hdkeychain.json");
    vectors.each("derivation", |row| {
        let network = text(&row["net"]).parse().unwrap();
        let derivation = if text(&row["variant"]) == "decred" { Derivation::Decred } else { Derivation::Strict };
        let seed = hex(&row["seed"]);
        let key = walk(ExtendedPrivateKey::master(&seed, network, derivation).unwrap(), &row["indices"]);
        assert_eq!(*key.to_text(), text(&row["xpriv"]));
        assert_eq!(key.public().to_string(), text(&row["xpub"]));
        if let Some(expected) = row["decred_variant_xpriv"].as_str() {
            let master = ExtendedPrivateKey::master(&seed, network, Derivation::Decred).unwrap();
            assert_eq!(*walk(master, &row["indices"]).to_text(), expected);
        }
    });
    vectors.each("private_child_derivation", |row| {
        for derivation in [Derivation::Decred, Derivation::Strict] {
            let parent = ExtendedPrivateKey::parse(text(&row["parent"]), Network::Mainnet, derivation).unwrap();
            assert_eq!(*walk(parent, &row["indices"]).to_text(), text(&row["child"]));
        }
    });
    vectors.each("public_child_derivation", |row| {
        let mut key = ExtendedPublicKey::parse(text(&row["parent"]), Network::Mainnet).unwrap();
        for index in list(&row["indices"]) {
            key = key.child(ChildNumber::from_raw(number(index))).unwrap();
        }
        assert_eq!(key.to_string(), text(&row["child"]));
    });
    vectors.each("parse", check_parse);
    vectors.each("invalid_strings", check_invalid);
    vectors.finish(24 + 13 + 12 + 2 + 5);
}

fn check_parse(row: &Value) {
    let public = if row["is_private"].as_bool().unwrap() {
        let key = ExtendedPrivateKey::parse(text(&row["xkey"]), Network::Mainnet, Derivation::Decred).unwrap();
        assert_eq!(key.key().secret_bytes(), &array(&row["privkey"]));
        assert_eq!(*key.to_text(), text(&row["xkey"]));
        key.public()
    } else {
        ExtendedPublicKey::parse(text(&row["xkey"]), Network::Mainnet).unwrap()
    };
    assert_eq!(public.node().key().to_bytes(), array(&row["pubkey"]));
    let fingerprint = u32::from_be_bytes(public.position().parent_fingerprint);
    assert_eq!(fingerprint, number::<u32>(&row["parent_fingerprint"]));
}

fn check_invalid(row: &Value) {
    let error = ExtendedPublicKey::parse(text(&row["key"]), Network::Mainnet).unwrap_err();
    let expected = match text(&row["error"]) {
        "ErrInvalidKeyLen" => matches!(error, HdError::TextTooLong { .. } | HdError::KeyLength { .. }),
        "ErrBadChecksum" => matches!(error, HdError::Base58(base58::Base58Error::Checksum)),
        "secp256k1.ErrPubKeyNotOnCurve" => error == HdError::Key(KeyError::NotAPoint),
        "ErrWrongNetwork" => matches!(error, HdError::UnknownVersion { .. }),
        other => panic!("unknown error {other}"),
    };
    assert!(expected, "{}: {error}", row["name"]);
}

#[test]
fn wallet_accounts_agree_with_dcrwallet() {
    let mut vectors = Vectors::load("wallet_hd.json");
    vectors.each("accounts", check_account);
    vectors.each("leading_zero_quirk", check_quirk);
    vectors.finish(10 + 4);
}

fn check_account(row: &Value) {
    // The keys do not depend on the network; only their text does.
    let known: Option<Network> = text(&row["net"]).parse().ok();
    let network = known.unwrap_or(Network::Simnet);
    let seed = hex(&row["seed"]);
    let master = ExtendedPrivateKey::master(&seed, network, Derivation::Decred).unwrap();
    let coin_type = CoinType::new(network, number(&row["coin_type"])).unwrap();
    let account = Account::new(number(&row["account"])).unwrap();
    let path = AccountPath { coin_type, account };
    assert_eq!(path.to_string(), text(&row["path"]));
    let key = master.account(path).unwrap();
    let (private, public) = (text(&row["account_xprv"]), text(&row["account_xpub"]));
    if known.is_some() {
        assert_eq!(*key.to_text(), private);
        assert_eq!(key.public().to_string(), public);
    } else {
        assert_eq!(base58::decode_check(&key.to_text()).unwrap()[4..], base58::decode_check(private).unwrap()[4..]);
        let found = base58::decode_check(&key.public().to_string()).unwrap();
        assert_eq!(found[4..], base58::decode_check(public).unwrap()[4..]);
    }
    for (branch, name) in [(Branch::External, "external"), (Branch::Internal, "internal")] {
        for entry in list(&row[name]) {
            let path = KeyPath { branch, index: Index::new(number(&entry["index"])).unwrap() };
            let from_public = key.public().node().address_key(path).unwrap();
            let from_private = key.address_key(path).unwrap();
            assert_eq!(from_public, from_private.public_key());
            assert_eq!(from_public.to_bytes(), array(&entry["pubkey"]));
            assert_eq!(from_public.hash().as_bytes().as_slice(), hex(&entry["hash160"]));
            if let Some(network) = known {
                let address = Address::of_key_hash(network, from_public.hash());
                assert_eq!(address.to_string(), text(&entry["address"]));
                assert_eq!(*Wif::new(network, &from_private).to_text(), text(&entry["wif"]));
            }
        }
    }
}

fn check_quirk(row: &Value) {
    let account = |derivation| {
        let master = ExtendedPrivateKey::master(&hex(&row["seed"]), Network::Mainnet, derivation).unwrap();
        let coin_type = CoinType::standard(Network::Mainnet);
        master.account(AccountPath { coin_type, account: Account::FIRST }).unwrap().public().to_string()
    };
    assert_eq!(account(Derivation::Decred), text(&row["account0_xpub_decred"]));
    assert_eq!(account(Derivation::Strict), text(&row["account0_xpub_bip32_strict"]));
}

#[test]
fn a_version_must_match_network_and_kind_of_key() {
    let master = ExtendedPrivateKey::master(&[7; 32], Network::Mainnet, Derivation::Decred).unwrap();
    let (private, public) = (master.to_text(), master.public().to_string());
    let parse = |text: &str, network| ExtendedPrivateKey::parse(text, network, Derivation::Decred).err();
    assert_eq!(parse(&public, Network::Mainnet), Some(HdError::KeyKind));
    assert_eq!(ExtendedPublicKey::parse(&private, Network::Mainnet), Err(HdError::KeyKind));
    let other = HdError::OtherNetwork { found: Network::Mainnet, expected: Network::Simnet };
    assert_eq!(parse(&private, Network::Simnet), Some(other));
    assert_eq!(ExtendedPublicKey::parse(&public, Network::Simnet), Err(other));

    // A private key under a public version, and the other way round: dcrd takes both.
    let swap = |text: &str, version: [u8; 4]| {
        let mut bytes = base58::decode_check(text).unwrap();
        bytes[..4].copy_from_slice(&version);
        base58::encode_check(&bytes)
    };
    let params = Network::Mainnet.params();
    let disguised = swap(&private, params.extended_public);
    assert_eq!(ExtendedPublicKey::parse(&disguised, Network::Mainnet), Err(HdError::Key(KeyError::NotAPoint)));
    let disguised = swap(&public, params.extended_private);
    assert_eq!(parse(&disguised, Network::Mainnet), Some(HdError::KeyKind));
}

#[test]
fn a_public_key_has_no_hardened_children() {
    let master = ExtendedPrivateKey::master(&[7; 32], Network::Mainnet, Derivation::Decred).unwrap();
    let number = ChildNumber::hardened(0);
    assert_eq!(master.public().child(number), Err(HdError::HardenedFromPublic { number }));
}

#[test]
fn seeds_of_15_and_65_bytes_are_refused() {
    for length in [0, 15, 65] {
        let seed = vec![1; length];
        let error = ExtendedPrivateKey::master(&seed, Network::Mainnet, Derivation::Decred).err();
        assert_eq!(error, Some(HdError::SeedLength { found: length }));
    }
}

/// A checksum is a hash of the key: with most of the text at hand, four bytes of it confirm a guess at the rest.
#[test]
fn the_error_of_a_mistyped_private_key_says_nothing_of_the_key() {
    let network = Network::Mainnet;
    let key = ExtendedPrivateKey::master(&[7; 32], network, Derivation::Decred).unwrap().to_text();
    let mut ran = 0;
    for position in 5..key.len() {
        let other = if key.as_bytes()[position] == b'2' { "3" } else { "2" };
        let mut mistyped = key.to_string();
        mistyped.replace_range(position..=position, other);
        let error = ExtendedPrivateKey::parse(&mistyped, network, Derivation::Decred).err().unwrap();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(
            (format!("{error:?}").as_str(), cause.as_str()),
            ("Base58(Checksum)", "the checksum does not fit: a character is wrong")
        );
        ran += 1;
    }
    println!("mistyped private keys: {ran} cases");
    assert_eq!(ran, 106);
}
