//! Whole requests.

use dcrcold_core::apdu::Command;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::Encode as _;

use crate::bench::{Bench, Person, Seen};
use crate::cases::Case;
use crate::emulator::Tools;
use crate::memory::Memory;
use crate::pictures;

/// The most stack of the largest purchase, over the figure of docs/ledger.md by what another compiler may add: whoever
/// takes more has a reason, and says it there.
const MOST_STACK: u64 = 13 * 1024;

/// Streams, reviews and signs a request on both devices.
fn run(bench: &mut Bench, case: &Case, size: usize) -> (Seen, Vec<Vec<u8>>) {
    if let Some(record) = case.record() {
        bench.name_voter(record);
    }
    let checked = bench.stream(&case.request, size).unwrap();
    assert_eq!(checked[..32], *case.id.as_bytes());
    let seen = bench.review(&case.id, Person::Approves);
    let counts = seen.reply.clone().unwrap();
    let signatures = bench.signatures(&counts);
    (seen, signatures)
}

/// The answer of the signer on a computer.
fn signed_here(case: &Case) -> Vec<u8> {
    let reviewed = review(&case.request, &case.store(), &mut NoMemory).unwrap();
    let answer = reviewed.approve(&case.id).unwrap().sign(&mut NoMemory).unwrap();
    answer.to_container(case.of.network).unwrap().encode()
}

pub fn recorded_requests_get_the_recorded_answer(tools: &Tools) {
    let (mut requests, mut signatures, mut screens, mut compared) = (0, 0, 0, 0);
    for case in Case::all() {
        let mut bench = Bench::start(tools, &case.seed);
        let (seen, signed) = run(&mut bench, &case, 255);
        assert_eq!(bench.send(&Command::Abort), Ok(vec![]));
        let answer = case.answer_of(&signed);
        assert!(answer == case.answer, "{}: another answer than the recorded one", case.name);
        assert!(answer == signed_here(&case), "{}: another answer than the signer's", case.name);
        pictures::check(&pictures::folder_for(&case.name), &seen.pictures);
        println!("  {}: {} screens, {} signatures", case.name, seen.screens.len(), signed.len());
        (requests, signatures) = (requests + 1, signatures + signed.len());
        (screens, compared) = (screens + seen.screens.len(), compared + bench.compared);
    }
    println!(
        "builder.json in Speculos: {requests} requests, {screens} screens, {signatures} signatures, {compared} replies"
    );
    assert_eq!((requests, signatures), (5, 74));
}

pub fn the_largest_purchase_leaves_room_and_no_key_in_memory(tools: &Tools) {
    let case = Case::large();
    let mut bench = Bench::start(tools, &case.seed);
    let (_, signatures) = run(&mut bench, &case, 255);
    assert_eq!(signatures.len(), 64);
    let memory = Memory::read(&bench.emulator, &tools.elf);
    println!("figures: {memory}");
    assert!(memory.stack_left() >= 1024, "{memory}");
    assert!(memory.stack_used() <= MOST_STACK, "{memory}");
    let left = memory.secrets();
    let keys = private_keys(&case);
    let found = keys.iter().filter(|key| left.contains(*key)).count();
    println!("private keys in the memory of Speculos: {found} of {}", keys.len());
    assert_eq!(found, 0);
    // What is not secret is found in the same way.
    assert!(left.contains(case.id.as_bytes()));
}

/// The private keys of the account's first addresses on both branches, those of the request among them.
fn private_keys(case: &Case) -> Vec<[u8; 32]> {
    let master = ExtendedPrivateKey::master(&case.seed, case.of.network, Derivation::Strict).unwrap();
    let account = master.account(case.of.account).unwrap();
    let paths = (0..1_100).map(|number| Index::new(number).unwrap());
    let paths = paths.flat_map(|index| [KeyPath::external(index), KeyPath::internal(index)]);
    paths.map(|path| *account.address_key(path).unwrap().secret_bytes()).collect()
}
