//! Keys, files and messages of dcrcold, for the offline signer and for public work on the online side.
//!
//! No part of this package can open a socket.

pub mod address;
pub mod agenda;
pub mod base58;
pub mod block;
pub mod hd;
pub mod key;
pub mod message;
pub mod seed;
pub mod stake;
pub mod tx;
pub mod wif;
pub mod wire;
