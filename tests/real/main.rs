//! Against real dcrd, dcrwallet and vspd on a simnet of their own.
//!
//! The programs are taken from the folder that `DECRED_BIN` names, or from `PATH`; without them every test is skipped
//! and says so, which `DCRCOLD_REQUIRE_REAL=1` makes a failure. The tests run one after the other on one chain. An
//! argument runs only the tests whose name contains it.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]
#![allow(unreachable_pub, reason = "the modules of one test share what is public in them")]

mod agreement;
#[path = "../common/all_headers.rs"]
mod all_headers;
#[path = "../agreement/mod.rs"]
mod cases;
mod chain;
mod cold;
mod connection;
mod daemon;
mod node;
#[path = "../common/order.rs"]
mod order;
mod payments;
mod peers;
mod prices;
mod purchases;
mod random;
#[path = "../common/runner.rs"]
mod runner;
mod simnet;
#[path = "../common/voter_process.rs"]
mod voter_process;
mod voters;
mod vspd;
mod vsps;
mod wallet;

use std::process::ExitCode;
use std::time::Instant;

use runner::Test;
use simnet::Simnet;

/// All tests, in the order in which they run: those that disturb the node come last, and after all of them the
/// one that leaves tickets behind with which nobody votes any more.
const TESTS: &[Test<fn(&mut Simnet)>] = &[
    ("connection::the_right_certificate_and_login_are_taken", connection::the_right_certificate_and_login_are_taken),
    ("connection::another_certificate_is_refused", connection::another_certificate_is_refused),
    ("connection::a_wrong_login_is_refused", connection::a_wrong_login_is_refused),
    ("connection::another_network_is_refused", connection::another_network_is_refused),
    ("connection::the_limited_user_may_read_but_not_mine", connection::the_limited_user_may_read_but_not_mine),
    ("connection::a_client_certificate_logs_in", connection::a_client_certificate_logs_in),
    ("connection::a_configured_node_is_found", connection::a_configured_node_is_found),
    ("chain::the_source_agrees_with_the_node", chain::the_source_agrees_with_the_node),
    ("chain::every_filter_is_the_one_its_header_commits_to", chain::every_filter_is_the_one_its_header_commits_to),
    ("chain::new_tips_are_noticed", chain::new_tips_are_noticed),
    ("chain::a_reorganisation_is_followed", chain::a_reorganisation_is_followed),
    ("peers::peers_tell_what_the_node_tells", peers::peers_tell_what_the_node_tells),
    ("peers::a_wallet_lives_on_a_peer_alone", peers::a_wallet_lives_on_a_peer_alone),
    ("agreement::dcrd_accepts_the_embedded_chain", agreement::dcrd_accepts_the_embedded_chain),
    ("agreement::dcrd_gives_the_recorded_verdicts", agreement::dcrd_gives_the_recorded_verdicts),
    ("payments::payments_sweeps_and_joined_coins_are_mined", payments::payments_sweeps_and_joined_coins_are_mined),
    (
        "prices::the_last_blocks_of_a_window_keep_what_was_foretold",
        prices::the_last_blocks_of_a_window_keep_what_was_foretold,
    ),
    ("purchases::a_hundred_purchases_are_mined_and_voted", purchases::a_hundred_purchases_are_mined_and_voted),
    ("voters::a_ticket_is_handed_to_dcrwallet", voters::a_ticket_is_handed_to_dcrwallet),
    ("vsps::twenty_tickets_of_one_trip_are_voted_by_a_vsp", vsps::twenty_tickets_of_one_trip_are_voted_by_a_vsp),
    ("connection::the_source_survives_a_restart_of_the_node", connection::the_source_survives_a_restart_of_the_node),
    ("voters::own_voters_vote_on_every_block", voters::own_voters_vote_on_every_block),
];

fn main() -> ExitCode {
    let chosen = runner::chosen(TESTS);
    let needed = ["dcrd", "dcrwallet", "vspd", "vspadmin"];
    if let Some(missing) = needed.into_iter().find(|program| daemon::find(program).is_none()) {
        return runner::skip(&chosen, "real", &format!("{missing} not found"), "DCRCOLD_REQUIRE_REAL");
    }
    let begin = Instant::now();
    let mut simnet = Simnet::start();
    println!("simnet at height {} after {:.1} s", simnet.height(), begin.elapsed().as_secs_f32());
    runner::run(&chosen, |test| test(&mut simnet))
}
