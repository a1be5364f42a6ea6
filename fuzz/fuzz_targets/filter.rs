//! A block filter, version 2: it is read whole or refused, and one that was built matches what it was built from.
#![no_main]

// The online package brings SQLite and TLS along; the filters need neither.
#[path = "../../online/src/chain"]
#[allow(dead_code, reason = "entries of blocks are tested elsewhere")]
mod chain {
    pub mod filter;
}

use chain::filter::{Filter, FilterKey, build};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let key = FilterKey::from_bytes([7; 16]);
    if let Ok(filter) = Filter::decode(input) {
        assert!(filter.len() * 20 <= input.len() * 8);
        let _ = filter.matches_any(key, [&b"script"[..], b"another"]);
    }
    let scripts = || input.split(|byte| *byte == 0).filter(|script| !script.is_empty());
    let filter = Filter::decode(&build(key, scripts())).expect("what was built reads");
    for script in scripts() {
        assert!(filter.matches_any(key, [script]));
    }
});
