//! Whole requests.

use dcrcold_core::apdu::Command;
use dcrcold_core::machine::NoMemory;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::Encode as _;

use crate::bench::{Bench, Person, Seen};
use crate::cases::Case;
use crate::emulator::Tools;
use crate::memory::Memory;
use crate::pictures;

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
    assert_eq!(bench.send(&Command::Abort), Ok(vec![]));
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

pub fn the_largest_purchase_leaves_room_on_the_stack(tools: &Tools) {
    let case = Case::large();
    let mut bench = Bench::start(tools, &case.seed);
    let (_, signatures) = run(&mut bench, &case, 255);
    assert_eq!(signatures.len(), 64);
    let memory = Memory::read(&bench.emulator, &tools.elf);
    println!("figures: {memory}");
    assert!(memory.stack_left() >= 1024, "{memory}");
}
