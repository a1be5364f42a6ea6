//! How many frames are read in which condition, by which pass, in what time and with how much memory. `SCAN_FRAMES`
//! changes the number of frames for each cell of the table.

mod costs;
mod table;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let frames = std::env::var("SCAN_FRAMES").map_or(24, |frames| frames.parse().expect("SCAN_FRAMES is a number"));
    table::print(frames);
    costs::print();
}
