//! The device core inside Speculos, the emulated Ledger operating system: real keys, buttons and screens.
//!
//! `make speculos` builds the program of firmware-proto/speculos and runs this. `DCRCOLD_SPECULOS` names a Python with
//! Speculos, else `.tools/speculos` is taken; without it, every test is skipped and says so, which
//! `DCRCOLD_REQUIRE_SPECULOS=1` makes a failure. An argument runs only the tests whose name contains it;
//! `DCRCOLD_SPECULOS_PICTURES=write` records the screens anew.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]
#![allow(unreachable_pub, reason = "the modules of one test share what is public in them")]

mod bench;
#[path = "../common/body.rs"]
mod body;
mod cases;
#[path = "../common/cold.rs"]
mod cold;
#[path = "../common/mod.rs"]
mod common;
mod declined;
mod emulator;
mod memory;
mod pictures;
mod programs;
mod prompts;
mod refused;
mod screen;
mod trips;
mod twin;
mod wire;
#[allow(dead_code, reason = "another test needs more of it")]
#[path = "../device_online/world.rs"]
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use emulator::Tools;

type Test = (&'static str, fn(&Tools));

const TESTS: &[Test] = &[
    ("prompts::the_device_tells_what_it_is", prompts::the_device_tells_what_it_is),
    ("prompts::accounts_are_those_of_strict_bip_32", prompts::accounts_are_those_of_strict_bip_32),
    ("prompts::an_address_is_shown_and_can_be_declined", prompts::an_address_is_shown_and_can_be_declined),
    ("prompts::a_voter_is_shown_and_known_again", prompts::a_voter_is_shown_and_known_again),
    ("prompts::commands_meanwhile_are_turned_away", prompts::commands_meanwhile_are_turned_away),
    ("trips::recorded_requests_get_the_recorded_answer", trips::recorded_requests_get_the_recorded_answer),
    (
        "trips::the_largest_purchase_leaves_room_and_no_key_in_memory",
        trips::the_largest_purchase_leaves_room_and_no_key_in_memory,
    ),
    (
        "programs::twenty_tickets_are_signed_by_a_ledger_of_the_programs",
        programs::twenty_tickets_are_signed_by_a_ledger_of_the_programs,
    ),
    ("declined::at_every_screen_of_a_purchase", declined::at_every_screen_of_a_purchase),
    ("declined::turning_back_shows_what_was_shown", declined::turning_back_shows_what_was_shown),
    ("refused::recorded_requests_as_by_every_signer", refused::recorded_requests_as_by_every_signer),
    ("refused::by_the_name_of_the_rule", refused::by_the_name_of_the_rule),
];

fn main() -> ExitCode {
    let filter = env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let chosen = TESTS.iter().filter(|(name, _)| filter.as_ref().is_none_or(|filter| name.contains(filter)));
    let chosen: Vec<_> = chosen.collect();
    println!("\nrunning {} tests", chosen.len());
    let tools = match Tools::find() {
        Ok(tools) => tools,
        Err(missing) => return skip(&chosen, &missing),
    };
    let failed = chosen.iter().filter(|(name, test)| !passes(name, *test, &tools)).count();
    conclude(chosen.len() - failed, failed)
}

fn passes(name: &str, test: fn(&Tools), tools: &Tools) -> bool {
    let begin = Instant::now();
    let passed = catch_unwind(AssertUnwindSafe(|| test(tools))).is_ok();
    println!("test {name} ... {} ({:.1} s)", if passed { "ok" } else { "FAILED" }, begin.elapsed().as_secs_f32());
    passed
}

/// Says of each test that it is skipped. The line counts them as passed, like any test that ends early; whoever sums up
/// takes off the ones that say so.
fn skip(chosen: &[&Test], missing: &str) -> ExitCode {
    for (name, _) in chosen {
        println!("skipped: {missing}, for speculos::{name}");
    }
    let required = env::var_os("DCRCOLD_REQUIRE_SPECULOS").is_some_and(|value| value == "1");
    if required { conclude(0, chosen.len()) } else { conclude(chosen.len(), 0) }
}

/// Ends with the line that the built-in test runner prints.
fn conclude(passed: usize, failed: usize) -> ExitCode {
    let outcome = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {outcome}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
