//! What a hostile node can do to a station, and what outlasts it.

use std::path::Path;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::work::{Target, work_hash};
use dcrcold::chain::{ChainSource, VoteSource};
use dcrcold::voter::Station;
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_signer::block::{Block, CompactTarget};

use crate::fixture::{all_voted, attend, buy, endings, settled, station};
use crate::source::Source;

/// A network where somebody voted already, and the tickets.
fn voting(seed: u64, folder: &Path) -> (Sim, Station, Vec<TxId>) {
    let mut sim = settled(seed);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut station = station(folder, &[1]);
    let mut casts = 0;
    while casts == 0 {
        casts = attend(&mut station, &mut sim).cast.len();
        sim.mine(1).unwrap();
    }
    (sim, station, tickets)
}

/// A copy of the tip at another height, with the least work that a simnet block can have.
fn invented(sim: &mut Sim, height: u32) -> Block {
    let tip = ChainSource::tip(sim).unwrap();
    let mut block = sim.block(&tip.hash).unwrap();
    block.header.height = Height(height);
    block.header.previous = BlockHash::from_bytes([7; 32]);
    block.header.bits = CompactTarget(0x207f_ffff);
    let target = Target::from_compact(block.header.bits).unwrap();
    while !target.is_met_by(&work_hash(&block.header.encode())) {
        block.header.nonce += 1;
    }
    block
}

/// One block of a liar, as high as blocks can be, costs no later vote.
#[test]
fn an_invented_height_is_forgotten_with_the_liar() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, tickets) = voting(41, folder.path());
    let before = station.totals().unwrap();
    let block = invented(&mut sim, u32::MAX);
    let report = attend(&mut station, &mut Source::inventing(&mut sim, block.clone(), tickets.clone()));
    // Nothing says that the block is a lie, and such a vote is worth nothing.
    assert!(report.cast.iter().all(|cast| cast.block.hash == block.id()));
    let lies = report.cast.len();
    assert!(lies > 0);
    // On a new connection dcrd tells the calls of the tip again.
    let winners = sim.winners().unwrap();
    let mut votes = attend(&mut station, &mut Source::telling(&mut sim, vec![winners])).cast.len();
    for _ in 0..100 {
        let report = attend(&mut station, &mut sim);
        assert!(report.skipped.is_empty(), "{:?}", report.skipped);
        votes += report.cast.len();
        sim.mine(1).unwrap();
    }
    println!("voter: {lies} votes on an invented block, then {votes} on real ones");
    let ended = endings(&mut sim, &tickets);
    assert!(all_voted(&ended), "{ended:?}");
    assert_eq!((before.missed, station.totals().unwrap().missed), (0, 0));
    assert!(votes > 5);
}

/// A block that many live tickets lie in is fetched once when a station begins.
#[test]
fn a_station_that_begins_fetches_each_block_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(42);
    let tickets = buy(&mut sim, 1, 0..20);
    sim.mine(20).unwrap();
    let gone = endings(&mut sim, &tickets).len();
    let live = sim.live_tickets().unwrap();
    let live = live.iter().filter(|live| tickets.contains(&live.id)).count();
    let mut source = Source::telling(&mut sim, Vec::new());
    let mut station = station(folder.path(), &[1]);
    attend(&mut station, &mut source);
    let (blocks, most) = (source.asked.len(), source.asked.values().max().copied().unwrap());
    println!(
        "voter: began with {live} live tickets, {gone} gone, {blocks} blocks asked for, each {most} times at most"
    );
    assert!(live > 10);
    assert_eq!((station.totals().unwrap().watched, most), (u64::try_from(live).unwrap(), 1));
}
