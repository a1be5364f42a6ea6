//! A sync takes as much memory for a long chain as for a short one. Alone in its process, whose memory it measures.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "wallet/chain.rs"]
mod chain;
#[path = "wallet/fixture.rs"]
mod fixture;

use chain::TestChain;
use fixture::{Fixture, StoppedClock};

/// What the process holds in memory now, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The most that a sync over so many blocks adds to what the process held before, in KiB.
fn most_added(blocks: u32) -> u64 {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    for height in 0..blocks {
        let paid = (height % 50 == 0).then(|| chain.payment(&[(fixture.external(height / 50 % 20), 9)]));
        chain.mine(paid.into_iter().collect(), vec![]);
    }
    let mut wallet = fixture.wallet("w");
    let before = resident();
    let mut most = 0;
    let report = wallet.sync(&mut chain, &StoppedClock, &mut |_| most = most.max(resident().saturating_sub(before)));
    assert_eq!(report.unwrap().searched, u64::from(blocks));
    most
}

#[test]
fn memory_does_not_grow_with_the_chain() {
    let short = most_added(3_000);
    let long = most_added(30_000);
    println!("a sync adds {short} KiB over 3,000 blocks and {long} KiB over 30,000");
    // The headers and filters of the blocks between alone are 6 MiB.
    assert!(long < short + 4096, "{short} KiB for the short chain, {long} KiB for the long one");
}
