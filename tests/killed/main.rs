//! What can go wrong under a wallet and loses nothing: programs killed at any call, full disks, two at once, clocks, chains
//! that take blocks back, and wallet files from a backup. All of it with the built program, from outside.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/between.rs"]
mod between;
mod breaks;
mod broken;
mod caches;
mod chain;
mod doctor;
#[path = "../spv/fault.rs"]
#[allow(dead_code, reason = "the peers' own tests use the rest")]
mod fault;
#[path = "../cmd/online.rs"]
#[allow(dead_code, reason = "the case files use the rest")]
mod files;
#[path = "../common/folders.rs"]
mod folders;
#[path = "../common/interrupt.rs"]
mod interrupt;
mod losses;
mod orders;
mod peers;
mod recovery;
#[path = "../spv/server.rs"]
#[allow(dead_code, reason = "the peers' own tests use the rest")]
mod server;
#[path = "../common/skip.rs"]
mod skip;
mod sweeps;
#[path = "../common/trace.rs"]
mod trace;
mod world;
