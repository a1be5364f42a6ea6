//! Keys, files and messages of dcrcold, for the offline signer and for public work on the online side.
//!
//! No part of this package can open a socket.

pub mod agenda;
pub mod block;
pub mod tx;
pub mod wire;
