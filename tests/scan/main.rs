//! Codes seen by a camera in software, pictures of every format, and pictures by somebody who means harm.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod distorted;
mod files;
mod hostile;
mod limits;
#[path = "../common/random.rs"]
mod random;
mod round_trip;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Density, Frame, Picture, Stream};
use dcrcold_signer::scan::image::Size;
use dcrcold_signer::transfer::{Container, Kind};

/// A camera's picture of 1280 x 720 pixels.
fn wide() -> Size {
    Size::new(1_280, 720).unwrap()
}

/// A camera's picture of 640 x 480 pixels.
fn small() -> Size {
    Size::new(640, 480).unwrap()
}

/// An answer whose file has this many bytes; what is in it does not matter to codes.
fn transfer(length: usize) -> Container {
    let body = (0..length - 47).map(|n| (n * n / 7).to_le_bytes()[0]).collect();
    Container::new(Kind::Answer, Network::Simnet, body).unwrap()
}

/// The first frames of a transfer, as text and as codes.
fn codes(density: Density, count: usize) -> Vec<(String, Picture)> {
    let stream = Stream::new(transfer(20_000).encode()).unwrap();
    let mut parts = stream.parts();
    let frames = (0..count).map(|_| Frame::Part(parts.next_at(density)));
    frames.map(|frame| (frame.text(), Picture::of(&frame, density).unwrap())).collect()
}
