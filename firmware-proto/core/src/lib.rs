//! The shared signing core of dcrcold: one builder, one policy, one review text and one way to sign, for the host
//! signer, the simulator and the Ledger app alike. No std, no alloc, no I/O, no panic path.
#![no_std]

pub mod amount;
pub mod hash;
pub mod net;
pub mod path;
pub mod script;
pub mod words;
