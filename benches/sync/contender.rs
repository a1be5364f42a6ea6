//! dcrwallet as a light client.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::NONE;
use dcrcold_core::amount::Height;
use serde_json::Value;

use crate::dcrwallet::Created;
use crate::synced::memory;
use crate::{ADDRESSES, network};

/// The longest wait.
const PATIENCE: Duration = Duration::from_secs(3600);
/// How often it is asked whether it is done.
const POLL: Duration = Duration::from_millis(20);

/// What a sync took.
pub(crate) struct Figures {
    /// From the first connection to the end.
    pub(crate) time: Duration,
    /// The most memory, KiB.
    pub(crate) peak: u64,
}

/// Restores the wallet from its seed and lets it sync from one peer; the time from its start on.
pub(crate) fn dcrwallet(peer: SocketAddr, blocks: Height) -> Figures {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let seed: String = network::SEED.iter().map(|byte| format!("{byte:02x}")).collect();
    let created = Created::of_seed(folder.path(), &["spv=1".to_owned(), format!("spvconnect={peer}")], &seed);
    let start = Instant::now();
    let (mut session, daemon) = created.start();
    let time = loop {
        let status: Option<Value> = session.run(|client| client.call("syncstatus", NONE)).ok();
        if status.is_some_and(|status| status["synced"] == true) {
            break start.elapsed();
        }
        assert!(start.elapsed() < PATIENCE, "dcrwallet took too long: {}", daemon.last_lines());
        std::thread::sleep(POLL);
    };
    let peak = memory(&daemon.id().to_string(), "VmHWM:");
    let best: Value = session.run(|client| client.call("getbestblock", NONE)).expect("its best block");
    assert_eq!(best["height"], blocks.0, "dcrwallet reached the tip");
    let coins: Vec<Value> = session.run(|client| client.call("listunspent", NONE)).expect("its coins");
    assert_eq!(coins.len(), ADDRESSES as usize, "every address has its coin in dcrwallet");
    Figures { time, peak }
}
