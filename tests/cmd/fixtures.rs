//! The files that the case files of `dcrcold-signer` start with, made from the vectors.

use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_core::policy::Limits;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::journal::{History, Record, START, seal as seal_record};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness, seal};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Encode};
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
    let bip39 = Vectors::load("bip39.json");
    let wallet = &list(wallets.get("cases"))[0];
    let master = contents.master().unwrap();
    let stranger = ExtendedPrivateKey::master(&[8; 32], Network::Mainnet, Derivation::Decred).unwrap();
    let voter = voter_of(&stranger, contents.coin_type(), Account::FIRST);
    let mut greedy = voter.clone();
    greedy.accounts[0] = *master.account(contents.path(Account::FIRST)).unwrap().public().node();
    let (journal, remembering) = signed(&purchase, &request);
    let mut flipped_journal = journal.clone();
    *flipped_journal.last_mut().unwrap() ^= 1;
    vec![
        ("passphrase", b"correct horse\n".to_vec()),
        ("wrong-passphrase", b"battery staple\n".to_vec()),
        ("seed-words", contents.seed().to_words().as_bytes().to_vec()),
        ("bad-seed-words", contents.seed().to_words().replace("briefcase", "kickoff").into_bytes()),
        ("backup-passphrase", b"staple battery\n".to_vec()),
        ("bip39-words", format!("{}\n", text(&list(bip39.get("published"))[0]["words"])).into_bytes()),
        ("bip39-passphrase", b"TREZOR\n".to_vec()),
        ("dice", b"12345 66612 3\n".to_vec()),
        ("keystore", store.clone()),
        ("keystore-truncated", store[..70].to_vec()),
        ("keystore-flipped", flipped_store),
        ("backup", backup(&purchase, &request, voter.clone())),
        ("signed-before", remembering.clone()),
        ("signed-before.journal", journal.clone()),
        ("journal-missing", remembering.clone()),
        ("journal-damaged", remembering.clone()),
        ("journal-damaged.journal", flipped_journal),
        ("journal-older", remembering.clone()),
        ("journal-older.journal", START.to_vec()),
        ("journal-cut", remembering),
        ("journal-cut.journal", [&journal[..], &journal[START.len()..100]].concat()),
        // Expires a block later; and begins at the address 1/100.
        ("request-again", changed(&request, &[0x1a, 0x00, 0x10, 0xe0, 0x00], &[0x1a, 0x00, 0x10, 0xe0, 0x01])),
        ("request-far", changed(&request, &[0x05, 0x00, 0x06], &[0x05, 0x18, 100, 0x06])),
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
pub(crate) fn contents(case: &Value) -> Contents {
    let network: Network = parsed(&case["wallet"]["network"]);
    let coin_type = CoinType::new(network, number(&case["wallet"]["coin_type"])).unwrap();
    let entry = AccountEntry { account: Account::FIRST, name: "savings".parse().unwrap() };
    let seed = Seed::parse(text(&case["wallet"]["seed"])).unwrap();
    Contents::new(seed, network, coin_type, Derivation::Decred, entry, None)
}

/// The journal and the key store after a request was approved.
fn signed(case: &Value, request: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (journal, contents) = after_signing(case, request);
    (journal, sealed(&contents))
}

/// A copy of the key store with all that a seed does not hold.
fn backup(case: &Value, request: &[u8], voter: VoterKeys) -> Vec<u8> {
    let (_, mut contents) = after_signing(case, request);
    contents.add_voter(voter).unwrap();
    contents.add_generation(Generation::new(2).unwrap());
    contents.set_limits(Limits { tickets: 7, ..Limits::DEFAULT });
    sealed_with(&contents, "staple battery")
}

fn after_signing(case: &Value, request: &[u8]) -> (Vec<u8>, Contents) {
    let mut contents = contents(case);
    let reviewed = review(request, &contents, &mut NoMemory).unwrap();
    let record = Record::of(reviewed.request());
    let mut history = History::new();
    let (bytes, head) = seal_record(&record, 1, &history.head.tag, &[0xc3; 24], &contents.journal_key());
    history.marks.raise(record.account, &record.uses);
    history.head = head;
    contents.set_history(Some(history));
    ([&START[..], &bytes].concat(), contents)
}

/// The request with some bytes of its body exchanged, and the id that it has then.
fn changed(request: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let container = Container::parse(request).unwrap();
    let body = container.body();
    let at = body.windows(from.len()).position(|window| window == from).unwrap();
    let body = [&body[..at], to, &body[at + from.len()..]].concat();
    Container::new(container.kind(), container.network(), body).unwrap().encode()
}

/// Seals with the least work and without randomness, so that the bytes stay the same.
fn sealed(contents: &Contents) -> Vec<u8> {
    sealed_with(contents, "correct horse")
}

fn sealed_with(contents: &Contents, passphrase: &str) -> Vec<u8> {
    let passphrase = Passphrase::new(Zeroizing::new(passphrase.to_owned())).unwrap();
    let randomness = Randomness { salt: [0x5a; 16], nonce: [0xc3; 24] };
    seal(&contents.encode(), &passphrase, Kdf::with_memory(8).unwrap(), &randomness).unwrap()
}

/// Writes the files, when they are made for the first time or change on purpose.
pub(crate) fn write(folder: &std::path::Path) {
    for (name, bytes) in files() {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
