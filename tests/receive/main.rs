//! Scans without a camera: texts of codes in whatever order and company, breaks, and what a hostile screen, file or line can
//! do to them.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod breaks;
#[path = "../common/mod.rs"]
mod common;
mod hostile;
#[path = "../common/random.rs"]
mod random;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Density, Frame, Stream};
use dcrcold_signer::receive::{Counts, Foreign, Seen, Session};
use dcrcold_signer::transfer::{Container, Kind};

use self::random::Random;

/// A transfer whose file has this many bytes; what is in it does not matter to codes.
fn transfer(length: usize, seed: u64) -> Container {
    let mut random = Random(seed);
    let body = (0..length - 47).map(|_| random.byte()).collect();
    Container::new(Kind::Answer, Network::Simnet, body).unwrap()
}

/// The first texts that are shown of a transfer.
fn texts(transfer: &Container, density: Density, count: usize) -> Vec<String> {
    let stream = Stream::new(transfer.encode()).unwrap();
    let mut parts = stream.parts();
    (0..count).map(|_| Frame::Part(parts.next_at(density)).text()).collect()
}

/// How many frames carry a transfer when none is lost.
fn needed(transfer: &Container, density: Density) -> usize {
    transfer.encode().len().div_ceil(80).div_ceil(density.symbols())
}

/// Takes texts until the transfer is there.
fn complete(session: &mut Session, texts: &[String]) -> Option<Container> {
    texts.iter().find_map(|text| match session.take(text.as_bytes()).unwrap() {
        Seen::Complete(transfer) => Some(transfer),
        _ => None,
    })
}

#[test]
fn a_transfer_comes_whole_whatever_is_missed_and_is_counted_exactly() {
    let mut cases = 0;
    for (length, density) in [(100, Density::V6), (2_000, Density::V10), (20_000, Density::V20), (25_000, Density::V25)]
    {
        let sent = transfer(length, 1);
        let shown = texts(&sent, density, 3 * needed(&sent, density) + 3);
        for keep_every in [1, 2, 3] {
            let mut session = Session::new(None);
            let seen: Vec<_> = shown.iter().skip(keep_every - 1).step_by(keep_every).cloned().collect();
            assert_eq!(complete(&mut session, &seen), Some(sent.clone()), "{length} {keep_every}");
            let progress = session.progress().unwrap();
            assert!(progress.is_complete() && progress.needed == sent.encode().len().div_ceil(80));
            let Counts { frames, of_use, known, other, damaged, foreign } = session.counts();
            assert_eq!((frames, known + other + damaged + foreign), (of_use, 0));
            cases += 1;
        }
    }
    println!("transfers received: {cases} cases");
    assert_eq!(cases, 12);
}

#[test]
fn a_code_that_stands_still_is_counted_once_and_one_that_comes_again_is_known() {
    let shown = texts(&transfer(3_000, 2), Density::V10, 3);
    let mut session = Session::new(None);
    for text in [&shown[0], &shown[0], &shown[0], &shown[1], &shown[0], &shown[0]] {
        session.take(text.as_bytes()).unwrap();
    }
    let counts = session.counts();
    assert_eq!((counts.frames, counts.of_use, counts.known), (3, 2, 1));
}

#[test]
fn a_small_transfer_is_one_code() {
    let sent = transfer(400, 3);
    let (frame, _) = Stream::new(sent.encode()).unwrap().whole().unwrap();
    let mut session = Session::new(None);
    assert!(matches!(session.take(frame.text().as_bytes()), Ok(Seen::Complete(found)) if found == sent));
}

#[test]
fn other_codes_are_told_and_change_nothing() {
    let sent = transfer(2_000, 4);
    let shown = texts(&sent, Density::V10, 10);
    let mut session = Session::new(None);
    session.take(shown[0].as_bytes()).unwrap();
    let before = session.progress();
    for (text, expected) in [
        ("UR:CRYPTO-PSBT/1-2/LPADAO", Foreign::Ur),
        ("DsmcYVbP1Nmag2H4AS17UTvmWXmGeA7nLDx", Foreign::Address),
        ("https://decred.org/", Foreign::Link),
        ("", Foreign::Other),
    ] {
        assert!(matches!(session.take(text.as_bytes()).unwrap(), Seen::Foreign(found) if found == expected), "{text}");
    }
    assert_eq!((session.progress(), session.counts().foreign), (before, 4));
    assert_eq!(complete(&mut session, &shown[1..]), Some(sent));
}
