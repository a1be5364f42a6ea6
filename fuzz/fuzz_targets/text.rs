//! What people type or paste: addresses, extended keys, WIF, seeds in both kinds of words, dice.
#![no_main]

use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey, ExtendedPublicKey};
use dcrcold_signer::seed::{Added, AddedKind, Bip39Words, Seed};
use dcrcold_signer::wif::Wif;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for network in [Network::Mainnet, Network::Testnet3, Network::Simnet] {
        if let Ok(address) = Address::parse(text, network) {
            let again = address.to_string();
            assert_eq!(Address::parse(&again, network), Ok(address));
        }
        if let Ok(key) = ExtendedPublicKey::parse(text, network) {
            assert_eq!(key.to_string(), text);
        }
        if let Ok(key) = ExtendedPrivateKey::parse(text, network, Derivation::Decred) {
            assert_eq!(*key.to_text(), text);
        }
        if let Ok(wif) = Wif::parse(text, network) {
            assert_eq!(*wif.to_text(), text);
        }
    }
    if let Ok(seed) = Seed::parse(text) {
        let again = Seed::parse(&seed.to_words()).expect("what a seed writes reads");
        assert_eq!(again.as_bytes(), seed.as_bytes());
    }
    let _ = Bip39Words::parse(text);
    for kind in [AddedKind::Dice, AddedKind::Text] {
        let _ = Added::parse(kind, text);
    }
});
