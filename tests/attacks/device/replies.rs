//! A device whose replies have another length or another status than the protocol says.

use dcrcold_core::apdu::Status;
use dcrcold_signer::device::{DeviceError, Lie};

use crate::liar::{ABORT, APPROVE, BEGIN, PAGE, SIGNATURE, STREAM, VERSION, VOTER, World, data};

/// An approval that nobody gave: the device says done, and signs all the same.
#[test]
fn says_done_to_everything_and_nothing_else() {
    World::send().lies(
        |command, reply| {
            if command[1] != VERSION {
                *reply = vec![0x90, 0x00];
            }
        },
        |lie| *lie == Lie::Length { command: "stream", found: 0, expected: 33 },
    );
}

/// Data of every length from none to the most, for each command of a session.
#[test]
fn sends_replies_that_are_longer_or_shorter() {
    let mut ran = 0;
    for (instruction, right) in [(VOTER, 0_usize), (BEGIN, 0), (STREAM, 33), (APPROVE, 3), (SIGNATURE, 65), (PAGE, 2)] {
        for length in (0..=255).step_by(17).chain([right + 1, right.saturating_sub(1)]) {
            let fits = |length: usize| length == right || (instruction == SIGNATURE && length == 66);
            if fits(length) {
                continue;
            }
            let mut world = World::purchase();
            let result = world.sign(data(instruction, |reply| {
                // The pieces that are not the last one have no reply but done.
                if instruction != STREAM || !reply.is_empty() {
                    reply.resize(length, 0);
                }
            }));
            let lie = matches!(result, Err(DeviceError::Lie(Lie::Length { .. } | Lie::OtherPage { .. })));
            assert!(lie, "{length} bytes for instruction {instruction}: {result:?}");
            ran += 1;
        }
    }
    println!("replies of another length: {ran} cases");
    assert!(ran > 90);
}

#[test]
fn answers_a_piece_as_if_it_were_the_last() {
    World::purchase().lies(data(STREAM, |reply| reply.resize(33, 0)), |lie| {
        *lie == Lie::Length { command: "stream", found: 33, expected: 0 }
    });
}

#[test]
fn claims_sizes_that_no_device_has() {
    let mut world = World::send();
    let zeros = world.sign(data(VERSION, |reply| reply[2..6].fill(0)));
    assert!(matches!(zeros, Err(DeviceError::Lie(Lie::Capabilities { .. }))), "{zeros:?}");
    let short = world.sign(data(VERSION, |reply| reply.truncate(reply.len() - 1)));
    assert!(matches!(short, Err(DeviceError::Lie(Lie::Length { .. }))), "{short:?}");
    // More than a host takes changes nothing.
    assert!(world.sign(data(VERSION, |reply| reply[2..6].fill(0xff))).is_ok());
}

#[test]
fn speaks_of_another_version() {
    let mut world = World::send();
    let result = world.sign(data(VERSION, |reply| reply[0] = 2));
    assert!(matches!(result, Err(DeviceError::OtherVersion { major: 2, minor: 0 })), "{result:?}");
    // A later minor version says more, and a host of this one goes on.
    let later = data(VERSION, |reply| {
        reply[1] = 9;
        reply.extend([1, 2, 3]);
    });
    assert!(world.sign(later).is_ok());
}

/// The stock app knows no command of ours, and tells what it is.
#[test]
fn is_another_app() {
    let mut world = World::send();
    let result = world.sign(|command, reply| {
        *reply = match command {
            [0xb0, 1, ..] => b"\x01\x06Decred\x061.3.14\x01\x00\x90\x00".to_vec(),
            _ => vec![0x6d, 0x00],
        };
    });
    match result {
        Err(DeviceError::OtherApp { found: Some(app) }) => assert_eq!(app.to_string(), "Decred 1.3.14"),
        other => panic!("{other:?}"),
    }
}

/// Status words of an operating system, of a later version, of nobody.
#[test]
fn answers_with_status_words_that_nobody_knows() {
    let mut ran = 0;
    for instruction in [ABORT, VERSION, VOTER, BEGIN, STREAM, PAGE, APPROVE, SIGNATURE] {
        for word in [0x0000_u16, 0x5501, 0x6f00, 0x6faa, 0x6a7f, 0x6a30, 0x6a81, 0x9001, 0xffff] {
            let mut world = World::purchase();
            let result = world.sign(|command, reply| {
                if command[1] == instruction {
                    *reply = word.to_be_bytes().to_vec();
                }
            });
            // The last abort comes when everything is here.
            assert!(matches!(result, Err(DeviceError::Failed(_) | DeviceError::OtherApp { .. })), "{result:?}");
            ran += 1;
        }
    }
    println!("unknown status words: {ran} cases");
    assert_eq!(ran, 72);
}

/// A refusal that says more than a refusal can.
#[test]
fn refuses_in_a_way_that_cannot_be_read() {
    let refusals: [&[u8]; 5] = [
        &[0x6a, 0x01],
        &[9, 0, 0, 0, 0, 1, 255, 0x6a, 0x01],
        &[0, 0, 0, 0, 0, 1, 2, 3, 0x6a, 0x2f],
        &[0, 0, 0, 0, 0, 4, 8, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0x6a, 0x05],
        &[0, 0, 0, 0, 0, 5, 1, 9, 0, 0, 0x6a, 0x05],
    ];
    for refusal in refusals {
        let mut world = World::send();
        let result = world.sign(|command, reply| {
            if command[1] == STREAM {
                *reply = refusal.to_vec();
            }
        });
        assert!(matches!(result, Err(DeviceError::Failed(_))), "{refusal:?}: {result:?}");
    }
    println!("refusals that cannot be read: {} cases", refusals.len());
}

/// It signs, and says that the person declined; or the other way round.
#[test]
fn says_that_the_person_declined() {
    let mut world = World::send();
    let result = world.sign(|command, reply| {
        if command[1] == APPROVE {
            *reply = Status::Declined.code().to_be_bytes().to_vec();
        }
    });
    assert!(matches!(result, Err(DeviceError::Declined)), "{result:?}");
}

/// What the operating system answers for every app while its PIN is asked for.
#[test]
fn is_locked_before_the_app_is_reached() {
    let mut world = World::send();
    let result = world.sign(|_, reply| *reply = vec![0x55, 0x15]);
    assert!(matches!(result, Err(DeviceError::Locked)), "{result:?}");
}
