//! A new wallet, synced.

use std::path::Path;
use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use crate::{ADDRESSES, network};

/// Syncs a new wallet and sees that it found every coin.
pub(crate) fn sync(source: &mut dyn ChainSource, file: &Path, blocks: Height) -> Duration {
    let export = network::account();
    let mut wallet = Wallet::create(file, Network::Simnet, &export, None, &SystemClock).expect("a new wallet");
    let start = Instant::now();
    let report = wallet.sync(source, &SystemClock, &mut |_| ()).expect("the source serves the wallet");
    let time = start.elapsed();
    assert_eq!(report.tip.map(|tip| tip.height), Some(blocks), "the wallet reached the tip");
    assert_eq!(wallet.coins().expect("coins").len(), ADDRESSES as usize, "every address has its coin");
    time
}

/// A line of a process's status, in KiB.
pub(crate) fn memory(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux tells the memory in use");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}
