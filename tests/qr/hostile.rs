//! Frames that somebody made to do harm, and codes of other things.

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{
    Assembly, Density, Frame, FrameError, MAX_LENGTH, Part, Stream, StreamError, SymbolId, Taken,
};
use dcrcold_signer::transfer::{Container, Kind, TransferError};

use crate::random::Random;
use crate::transfer;

/// The text of a frame whose bytes are given, with a check sum that is right.
fn text_of(bytes: &[u8]) -> Vec<u8> {
    // A whole frame has one byte before its content and the sum behind it, which is all that is needed to make any frame.
    let mut text = b"DCR1/".to_vec();
    let summed = [bytes, &crc32fast::hash(bytes).to_le_bytes()].concat();
    for pair in summed.chunks(2) {
        let mut value = pair.iter().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[value % 45]);
            value /= 45;
        }
    }
    text
}

/// The bytes of a frame of symbols.
fn part(length: u32, first: u32, symbols: &[u8]) -> Vec<u8> {
    [&[0x10, 1, 2, 3, 4], &length.to_le_bytes()[..3], &first.to_le_bytes()[..3], symbols].concat()
}

fn read(bytes: &[u8]) -> Part {
    match Frame::parse(&text_of(bytes)).unwrap() {
        Frame::Part(part) => part,
        Frame::Whole(_) => panic!("a whole transfer"),
    }
}

#[test]
fn frames_that_break_a_rule_are_refused_by_name() {
    let symbol = [7; 80];
    let good = text_of(&part(800, 0, &symbol));
    assert!(Frame::parse(&good).is_ok());
    let cases: [(&str, Vec<u8>, FrameError); 16] = [
        ("nothing", Vec::new(), FrameError::NotAFrame),
        ("an address", b"DsRah84zx6jdA4nMYboMfLERA5V3KhBr4ru".to_vec(), FrameError::NotAFrame),
        ("small letters", good.to_ascii_lowercase(), FrameError::NotAFrame),
        ("one character less", good[..good.len() - 1].to_vec(), FrameError::NotBase45),
        ("a line's end", [&good[..], b"\n"].concat(), FrameError::NotBase45),
        ("longer than a code", vec![b'0'; 4_297], FrameError::TooLong { found: 4_297, most: 4_296 }),
        ("a gigabyte's claim in no bytes", b"DCR1/".to_vec(), FrameError::Length { found: 0 }),
        ("only a check sum", text_of(&[]), FrameError::Length { found: 4 }),
        ("no symbol", text_of(&part(800, 0, &[])), FrameError::Length { found: 15 }),
        ("half a symbol", text_of(&part(800, 0, &symbol[..40])), FrameError::Length { found: 55 }),
        ("a symbol and a byte", text_of(&part(800, 0, &[7; 81])), FrameError::Length { found: 96 }),
        ("a stream of nothing", text_of(&part(0, 0, &symbol)), FrameError::StreamLength { found: 0 }),
        ("a forged length", text_of(&part(327_681, 0, &symbol)), FrameError::StreamLength { found: 327_681 }),
        ("the largest length", text_of(&part(0xff_ffff, 0, &symbol)), FrameError::StreamLength { found: 0xff_ffff }),
        (
            "numbers past the last",
            text_of(&part(800, 0xff_ffff, &[7; 160])),
            FrameError::SymbolRange { first: 0xff_ffff, symbols: 2 },
        ),
        (
            "another version",
            text_of(&[&[0x20], &part(800, 0, &symbol)[1..]].concat()),
            FrameError::UnknownType { found: 0x20 },
        ),
    ];
    let mut refused = 0;
    for (name, text, expected) in &cases {
        assert_eq!(Frame::parse(text), Err(expected.clone()), "{name}");
        refused += 1;
    }
    println!("{refused} frames refused");
    assert_eq!(refused, 16);
}

#[test]
fn every_other_character_is_told_by_the_check_sum_or_before() {
    let stream = Stream::new(transfer(300, &mut Random(1)).encode()).unwrap();
    let text = Frame::Part(stream.parts().next_at(Density::V10)).text().into_bytes();
    let mut cases = 0;
    for place in 0..text.len() {
        for character in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:" {
            let mut other = text.clone();
            if std::mem::replace(&mut other[place], *character) != *character {
                Frame::parse(&other).unwrap_err();
                cases += 1;
            }
        }
    }
    println!("{cases} characters changed, all noticed");
    assert_eq!(cases, text.len() * 44);
}

#[test]
fn frames_of_two_streams_are_never_mixed() {
    let mut random = Random(2);
    let [one, other] = [2_000, 2_000].map(|length| Stream::new(transfer(length, &mut random).encode()).unwrap());
    let first = one.parts().next_at(Density::V10);
    let mut assembly = Assembly::new(&first);
    assembly.take(&first).unwrap();
    let (mut parts, before) = (other.parts(), assembly.progress());
    for _ in 0..100 {
        assert_eq!(assembly.take(&parts.next_at(Density::V10)).unwrap(), Taken::OtherStream);
        assert_eq!(assembly.progress(), before);
    }
    // The same name with another length is another stream too.
    let claimed = read(&part(2_000, 0, &[0; 80]));
    let mut assembly = Assembly::new(&claimed);
    assert_eq!(assembly.take(&read(&part(1_999, 0, &[0; 80]))).unwrap(), Taken::OtherStream);
    assert_eq!(assembly.take(&claimed).unwrap(), Taken::New);
}

#[test]
fn garbage_symbols_with_a_right_check_sum_never_give_a_transfer() {
    let mut random = Random(3);
    let (mut contradicted, mut other) = (0, 0);
    for case in 0..200_u64 {
        let stream = Stream::new(transfer(1_500, &mut random).encode()).unwrap();
        let name = *stream.id().as_bytes();
        let mut bytes = part(1_500, u32::try_from(random.below(40)).unwrap(), &[random.byte(); 80]);
        bytes[1..5].copy_from_slice(&name);
        let forged = read(&bytes);
        let mut assembly = Assembly::new(&forged);
        assembly.take(&forged).unwrap();
        let mut parts = stream.parts_from(SymbolId::new(u32::try_from(case % 25).unwrap()).unwrap());
        let mut result = Ok(Taken::New);
        while result.is_ok() && !assembly.progress().is_complete() {
            result = assembly.take(&parts.next_with(1));
        }
        match (result, assembly.transfer()) {
            (Err(StreamError::Contradiction { stream }), None) => {
                assert_eq!(*stream.as_bytes(), name);
                contradicted += 1;
            }
            (Ok(_), Some(Err(StreamError::OtherStream { .. } | StreamError::Padding { .. }))) => other += 1,
            (result, transfer) => panic!("case {case}: {result:?} {transfer:?}"),
        }
    }
    println!("forged symbols: {contradicted} contradicted others, {other} gave other bytes");
    assert!(contradicted > 0 && other > 0);
    assert_eq!(contradicted + other, 200);
}

#[test]
fn a_contradiction_is_never_forgotten() {
    let mut random = Random(4);
    let stream = Stream::new(transfer(400, &mut random).encode()).unwrap();
    let mut parts = stream.parts();
    let first = parts.next_with(1);
    let mut assembly = Assembly::new(&first);
    assembly.take(&first).unwrap();
    let mut bytes = part(400, 0, &[9; 80]);
    bytes[1..5].copy_from_slice(stream.id().as_bytes());
    let contradiction = StreamError::Contradiction { stream: stream.id() };
    assert_eq!(assembly.take(&read(&bytes)), Err(contradiction.clone()));
    for _ in 0..10 {
        assert_eq!(assembly.take(&parts.next_with(1)), Err(contradiction.clone()));
    }
    assert_eq!(assembly.transfer(), Some(Err(contradiction)));
}

#[test]
fn a_stream_of_something_else_gives_no_transfer() {
    for bytes in [b"a picture of a cat".repeat(30), vec![0; 500]] {
        let stream = Stream::new(bytes).unwrap();
        let mut parts = stream.parts();
        let first = parts.next_with(10);
        let mut assembly = Assembly::new(&first);
        assembly.take(&first).unwrap();
        assert_eq!(assembly.transfer(), Some(Err(StreamError::Transfer(TransferError::NotATransfer))));
    }
}

#[test]
fn a_bomb_is_refused_before_it_unfolds() {
    // 1 MiB of zeros deflates to about a thousand bytes; a claim of one byte more is refused unread.
    let container = Container::new(Kind::Answer, Network::Simnet, vec![0; 1 << 20]).unwrap();
    let mut transfer = container.encode_deflated();
    assert!(transfer.len() < 1_300, "{} bytes", transfer.len());
    transfer[11..15].copy_from_slice(&((1_u32 << 20) + 1).to_le_bytes());
    let stream = Stream::new(transfer.clone()).unwrap();
    let (frame, _) = stream.whole().unwrap();
    assert_eq!(Frame::parse(frame.text().as_bytes()).unwrap(), Frame::Whole(transfer.clone()));
    let expected = TransferError::TooLarge { found: (1 << 20) + 1, most: 1 << 20 };
    assert_eq!(Container::parse(&transfer), Err(expected));
}

#[test]
fn what_is_too_large_or_nothing_is_not_shown() {
    for length in [0, MAX_LENGTH + 1] {
        let expected = StreamError::Length { found: length, most: MAX_LENGTH };
        assert_eq!(Stream::new(vec![0; length]).unwrap_err(), expected);
    }
    assert!(Stream::new(vec![0; MAX_LENGTH]).is_ok());
}
