//! What stations do when they are cut off, restarted, or told of competing and of old blocks.

use std::collections::BTreeMap;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{BlockId, Winners};
use dcrcold::voter::{MOST_DEPTH, Outcome, Skip, Station, VoterError};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::BlockHash;

use crate::fixture::{all_voted, attend, buy, endings, settled, station, taken, try_attend};
use crate::purse::Purse;
use crate::source::Source;

/// A network where a ticket of the voter of seed 1 is called by the tip, and a station that has not voted yet.
fn called(seed: u64, folder: &std::path::Path) -> (Sim, Station, Winners) {
    let mut sim = settled(seed);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut station = station(folder, &[1]);
    loop {
        let winners = sim.winners().unwrap();
        if winners.tickets.iter().any(|ticket| tickets.contains(ticket)) {
            return (sim, station, winners);
        }
        attend(&mut station, &mut sim);
        sim.mine(1).unwrap();
    }
}

#[test]
fn a_station_cut_off_after_any_call_misses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(11);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut station = station(folder.path(), &[1]);
    let (mut cuts, mut votes) = (0, Vec::new());
    for block in 0..150_u32 {
        // One more call each time, or what needs several in a row could never end.
        let mut calls = block % 3;
        loop {
            match try_attend(&mut station, &mut Source::cut_off(&mut sim, calls)) {
                Ok(report) => {
                    votes.extend(report.cast);
                    break;
                }
                Err(VoterError::Chain(_)) => (cuts, calls) = (cuts + 1, calls + 1),
                Err(other) => panic!("{other}"),
            }
        }
        sim.mine(1).unwrap();
    }
    println!("voter: {} votes, {cuts} interruptions survived", votes.len());
    assert!(cuts > 300 && votes.len() > 10);
    assert!(all_voted(&endings(&mut sim, &tickets)));
}

#[test]
fn a_restart_in_every_block_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(12);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut votes = Vec::new();
    for _ in 0..40 {
        let before = votes.len();
        for again in [false, true] {
            let mut station = station(folder.path(), &[1]);
            let winners = sim.winners().unwrap();
            let casts = attend(&mut station, &mut Source::telling(&mut sim, vec![winners])).cast;
            assert!(casts.iter().all(|cast| cast.first != again));
            assert_eq!(casts.len(), if again { votes.len() - before } else { casts.len() });
            if !again {
                votes.extend(casts);
            }
        }
        sim.mine(1).unwrap();
    }
    println!("voter: {} votes, 80 restarts", votes.len());
    assert!(votes.len() > 3 && all_voted(&endings(&mut sim, &tickets)));
}

/// The block that calls a ticket is replaced by others at the same height, each of which is voted on when it calls one.
#[test]
fn competing_blocks_are_voted_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, winners) = called(13, folder.path());
    let mut votes = attend(&mut station, &mut sim).cast;
    assert!(votes.iter().all(|cast| cast.block == winners.block && cast.outcome == Outcome::Sent));
    let stranger = Purse::new(99).script(None);
    let mut blocks = 1;
    while blocks < 40 {
        sim.undo(1).unwrap();
        sim.fund(&stranger, Amount::from_atoms(1_000_000 + blocks).unwrap()).unwrap();
        let block = sim.mine(1).unwrap();
        assert_eq!(block.height, winners.block.height);
        let report = attend(&mut station, &mut sim);
        assert!(report.skipped.is_empty());
        assert!(report.cast.iter().all(|cast| cast.block == block && cast.first));
        votes.extend(report.cast);
        blocks += 1;
    }
    let mut per_block: BTreeMap<BlockHash, usize> = BTreeMap::new();
    taken(&votes).keys().for_each(|(block, _)| *per_block.entry(*block).or_default() += 1);
    println!("voter: {blocks} competing blocks, votes on {}", per_block.len());
    assert!(per_block.len() > 3);
    // The last of them goes on.
    sim.mine(1).unwrap();
    attend(&mut station, &mut sim);
    assert_eq!(station.totals().unwrap().missed, 0);
}

/// A station told of several blocks at once answers all that compete, and none below the tip.
#[test]
fn an_old_block_is_not_voted_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, winners) = called(14, folder.path());
    sim.mine(1).unwrap();
    let tip = sim.tip().unwrap();
    let report = attend(&mut station, &mut Source::telling(&mut sim, vec![winners.clone()]));
    assert_eq!(report.skipped, [(winners.block, Skip::NotAtTip { tip: tip.height })]);
    assert_eq!((report.cast.len(), station.totals().unwrap().cast), (0, 0));
    // The same block with a height made up is another block.
    let lie = Winners { block: BlockId { height: tip.height, ..winners.block }, ..winners.clone() };
    let report = attend(&mut station, &mut Source::telling(&mut sim, vec![lie.clone()]));
    let skip = Skip::OtherBlock { found: winners.block.hash, height: winners.block.height };
    assert_eq!((report.skipped, report.cast.len()), (vec![(lie.block, skip)], 0));
    let gone = Winners { block: BlockId { hash: BlockHash::from_bytes([9; 32]), height: tip.height }, ..winners };
    let report = attend(&mut station, &mut Source::telling(&mut sim, vec![gone.clone()]));
    assert_eq!((report.skipped, report.cast.len()), (vec![(gone.block, Skip::Gone)], 0));
}

/// A node that was set back, or replays an old chain as its own, gets no votes for it.
#[test]
fn a_chain_set_back_is_not_voted_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut sim, mut station, winners) = called(15, folder.path());
    let mut last = winners.block;
    for _ in 0..60 {
        last = attend(&mut station, &mut sim).cast.last().map_or(last, |cast| cast.block);
        sim.mine(1).unwrap();
    }
    let Height(voted) = last.height;
    let mut skipped = 0;
    for height in (winners.block.height.0..voted - MOST_DEPTH).rev() {
        let depth = sim.tip().unwrap().height.0 - height;
        sim.undo(depth).unwrap();
        let report = attend(&mut station, &mut sim);
        assert!(report.cast.is_empty());
        assert!(report.skipped.iter().all(|(_, skip)| *skip == Skip::TooDeep { voted: last.height }));
        skipped += report.skipped.len();
    }
    println!("voter: {skipped} old blocks told as the tip and not voted on");
    assert!(skipped > 0);
}

/// After blocks are undone, tickets in them are watched no more, and endings are taken back.
#[test]
fn a_reorganisation_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(16);
    let mut station = station(folder.path(), &[1]);
    attend(&mut station, &mut sim);
    let (before, anchor) = (station.totals().unwrap(), sim.tip().unwrap());
    buy(&mut sim, 1, 0..5);
    attend(&mut station, &mut sim);
    assert_eq!(station.totals().unwrap().watched, 5);
    let depth = sim.tip().unwrap().height.0 - anchor.height.0;
    sim.undo(depth).unwrap();
    // Its headers are noticed with the first block that takes the place of another.
    sim.mine(1).unwrap();
    attend(&mut station, &mut sim);
    let now = station.totals().unwrap().watched;
    sim.mine(2).unwrap();
    attend(&mut station, &mut sim);
    println!("voter: {depth} blocks undone, {now} tickets were in the first of the new ones");
    assert_eq!((before.watched, station.totals().unwrap().watched), (0, 5));
}

/// What a full disk does to its memory: nothing can be added to it.
#[test]
fn a_memory_that_takes_nothing_more_keeps_nobody_from_voting() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(9);
    let mut station = station(folder.path(), &[1]);
    let tickets = buy(&mut sim, 1, 0..20);
    attend(&mut station, &mut sim);
    let db = rusqlite::Connection::open(dcrcold::voter::Folder::new(folder.path().to_owned()).memory_file()).unwrap();
    for table in ["votes", "blocks", "tickets"] {
        let sql = format!("CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(FAIL, 'full'); END");
        db.execute_batch(&sql).unwrap();
    }
    drop(db);
    let (mut casts, mut problems) = (Vec::new(), Vec::new());
    for _ in 0..120 {
        let report = attend(&mut station, &mut sim);
        casts.extend(report.cast);
        problems.extend(report.problems);
        sim.mine(1).unwrap();
    }
    let ended = endings(&mut sim, &tickets);
    println!("voter without memory: {} tickets voted, {} problems told", ended.len(), problems.len());
    assert!(!ended.is_empty() && all_voted(&ended));
    assert_eq!(ended.len(), casts.len());
    assert!(
        problems.iter().all(|problem| problem.contains("the memory of votes cannot be used: full")),
        "{problems:?}"
    );
    assert!(problems.len() > casts.len());
}
