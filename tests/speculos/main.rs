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
#[path = "../common/runner.rs"]
mod runner;
mod screen;
mod trips;
mod twin;
mod wire;
#[allow(dead_code, reason = "another test needs more of it")]
#[path = "../device_online/world.rs"]
mod world;

use std::process::ExitCode;

use emulator::Tools;
use runner::Test;

const TESTS: &[Test<fn(&Tools)>] = &[
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
    let chosen = runner::chosen(TESTS);
    match Tools::find() {
        Ok(tools) => runner::run(&chosen, |test| test(&tools)),
        Err(missing) => runner::skip(&chosen, "speculos", &missing, "DCRCOLD_REQUIRE_SPECULOS"),
    }
}
