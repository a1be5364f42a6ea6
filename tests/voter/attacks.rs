//! What a hostile node can do to a station, and what outlasts it.

use std::path::Path;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::work::{Target, work_hash};
use dcrcold::chain::{BlockId, ChainSource, VoteSource, Winners};
use dcrcold::voter::{MOST_AHEAD, Outcome, Skip, Station};
use dcrcold::wallet::{Clock, UnixTime};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_signer::block::{Block, CompactTarget};

use crate::fixture::{StoppedClock, all_voted, attend, buy, endings, settled, station};
use crate::purse::Purse;
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
    work(&mut block, true);
    block
}

/// Looks for a nonce with which a block has its work, or has not.
fn work(block: &mut Block, wanted: bool) {
    let target = Target::from_compact(block.header.bits).unwrap();
    while target.is_met_by(&work_hash(&block.header.encode())) != wanted {
        block.header.nonce += 1;
    }
}

/// Votes on so many blocks, of which none may be left out.
fn go_on(station: &mut Station, sim: &mut Sim, blocks: u32) -> usize {
    let mut votes = 0;
    for _ in 0..blocks {
        let report = attend(station, sim);
        assert!(report.skipped.is_empty(), "{:?}", report.skipped);
        votes += report.cast.len();
        sim.mine(1).unwrap();
    }
    votes
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
    let votes = attend(&mut station, &mut Source::telling(&mut sim, vec![winners])).cast.len();
    sim.mine(1).unwrap();
    let votes = votes + go_on(&mut station, &mut sim, 100);
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

#[test]
fn a_block_without_its_work_or_of_the_future_gets_no_vote() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, tickets) = voting(43, folder.path());
    let height = ChainSource::tip(&mut sim).unwrap().height.0 + 1;
    let (mut idle, mut ahead) = (invented(&mut sim, height), invented(&mut sim, height));
    work(&mut idle, false);
    let seconds = MOST_AHEAD + 1;
    ahead.header.timestamp = u32::try_from(StoppedClock.now().0 + seconds).unwrap();
    work(&mut ahead, true);
    let mut easy = invented(&mut sim, height);
    easy.header.bits = CompactTarget(0x2100_ffff);
    let cases = [(idle, Skip::NoWork), (ahead, Skip::Ahead { ahead: seconds }), (easy, Skip::NoWork)];
    for (block, expected) in &cases {
        let mut liar = Source::inventing(&mut sim, block.clone(), tickets.clone());
        let report = attend(&mut station, &mut liar);
        assert_eq!((report.skipped[0].1, report.cast.len()), (*expected, 0));
    }
    println!("voter: {} kinds of blocks made up", cases.len());
    assert_eq!(station.totals().unwrap().failed, 0);
}

/// A clock that is slow.
struct SlowClock(u32);

impl Clock for SlowClock {
    fn now(&self) -> UnixTime {
        UnixTime(i64::from(self.0) - MOST_AHEAD - 1)
    }
}

/// A clock hours behind is told, and once it is right the tip is voted on.
#[test]
fn a_slow_clock_is_told_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(44);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut station = station(folder.path(), &[1]);
    attend(&mut station, &mut sim);
    while !sim.winners().unwrap().tickets.iter().any(|ticket| tickets.contains(ticket)) {
        attend(&mut station, &mut sim);
        sim.mine(1).unwrap();
    }
    let winners = sim.winners().unwrap();
    let time = sim.block(&winners.block.hash).unwrap().header.timestamp;
    let mut told = Source::telling(&mut sim, vec![winners.clone()]);
    let mut report = station.attend(&mut told, &SlowClock(time), std::time::Duration::ZERO).unwrap();
    while report.tip.is_none() {
        report = station.attend(&mut told, &SlowClock(time), std::time::Duration::ZERO).unwrap();
    }
    assert!(report.skipped.iter().all(|(_, skip)| *skip == Skip::Ahead { ahead: MOST_AHEAD + 1 }));
    assert_eq!((report.skipped.is_empty(), report.cast.len()), (false, 0));
    let casts = attend(&mut station, &mut Source::telling(&mut sim, vec![winners])).cast;
    println!("voter: {} calls put off by a slow clock, {} votes afterwards", report.skipped.len(), casts.len());
    assert!(!casts.is_empty() && casts.iter().all(|cast| cast.outcome == Outcome::Sent));
}

/// Tickets of nobody here, and of ours those that the block does not call.
#[test]
fn tickets_that_are_not_called_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, tickets) = voting(45, folder.path());
    let block = ChainSource::tip(&mut sim).unwrap();
    let strangers = (0..5).map(|number| TxId::from_bytes([number; 32])).collect();
    let report = attend(&mut station, &mut Source::telling(&mut sim, vec![Winners { block, tickets: strangers }]));
    assert_eq!((report.cast.len(), report.skipped.len(), report.problems.len()), (0, 0, 0));
    let called = sim.winners().unwrap().tickets;
    let ended = endings(&mut sim, &tickets);
    let idle: Vec<_> =
        tickets.iter().filter(|ticket| !called.contains(ticket) && !ended.contains_key(ticket)).copied().collect();
    let told = Winners { block, tickets: idle.clone() };
    let report = attend(&mut station, &mut Source::telling(&mut sim, vec![told]));
    assert_eq!(report.cast.len(), idle.len());
    // A node may keep such votes in its mempool; no block can hold them.
    let kept = report.cast.iter().filter(|cast| cast.outcome == Outcome::Sent).count();
    let winners = sim.winners().unwrap();
    attend(&mut station, &mut Source::telling(&mut sim, vec![winners]));
    sim.mine(1).unwrap();
    let votes = go_on(&mut station, &mut sim, 60);
    println!("voter: {} votes of tickets that were not called, {kept} kept, then {votes} of called ones", idle.len());
    assert!(idle.len() > 5 && votes > 5 && all_voted(&endings(&mut sim, &tickets)));
}

/// Any number of calls for made-up blocks, before a true one.
#[test]
fn endless_calls_do_not_keep_the_last_one_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, tickets) = voting(46, folder.path());
    while !sim.winners().unwrap().tickets.iter().any(|ticket| tickets.contains(ticket)) {
        attend(&mut station, &mut sim);
        sim.mine(1).unwrap();
    }
    let winners = sim.winners().unwrap();
    let mut told: Vec<_> = (0..10_000_u32)
        .map(|number| {
            let mut hash = [0xee; 32];
            hash[..4].copy_from_slice(&number.to_le_bytes());
            let block = BlockId { hash: BlockHash::from_bytes(hash), ..winners.block };
            Winners { block, tickets: tickets.clone() }
        })
        .collect();
    told.push(winners.clone());
    let before = station.answered();
    let report = attend(&mut station, &mut Source::telling(&mut sim, told));
    let answered = station.answered() - before;
    println!("voter: 10001 calls told, {answered} answered, {} votes", report.cast.len());
    assert!(report.skipped.iter().all(|(_, skip)| *skip == Skip::Gone));
    assert!(answered <= 256 && !report.cast.is_empty());
    assert!(report.cast.iter().all(|cast| cast.block == winners.block && cast.outcome == Outcome::Sent));
}

/// Blocks undone and replaced again and again, up to five at a time.
#[test]
fn a_storm_of_reorganisations_costs_no_vote() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, tickets) = voting(47, folder.path());
    let stranger = Purse::new(99).script(None);
    let (mut undone, mut votes) = (0, 0);
    for round in 0..20 {
        let depth = round % 5 + 1;
        sim.undo(depth).unwrap();
        undone += depth;
        sim.fund(&stranger, Amount::from_atoms(1_000_000 + u64::from(round)).unwrap()).unwrap();
        votes += go_on(&mut station, &mut sim, depth + 1);
    }
    let ended = endings(&mut sim, &tickets);
    println!("voter: {undone} blocks undone in 20 storms, {votes} votes, {} tickets ended", ended.len());
    assert!(votes > 10 && ended.len() > 3 && all_voted(&ended));
    assert_eq!(station.totals().unwrap().missed, 0);
}
