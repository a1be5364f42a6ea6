//! The host wants the signer's memory or time, or a file that is one thing packed and another unpacked.

use dcrcold_core::cbor::Writer;
use dcrcold_core::machine::Receiver;
use dcrcold_core::policy::Rule;
use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_signer::transfer::{Container, TransferError, plain_form};
use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};

use crate::body::{Body, Bytes, seal};
use crate::cold::encoded;
use crate::harness::{Victim, bytes};

/// Where the length of the plain body and the id are.
const LENGTH: usize = 11;
const ID: usize = 15;

/// The packed form of an honest purchase, its plain form, and the one who signs it.
fn packed() -> (Vec<u8>, Vec<u8>, Victim) {
    let victim = Victim::new();
    let plain = encoded(&victim.cold.purchase(2));
    let packed = Container::parse(&plain).unwrap().encode_deflated();
    (packed, plain, victim)
}

/// Sees that the honest packed request is signed as the plain one is, and that this one does not unpack.
fn does_not_unpack(change: impl FnOnce(&mut Vec<u8>, &[u8])) {
    let (mut request, plain, victim) = packed();
    assert_eq!(plain_form(&request).unwrap(), plain);
    victim.signs(&plain_form(&request).unwrap());
    change(&mut request, &plain);
    match plain_form(&request) {
        Err(TransferError::Inflate { .. } | TransferError::TooLarge { .. }) => {}
        other => panic!("{other:?}"),
    }
    // Whoever forgets to unpack gets no further.
    victim.refuses(&request, Rule::FlagsUnknown);
}

fn claimed(request: &[u8]) -> u32 {
    u32::from_le_bytes(request[LENGTH..ID].try_into().unwrap())
}

/// A GiB of zeros in a MiB, for a body that is said to be short.
#[test]
fn unpacks_a_bomb() {
    does_not_unpack(|request, _| {
        request.truncate(HEADER_LENGTH);
        request.extend(compress_to_vec(&vec![0; 1 << 26], 1));
    });
}

#[test]
fn unpacks_a_bomb_of_the_largest_length_that_is_taken() {
    does_not_unpack(|request, _| {
        request.truncate(HEADER_LENGTH);
        request[LENGTH..ID].copy_from_slice(&MAX_BODY.to_le_bytes());
        request.extend(compress_to_vec(&vec![0; MAX_BODY as usize + 1], 9));
    });
}

#[test]
fn has_room_made_for_4_gib_before_anything_is_unpacked() {
    does_not_unpack(|request, _| request[LENGTH..ID].fill(0xff));
}

#[test]
fn unpacks_to_more_than_it_says() {
    does_not_unpack(|request, _| {
        let length = claimed(request) - 1;
        request[LENGTH..ID].copy_from_slice(&length.to_le_bytes());
    });
}

#[test]
fn unpacks_to_less_than_it_says() {
    does_not_unpack(|request, _| {
        let length = claimed(request) + 1;
        request[LENGTH..ID].copy_from_slice(&length.to_le_bytes());
    });
}

/// Bytes behind the end of the stream, which another reader may take for another request.
#[test]
fn hides_something_behind_the_packed_body() {
    does_not_unpack(|request, _| request.push(0));
}

#[test]
fn hides_a_second_packed_body_behind_the_first() {
    does_not_unpack(|request, _| {
        let body = request[HEADER_LENGTH..].to_vec();
        request.extend(body);
    });
}

#[test]
fn sends_half_of_a_packed_body() {
    does_not_unpack(|request, _| request.truncate(HEADER_LENGTH + (request.len() - HEADER_LENGTH) / 2));
}

#[test]
fn packs_with_another_packer() {
    does_not_unpack(|request, plain| {
        request.truncate(HEADER_LENGTH);
        request.extend(compress_to_vec_zlib(&plain[HEADER_LENGTH..], 9));
    });
}

#[test]
fn reaches_back_before_the_beginning_of_the_body() {
    // A block of fixed codes whose first symbol copies three bytes from one byte back: there is nothing to copy yet.
    does_not_unpack(|request, _| {
        request.truncate(HEADER_LENGTH);
        request[LENGTH..ID].copy_from_slice(&3_u32.to_le_bytes());
        request.extend([0x03, 0x02, 0x00, 0x00]);
    });
}

#[test]
fn packs_twice() {
    let (request, _, victim) = packed();
    let mut twice = request[..HEADER_LENGTH].to_vec();
    let once = &request[HEADER_LENGTH..];
    twice[LENGTH..ID].copy_from_slice(&u32::try_from(once.len()).unwrap().to_le_bytes());
    twice.extend(compress_to_vec(once, 9));
    // Unpacked once it is no request, and nothing is unpacked twice.
    victim.refuses_on_host_alone(&plain_form(&twice).unwrap(), Rule::NotCanonical);
}

/// The id covers the plain body: another body packed under the id that a person was told of.
#[test]
fn packs_another_body_under_an_approved_id() {
    let (_, plain, victim) = packed();
    let other = encoded(&victim.cold.purchase(1));
    let mut hostile = Container::parse(&other).unwrap().encode_deflated();
    hostile[ID..HEADER_LENGTH].copy_from_slice(&plain[ID..HEADER_LENGTH]);
    victim.refuses(&plain_form(&hostile).unwrap(), Rule::IdMismatch);
}

#[test]
fn changes_the_body_and_keeps_the_id() {
    bytes(|honest| {
        let mut request = honest.to_vec();
        // The fee rate: 10,000 becomes 10,001, which no other rule minds.
        let rate = request.windows(4).position(|window| window == [4, 0x19, 0x27, 0x10]).unwrap();
        request[rate + 3] += 1;
        request
    })
    .is_refused(Rule::IdMismatch);
}

#[test]
fn keeps_the_body_and_changes_the_id() {
    bytes(|honest| {
        let mut request = honest.to_vec();
        request[HEADER_LENGTH - 1] ^= 1;
        request
    })
    .is_refused(Rule::IdMismatch);
}

#[test]
fn has_a_body_of_more_than_a_mib_read() {
    let mut request = encoded(&Victim::new().cold.purchase(2));
    request[LENGTH..ID].copy_from_slice(&(MAX_BODY + 1).to_le_bytes());
    // The header is enough: nobody waits for the body.
    let refusal = Receiver::<256, 100>::default().push(&request[..HEADER_LENGTH]).unwrap_err();
    assert_eq!(refusal.rule, Rule::TooLarge);
    Victim::new().refuses(&request, Rule::TooLarge);
}

/// A body that announces so many items and then ends.
fn announces(key: u64, items: u64, rule: Rule) {
    bytes(|honest| {
        let mut body = Bytes(Vec::new());
        Writer(&mut body).map(1).uint(key).array(items);
        let mut request = [&honest[..HEADER_LENGTH], &body.0].concat();
        seal(&mut request);
        request
    })
    .is_refused(rule);
}

#[test]
fn announces_more_inputs_than_there_is_room_for() {
    announces(1, 257, Rule::TooLarge);
}

#[test]
fn announces_more_inputs_than_can_be_counted() {
    announces(1, u64::MAX, Rule::TooLarge);
}

#[test]
fn announces_more_parents_than_can_be_counted() {
    announces(13, u64::MAX, Rule::TooLarge);
}

#[test]
fn announces_more_voting_hashes_than_can_be_counted() {
    announces(7, u64::MAX, Rule::TicketsAboveLimit);
}

#[test]
fn announces_a_parent_that_never_ends() {
    bytes(|honest| {
        let mut body = Body::of(honest);
        body.pairs.last_mut().unwrap().1 = [&[0x81, 0x5b][..], &[0xff; 8]].concat();
        body.request()
    })
    .is_refused(Rule::NotCanonical);
}

#[test]
fn announces_a_label_that_never_ends() {
    bytes(|honest| {
        let mut body = Body::of(honest);
        body.pairs.push((11, [&[0x7b][..], &[0xff; 8]].concat()));
        body.pairs.sort_by_key(|(key, _)| *key);
        body.request()
    })
    .is_refused(Rule::LabelUnprintable);
}
