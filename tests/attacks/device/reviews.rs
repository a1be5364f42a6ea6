//! A device that has read, shown or registered something else than the host believes.

use dcrcold_core::hash::TransferId;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_signer::device::{CheckedRequest, DeviceError, Lie, RegisteredVoter, Session};

use crate::device_case::Case;
use crate::liar::{ACCOUNT, ADDRESS, APPROVE, Liar, PAGE, REGISTER, STREAM, Twist, World, data};

#[test]
fn reads_another_request() {
    let other = TransferId::from_bytes([7; 32]);
    World::send().lies(
        data(STREAM, |reply| {
            if !reply.is_empty() {
                reply[..32].copy_from_slice(other.as_bytes());
            }
        }),
        |lie| matches!(lie, Lie::OtherRequest { found, .. } if *found == other),
    );
}

/// The first four bytes make the check words, which a person would find right.
#[test]
fn reads_another_request_with_the_same_check_words() {
    World::send().lies(
        data(STREAM, |reply| {
            if !reply.is_empty() {
                reply[31] ^= 1;
            }
        }),
        |lie| matches!(lie, Lie::OtherRequest { .. }),
    );
}

#[test]
fn shows_other_check_words() {
    World::send().lies(
        data(STREAM, |reply| {
            if !reply.is_empty() {
                reply[0] ^= 1;
            }
        }),
        |lie| matches!(lie, Lie::OtherRequest { .. }),
    );
}

#[test]
fn leaves_a_page_out() {
    World::send().lies(
        data(STREAM, |reply| {
            if !reply.is_empty() {
                reply[32] -= 1;
            }
        }),
        |lie| *lie == Lie::PageCount { found: 8, expected: 9 },
    );
}

#[test]
fn has_a_page_more() {
    World::send().lies(
        data(STREAM, |reply| {
            if !reply.is_empty() {
                reply[32] += 1;
            }
        }),
        |lie| *lie == Lie::PageCount { found: 10, expected: 9 },
    );
}

/// A page of its own text, its topic and its origin.
fn tells_a_page_wrong(change: impl FnMut(&mut Vec<u8>)) {
    World::send().lies(data(PAGE, change), |lie| matches!(lie, Lie::OtherPage { .. }));
}

#[test]
fn says_another_amount_on_a_page() {
    tells_a_page_wrong(|reply| {
        if let Some(at) = reply.windows(10).position(|text| text == b"1.00000001") {
            reply[at + 9] = b'2';
        }
    });
}

#[test]
fn says_that_a_claim_was_checked() {
    tells_a_page_wrong(|reply| {
        if reply[1] == 2 {
            reply[1] = 0;
        }
    });
}

#[test]
fn puts_a_page_under_another_heading() {
    tells_a_page_wrong(|reply| reply[0] = 6);
}

#[test]
fn cuts_a_page() {
    tells_a_page_wrong(|reply| reply.truncate(reply.len() - 1));
}

#[test]
fn says_nothing_for_a_page() {
    tells_a_page_wrong(Vec::clear);
}

#[test]
fn announces_fewer_signatures() {
    World::purchase().lies(data(APPROVE, |reply| reply[1] -= 1), |lie| {
        *lie == Lie::Counts { found: [24, 19, 20], expected: [24, 20, 20] }
    });
}

#[test]
fn announces_more_signatures() {
    World::send().lies(data(APPROVE, |reply| reply.copy_from_slice(&[255, 255, 255])), |lie| {
        *lie == Lie::Counts { found: [255, 255, 255], expected: [2, 0, 0] }
    });
}

/// What it would show was not what the host shows.
#[test]
fn shows_another_address() {
    let mut world = World::send();
    let path = KeyPath::external(Index::FIRST);
    let mut ask = |twist: Twist<'_>| {
        let act = |session: &mut Session<Liar<'_>>, case: &Case, _: Option<&RegisteredVoter>| {
            session.address(&case.watched(), path, &mut |_| {})
        };
        world.with(twist, act)
    };
    let honest = ask(Box::new(|_, _| ())).unwrap();
    let other = "DsUZxxoHJSty8DCfwfartwTYbuhmVct7tJu";
    let liar = data(ADDRESS, |reply| reply.copy_from_slice(other.as_bytes()));
    match ask(Box::new(liar)) {
        Err(DeviceError::Lie(Lie::OtherAddress { found, expected })) => {
            assert_eq!((found.as_str(), expected), (other, honest));
        }
        result => panic!("{result:?}"),
    }
    // Nothing that a terminal would act on comes through.
    let liar = data(ADDRESS, |reply| reply[..4].copy_from_slice(b"\x1b[2J"));
    match ask(Box::new(liar)) {
        Err(DeviceError::Lie(lie)) => assert!(!lie.to_string().contains('\x1b'), "{lie}"),
        result => panic!("{result:?}"),
    }
}

#[test]
fn registers_another_voter() {
    let mut world = World::purchase();
    let act = |session: &mut Session<Liar<'_>>, case: &Case, _: Option<&RegisteredVoter>| {
        session.register(case.of, &case.voters[0], &mut |_| {})
    };
    assert!(world.with(|_, _| (), act).is_ok());
    match world.with(data(REGISTER, |reply| reply[31] ^= 1), act) {
        Err(DeviceError::Lie(Lie::OtherVoter { .. })) => {}
        result => panic!("{result:?}"),
    }
}

/// A mark is the device's own business, but one that it does not know itself is found out before anybody keeps it.
#[test]
fn gives_out_a_mark_that_is_none() {
    let mut world = World::purchase();
    let act = |session: &mut Session<Liar<'_>>, case: &Case, _: Option<&RegisteredVoter>| {
        session.register(case.of, &case.voters[0], &mut |_| {})
    };
    let expected = world.case.voters[0].fingerprint(world.case.of.network);
    for byte in 0..16 {
        match world.with(data(REGISTER, |reply| reply[byte] ^= 1), act) {
            Err(DeviceError::Lie(Lie::UnknownMark { fingerprint })) => assert_eq!(fingerprint, expected),
            result => panic!("byte {byte}: {result:?}"),
        }
    }
    println!("marks that are none: 16 cases");
    // Later it may be another device, which was never asked.
    let (record, mut mac) = (world.case.voters[0].clone(), *world.voter.as_ref().unwrap().mac());
    mac[0] ^= 1;
    world.voter = Some(RegisteredVoter::new(world.case.of, &record, mac).unwrap());
    let result = world.sign(|_, _| ());
    assert!(matches!(result, Err(DeviceError::VoterNotRegistered { .. })), "{result:?}");
}

#[test]
fn gives_a_key_that_is_none() {
    let mut world = World::send();
    let act = |session: &mut Session<Liar<'_>>, case: &Case, _: Option<&RegisteredVoter>| {
        session.account(case.of, &mut |_| {})
    };
    assert!(world.with(|_, _| (), act).is_ok());
    let mut ran = 0;
    for first in [0, 1, 4, 5, 6, 7, 255] {
        let result = world.with(data(ACCOUNT, |reply| reply[0] = first), act);
        assert!(matches!(result, Err(DeviceError::Lie(Lie::NoKey { .. }))), "{first}: {result:?}");
        ran += 1;
    }
    println!("keys that are none: {ran} cases");
}

/// A request that the host itself would refuse never leaves it.
#[test]
fn is_never_asked_to_sign_what_the_host_cannot_rebuild() {
    let world = World::send();
    let mut bytes = world.case.request.clone();
    bytes[46] ^= 1;
    assert!(CheckedRequest::read(&bytes, world.case.watched()).is_err());
}
