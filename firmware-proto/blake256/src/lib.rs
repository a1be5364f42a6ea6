#![doc = include_str!("../README.md")]
#![no_std]

mod compress;
mod hasher;
mod state;

pub use digest;
pub use hasher::{Blake224, Blake256};

use hasher::{IV224, IV256, MARK224, MARK256};
use state::State;

/// Hashes `data` with BLAKE-256.
#[must_use]
pub fn blake256(data: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    State::new(IV256, [0; 4]).hash(data, MARK256, &mut digest);
    digest
}

/// Hashes `data` with BLAKE-224.
#[must_use]
pub fn blake224(data: &[u8]) -> [u8; 28] {
    let mut digest = [0; 28];
    State::new(IV224, [0; 4]).hash(data, MARK224, &mut digest);
    digest
}
