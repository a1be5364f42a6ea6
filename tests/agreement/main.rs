//! Splits, tickets, votes and blocks, valid and broken: the embedded network gives the verdicts of dcrd.
//!
//! `tests/corpus/` holds what dcrd was shown and what it said. The cases are made by the code here, so a case that dcrd
//! never saw fails, and so does a recorded one that is made no more. `tests/real` shows them to dcrd; with
//! `DCRCOLD_RECORD=1` it writes down what dcrd says.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "the modules are shared with the tests against dcrd")]

#[path = "mod.rs"]
mod cases;

use cases::record::{ChainRecord, Group};
use cases::show;
use cases::world::World;

#[test]
fn the_embedded_network_judges_transactions_as_dcrd_did() {
    let mut world = World::new();
    let chain = ChainRecord::of(&world);
    for (group, cases) in show::transactions(&mut world) {
        show::compare(group, &chain, &show::show(&mut world.sim, &cases), true);
    }
}

#[test]
fn the_embedded_network_judges_blocks_as_dcrd_did() {
    let mut world = World::new();
    let chain = ChainRecord::of(&world);
    let cases = show::blocks(&mut world);
    show::compare(Group::Blocks, &chain, &show::show_blocks(&mut world.sim, &cases), true);
}
