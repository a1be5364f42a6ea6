//! Voting stations over the embedded network: every called ticket votes, whatever happens on the way.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "the modules of a test have no other users")]

mod attacks;
mod ballots;
#[path = "../common/between.rs"]
mod between;
mod daemon;
mod disturbed;
mod fixture;
mod source;
mod station;

#[path = "../common/purse.rs"]
mod purse;
#[path = "../common/voter_process.rs"]
mod voter_process;
