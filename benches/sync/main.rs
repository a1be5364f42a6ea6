//! Syncing a wallet with 1,000 used addresses over peers that serve the embedded network, beside dcrwallet's own light
//! client where the programs are in the folder that `DECRED_BIN` names.
//!
//! `DCRCOLD_SYNC_BLOCKS` changes how long the chain is that peers serve.
#![allow(clippy::disallowed_types, reason = "no spend key is here, and peers are reached over loopback")]

mod contender;
#[path = "../../tests/real/daemon.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "the tests with real daemons do more with it")]
mod daemon;
#[path = "../../tests/real/wallet.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "the tests with real daemons do more with it")]
mod dcrwallet;
#[path = "../../tests/spv/fault.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests of the peer protocol do more with it")]
mod fault;
mod light;
mod matching;
mod network;
#[path = "../../tests/real/node.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "the tests with real daemons do more with it")]
mod node;
#[path = "../../tests/spv/server.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests of the peer protocol do more with it")]
mod server;
mod synced;

use std::env;

use dcrcold_core::amount::Height;

/// Addresses that were paid, once each.
const ADDRESSES: u32 = 1000;
/// Times that each measurement is made.
const RUNS: u32 = 3;
/// Blocks of the chain that peers serve.
const BLOCKS: u32 = 50_000;

fn main() {
    if let Some(address) = env::args().skip_while(|argument| argument != light::CHILD).nth(1) {
        return light::sync_in_this_process(&address);
    }
    let blocks = env::var("DCRCOLD_SYNC_BLOCKS").map_or(BLOCKS, |blocks| blocks.parse().expect("a number of blocks"));
    light::over_peers(Height(blocks));
}
