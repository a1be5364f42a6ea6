//! A device with software keys, spoken to in commands and replies only: whole requests of tests/vectors/builder.json, and
//! hosts that do not keep to docs/ledger-protocol.md.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]
#![allow(clippy::cast_possible_truncation, unreachable_pub, reason = "this is a test")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test that runs over has failed")]

mod bytes;
mod host;
mod largest;
mod order;
#[path = "../parts/mod.rs"]
mod parts;
#[path = "../parts/person.rs"]
mod person;
mod replies;
mod screens;
mod software;
mod tapes;
mod trips;
mod voters;
