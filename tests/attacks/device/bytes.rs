//! A host that cuts, damages and pads what it sends, in every place.

use std::panic;

use dcrcold_core::apdu::{Command, Failure, chunks};
use dcrcold_core::policy::Rule;
use dcrcold_core::request::HEADER_LENGTH;

use crate::body::seal;
use crate::device_case::Case;
use crate::target::{OUT_OF_ORDER, Target};

/// Two pieces with the boundary at every byte, where a piece holds the first half or less, then the rest in whole pieces.
#[test]
fn makes_a_boundary_at_every_byte() {
    let mut target = Target::of(Case::named("three tickets and a purse top-up"));
    let (header, body) = target.parts();
    let (record, mac) = target.register(&target.case.voters[0].clone()).unwrap();
    let mut ran = 0;
    for boundary in 1..body.len() {
        target.tell(&Command::Voter { record, mac }).unwrap();
        target.tell(&Command::Begin(&header)).unwrap();
        let (before, after) = body.split_at(boundary);
        let pieces = before.chunks(255).chain(after.chunks(255));
        let last = pieces.map(|piece| target.tell(&Command::Stream(piece)).unwrap()).last().unwrap();
        assert_eq!(last[..32], *target.id().as_bytes(), "boundary at {boundary}");
        target.tell(&Command::Abort).unwrap();
        ran += 1;
    }
    println!("boundaries: {ran} cases");
    assert_eq!(ran, body.len() - 1);
}

/// The rule that stops a request does not depend on where the pieces end.
#[test]
fn has_another_rule_found_by_other_pieces() {
    let mut target = Target::send();
    let mut ran = 0;
    for place in (HEADER_LENGTH..target.case.request.len()).step_by(7) {
        let mut request = target.case.request.clone();
        request[place] ^= 0x11;
        seal(&mut request);
        let mut ends = Vec::new();
        for size in [1, 2, 13, 64, 255] {
            let mut end = Ok(Vec::new());
            for command in chunks(&request, size).unwrap() {
                end = target.tell(&command);
                if end.is_err() {
                    break;
                }
            }
            target.tell(&Command::Abort).unwrap();
            ends.push(end);
        }
        assert!(ends.iter().all(|end| *end == ends[0]), "byte {place}: {ends:?}");
        ran += 1;
    }
    println!("damaged requests in pieces of five sizes: {ran} cases");
    assert!(ran > 40);
}

#[test]
fn flips_a_bit_on_the_way() {
    let mut target = Target::send();
    let whole = target.case.request.clone();
    let mut ran = 0;
    for bit in 0..whole.len() * 8 {
        let mut request = whole.clone();
        request[bit / 8] ^= 1 << (bit % 8);
        match target.stream(&request) {
            Err(Failure::Refused(_)) | Err(OUT_OF_ORDER) => {}
            // A length that was made larger: the device waits for bytes that never come.
            Ok(last) if last.is_empty() => {}
            other => panic!("bit {bit}: {other:?}"),
        }
        let id = target.id();
        assert!(target.tell(&Command::Approve(id)).is_err(), "bit {bit}");
        ran += 1;
    }
    assert_eq!(target.signed(), 0);
    println!("flipped bits: {ran} cases");
    assert!(ran > 3000);
}

#[test]
fn has_the_first_part_of_a_request_signed() {
    let mut target = Target::send();
    let (header, body) = target.parts();
    for end in 1..body.len() {
        target.tell(&Command::Begin(&header)).unwrap();
        body[..end].chunks(255).for_each(|piece| assert_eq!(target.tell(&Command::Stream(piece)), Ok(vec![])));
        let id = target.id();
        assert_eq!(target.tell(&Command::Approve(id)), Err(OUT_OF_ORDER), "cut at {end}");
    }
    assert_eq!(target.signed(), 0);
    println!("cut requests: {} cases", body.len() - 1);
}

/// A command is its head and exactly so much data as the head says.
#[test]
fn sends_commands_that_are_longer_or_shorter_than_they_say() {
    let mut target = Target::send();
    let (header, _) = target.parts();
    let commands = [Command::Version, Command::Begin(&header), Command::Account(target.case.of), Command::Abort];
    let mut ran = 0;
    for command in &commands {
        let bytes = command.write().as_bytes().to_vec();
        for length in 0..bytes.len() + 3 {
            let mut other = bytes.clone();
            other.resize(length, 0);
            if other == bytes {
                continue;
            }
            let reply = target.device.raw(&other);
            assert!(reply.outcome().is_err(), "{length} bytes of {command:?}");
            target.holds_nothing();
            ran += 1;
        }
    }
    println!("commands of another length: {ran} cases");
    assert!(ran > 70);
}

/// An id of another body, and a body of another id.
#[test]
fn keeps_the_id_and_changes_the_body() {
    let mut target = Target::send();
    let other = Case::send_of_one_atom_more();
    let request = [&target.case.request[..HEADER_LENGTH], &other[HEADER_LENGTH..]].concat();
    match target.stream(&request) {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.rule, Rule::IdMismatch),
        other => panic!("{other:?}"),
    }
    target.holds_nothing();
}

/// Any bytes at all, as a command and as a request.
#[test]
fn crashes_the_device_with_any_bytes() {
    let mut target = Target::send();
    let mut state = 0x2026_u64;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u8::try_from(state >> 56).unwrap()
    };
    let ended = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        for _ in 0..20_000 {
            let length = usize::from(random()) + usize::from(random() & 7);
            let mut bytes: Vec<u8> = (0..length).map(|_| random()).collect();
            if let [class, instruction, p1, p2, data, ..] = bytes.as_mut_slice() {
                // Most of the times it looks like a command.
                (*class, *instruction, *p2) = (0xdc, *instruction & 15, *p2 & 1);
                *p1 &= 1;
                *data = u8::try_from(length - 5).unwrap_or(*data);
            }
            let _ = target.device.raw(&bytes);
        }
        target.signed()
    }));
    assert_eq!(ended.unwrap(), 0);
    println!("random commands: 20000 cases");
}
