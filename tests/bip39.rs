//! Seeds of hardware wallets, `bip39.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{Vectors, hex, list, text};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, Branch, CoinType, Index, KeyPath};
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::seed::{Bip39Words, SeedError, bip39_words};

#[test]
fn words_make_the_seeds_of_hardware_wallets() {
    let mut vectors = Vectors::load("bip39.json");
    vectors.each("published", |row| {
        let seed = Bip39Words::parse(text(&row["words"])).unwrap().to_seed("TREZOR").unwrap();
        assert_eq!(seed.as_bytes(), hex(&row["seed"]));
        // Hardware wallets make keys of it by BIP-32 to the letter: the master key is the same on every chain.
        let xprv = bs58::decode(text(&row["xprv"])).into_vec().unwrap();
        let master = ExtendedPrivateKey::master(seed.as_bytes(), Network::Mainnet, Derivation::Strict).unwrap();
        let own = bs58::decode(&*master.to_text()).into_vec().unwrap();
        // Chain code and key: the rest is the network's, the checksum Decred's.
        assert_eq!(own[13..78], xprv[13..78]);
    });
    vectors.each("generated", |row| {
        let (words, passphrase) = (text(&row["words"]), text(&row["passphrase"]));
        let seed = Bip39Words::parse(words).unwrap().to_seed(passphrase).unwrap();
        assert_eq!(seed.as_bytes(), hex(&row["seed"]));
        let shouted = format!("  {}\n", words.to_uppercase().replace(' ', "\t\n"));
        assert_eq!(Bip39Words::parse(&shouted).unwrap().to_seed(passphrase).unwrap().as_bytes(), seed.as_bytes());
    });
    vectors.each("decred", |row| {
        let seed = Bip39Words::parse(text(&row["words"])).unwrap().to_seed(text(&row["passphrase"])).unwrap();
        let master = ExtendedPrivateKey::master(seed.as_bytes(), Network::Mainnet, Derivation::Strict).unwrap();
        let path = AccountPath { coin_type: CoinType::standard(Network::Mainnet), account: Account::FIRST };
        let account = master.account(path).unwrap().public();
        assert!(row["dpub"].is_null() || account.to_string() == text(&row["dpub"]));
        let key = account.node().address_hash(KeyPath { branch: Branch::External, index: Index::FIRST }).unwrap();
        assert_eq!(Address::of_key_hash(Network::Mainnet, key).to_string(), text(&row["address"]));
    });
    vectors.each("invalid", |row| {
        let position = || usize::try_from(row["position"].as_u64().unwrap()).unwrap();
        let expected = match text(&row["error"]) {
            "checksum" => SeedError::Bip39Checksum,
            "unknown" => SeedError::UnknownBip39Word { position: position() },
            count => SeedError::Bip39Count { found: count.strip_prefix("count ").unwrap().parse().unwrap() },
        };
        assert_eq!(Bip39Words::parse(text(&row["words"])).err(), Some(expected));
    });
    vectors.finish(24 + 7 + 2 + 9);
}

#[test]
fn one_wrong_word_of_24_is_mostly_noticed() {
    let vectors = Vectors::load("bip39.json");
    let rows: Vec<_> = list(vectors.get("published")).iter().filter(|row| text(&row["words"]).len() > 120).collect();
    let (mut tried, mut noticed) = (0, 0);
    for row in rows {
        let words: Vec<_> = text(&row["words"]).split(' ').collect();
        for position in 0..words.len() {
            let mut altered = words.clone();
            let other = (bip39_words().iter().position(|word| *word == words[position]).unwrap() + 7) % 2048;
            altered[position] = bip39_words()[other];
            tried += 1;
            noticed += usize::from(Bip39Words::parse(&altered.join(" ")).err() == Some(SeedError::Bip39Checksum));
        }
    }
    println!("altered words: {tried} cases, {noticed} noticed");
    // The checksum of 24 words has 8 bits: one in 256 passes.
    assert!(tried >= 150 && tried - noticed <= tried / 50, "{noticed} of {tried}");
}
