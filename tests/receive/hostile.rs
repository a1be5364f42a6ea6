//! What a hostile screen, or somebody who flashes a code into the camera, can do to a scan.

use std::time::Instant;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Density, Frame, Progress, Stream, StreamError};
use dcrcold_signer::receive::{ReceiveError, Seen, Session};
use dcrcold_signer::transfer::{Container, Kind};

use super::random::Random;
use super::{complete, needed, texts, transfer};

const BASE45: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// Writes base45 without the program's help.
fn base45(bytes: &[u8]) -> String {
    let digits = |mut value: usize, count: usize| {
        (0..count).map(move |_| {
            let digit = char::from(BASE45[value % 45]);
            value /= 45;
            digit
        })
    };
    let mut text = String::new();
    for pair in bytes.chunks(2) {
        match *pair {
            [a, b] => text.extend(digits(usize::from(a) << 8 | usize::from(b), 3)),
            [a] => text.extend(digits(a.into(), 2)),
            _ => unreachable!("chunks of one or two"),
        }
    }
    text
}

/// A frame with any bytes and the right check sum.
fn frame(bytes: &[u8]) -> String {
    let sum = crc32(bytes).to_le_bytes();
    format!("DCR1/{}", base45(&[bytes, &sum].concat()))
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

/// The head of a frame of symbols, and that many symbols of nothing but 0x5a.
fn part(stream: [u8; 4], length: usize, first: usize, symbols: usize) -> String {
    let three = |value: usize| value.to_le_bytes()[..3].to_vec();
    frame(&[&[0x10], &stream[..], &three(length), &three(first), &vec![0x5a; 80 * symbols]].concat())
}

fn id(transfer: &Container) -> [u8; 4] {
    *Stream::new(transfer.encode()).unwrap().id().as_bytes()
}

/// Frames that belong to the stream of another and hold something else.
pub(crate) fn lying(of: &str, first: usize, symbols: usize) -> String {
    let Frame::Part(of) = Frame::parse(of.as_bytes()).unwrap() else { panic!("a part") };
    part(*of.stream().as_bytes(), of.length(), first, symbols)
}

#[test]
fn another_transfer_in_between_is_never_mixed_in() {
    let density = Density::V10;
    let [a, b] = [1, 2].map(|seed| transfer(5_000, seed));
    let count = needed(&a, density);
    let [shown_a, shown_b] = [&a, &b].map(|sent| texts(sent, density, 2 * count));
    let mut session = Session::new(None);
    for (from_a, from_b) in shown_a.iter().zip(&shown_b).take(count - 1) {
        assert!(matches!(session.take(from_a.as_bytes()).unwrap(), Seen::New));
        let found = session.take(from_b.as_bytes()).unwrap();
        assert!(matches!(found, Seen::Other(other) if other.as_bytes() == &id(&b)));
    }
    assert_eq!((session.counts().of_use, session.counts().other), (count as u64 - 1, count as u64 - 1));
    assert_eq!(complete(&mut session, &shown_a[count - 1..]), Some(a));
}

#[test]
fn a_whole_transfer_flashed_in_between_ends_nothing() {
    let (sent, density) = (transfer(5_000, 3), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let small = transfer(200, 4);
    let flashed = Stream::new(small.encode()).unwrap().whole().unwrap().0.text();
    let mut session = Session::new(None);
    session.take(shown[0].as_bytes()).unwrap();
    assert!(matches!(session.take(flashed.as_bytes()).unwrap(), Seen::Other(_)));
    // Only the person turns to it.
    assert!(matches!(session.turn().unwrap(), Some(Seen::Complete(found)) if found == small));
}

#[test]
fn symbols_that_lie_end_the_scan_and_give_nothing() {
    let (sent, density) = (transfer(5_000, 5), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let lie = lying(&shown[0], 1, 1);
    let mut session = Session::new(None);
    session.take(shown[0].as_bytes()).unwrap();
    let error = session.take(lie.as_bytes()).unwrap_err();
    assert!(matches!(error, ReceiveError::Stream(StreamError::Contradiction { .. })), "{error}");
    // Before what it contradicts, it is found out at the end at the latest.
    let mut session = Session::new(None);
    session.take(lying(&shown[0], 40, 1).as_bytes()).unwrap();
    let error = shown.iter().find_map(|text| session.take(text.as_bytes()).err());
    assert!(error.is_some());
}

#[test]
fn a_length_that_lies_is_another_transfer() {
    let (sent, density) = (transfer(5_000, 6), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let mut session = Session::new(None);
    session.take(shown[0].as_bytes()).unwrap();
    assert!(matches!(session.take(part(id(&sent), 320_000, 0, 1).as_bytes()).unwrap(), Seen::Other(_)));
    assert_eq!(complete(&mut session, &shown[1..]), Some(sent));
}

#[test]
fn garbage_is_counted_and_nothing_else() {
    let (sent, density) = (transfer(5_000, 7), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let mut session = Session::new(None);
    let mut random = Random(8);
    let start = Instant::now();
    let mut cases = 0;
    for text in &shown[..shown.len() - 1] {
        session.take(text.as_bytes()).unwrap();
        for _ in 0..100 {
            let length = usize::from(random.byte()) * 20;
            let mut line: Vec<_> = (0..length).map(|_| random.byte()).collect();
            if random.byte().is_multiple_of(2) {
                line = line.iter().map(|byte| BASE45[usize::from(byte % 45)]).collect();
                line.splice(0..0, *b"DCR1/");
            }
            let seen = session.take(&line).unwrap();
            assert!(matches!(seen, Seen::Damaged(_) | Seen::Foreign(_) | Seen::Same), "{line:?}");
            cases += 1;
        }
    }
    let bytes = [b"DCR1/".repeat(1 << 20), vec![b'A'; 8 << 20], vec![0; 8 << 20]];
    for huge in &bytes {
        assert!(matches!(session.take(huge).unwrap(), Seen::Damaged(_) | Seen::Foreign(_)));
        cases += 1;
    }
    println!("garbage: {cases} lines in {:?}", start.elapsed());
    assert_eq!(cases, 100 * (shown.len() - 1) + 3);
    assert_eq!(complete(&mut session, &shown[shown.len() - 1..]), Some(sent));
}

#[test]
fn claims_of_the_largest_transfer_leave_nothing_once_turned_away_from() {
    let (sent, density) = (transfer(5_000, 10), Density::V10);
    let shown = texts(&sent, density, needed(&sent, density));
    let mut session = Session::new(None);
    let mut cases = 0;
    for stream in 0..1_000_u32 {
        let claimed = part(stream.to_le_bytes(), 327_680, (1 << 24) - 1, 1);
        assert!(matches!(session.take(claimed.as_bytes()).unwrap(), Seen::New | Seen::Other(_)));
        session.turn().unwrap();
        assert_eq!(session.progress(), Some(Progress { symbols: 1, needed: 4_096 }));
        assert_eq!(
            (session.stream().map(|stream| *stream.as_bytes()), session.other()),
            (Some(stream.to_le_bytes()), None)
        );
        cases += 1;
    }
    for (length, first, symbols) in [(0, 0, 1), (327_681, 0, 1), (100, (1 << 24) - 1, 2), (100, 0, 0)] {
        let seen = session.take(part([1; 4], length, first, symbols).as_bytes()).unwrap();
        assert!(matches!(seen, Seen::Damaged(_)), "{length} {first} {symbols}");
        cases += 1;
    }
    println!("claims: {cases} cases");
    assert_eq!(cases, 1_004);
    assert!(matches!(session.take(shown[0].as_bytes()).unwrap(), Seen::Other(_)));
    session.turn().unwrap();
    assert_eq!(complete(&mut session, &shown[1..]), Some(sent));
}

#[test]
fn what_is_whole_and_no_transfer_is_an_error_and_no_transfer() {
    let mut cases = 0;
    for bytes in [&b""[..], b"DCRCOLD", b"hello", &[0; 400], &transfer(300, 9).encode()[..299]] {
        let text = frame(&[&[0x11], bytes].concat());
        let error = Session::new(None).take(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReceiveError::Stream(StreamError::Transfer(_))), "{error}");
        cases += 1;
    }
    // A body that inflates to more than its header says.
    let mut bomb = Container::new(Kind::Answer, Network::Simnet, vec![0; 1 << 20]).unwrap().encode_deflated();
    bomb[11..15].copy_from_slice(&16_u32.to_le_bytes());
    let mut session = Session::new(None);
    let stream = Stream::new(bomb).unwrap();
    let mut parts = stream.parts();
    let error = std::iter::repeat_with(|| Frame::Part(parts.next_at(Density::V20)).text())
        .take(100)
        .find_map(|text| session.take(text.as_bytes()).err());
    assert!(matches!(error, Some(ReceiveError::Stream(StreamError::Transfer(_)))), "{error:?}");
    println!("no transfers: {} cases", cases + 1);
    assert_eq!(cases, 5);
}
