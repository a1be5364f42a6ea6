//! A new wallet, synced; what it takes beside the network that lives in the same process.

use std::path::Path;
use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{SyncReport, SystemClock, Wallet};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use crate::{ADDRESSES, RUNS, network};

/// Sums of all runs: seconds of the best, KiB of the worst.
pub(crate) fn over_the_network_itself(blocks: Height) {
    let mut sim = network::network(&network::account(), blocks);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runs: Vec<_> = (0..RUNS)
        .map(|run| {
            // 5 resets the peak of the resident size.
            std::fs::write("/proc/self/clear_refs", "5").expect("Linux resets the peak");
            let before = memory("self", "VmRSS:");
            let (time, report) = sync(&mut sim, &folder.path().join(format!("{run}.db")), blocks);
            (time, memory("self", "VmHWM:").saturating_sub(before), report.fetched)
        })
        .collect();
    let time = runs.iter().map(|run| run.0).min().unwrap_or_default();
    let memory = runs.iter().map(|run| run.1).max().unwrap_or_default();
    println!(
        "{blocks:>6} blocks, {} of them fetched, {ADDRESSES} used addresses: {:.2} s, {:.0} blocks/s, {memory} KiB more",
        runs[0].2,
        time.as_secs_f64(),
        f64::from(blocks.0) / time.as_secs_f64()
    );
}

/// Syncs a new wallet and sees that it found every coin.
pub(crate) fn sync(source: &mut dyn ChainSource, file: &Path, blocks: Height) -> (Duration, SyncReport) {
    let export = network::account();
    let mut wallet = Wallet::create(file, Network::Simnet, &export, None, &SystemClock).expect("a new wallet");
    let start = Instant::now();
    let report = wallet.sync(source, &SystemClock, &mut |_| ()).expect("the source serves the wallet");
    let time = start.elapsed();
    assert_eq!(report.tip.map(|tip| tip.height), Some(blocks), "the wallet reached the tip");
    assert_eq!(wallet.coins().expect("coins").len(), ADDRESSES as usize, "every address has its coin");
    (time, report)
}

/// A line of a process's status, in KiB.
pub(crate) fn memory(process: &str, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("Linux tells the memory in use");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}
