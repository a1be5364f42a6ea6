//! The shared signing core of dcrcold: one builder, one policy, one review text and one way to sign, for the host
//! signer, the simulator and the Ledger app alike. No std, no alloc, no I/O, no panic path.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod address;
pub mod amount;
pub mod apdu;
pub mod cbor;
pub mod fees;
pub mod hash;
pub mod list;
pub mod machine;
pub mod net;
pub mod parent;
pub mod path;
pub mod policy;
pub mod purchase;
pub mod register;
pub mod request;
pub mod review;
pub mod rule;
pub mod screen;
pub mod script;
pub mod send;
pub mod ticket;
pub mod wire;
pub mod words;
