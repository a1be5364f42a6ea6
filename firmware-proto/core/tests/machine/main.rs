//! The machine as a device sees it: requests in, pages and signatures out, without a key store or the root library.
//!
//! The mutation run (`make mutants`) changes one expression of the core after the other and expects one of these tests,
//! or of those beside the code, to notice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at what it did not expect")]
#![allow(clippy::cast_possible_truncation, unreachable_pub, reason = "this is a test")]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test that runs over has failed")]

mod ask;
mod builder;
mod limits;
mod pages;
#[path = "../parts/mod.rs"]
mod parts;
mod past;
mod sessions;
mod states;
mod vectors;
mod wallet;
