//! Transfers that are damaged or of another kind, and the bodies that are written here.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::request::RequestReader;
use dcrcold_signer::key::{MessageSignature, Signature};
use dcrcold_signer::transfer::{Answer, Container, Content, Encode, Kind, TransferError, WatchExport, plain_form};

#[path = "common/body.rs"]
mod body;
mod common;
#[path = "common/rewritten.rs"]
mod rewritten;

use common::{Vectors, hex, parsed};
use rewritten::written_again;

#[test]
fn requests_are_written_as_the_model_writes_them() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |row| {
        let bytes = hex(&row["transfer"]["request"]);
        let container = Container::parse(&bytes).unwrap();
        assert_eq!(*container.id(), parsed::<TransferId>(&row["transfer"]["id"]));
        let mut reader = RequestReader::<256, 100>::default();
        reader.push(&bytes).unwrap();
        let request = reader.finish().unwrap();
        assert_eq!(written_again(&request, &bytes), bytes, "{}", row["name"]);
        assert_eq!(Container::parse(&container.encode_deflated()).unwrap(), container);
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}

#[test]
fn answers_are_written_as_the_model_writes_them() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |row| {
        let bytes = hex(&row["transfer"]["answer"]);
        let container = Container::parse(&bytes).unwrap();
        let answer = Answer::from_container(&container).unwrap();
        assert_eq!(answer.request, parsed::<TransferId>(&row["transfer"]["id"]));
        assert_eq!(answer.to_container(container.network()).unwrap().encode(), bytes);
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}

fn answer() -> Container {
    let answer = Answer {
        request: TransferId::from_bytes([7; 32]),
        inputs: vec![Signature::from_bytes([1; 64])],
        tickets: Vec::new(),
        messages: vec![MessageSignature::from_bytes([2; 65]); 2],
    };
    let container = answer.to_container(Network::Simnet).unwrap();
    assert_eq!(Answer::from_container(&container).unwrap(), answer);
    container
}

#[test]
fn every_cut_is_refused() {
    for bytes in [answer().encode(), answer().encode_deflated()] {
        for length in 0..bytes.len() {
            let error = Container::parse(&bytes[..length]).unwrap_err();
            let known = matches!(error, TransferError::Truncated { .. } | TransferError::Inflate { .. });
            assert!(known, "{length}: {error}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        let error = Container::parse(&longer).unwrap_err();
        assert!(matches!(error, TransferError::Trailing { .. } | TransferError::Inflate { .. }), "{error}");
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    let bytes = answer().encode();
    for position in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[position] ^= 1 << bit;
            let error = Container::parse(&altered).unwrap_err();
            let right = match position {
                0..7 => matches!(error, TransferError::NotATransfer),
                7 => matches!(error, TransferError::Version { .. }),
                8 => matches!(error, TransferError::UnknownKind { .. } | TransferError::IdMismatch { .. }),
                9 => matches!(error, TransferError::UnknownNetwork { .. } | TransferError::IdMismatch { .. }),
                10 => matches!(error, TransferError::UnknownFlags { .. } | TransferError::Inflate { .. }),
                11..15 => matches!(
                    error,
                    TransferError::Truncated { .. } | TransferError::Trailing { .. } | TransferError::TooLarge { .. }
                ),
                _ => matches!(error, TransferError::IdMismatch { .. }),
            };
            assert!(right, "byte {position}, bit {bit}: {error}");
        }
    }
}

#[test]
fn a_compression_bomb_is_refused_without_room_for_it() {
    // 1 MiB of zeros deflates to about a kilobyte; the header claims less than it holds.
    let zeros = Container::new(Kind::Answer, Network::Simnet, vec![0; 1 << 20]).unwrap();
    let mut bomb = zeros.encode_deflated();
    assert!(bomb.len() < 2000);
    assert_eq!(plain_form(&bomb).unwrap().len(), 47 + (1 << 20));
    bomb[11..15].copy_from_slice(&100_u32.to_le_bytes());
    assert_eq!(Container::parse(&bomb), Err(TransferError::Inflate { expected: 100 }));
    bomb[11..15].copy_from_slice(&((1_u32 << 20) + 1).to_le_bytes());
    assert_eq!(Container::parse(&bomb), Err(TransferError::TooLarge { found: (1 << 20) + 1, most: 1 << 20 }));
    let too_much = Container::new(Kind::Answer, Network::Simnet, vec![0; (1 << 20) + 1]);
    assert!(matches!(too_much, Err(TransferError::TooLarge { .. })));
}

#[test]
fn bodies_have_one_encoding() {
    let network = Network::Simnet;
    let check = |body: Vec<u8>| {
        let error = Answer::from_container(&Container::new(Kind::Answer, network, body).unwrap()).unwrap_err();
        assert!(matches!(error, TransferError::Body { kind: Kind::Answer, .. }), "{error}");
    };
    let id = [&[0x58, 0x20][..], &[7; 32]].concat();
    let good = [&[0xa1, 0x00][..], &id].concat();
    Answer::from_container(&Container::new(Kind::Answer, network, good.clone()).unwrap()).unwrap();
    check([good.as_slice(), &[0]].concat());
    check([&[0xb8, 0x01, 0x00][..], &id].concat());
    check([&[0xa1, 0x18, 0x00][..], &id].concat());
    check([&[0xa2, 0x00][..], &id, &[0x01, 0x80]].concat());
    check([&[0xa2, 0x00][..], &id, &[0x04, 0x80]].concat());
    check([&[0xa2, 0x00][..], &id, &[0x00], &id].concat());
    check([&[0xa2, 0x00][..], &id, &[0x01, 0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat());
    check(vec![0xa0]);
    check(Vec::new());
}

#[test]
fn a_transfer_of_another_kind_is_named() {
    let error = WatchExport::from_container(&answer()).unwrap_err();
    assert_eq!(error, TransferError::WrongKind { found: Kind::Answer, expected: Kind::WatchExport });
    assert_eq!(error.to_string(), "transfer is an answer, expected a watch export");
}
