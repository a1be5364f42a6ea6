//! The files that the case files of `dcrcold-signer` start with, made from the vectors.

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness, seal};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::voter::{VoterKeys, own_accounts};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::common::{Vectors, hex, list, number, parsed, text};

fn voter_of(master: &ExtendedPrivateKey, coin_type: CoinType, account: Account) -> VoterKeys {
    let accounts = own_accounts(master, coin_type, account, Generation::FIRST).unwrap();
    VoterKeys { name: "box".parse().unwrap(), accounts: accounts.map(|account| *account.public().node()) }
}

/// All files by their names.
pub(crate) fn files() -> Vec<(&'static str, Vec<u8>)> {
    let builder = Vectors::load("builder.json");
    let case = |kind: u64, network: &str| {
        let cases = list(builder.get("cases")).iter();
        let mut cases = cases.filter(|case| case["kind"] == kind && case["wallet"]["network"] == network);
        cases.next().unwrap_or_else(|| panic!("no case of kind {kind} on {network}")).clone()
    };
    let transfer = |case: &Value, name: &str| hex(&case["transfer"][name]);
    let purchase = case(1, "mainnet");
    let request = transfer(&purchase, "request");
    let mut flipped = request.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let contents = contents(&purchase);
    let store = sealed(&contents);
    let mut flipped_store = store.clone();
    *flipped_store.last_mut().unwrap() ^= 1;
    let wallets = Vectors::load("files.json");
    let wallet = &list(wallets.get("cases"))[0];
    let master = contents.master().unwrap();
    let stranger = ExtendedPrivateKey::master(&[8; 32], Network::Mainnet, Derivation::Decred).unwrap();
    let voter = voter_of(&stranger, contents.coin_type(), Account::FIRST);
    let mut greedy = voter.clone();
    greedy.accounts[0] = *master.account(contents.path(Account::FIRST)).unwrap().public().node();
    vec![
        ("passphrase", b"correct horse\n".to_vec()),
        ("wrong-passphrase", b"battery staple\n".to_vec()),
        ("seed-words", contents.seed().to_words().as_bytes().to_vec()),
        ("bad-seed-words", contents.seed().to_words().replace("briefcase", "kickoff").into_bytes()),
        ("keystore", store.clone()),
        ("keystore-truncated", store[..70].to_vec()),
        ("keystore-flipped", flipped_store),
        ("request", request.clone()),
        ("request-truncated", request[..request.len() - 1].to_vec()),
        ("request-flipped", flipped),
        ("request-simnet", transfer(&case(1, "simnet"), "request")),
        (
            "request-send",
            hex(&list(builder.get("cases")).iter().find(|case| case["kind"] == 2).unwrap()["transfer"]["request"]),
        ),
        (
            "request-register",
            hex(&list(builder.get("cases")).iter().find(|case| case["kind"] == 3).unwrap()["transfer"]["request"]),
        ),
        ("answer", transfer(&purchase, "answer")),
        ("watch", hex(&wallet["watch"])),
        ("hot", hex(&wallet["hot_keys"])),
        ("voter", voter.to_container(Network::Mainnet).unwrap().encode()),
        ("voter-simnet", voter.to_container(Network::Simnet).unwrap().encode()),
        ("voter-greedy", greedy.to_container(Network::Mainnet).unwrap().encode()),
    ]
}

/// The key store of a case, with its own voter only.
fn contents(case: &Value) -> Contents {
    let network: Network = parsed(&case["wallet"]["network"]);
    let coin_type = CoinType::new(network, number(&case["wallet"]["coin_type"])).unwrap();
    let entry = AccountEntry { account: Account::FIRST, name: "savings".parse().unwrap() };
    let seed = Seed::parse(text(&case["wallet"]["seed"])).unwrap();
    Contents::new(seed, network, coin_type, Derivation::Decred, entry, None)
}

/// Seals with the least work and without randomness, so that the bytes stay the same.
fn sealed(contents: &Contents) -> Vec<u8> {
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".to_owned())).unwrap();
    let randomness = Randomness { salt: [0x5a; 16], nonce: [0xc3; 24] };
    seal(&contents.encode(), &passphrase, Kdf::with_memory(8).unwrap(), &randomness).unwrap()
}

/// Writes the files, when they are made for the first time or change on purpose.
pub(crate) fn write(folder: &std::path::Path) {
    for (name, bytes) in files() {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
