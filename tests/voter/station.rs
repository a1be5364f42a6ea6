//! What stations do when nothing goes wrong.

use dcrcold::voter::{Folder, Outcome, Station, VoterError};
use dcrcold_core::path::VoterAccount;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::TxKind;

use crate::fixture::{all_voted, attend, buy, endings, find, hot, settled, station, taken};

/// More than the life of a ticket: what did not end by then never will.
const LIFE: u32 = 420;

#[test]
fn every_called_ticket_votes() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(1);
    let mut station = station(folder.path(), &[1, 2]);
    let mut tickets = buy(&mut sim, 1, 0..20);
    attend(&mut station, &mut sim);
    tickets.extend(buy(&mut sim, 2, 0..10));
    let mut casts = Vec::new();
    for _ in 0..LIFE {
        casts.extend(attend(&mut station, &mut sim).cast);
        sim.mine(1).unwrap();
    }
    attend(&mut station, &mut sim);
    let ended = endings(&mut sim, &tickets);
    let expired = ended.values().filter(|(kind, _)| *kind == TxKind::Revocation).count();
    let totals = station.totals().unwrap();
    println!("voter: {} tickets, {} votes, {expired} expired", ended.len(), casts.len());
    assert_eq!((ended.len(), totals.watched, totals.missed), (30, 0, 0));
    assert_eq!((casts.len(), casts.len() + expired), (usize::try_from(totals.voted).unwrap(), 30));
    assert!(casts.iter().all(|cast| cast.first && cast.outcome == Outcome::Sent));
    assert!(casts.iter().all(|cast| ended[&cast.ticket].1 == cast.vote));
    assert!(casts.len() > 20);
}

/// A ticket of which nobody voted is counted, and told from one that expired.
#[test]
fn a_missed_ticket_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(2);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut watching = station(folder.path(), &[1]);
    for _ in 0..120 {
        sim.mine(1).unwrap();
    }
    attend(&mut watching, &mut sim);
    let missed = endings(&mut sim, &tickets).len();
    let totals = watching.totals().unwrap();
    println!("voter: {missed} missed tickets");
    assert!(missed > 0);
    // It began to look afterwards, so it saw only those that were still there.
    assert_eq!((totals.watched, totals.missed), (20 - u64::try_from(missed).unwrap(), 0));
    for _ in 0..40 {
        sim.mine(1).unwrap();
    }
    attend(&mut watching, &mut sim);
    let (totals, ended) = (watching.totals().unwrap(), endings(&mut sim, &tickets));
    let revoked = ended.values().filter(|(kind, _)| *kind == TxKind::Revocation).count();
    assert!(ended.len() > missed);
    assert_eq!(totals.missed, u64::try_from(revoked - missed).unwrap());
    assert_eq!(totals.voted, u64::try_from(ended.len() - revoked).unwrap());
}

#[test]
fn a_station_that_begins_late_finds_live_and_immature_tickets() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(3);
    let live = buy(&mut sim, 1, [0, 9_000, 9_001, 9_002, 9_003, 9_004, 9_005, 9_006, 9_007]);
    sim.mine(20).unwrap();
    // Beyond those first looked for, but not beyond what the ones found make likely.
    let higher = buy(&mut sim, 1, [18_000]);
    sim.mine(18).unwrap();
    let immature = buy(&mut sim, 1, [3, 4]);
    let gone = endings(&mut sim, &[live, higher, immature].concat()).len();
    let mut station = station(folder.path(), &[1]);
    attend(&mut station, &mut sim);
    println!("voter: 12 tickets, {gone} of them gone before anybody looked");
    assert_eq!(station.totals().unwrap().watched, 12 - u64::try_from(gone).unwrap());
}

#[test]
fn two_stations_cast_the_same_votes() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(4);
    let tickets = buy(&mut sim, 1, 0..20);
    let mut stations = ["one", "two"].map(|name| station(&folder.path().join(name), &[1]));
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..150 {
        let [first, second] = &mut stations;
        one.extend(attend(first, &mut sim).cast);
        // The network tells each block once to whom asks.
        let winners = sim.winners().unwrap();
        let mut again = crate::source::Source::telling(&mut sim, vec![winners]);
        two.extend(attend(second, &mut again).cast);
        sim.mine(1).unwrap();
    }
    println!("voter: {} votes by two stations", one.len());
    assert!(one.len() > 10);
    assert_eq!(taken(&one), taken(&two));
    assert!(two.iter().all(|cast| cast.outcome == Outcome::Known));
    assert!(all_voted(&endings(&mut sim, &tickets)));
}

#[test]
fn a_voter_added_later_votes_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = settled(5);
    let tickets = [buy(&mut sim, 1, 0..5), buy(&mut sim, 2, 0..5)].concat();
    sim.mine(18).unwrap();
    let gone = endings(&mut sim, &tickets).len();
    attend(&mut station(folder.path(), &[1]), &mut sim);
    let mut both = station(folder.path(), &[1, 2]);
    attend(&mut both, &mut sim);
    assert_eq!(both.totals().unwrap().watched, 10 - u64::try_from(gone).unwrap());
}

#[test]
fn one_station_runs_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Folder::new(folder.path().join("voters"));
    assert!(!folder.is_running());
    let lock = folder.lock().unwrap();
    assert!(folder.is_running());
    assert!(matches!(folder.lock(), Err(VoterError::Busy { .. })));
    drop(lock);
    assert!(!folder.is_running());
    drop(folder.lock().unwrap());
}

#[test]
fn what_is_no_memory_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = Folder::new(folder.path().to_owned());
    assert!(matches!(Station::open(&place, Vec::new()), Err(VoterError::NoVoters)));
    let other = rusqlite::Connection::open(place.memory_file()).unwrap();
    other.pragma_update(None, "application_id", 7).unwrap();
    other.execute_batch("CREATE TABLE other (a)").unwrap();
    drop(other);
    assert!(matches!(Station::open(&place, vec![hot(1)]), Err(VoterError::NotAMemory { .. })));
}

#[test]
fn the_ticket_of_another_is_not_voted_with() {
    let mut sim = settled(6);
    let id = buy(&mut sim, 1, [0])[0];
    let ticket = Ticket::read(&find(&mut sim, &id)).unwrap();
    assert_eq!(hot(1).index_of(&ticket, dcrcold_core::path::Index::FIRST).unwrap().number(), 0);
    assert!(matches!(hot(2).index_of(&ticket, dcrcold_core::path::Index::FIRST), Err(VoterError::NotOurs { .. })));
    assert!(hot(1).public().hash(VoterAccount::Voting, dcrcold_core::path::Index::FIRST).is_ok());
}
