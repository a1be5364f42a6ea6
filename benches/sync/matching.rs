//! Searching filters alone, without fetching or storing anything.

use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::chain::filter::{Filter, FilterKey};
use dcrcold::chain::sim::Sim;
use dcrcold_core::amount::Height;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::script::{Payment, Script};

use crate::{ADDRESSES, RUNS, network};

/// Scripts searched for: every address that was paid, and as many of change.
const SCRIPTS: u32 = 2 * ADDRESSES;

/// Searches every filter of the chain for the scripts of the wallet.
pub(crate) fn measure(sim: &mut Sim, blocks: Height) {
    let export = network::account();
    let script = |number: u32| {
        let index = Index::new((number / 2).into()).expect("an index");
        let path = if number.is_multiple_of(2) { KeyPath::external(index) } else { KeyPath::internal(index) };
        Payment::to_key(export.key.address_hash(path).expect("a usable key")).script()
    };
    let scripts: Vec<_> = (0..SCRIPTS).map(script).collect();
    let filters = filters(sim);
    assert_eq!(filters.len(), blocks.0 as usize, "a filter for every block");
    let bytes: usize = filters.iter().map(|(_, filter)| filter.len()).sum();
    let mut best = Duration::MAX;
    let mut matching = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        matching = filters
            .iter()
            .filter(|(key, filter)| {
                let filter = Filter::decode(filter).expect("the network makes filters");
                filter.matches_any(*key, scripts.iter().map(Script::as_bytes))
            })
            .count();
        best = best.min(start.elapsed());
    }
    println!(
        "filters alone: {blocks} of {bytes} bytes for {SCRIPTS} scripts, {matching} match: {:.2} s, {:.0} blocks/s",
        best.as_secs_f64(),
        f64::from(blocks.0) / best.as_secs_f64()
    );
}

fn filters(sim: &mut Sim) -> Vec<(FilterKey, Vec<u8>)> {
    let mut all = Vec::new();
    let mut at = Vec::new();
    loop {
        let headers = sim.headers_after(&at).expect("the network has headers");
        let Some(last) = headers.last() else { return all };
        at = vec![last.id()];
        let ids: Vec<_> = headers.iter().map(dcrcold_signer::block::BlockHeader::id).collect();
        let filters = sim.filters(&ids).expect("the network has filters");
        all.extend(headers.iter().map(FilterKey::of).zip(filters));
    }
}
