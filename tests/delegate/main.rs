//! Tickets on the embedded network, handed to strict VSPs over HTTP: from a purchase to the votes of a VSP, every fault
//! on the way, and what dishonest VSPs get, which is nothing.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![allow(unreachable_pub, reason = "the modules of a test have no other users")]

#[path = "../common/between.rs"]
mod between;
mod ended;
mod faults;
mod greed;
mod life;
mod malice;
#[path = "../common/order.rs"]
mod order;
mod policies;
mod purses;
mod restored;
mod sweeps;
mod voters;
mod world;

#[path = "../wallet/chain.rs"]
mod chain;
#[path = "../wallet/fixture.rs"]
mod fixture;
#[path = "../vsp/mod.rs"]
mod vsp;
