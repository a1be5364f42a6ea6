//! The attack corpus: what somebody wants from the signer who chooses every byte that it reads, and what he gets.
//!
//! A family of attacks is a file and an attack is a test, named for what the attacker wants. `online/` has the attacks on
//! the online side.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/body.rs"]
mod body;
#[path = "../common/cold.rs"]
mod cold;
#[path = "../common/mod.rs"]
mod common;
#[path = "../common/device.rs"]
mod device;
#[path = "../common/disk.rs"]
mod disk;
#[path = "../common/listing.rs"]
mod listing;
#[path = "../common/random.rs"]
mod random;
#[path = "../common/signer.rs"]
mod signer;
#[path = "../common/terminal.rs"]
mod terminal;

mod approvals;
mod bytes;
mod containers;
mod encoding;
mod files;
mod harness;
mod journals;
mod labels;
mod machine;
mod money;
mod networks;
mod not_stopped;
mod parents;
mod ransom;
mod registrations;
mod screens;
mod scripts;
mod stores;
mod totals;
mod voters;
mod wire;
