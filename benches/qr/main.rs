//! How many frames a transfer takes when a camera misses some, beside the crates `ur` and `bbqr` as they are, and what
//! the code costs. `QR_RUNS` changes the number of runs.

mod camera;
mod codes;

use std::alloc::System;
use std::time::Duration;

use dcrcold_benches::Race;
use dcrcold_signer::qr::{Assembly, Density, Part, Stream};
use dcrcold_simulator::camera::Random;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use self::camera::{Camera, seeded};
use self::codes::{Code, all};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// After so many frames a transfer counts as one that never ends.
const PATIENCE: usize = 3_000;

fn main() {
    // Cargo passes `--bench`; anything else would be a mistake.
    let runs = std::env::var("QR_RUNS").map_or(1_000, |runs| runs.parse().expect("QR_RUNS is a number"));
    println!("Frames of version 20-L shown until a transfer is complete: mean (95th percentile), {runs} runs, seeded");
    for length in [1_024, 4_096, 16_384, 65_536] {
        let codes = all(length);
        for camera in Camera::ALL {
            let ideal = codes[0].frames_without_loss() as f64 / camera.seen();
            print!("{:>6} B  {:<28} ideal {ideal:>6.1}", length, camera.name());
            for code in &codes {
                print!("   {} {:<16}", code.name(), figures(code, camera, runs));
            }
            println!();
        }
    }
    costs();
}

/// Mean and 95th percentile.
fn figures(code: &Code, camera: Camera, runs: u64) -> String {
    let mut shown: Vec<usize> = (0..runs).map(|run| frames(code, camera, seeded(run))).collect();
    shown.sort_unstable();
    if shown.last() == Some(&PATIENCE) {
        return "never".to_owned();
    }
    let mean = shown.iter().sum::<usize>() as f64 / shown.len() as f64;
    format!("{mean:.1} ({})", shown[(shown.len() * 95).div_ceil(100) - 1])
}

/// Frames shown until the receiver has everything.
fn frames(code: &Code, camera: Camera, mut random: Random) -> usize {
    let (mut receiver, mut sight) = (code.receiver(), camera.start(&mut random));
    for frame in camera.first()..PATIENCE {
        if sight.sees(&mut random) && receiver.take(frame) {
            return frame + 1 - camera.first();
        }
    }
    PATIENCE
}

/// The code alone, without text and images.
fn costs() {
    let stream = Stream::new(codes::bytes(65_536)).expect("64 KB");
    let cases = [("none lost", 0), ("30 % lost", 30), ("50 % lost", 50), ("no source frame", 100)];
    let seen = cases.map(|(name, lost)| (format!("received, {name}"), seen(&stream, lost)));
    let mut race = Race::default()
        .with("source frames made", || frames_from(&stream, 0, 82).len())
        .with("82 frames of combinations made", || frames_from(&stream, 820, 82).len());
    for (name, parts) in &seen {
        race = race.with(name, || received(parts));
    }
    println!(
        "What the code costs for 64 KB at version 20, best of 30 rounds; the text and the picture of a code come on top"
    );
    for (name, time) in race.run(30) {
        println!("{name:<40} {:>8.3} ms", time.as_secs_f64() * 1e3);
    }
    for (name, parts) in &seen {
        let before = Region::new(ALLOCATOR);
        received(parts);
        let change = before.change();
        let [count, kib] = [change.allocations, change.bytes_allocated / 1_024];
        println!("{:<40} {count:>8} allocations, {kib} KiB in all", format!("{name}, memory"));
    }
    for length in [16_384, 65_536, 131_072, 327_680] {
        let worst = slowest_frame(length).as_secs_f64() * 1e3;
        println!("{:<40} {worst:>8.3} ms", format!("slowest frame of {length} B, no source frame"));
    }
}

/// The frame of combinations that takes longest, each timed in the best of five runs.
fn slowest_frame(length: usize) -> Duration {
    let stream = Stream::new(codes::bytes(length)).expect("at most 320 KB");
    let symbols = stream.source_symbols();
    let parts = frames_from(&stream, u32::try_from(symbols).expect("at most 4,096"), symbols.div_ceil(10));
    let mut best = vec![Duration::MAX; parts.len()];
    for _ in 0..5 {
        let mut assembly = Assembly::new(&parts[0]);
        for (part, best) in parts.iter().zip(&mut best) {
            *best = dcrcold_benches::time(1, || assembly.take(part)).min(*best);
        }
    }
    best.into_iter().max().expect("at least one frame")
}

fn frames_from(stream: &Stream, first: u32, count: usize) -> Vec<Part> {
    let first = dcrcold_signer::qr::SymbolId::new(first).expect("a small number");
    let mut parts = stream.parts_from(first);
    (0..count).map(|_| parts.next_at(Density::V20)).collect()
}

/// The first frames that suffice.
fn seen(stream: &Stream, lost: u64) -> Vec<Part> {
    let (mut random, mut parts) = (seeded(lost), stream.parts());
    let mut seen = Vec::new();
    let source = 82;
    for frame in 0.. {
        let part = parts.next_at(Density::V20);
        let missed = if lost == 100 { frame < source } else { random.below(100) < lost };
        if !missed {
            seen.push(part);
        }
        if seen.len() == source + 1 {
            break;
        }
    }
    seen
}

fn received(parts: &[Part]) -> usize {
    let mut assembly = Assembly::new(&parts[0]);
    for part in parts {
        assembly.take(part).expect("frames of one stream");
        if assembly.progress().is_complete() {
            break;
        }
    }
    assert!(assembly.transfer().is_some(), "enough frames");
    assembly.progress().symbols
}
