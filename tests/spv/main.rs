//! The chain over the peer protocol: peers that serve the embedded network, honestly and otherwise.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "the modules of a test have no other users")]

#[path = "../common/all_headers.rs"]
mod all_headers;
#[path = "../wallet/chain.rs"]
mod chain;
#[path = "../common/mod.rs"]
mod common;
#[path = "../wallet/dice.rs"]
mod dice;
mod discovery;
mod fault;
#[path = "../wallet/fixture.rs"]
mod fixture;
mod following;
mod headers;
mod lies;
mod network;
mod old_filters;
mod proxy;
mod publishing;
#[path = "../common/purse.rs"]
mod purse;
mod seeder;
mod server;
mod socks;
mod source;
mod two_wallets;
mod unreachable;
#[path = "../wallet/world.rs"]
#[allow(dead_code, reason = "the wallet's own test does more with it")]
mod world;
