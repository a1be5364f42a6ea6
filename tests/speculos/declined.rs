//! No, from everywhere.

use dcrcold_core::apdu::{Command, SpendingAccount, Status};
use dcrcold_core::hash::TransferId;
use dcrcold_core::request::{Label, Purse};
use dcrcold_signer::transfer::Purchase;

use crate::bench::{Bench, Person};
use crate::cases::{Case, record};
use crate::cold::{self, Cold, NETWORK, atoms, encoded, index};
use crate::emulator::{Button, Tools};

/// A purchase that has every page but those of coins that become tickets.
pub fn at_every_screen_of_a_purchase(tools: &Tools) {
    let cold = Cold::new();
    let purse = Some(Purse { index: index(0), amount: atoms(6_000_000) });
    let label = Label::new(b"declined");
    let request = encoded(&Purchase { purse, label, ..cold.purchase(2) });
    let of = SpendingAccount { network: NETWORK, account: cold.path() };
    let record = record(of, cold.voter());
    let mut bench = Bench::start(tools, &cold::SEED);
    let mark = bench.ask(&Command::Register(record), Person::Approves).reply.unwrap();
    let mut declined = 0;
    loop {
        bench.name_known_voter(record, &mark);
        let checked = bench.stream(&request, 255).unwrap();
        let id = TransferId::from_bytes(*checked.first_chunk().unwrap());
        let seen = bench.review(&id, Person::DeclinesAt(declined));
        assert_eq!(seen.reply, Err(Status::Declined.into()), "screen {declined}");
        assert_eq!(seen.screens.len(), declined + 1);
        assert_eq!(bench.send(&Command::Signature(0)), Err(Status::OutOfOrder.into()));
        declined += 1;
        if seen.screens.last().unwrap().asks() {
            break;
        }
    }
    println!("declined in Speculos: each of {declined} screens");
    assert_eq!(declined, 21);
}

/// Back from the question to the first screen, the same screens.
pub fn turning_back_shows_what_was_shown(tools: &Tools) {
    let case = Case::large();
    let record = case.record().unwrap();
    let mut bench = Bench::start(tools, &case.seed);
    bench.name_voter(record);
    bench.stream(&case.request, 255).unwrap();
    let device = &mut bench.emulator;
    device.forget_screens();
    device.send(Command::Approve(case.id).write().as_bytes());
    let mut screens = vec![device.next_screen()];
    // Before the first one there is nothing.
    assert_eq!(device.press(Button::Left), screens[0]);
    while !screens.last().unwrap().asks() {
        screens.push(device.press(Button::Right));
    }
    // A page of several screens is come back to at its first one.
    let firsts = screens.iter().filter(|screen| !screen.drawn().contains(" (2/"));
    for screen in firsts.rev().skip(1) {
        assert_eq!(device.press(Button::Left), *screen);
    }
    for screen in screens.iter().skip(1) {
        assert_eq!(device.press(Button::Right), *screen);
    }
    assert!(device.press(Button::Right).is_home());
    assert_eq!(device.reply().outcome().unwrap(), [24, 20, 20]);
    println!("turned back in Speculos: {} screens", screens.len());
}
