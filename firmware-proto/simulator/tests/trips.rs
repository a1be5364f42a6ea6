//! The same answers as the offline program's with the same seed, for every request of tests/vectors/builder.json.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod support;

use dcrcold_core::apdu::{Command, Status};
use dcrcold_simulator::{Answer, Person, Script, Simulator, TestSeed};
use support::{SEED, Trip, send};

fn simulator(script: Script) -> Simulator<Person> {
    Simulator::new(&TestSeed::named(SEED).unwrap(), Person::new(script)).unwrap()
}

#[test]
fn every_request_is_answered_as_the_offline_program_answers_it() {
    let mut ran = 0;
    for trip in Trip::all() {
        let mut device = simulator(Script::approve());
        trip.name_voter(&mut device);
        let pages = trip.stream(&mut device).unwrap();
        device.user_mut().forget();
        let answer = trip.answer(&mut device).unwrap();
        assert_eq!(answer, trip.answer_of_the_signer(), "{}", trip.name);
        assert_eq!(device.user().shown().len(), usize::from(pages) + 1, "{}: one review", trip.name);
        println!("  {} on {}: {pages} pages, answer of {} bytes", trip.name, trip.of.network, answer.len());
        ran += 1;
    }
    println!("builder.json: {ran} cases carried over to test networks, answered as by the offline program");
    assert_eq!(ran, 15);
}

#[test]
fn the_large_purchase_is_24_inputs_20_tickets_and_20_messages_under_one_review() {
    let trip = Trip::named("twenty tickets");
    let mut device = simulator(Script::approve());
    trip.name_voter(&mut device);
    trip.stream(&mut device).unwrap();
    device.user_mut().forget();
    assert_eq!(send(&mut device, &Command::Approve(trip.id)).unwrap(), [24, 20, 20]);
    let questions = device.user().shown().iter().filter(|prompt| prompt.starts_with("approve: ")).count();
    assert_eq!(questions, 1);
}

#[test]
fn declining_at_any_page_of_any_request_signs_nothing() {
    let mut ran = 0;
    for trip in Trip::all() {
        let asked = u32::from(trip.voter.is_some());
        let answers = (0..asked).map(|_| Answer::approve()).chain((1..=u8::MAX.into()).map(Answer::decline_at));
        let mut device = simulator(Script::of(answers));
        let voter = trip.register(&mut device);
        let (mut pages, mut page) = (0, 0);
        while page <= pages {
            trip.name(&mut device, voter);
            pages = trip.stream(&mut device).unwrap();
            assert_eq!(trip.answer(&mut device), Err(Status::Declined.into()), "{} page {page}", trip.name);
            assert_eq!(send(&mut device, &Command::Signature(0)), Err(Status::OutOfOrder.into()));
            page += 1;
            ran += 1;
        }
    }
    println!("declined: {ran} pages and questions");
    assert!(ran > 15 * 10);
}
