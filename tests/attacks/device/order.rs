//! A host that sends commands where they do not belong.

use dcrcold_core::apdu::{Command, Failure, Status};
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::request::HEADER_LENGTH;

use crate::target::Target;

/// A device that has one half of a request.
fn in_mid_stream() -> (Target, [u8; HEADER_LENGTH], Vec<u8>) {
    let mut target = Target::send();
    let (header, body) = target.parts();
    target.tell(&Command::Begin(&header)).unwrap();
    target.tell(&Command::Stream(&body[..100])).unwrap();
    (target, header, body)
}

#[test]
fn begins_a_second_request_in_the_middle_of_the_first() {
    let (mut target, header, _) = in_mid_stream();
    target.is_out_of_order(&Command::Begin(&header));
}

/// What was begun second would be completed by the rest of the first.
#[test]
fn goes_on_with_the_first_request_after_a_second_begin() {
    let (mut target, header, body) = in_mid_stream();
    assert!(target.tell(&Command::Begin(&header)).is_err());
    target.is_out_of_order(&Command::Stream(&body[100..]));
}

#[test]
fn asks_for_a_signature_in_the_middle_of_a_request() {
    let (mut target, ..) = in_mid_stream();
    target.is_out_of_order(&Command::Signature(0));
}

#[test]
fn asks_for_approval_in_the_middle_of_a_request() {
    let (mut target, ..) = in_mid_stream();
    let id = target.id();
    target.is_out_of_order(&Command::Approve(id));
}

#[test]
fn asks_for_a_page_in_the_middle_of_a_request() {
    let (mut target, ..) = in_mid_stream();
    target.is_out_of_order(&Command::Page(0));
}

/// A screen that shows an address between two halves of a request could be taken for one of its pages.
#[test]
fn shows_an_address_in_the_middle_of_a_request() {
    let (mut target, ..) = in_mid_stream();
    let (of, path) = (target.case.of, KeyPath::external(Index::FIRST));
    target.is_out_of_order(&Command::Address { of, path });
    assert!(target.device.platform.user.seen.is_empty());
}

#[test]
fn reads_an_account_in_the_middle_of_a_request() {
    let (mut target, ..) = in_mid_stream();
    let of = target.case.of;
    target.is_out_of_order(&Command::Account(of));
    assert!(target.device.platform.user.seen.is_empty());
}

#[test]
fn has_a_voter_registered_in_the_middle_of_a_request() {
    let mut target = Target::purchase();
    let (header, body) = target.parts();
    let record = target.record(&target.case.voters[0].clone());
    target.tell(&Command::Begin(&header)).unwrap();
    target.tell(&Command::Stream(&body[..255])).unwrap();
    target.is_out_of_order(&Command::Register(record));
    assert!(target.device.platform.user.seen.is_empty());
}

/// The request that is shown names the voter of before; the one that signs would be another.
#[test]
fn changes_the_voter_after_the_request_was_checked() {
    let mut target = Target::purchase();
    target.name_voter();
    let (record, mac) = target.register(&target.case.voters[0].clone()).unwrap();
    target.tell(&Command::Voter { record, mac }).unwrap();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_out_of_order(&Command::Voter { record, mac });
}

#[test]
fn sends_more_after_the_last_byte() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_out_of_order(&Command::Stream(&[0]));
}

#[test]
fn sends_more_after_the_approval() {
    let mut target = Target::send();
    target.approve();
    target.is_out_of_order(&Command::Stream(&[0]));
}

#[test]
fn sends_more_in_the_last_piece_than_the_header_says() {
    let mut target = Target::send();
    let longer = [&target.case.request[..], &[0]].concat();
    match target.stream(&longer) {
        Err(Failure::Refused(_)) => target.holds_nothing(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn goes_on_after_a_refusal() {
    let mut target = Target::send();
    let (header, mut body) = target.parts();
    // The map has a pair more than there is, so that the account is read where no account is.
    body[1] = 0xff;
    target.tell(&Command::Begin(&header)).unwrap();
    assert!(matches!(target.tell(&Command::Stream(&body[..200])), Err(Failure::Refused(_))));
    target.is_out_of_order(&Command::Stream(&body[200..]));
}

#[test]
fn hides_a_mistake_between_approval_and_signature() {
    let mut target = Target::send();
    target.approve();
    assert_eq!(target.tell(&Command::Page(99)), Err(Failure::Status(Status::Parameters)));
    target.is_out_of_order(&Command::Signature(0));
}

/// Every command in every state but those that belong there: nothing is signed, and everything is forgotten.
#[test]
fn tries_every_command_in_every_state() {
    let of_states: [fn(&mut Target); 4] = [
        |_| (),
        |target| {
            let (header, _) = target.parts();
            target.tell(&Command::Begin(&header)).unwrap();
        },
        |target| drop(target.stream(&target.case.request.clone()).unwrap()),
        Target::approve,
    ];
    // What is taken besides version and abort, by the table in docs/ledger-protocol.md.
    let taken: [&[u8]; 4] = [&[1, 2, 3, 4, 5], &[6], &[7, 8], &[8, 9]];
    let mut ran = 0;
    for (state, taken) in of_states.into_iter().zip(taken) {
        for instruction in (1..=9).filter(|instruction| !taken.contains(instruction)) {
            let mut target = Target::send();
            let voter = Target::purchase().case.voters[0].clone();
            let (record, of, id) = (target.record(&voter), target.case.of, target.id());
            let (header, _) = target.parts();
            state(&mut target);
            let path = KeyPath::external(Index::FIRST);
            target.is_out_of_order(&match instruction {
                1 => Command::Account(of),
                2 => Command::Address { of, path },
                3 => Command::Register(record),
                4 => Command::Voter { record, mac: [0; 16] },
                5 => Command::Begin(&header),
                6 => Command::Stream(&[0]),
                7 => Command::Approve(id),
                8 => Command::Page(0),
                _ => Command::Signature(0),
            });
            ran += 1;
        }
    }
    println!("commands where they do not belong: {ran} cases");
    assert_eq!(ran, 4 + 8 + 7 + 7);
}
