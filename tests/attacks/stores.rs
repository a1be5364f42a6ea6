//! Somebody has the file of the key store and not the passphrase: its limits, voters and accounts are authentic or there
//! is no key store at all.

use std::fs;

use dcrcold_core::policy::{Limits, Rule};
use dcrcold_signer::keystore::{Access, KeyStoreError, create};
use dcrcold_signer::sealed::{Kdf, Passphrase, SealedError};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{StoreMemory, review};
use zeroize::Zeroizing;

use crate::cold::{Cold, atoms, encoded};
use crate::disk::{OnDisk, passphrase};
use crate::harness::Victim;

/// Where the parameters of the key derivation, the salt, the nonce and the sealed body are.
const VERSION: usize = 8;
const MEMORY: usize = 9;
const PASSES: usize = 13;
const LANES: usize = 17;
const SALT: usize = 21;
const NONCE: usize = 37;
const BODY: usize = 61;

fn disk() -> (Cold, OnDisk) {
    let cold = Victim::new().cold;
    let disk = OnDisk::new(&cold.contents);
    (cold, disk)
}

/// Opens the key store with the right passphrase after its file was changed.
fn opened(disk: &OnDisk, change: impl FnOnce(&mut Vec<u8>)) -> Result<(), KeyStoreError> {
    let mut bytes = fs::read(disk.store()).unwrap();
    let honest = bytes.clone();
    change(&mut bytes);
    assert_ne!(bytes, honest, "the attack changes nothing");
    fs::write(disk.store(), bytes).unwrap();
    let result = disk.locked(Access::Write).and_then(|locked| locked.unlock(passphrase()));
    fs::write(disk.store(), honest).unwrap();
    disk.open(Access::Write);
    result.map(drop)
}

/// There is no such key store: no keys, so no review and no signature.
fn does_not_open(change: impl FnOnce(&mut Vec<u8>)) {
    let (_, disk) = disk();
    match opened(&disk, change) {
        Err(KeyStoreError::Sealed(SealedError::WrongPassphrase)) => {}
        other => panic!("{other:?}"),
    }
}

/// Refused before any work is done for it.
fn is_no_key_store(change: impl FnOnce(&mut Vec<u8>)) {
    let (_, disk) = disk();
    match opened(&disk, change) {
        Err(KeyStoreError::Sealed(SealedError::WrongPassphrase)) | Ok(()) => panic!("it was tried"),
        Err(KeyStoreError::Sealed(_)) => {}
        Err(other) => panic!("{other:?}"),
    }
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

/// Limits, voters and accounts lie somewhere in the sealed body. Each try costs the work of a passphrase, so not at every
/// byte; `tests/sealed.rs` has all of a smaller file.
#[test]
fn raises_the_limits_in_the_file() {
    let (_, disk) = disk();
    let length = fs::read(disk.store()).unwrap().len();
    let mut ran = 0;
    for at in (BODY..length).step_by(16).chain([length - 16, length - 1]) {
        let error = opened(&disk, |bytes| bytes[at] ^= 0x80).unwrap_err();
        assert!(matches!(error, KeyStoreError::Sealed(SealedError::WrongPassphrase)), "byte {at}: {error}");
        ran += 1;
    }
    println!("bytes of a key store changed: {ran} cases");
    assert!(ran > 20);
}

#[test]
fn brings_its_own_key_store_with_generous_limits() {
    let (cold, disk) = disk();
    let entry = cold.contents.accounts()[0].clone();
    let (network, coin_type) = (cold.contents.network(), cold.contents.coin_type());
    let seed = Seed::from_bytes(&[6; 32]).unwrap();
    let derivation = cold.contents.derivation();
    let mut evil = dcrcold_signer::keystore::Contents::new(seed, network, coin_type, derivation, entry, None);
    evil.set_limits(Limits { ticket: atoms(2_100_000_000_000_000), ..Limits::DEFAULT });
    fs::remove_file(disk.store()).unwrap();
    let theirs = Passphrase::new(Zeroizing::new("theirs".to_owned())).unwrap();
    create(&disk.store(), &evil, &theirs, Kdf::with_memory(8).unwrap()).unwrap();
    let opened = disk.locked(Access::Write).unwrap().unlock(passphrase());
    assert!(matches!(opened, Err(KeyStoreError::Sealed(SealedError::WrongPassphrase))));
    // And were it opened, its keys are others: no coin of the owner's can be signed for.
    let store = disk.locked(Access::Write).unwrap().unlock(theirs).unwrap();
    let mut memory = StoreMemory::open(&store).unwrap();
    let mut send = cold.send();
    send.outputs.clear();
    match review(&encoded(&send), store.contents(), &mut memory) {
        Err(dcrcold_signer::signer::SignerError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::InputNotOurs),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn changes_the_salt() {
    does_not_open(|bytes| bytes[SALT] ^= 1);
}

#[test]
fn changes_the_nonce() {
    does_not_open(|bytes| bytes[NONCE] ^= 1);
}

/// A passphrase that is guessed with less work: the file is sealed with its parameters.
#[test]
fn makes_the_next_guess_cheaper() {
    does_not_open(|bytes| put(bytes, PASSES, 1));
}

#[test]
fn makes_the_signer_work_for_ever() {
    is_no_key_store(|bytes| put(bytes, PASSES, u32::MAX));
}

#[test]
fn makes_the_signer_take_all_memory() {
    is_no_key_store(|bytes| put(bytes, MEMORY, u32::MAX));
}

#[test]
fn makes_the_signer_take_no_memory() {
    is_no_key_store(|bytes| put(bytes, MEMORY, 8));
}

#[test]
fn makes_the_signer_start_a_million_threads() {
    is_no_key_store(|bytes| put(bytes, LANES, 1_000_000));
}

#[test]
fn falls_back_to_an_older_form_of_key_stores() {
    is_no_key_store(|bytes| bytes[VERSION] = 0);
}

#[test]
fn cuts_the_key_store() {
    does_not_open(|bytes| bytes.truncate(bytes.len() - 1));
}

#[test]
fn appends_to_the_key_store() {
    does_not_open(|bytes| bytes.push(0));
}

#[test]
fn leaves_an_empty_key_store() {
    is_no_key_store(Vec::clear);
}

/// Limits that are set hold for every kind of request and on every path to a signature.
#[test]
fn asks_beyond_limits_that_were_lowered() {
    let mut victim = Victim::new();
    victim.signs(&encoded(&victim.cold.purchase(2)));
    victim.signs(&encoded(&victim.cold.send()));
    victim.signs(&encoded(&victim.cold.register()));
    let lowered = Limits { tickets: 0, fee: atoms(0), ..Limits::DEFAULT };
    victim.cold.contents.set_limits(lowered);
    victim.refuses(&encoded(&victim.cold.purchase(2)), Rule::TicketsAboveLimit);
    victim.refuses(&encoded(&victim.cold.send()), Rule::FeeAboveLimit);
    victim.refuses(&encoded(&victim.cold.register()), Rule::TicketsAboveLimit);
}
