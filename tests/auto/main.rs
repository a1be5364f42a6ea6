//! Requests prepared by a rule: what the rule allows and nothing else, whoever is killed when, and who is told of it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "the modules of a test have no other users")]

#[path = "../common/between.rs"]
mod between;
#[path = "../wallet/chain.rs"]
mod chain;
#[path = "../wallet/dice.rs"]
#[allow(dead_code, reason = "the wallet's own tests use the rest")]
mod dice;
#[path = "../wallet/fixture.rs"]
mod fixture;
mod hook;
mod priced;
mod processes;
#[path = "../common/purse.rs"]
mod purse;
#[path = "../common/skip.rs"]
mod skip;
mod stages;
mod unit;
mod windows;
#[path = "../wallet/world.rs"]
#[allow(dead_code, reason = "the wallet's own tests use the rest")]
mod world;
