//! BLAKE-256 beside the crate `blake-hash` and dcrd's Go module with its assembly.

use std::hint::black_box;
use std::time::Duration;

use blake_hash::Digest as _;
use blake256::digest::Digest as _;
use dcrcold_benches::{Go, Race};

const SIZES: [(&str, usize); 3] = [("64 B", 64), ("180 B", 180), ("64 KiB", 65536)];
const ROUNDS: u32 = 400;

fn main() {
    let mut go = Go::start();
    for (label, size) in SIZES {
        let message = vec![0x5a; size];
        let message = message.as_slice();
        let mut race = Race::default()
            .with("blake256, one call", || blake256::blake256(black_box(message)))
            .with("blake256, digest", || blake256::Blake256::digest(black_box(message)))
            .with("blake-hash 0.4.1", || blake_hash::Blake256::digest(black_box(message)));
        if let Some(go) = &mut go {
            race = race.with_measured("dcrd, Go 1.1.0", move |iterations| go.measure("blake256", size, iterations));
        }
        report(label, size, &race.run(ROUNDS));
    }
}

fn report(label: &str, size: usize, times: &[(&str, Duration)]) {
    let fastest_peer = times.iter().skip(2).map(|(_, time)| *time).min().unwrap_or(Duration::MAX);
    for (name, time) in times {
        let speed = size as f64 / time.as_secs_f64() / 1e6;
        let relative = fastest_peer.as_secs_f64() / time.as_secs_f64();
        println!(
            "{label:>7}  {name:<20} {:>8} ns  {speed:>5.0} MB/s  {relative:.3} x the fastest peer",
            time.as_nanos()
        );
    }
}
