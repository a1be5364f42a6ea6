//! Transfers as streams of frames: the vectors of an independent model, losses, and hostile frames.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/cold.rs"]
mod cold;
#[path = "../common/mod.rs"]
mod common;
mod hostile;
mod pictures;
mod purchase;
#[path = "../common/random.rs"]
mod random;
mod streams;
mod vectors;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Assembly, Frame, Part, Progress};
use dcrcold_signer::transfer::{Container, Kind};

use self::random::Random;

/// An answer whose file has this many bytes; what is in it does not matter to codes.
fn transfer(length: usize, random: &mut Random) -> Container {
    let body = (0..length - 47).map(|_| random.byte()).collect();
    Container::new(Kind::Answer, Network::Simnet, body).unwrap()
}

/// Reads a frame of symbols back from its text.
fn reread(part: Part) -> Part {
    let frame = Frame::Part(part);
    let text = frame.text();
    assert!(text.bytes().all(|byte| b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".contains(&byte)));
    let read = Frame::parse(text.as_bytes()).unwrap();
    assert_eq!(read, frame);
    let Frame::Part(part) = read else { panic!("a part was written") };
    part
}

/// Says that a stream is whole and gives its transfer.
fn complete(assembly: &Assembly) -> Container {
    let Progress { symbols, needed } = assembly.progress();
    assert_eq!(symbols, needed);
    assembly.transfer().unwrap().unwrap()
}
