//! What is left out where a program is missing.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::env;

/// Says that something is left out, so that whoever sums up can count it; where nothing may be, this is a failure.
pub fn skipped(why: &str) {
    let required = env::var_os("DCRCOLD_REQUIRE_REAL").is_some_and(|value| value == "1");
    assert!(!required, "{why}, and DCRCOLD_REQUIRE_REAL is set");
    println!("skipped: {why}");
}
