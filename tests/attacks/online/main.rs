//! Attacks on the online side: what comes back from the cold side is not what was signed there. Nothing is broadcast, the
//! purchase stays where it was, and the right answer still works afterwards.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../../common/between.rs"]
mod between;
#[path = "../../cmd/online.rs"]
#[allow(dead_code, reason = "the case files use the rest")]
mod files;
#[path = "../../common/listing.rs"]
mod listing;

mod answers;
mod signatures;
mod stale;
mod totals;
mod world;
