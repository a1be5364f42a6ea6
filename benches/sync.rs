//! Syncing a wallet with 1,000 used addresses over the embedded network: blocks per second, and the memory it takes beyond what the
//! network itself takes, which lives in this process too.

use std::path::Path;
use std::time::Instant;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_core::script::Payment;
use dcrcold_signer::hd::{Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::transfer::{Capacity, WatchExport};

const ADDRESSES: u32 = 1000;
const RUNS: u32 = 3;

fn main() {
    for blocks in [500, 1000, 2000] {
        let export = export();
        let mut sim = network(&export.key, blocks);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let runs: Vec<_> =
            (0..RUNS).map(|run| sync(&mut sim, &export, &folder.path().join(format!("{run}.db")), blocks)).collect();
        let seconds = runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min);
        let memory = runs.iter().map(|run| run.1).max().unwrap_or_default();
        let fetched = runs[0].2;
        println!(
            "{blocks:>5} blocks, {fetched} of them fetched, {ADDRESSES} used addresses: {seconds:.2} s, {:.0} blocks/s, {memory} KiB",
            f64::from(blocks) / seconds
        );
    }
}

/// Syncs a new wallet; returns seconds, KiB at the peak beyond those at the start, and fetched blocks.
fn sync(sim: &mut Sim, export: &WatchExport, file: &Path, blocks: u32) -> (f64, u64, u64) {
    let mut wallet = Wallet::create(file, Network::Simnet, export, None, &SystemClock).expect("a new wallet");
    // 5 resets the peak of the resident size.
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux resets the peak");
    let before = memory("VmRSS:");
    let start = Instant::now();
    let report = wallet.sync(sim, &SystemClock, &mut |_| ()).expect("the embedded network serves the wallet");
    let seconds = start.elapsed().as_secs_f64();
    let peak = memory("VmHWM:");
    assert_eq!(report.tip.map(|tip| tip.height), Some(Height(blocks)), "the wallet reached the tip");
    assert_eq!(wallet.coins().expect("coins").len(), ADDRESSES as usize, "every address has its coin");
    (seconds, peak.saturating_sub(before), report.fetched)
}

/// Pays every address once, as many in each block after the network settled as it takes.
fn network(account: &ExtendedKeyData, blocks: u32) -> Sim {
    let mut sim = Sim::in_memory(Settings::new(1));
    sim.mine_to(SETTLED).expect("the network settles");
    let mut paid = 0;
    for height in SETTLED.0 + 1..=blocks {
        let due = (height - SETTLED.0) * ADDRESSES / (blocks - SETTLED.0);
        for number in paid..due {
            let path = KeyPath::external(Index::new(number.into()).expect("an index"));
            let script = Payment::to_key(account.address_hash(path).expect("a usable key")).script();
            sim.fund(script.as_bytes(), Amount::constant::<50_000_000>()).expect("the network's wallet has so much");
        }
        paid = due;
        sim.mine(1).expect("a block");
    }
    sim
}

fn export() -> WatchExport {
    let coin_type = CoinType::standard(Network::Simnet);
    let path = AccountPath { coin_type, account: Account::new(0).expect("the first account exists") };
    let master = ExtendedPrivateKey::master(&[3; 32], Network::Simnet, Derivation::Decred).expect("a usable seed");
    WatchExport {
        account: path,
        key: *master.account(path).expect("a usable account").public().node(),
        parent_fingerprint: [0; 4],
        derivation: Derivation::Decred,
        own_voter: None,
        capacity: Capacity::HOST,
        name: "bench".parse().expect("printable"),
        birthday: None,
    }
}

/// A line of this process's status, in KiB.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the memory in use");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}
