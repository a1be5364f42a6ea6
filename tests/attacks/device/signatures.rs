//! A device that signs something else, or with something else. The host verifies every signature and takes all or nothing.

use dcrcold_core::apdu::Os;
use dcrcold_signer::device::{DeviceError, Lie};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::transfer::AnswerError;
use secp256k1::constants::CURVE_ORDER;

use crate::device::{InProcess, Software};
use crate::device_case::Case;
use crate::liar::{SIGNATURE, World};

/// Changes the signature of one number.
fn signature(number: u8, mut change: impl FnMut(&mut Vec<u8>)) -> impl FnMut(&[u8], &mut Vec<u8>) {
    move |command, reply| {
        if command[1..3] == [SIGNATURE, number] {
            change(reply);
        }
    }
}

fn is_wrong_signature(what: &'static str) -> impl FnOnce(&Lie) -> bool {
    move |lie| matches!(lie, Lie::WrongSignature(AnswerError::WrongSignature { what: found, .. }) if *found == what)
}

#[test]
fn signs_with_another_key() {
    let other = InProcess::new(Software::new(&[9; 32], Derivation::Decred));
    // A signature over anything by a key of another seed.
    let foreign = other.platform.os.sign(&[1 << 31], &[7; 32]).unwrap().compact;
    World::send().lies(signature(1, |reply| reply[1..65].copy_from_slice(&foreign)), is_wrong_signature("input"));
}

#[test]
fn signs_another_transaction() {
    // The right key, over the same send with one atom more.
    let mut world = World::send();
    let honest = world.case.request.clone();
    world.case.request = Case::send_of_one_atom_more();
    let other = world.sign(|_, _| ()).unwrap();
    world.case.request = honest;
    let bytes = *other.inputs[0].as_bytes();
    world.lies(signature(0, |reply| reply[1..65].copy_from_slice(&bytes)), is_wrong_signature("input"));
}

#[test]
fn exchanges_two_signatures() {
    let mut first = Vec::new();
    World::send().lies(
        |command, reply| {
            if command[1..3] == [SIGNATURE, 0] {
                first.clone_from(reply);
            } else if command[1..3] == [SIGNATURE, 1] {
                reply.clone_from(&first);
            }
        },
        is_wrong_signature("input"),
    );
}

#[test]
fn damages_any_bit_of_a_signature() {
    let mut world = World::send();
    let mut ran = 0;
    for bit in (8..65 * 8).step_by(13) {
        let result = world.sign(signature(1, |reply| reply[bit / 8] ^= 1 << (bit % 8)));
        assert!(matches!(result, Err(DeviceError::Lie(Lie::WrongSignature(_)))), "bit {bit}: {result:?}");
        ran += 1;
    }
    println!("signatures with a wrong bit: {ran} cases");
    assert!(ran > 30);
}

/// The other half of each signature is valid too, and gives the transaction another form.
fn negated(rs: &mut [u8]) {
    let s: Vec<u8> = rs[32..].to_vec();
    let mut borrow = 0_u16;
    for at in (0..32).rev() {
        let difference = 256 + u16::from(CURVE_ORDER[at]) - u16::from(s[at]) - borrow;
        rs[32 + at] = u8::try_from(difference & 255).unwrap();
        borrow = u16::from(difference < 256);
    }
}

#[test]
fn gives_a_signature_its_second_form() {
    World::send().lies(signature(0, |reply| negated(&mut reply[1..65])), is_wrong_signature("input"));
}

#[test]
fn gives_a_message_signature_its_second_form() {
    World::purchase().lies(
        signature(44, |reply| {
            reply[1] ^= 1;
            negated(&mut reply[2..66]);
        }),
        is_wrong_signature("message"),
    );
}

#[test]
fn names_another_nonce_point_for_a_message() {
    World::purchase().lies(signature(63, |reply| reply[1] ^= 1), is_wrong_signature("message"));
}

#[test]
fn says_that_a_message_key_is_not_compressed() {
    World::purchase().lies(signature(50, |reply| reply[1] -= 4), is_wrong_signature("message"));
}

#[test]
fn signs_a_ticket_with_the_signature_of_another_one() {
    let mut first = Vec::new();
    World::purchase().lies(
        |command, reply| {
            if command[1..3] == [SIGNATURE, 24] {
                first.clone_from(reply);
            } else if command[1..3] == [SIGNATURE, 25] {
                reply.clone_from(&first);
            }
        },
        is_wrong_signature("ticket"),
    );
}

#[test]
fn sends_zeros_for_a_signature() {
    World::send().lies(signature(0, |reply| reply[1..65].fill(0)), is_wrong_signature("input"));
}

#[test]
fn calls_a_signature_another_kind() {
    World::purchase()
        .lies(signature(24, |reply| reply[0] = 0), |lie| *lie == Lie::OtherKind { number: 24, found: 0, expected: 1 });
}

#[test]
fn sends_a_message_signature_in_the_length_of_another() {
    World::purchase().lies(
        signature(63, |reply| {
            reply.remove(1);
        }),
        |lie| *lie == Lie::Length { command: "signature", found: 65, expected: 66 },
    );
}
