//! Somebody reads the memory of a process that has signed: no secret is left in it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;

use common::{Vectors, hex, list, text};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, Branch, CoinType, Generation, Index, KeyPath};
use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedPrivateKey};
use dcrcold_signer::keystore::{Access, AccountEntry, Contents, LockedStore, create};
use dcrcold_signer::sealed::{Kdf, Passphrase};
use dcrcold_signer::seed::entry::{Key, Step};
use dcrcold_signer::seed::{Added, AddedKind, Bip39Words, Seed, SystemRandomness, WordEntry, WordList};
use dcrcold_signer::signer::{StoreMemory, review};
use dcrcold_signer::voter::own_accounts;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Names the folder in which the process that knows the secrets makes the key store.
const FOLDER: &str = "DCRCOLD_TEST_FOLDER";
const PASSPHRASE: &str = "correct horse battery staple";
/// Secrets are told and looked for under a mask, so that the search does not find itself.
const MASK: u8 = 0xa5;
/// A purchase with a split, tickets and registrations by an own voter.
const CASE: usize = 1;

fn tell(name: &str, secret: &[u8]) {
    let masked: Vec<_> = secret.iter().map(|byte| byte ^ MASK).collect();
    println!("secret {name} {}", base16ct::lower::encode_string(&masked));
}

/// Runs in a process of its own: makes the key store and tells the secrets in it.
fn make(folder: &Path) {
    let vectors = Vectors::load("builder.json");
    let wallet = &list(vectors.get("cases"))[CASE]["wallet"];
    let network: Network = text(&wallet["network"]).parse().unwrap();
    let entry = AccountEntry { account: Account::FIRST, name: "main".parse().unwrap() };
    let seed = Seed::parse(text(&wallet["seed"])).unwrap();
    tell("seed", seed.as_bytes());
    tell("passphrase", PASSPHRASE.as_bytes());
    let coin_type = CoinType::standard(network);
    let mut journal = Hmac::<Sha256>::new_from_slice(seed.as_bytes()).unwrap();
    journal.update(b"dcrcold journal");
    journal.update(&[network.code(), 0]);
    journal.update(&coin_type.number().to_le_bytes());
    tell("journal", &journal.finalize().into_bytes());
    let contents = Contents::new(seed, network, coin_type, Derivation::Decred, entry, None);
    let master: ExtendedPrivateKey = contents.master().unwrap();
    tell("master", master.key().secret_bytes());
    let account = master.account(contents.path(Account::FIRST)).unwrap();
    tell("account", account.key().secret_bytes());
    for branch in Branch::ALL {
        let key = account.child(ChildNumber::from_raw(branch.number())).unwrap();
        tell("branch", key.key().secret_bytes());
        tell("address", account.address_key(KeyPath { branch, index: Index::FIRST }).unwrap().secret_bytes());
    }
    for key in own_accounts(&master, coin_type, Account::FIRST, Generation::FIRST).unwrap() {
        tell("voter", key.key().secret_bytes());
    }
    fs::write(folder.join("passphrase"), PASSPHRASE).unwrap();
    let passphrase = Passphrase::new(Zeroizing::new(PASSPHRASE.to_owned())).unwrap();
    create(&folder.join("keystore"), &contents, &passphrase, Kdf::with_memory(8).unwrap()).unwrap();
    make_typed(folder);
}

/// What a person types when a seed is made or restored, and what comes of it.
fn make_typed(folder: &Path) {
    let write = |name: &str, secret: &str| {
        tell(name, secret.as_bytes());
        fs::write(folder.join(name), format!("{secret}\n")).unwrap();
    };
    let (system, dice) = ([0x6b; 32], "26153".repeat(20));
    fs::write(folder.join("system"), base16ct::lower::encode_string(&system)).unwrap();
    tell("system", &system);
    write("dice", &dice);
    let mixed = SystemRandomness::from_bytes(&system).mixed_with(&Added::parse(AddedKind::Dice, &dice).unwrap());
    tell("mixed seed", mixed.unwrap().as_bytes());
    let words = text(&list(Vectors::load("bip39.json").get("generated"))[5]["words"]).to_owned();
    write("bip39 words", &words);
    write("bip39 passphrase", "gr\u{fc}n wie gras");
    // As it goes into the derivation.
    tell("normalised passphrase", "gru\u{308}n wie gras".as_bytes());
    let seed = Bip39Words::parse(&words).unwrap().to_seed("gr\u{fc}n wie gras").unwrap();
    tell("bip39 seed", seed.as_bytes());
    let typed = Seed::from_bytes(&[0x7d; 24]).unwrap();
    write("words", &typed.to_words());
    tell("typed seed", typed.as_bytes());
}

/// Makes and restores seeds of what a person typed, and lets go of everything.
#[inline(never)]
fn seeds(folder: &Path) -> [usize; 3] {
    let secret = |name: &str| SecretFile::open(folder.join(name)).line().unwrap();
    let mut system = Zeroizing::new([0; 32]);
    base16ct::lower::decode(&*secret("system"), &mut *system).unwrap();
    let added = Added::parse(AddedKind::Dice, &secret("dice")).unwrap();
    let mixed = SystemRandomness::from_bytes(&system).mixed_with(&added).unwrap();
    let hardware = Bip39Words::parse(&secret("bip39 words")).unwrap().to_seed(&secret("bip39 passphrase")).unwrap();
    let mut entry = WordEntry::new(WordList::Decred);
    for letter in secret("words").chars() {
        entry.press(if letter == ' ' { Key::Next } else { Key::Letter(letter) });
    }
    entry.press(Key::Enter);
    assert_eq!(entry.press(Key::Enter), Step::Finished);
    let typed = Seed::parse(&entry.text()).unwrap();
    [mixed, hardware, typed].map(|seed| seed.to_words().split(' ').count())
}

/// Opens the key store, reviews, signs, and lets go of everything.
#[inline(never)]
fn sign(folder: &Path, request: &[u8]) -> usize {
    let locked = LockedStore::open(&folder.join("keystore"), Access::Write).unwrap();
    let passphrase = Passphrase::new(SecretFile::open(folder.join("passphrase")).line().unwrap()).unwrap();
    let mut store = locked.unlock(passphrase).unwrap();
    let mut memory = StoreMemory::open(&store).unwrap();
    let reviewed = review(request, store.contents(), &mut memory).unwrap();
    let id = *reviewed.request().id();
    let answer = reviewed.approve(&id).unwrap().sign(&mut memory.with(&mut store)).unwrap();
    answer.inputs.len() + answer.tickets.len() + answer.messages.len()
}

/// How often each masked secret stands in the memory that this process can write to.
fn count(masked: &[Vec<u8>]) -> Vec<usize> {
    let mut begins = [false; 256];
    masked.iter().for_each(|secret| begins[usize::from(secret[0] ^ MASK)] = true);
    let mut found = vec![0; masked.len()];
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    for map in maps.lines().filter(|map| map.contains(" rw")) {
        let (start, end) = map.split_once(' ').unwrap().0.split_once('-').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
        memory.seek(SeekFrom::Start(start)).unwrap();
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        for (place, _) in bytes.iter().enumerate().filter(|(_, byte)| begins[usize::from(**byte)]) {
            for (found, secret) in found.iter_mut().zip(masked) {
                let here = bytes[place..].iter().zip(secret).take_while(|(byte, masked)| **byte == **masked ^ MASK);
                *found += usize::from(here.count() == secret.len());
            }
        }
        bytes.fill(0);
    }
    found
}

#[test]
fn no_secret_is_left_in_memory() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return make(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "no_secret_is_left_in_memory", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let request = hex(&list(Vectors::load("builder.json").get("cases"))[CASE]["transfer"]["request"]);
    assert_eq!(sign(folder.path(), &request), 8);
    assert_eq!(seeds(folder.path()), [33, 65, 25]);

    let told = String::from_utf8(output.stdout).unwrap();
    let told = told.lines().filter_map(|line| Some(line.split_once("secret ")?.1.rsplit_once(' ').unwrap()));
    let (names, masked): (Vec<_>, Vec<_>) =
        told.map(|(name, masked)| (name, base16ct::lower::decode_vec(masked).unwrap())).unzip();
    for (name, found) in names.iter().zip(count(&masked)) {
        assert_eq!(found, 0, "{name}");
    }
    println!("secrets looked for: {} cases", names.len());
    assert_eq!(names.len(), 21);

    // The search finds what is there.
    let known: Vec<u8> = (0..32).map(|byte| byte ^ MASK ^ 0x3c).collect();
    let planted: Vec<u8> = known.iter().map(|byte| byte ^ MASK).collect();
    assert!(count(&[known])[0] > 0, "{planted:?}");
}
