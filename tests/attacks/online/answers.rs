//! The file that comes back is another one, is damaged, or wants the online side's memory.

use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_signer::transfer::{Container, Encode, Kind, TransferError};

use crate::world::{Stopped, World, bytes, signatures};

/// Where things are in the header.
const VERSION: usize = 7;
const KIND: usize = 8;
const NETWORK: usize = 9;
const FLAGS: usize = 10;
const LENGTH: usize = 11;
const ID: usize = 15;

/// Makes length and id fit again.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let length = u32::try_from(file.len() - HEADER_LENGTH).unwrap();
    file[LENGTH..ID].copy_from_slice(&length.to_le_bytes());
    let hashed = [&file[VERSION..FLAGS], &file[HEADER_LENGTH..]].concat();
    file[ID..HEADER_LENGTH].copy_from_slice(&blake256::blake256(&hashed));
    file
}

fn malformed(stopped: &Stopped) -> bool {
    matches!(stopped, Stopped::Purchase(PurchaseError::Transfer(TransferError::Body { .. })))
}

/// The body is written in a second way.
fn rewritten(change: impl FnOnce(&mut Vec<u8>)) {
    bytes(
        |mut file| {
            change(&mut file);
            sealed(file)
        },
        malformed,
    );
}

#[test]
fn answers_a_request_that_was_never_made() {
    signatures(
        |answer| answer.request = TransferId::from_bytes([9; 32]),
        |stopped| matches!(stopped, Stopped::Purchase(PurchaseError::UnknownRequest { .. })),
    );
}

#[test]
fn answers_on_another_network() {
    bytes(
        |file| {
            let mut file = file;
            file[NETWORK] = Network::Mainnet.code();
            sealed(file)
        },
        |stopped| matches!(stopped, Stopped::Purchase(PurchaseError::OtherNetwork { .. })),
    );
}

#[test]
fn answers_on_a_network_that_does_not_exist() {
    bytes(
        |mut file| {
            file[NETWORK] = 3;
            sealed(file)
        },
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::UnknownNetwork { found: 3 })),
    );
}

#[test]
fn calls_the_answer_a_request() {
    bytes(
        |mut file| {
            file[KIND] = 1;
            sealed(file)
        },
        |stopped| matches!(stopped, Stopped::Purchase(PurchaseError::Transfer(TransferError::WrongKind { .. }))),
    );
}

#[test]
fn sends_the_request_back() {
    let mut world = World::new();
    let request = world.request.clone();
    world.refuses(&request, |stopped| {
        matches!(stopped, Stopped::Purchase(PurchaseError::Transfer(TransferError::WrongKind { .. })))
    });
    world.takes_the_right_answer();
}

#[test]
fn answers_in_a_later_version() {
    bytes(
        |mut file| {
            file[VERSION] = 2;
            sealed(file)
        },
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::Version { found: 2, .. })),
    );
}

#[test]
fn sets_a_flag_of_the_future() {
    bytes(
        |mut file| {
            file[FLAGS] = 4;
            file
        },
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::UnknownFlags { found: 4 })),
    );
}

#[test]
fn cuts_the_answer_anywhere() {
    let mut world = World::new();
    let right = world.right();
    for end in 0..right.len() {
        let stopped = Container::parse(&right[..end]).unwrap_err();
        assert!(matches!(stopped, TransferError::Truncated { .. }), "cut at {end}: {stopped}");
    }
    println!("answers cut: {} cases", right.len());
    for end in [0, 6, HEADER_LENGTH, right.len() - 1] {
        world.refuses(&right[..end], |stopped| matches!(stopped, Stopped::Transfer(TransferError::Truncated { .. })));
    }
    world.takes_the_right_answer();
}

#[test]
fn sends_the_answer_twice_in_one_file() {
    bytes(
        |file| [&file[..], &file].concat(),
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::Trailing { .. })),
    );
}

#[test]
fn appends_a_byte() {
    bytes(
        |mut file| {
            file.push(0);
            file
        },
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::Trailing { .. })),
    );
}

#[test]
fn appends_a_byte_to_the_body() {
    rewritten(|file| file.push(0));
}

#[test]
fn appends_a_second_body() {
    rewritten(|file| file.extend(file[HEADER_LENGTH..].to_vec()));
}

#[test]
fn flips_a_bit_anywhere() {
    let mut world = World::new();
    let right = world.right();
    for bit in 0..right.len() * 8 {
        let mut file = right.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        let parsed = Container::parse(&file);
        assert!(parsed.is_err(), "bit {bit} of byte {}", bit / 8);
    }
    println!("bits of an answer flipped: {} cases", right.len() * 8);
    world.takes_the_right_answer();
}

/// The same with an id that fits: every bit of the body says something, and none may say something else.
#[test]
fn flips_a_bit_anywhere_and_makes_the_id_fit() {
    let mut world = World::new();
    let right = world.right();
    let mut ran = 0;
    for bit in HEADER_LENGTH * 8..right.len() * 8 {
        let mut file = right.clone();
        file[bit / 8] ^= 1 << (bit % 8);
        let container = Container::parse(&sealed(file)).unwrap();
        let accepted = world.wallet.accept(&container, &SystemClock);
        assert!(accepted.is_err(), "bit {bit} of byte {}", bit / 8);
        ran += 1;
    }
    println!("bits of an answer flipped under a right id: {ran} cases");
    assert!(ran > 2900);
    world.takes_the_right_answer();
}

#[test]
fn writes_a_count_in_a_longer_form() {
    rewritten(|file| {
        file.splice(HEADER_LENGTH..=HEADER_LENGTH, [0xb8, 4]);
    });
}

#[test]
fn adds_a_key_with_a_transaction_of_its_own() {
    rewritten(|file| {
        file[HEADER_LENGTH] += 1;
        file.extend([0x04, 0x41, 0]);
    });
}

#[test]
fn leaves_the_id_of_the_request_out() {
    rewritten(|file| {
        file[HEADER_LENGTH] -= 1;
        file.drain(HEADER_LENGTH + 1..HEADER_LENGTH + 1 + 35);
    });
}

#[test]
fn writes_an_empty_list_of_signatures() {
    bytes(
        |mut file| {
            let body = [&[0xa2, 0x00, 0x58, 0x20][..], &file[HEADER_LENGTH + 4..HEADER_LENGTH + 36], &[0x01, 0x80]];
            let body = body.concat();
            file.truncate(HEADER_LENGTH);
            file.extend(body);
            sealed(file)
        },
        malformed,
    );
}

#[test]
fn claims_more_signatures_than_there_are_atoms() {
    bytes(
        |mut file| {
            let id = file[HEADER_LENGTH + 4..HEADER_LENGTH + 36].to_vec();
            file.truncate(HEADER_LENGTH);
            file.extend([&[0xa2, 0x00, 0x58, 0x20][..], &id, &[0x01, 0x9b], &[0xff; 8]].concat());
            sealed(file)
        },
        malformed,
    );
}

/// So many zeros, packed, under a header that claims another length.
fn packed(zeros: u32, claimed: u32) -> impl FnOnce(Vec<u8>) -> Vec<u8> {
    move |right| {
        let mut file = right;
        let bomb = Container::new(Kind::Answer, Network::Simnet, vec![0; zeros as usize]).unwrap().encode_deflated();
        file.truncate(HEADER_LENGTH);
        file[FLAGS] = 1;
        file[LENGTH..ID].copy_from_slice(&claimed.to_le_bytes());
        file.extend(&bomb[HEADER_LENGTH..]);
        file
    }
}

#[test]
fn sends_a_bomb() {
    bytes(packed(MAX_BODY, 374), |stopped| {
        matches!(stopped, Stopped::Transfer(TransferError::Inflate { expected: 374 }))
    });
}

#[test]
fn sends_a_bomb_of_the_largest_length_that_is_taken() {
    bytes(packed(MAX_BODY, MAX_BODY), |stopped| matches!(stopped, Stopped::Transfer(TransferError::IdMismatch { .. })));
}

#[test]
fn has_room_made_for_4_gib() {
    bytes(packed(1, u32::MAX), |stopped| matches!(stopped, Stopped::Transfer(TransferError::TooLarge { .. })));
}

#[test]
fn hides_something_behind_a_packed_answer() {
    bytes(
        |file| {
            let mut file = Container::parse(&file).unwrap().encode_deflated();
            file.push(0);
            file
        },
        |stopped| matches!(stopped, Stopped::Transfer(TransferError::Inflate { .. })),
    );
}

#[test]
fn a_packed_answer_is_no_attack() {
    let mut world = World::new();
    let packed = world.answer.to_container(Network::Simnet).unwrap().encode_deflated();
    world.submit(&packed).unwrap();
    assert_eq!((world.chain.sends, world.waiting()), (3, vec![true; 3]));
}
