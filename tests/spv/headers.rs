//! The best chain of headers: branches, restarts, damage.

use dcrcold::chain::headers::{HeaderChain, HeaderError};
use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::chain::spv::headers::{Added, Headers, MOST_REPLACED, RefusedHeaders};
use dcrcold::chain::work::Work;
use dcrcold::chain::{BlockId, ChainSource};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;

use crate::common::{Vectors, hex, list};

const NOW: i64 = Settings::START as i64 + 1_000_000;

fn sim_of(blocks: u32) -> Sim {
    let mut sim = Sim::in_memory(Settings::new(31));
    sim.mine(blocks).unwrap();
    sim
}

fn work_of(headers: &[BlockHeader]) -> Work {
    headers.iter().fold(Work::ZERO, |sum, header| sum.plus(Work::of(header.bits)))
}

#[test]
fn the_branch_with_more_work_replaces_the_other() {
    let mut sim = sim_of(160);
    let mut headers = Headers::in_memory(Network::Simnet).unwrap();
    let first = sim.headers_after(&[]).unwrap();
    assert_eq!(headers.add(&first, NOW).unwrap(), Added::Extended);
    assert_eq!(headers.add(&first[..90], NOW).unwrap(), Added::Nothing);
    assert_eq!((headers.tip(), headers.work()), (Sim::tip(&mut sim).unwrap(), work_of(&first)));

    sim.undo(7).unwrap();
    sim.mine(5).unwrap();
    let weaker = sim.headers_after(&headers.locators().unwrap()).unwrap();
    assert_eq!(weaker.len(), 5);
    assert_eq!(headers.add(&weaker, NOW).unwrap(), Added::Weaker);
    assert_eq!(headers.tip().hash, first[159].id());

    sim.mine(3).unwrap();
    let stronger = sim.headers_after(&headers.locators().unwrap()).unwrap();
    assert_eq!(headers.add(&stronger, NOW).unwrap(), Added::Replaced { blocks: 7 });
    let whole = sim.headers_after(&[]).unwrap();
    assert_eq!(headers.after(&[]).unwrap(), whole);
    assert_eq!((headers.tip(), headers.work()), (Sim::tip(&mut sim).unwrap(), work_of(&whole)));
    assert_eq!(headers.height_of(&first[159].id()).unwrap(), None);
    assert_eq!(headers.price().unwrap(), sim.price().unwrap());
}

#[test]
fn a_branch_from_far_below_is_not_looked_at() {
    let mut sim = sim_of(MOST_REPLACED + 3);
    let mut headers = Headers::in_memory(Network::Simnet).unwrap();
    let mut all = Vec::new();
    loop {
        let known: Vec<_> = all.last().map(BlockHeader::id).into_iter().collect();
        let more = sim.headers_after(&known).unwrap();
        if more.is_empty() {
            break;
        }
        headers.add(&more, NOW).unwrap();
        all.extend(more);
    }
    let mut other = all[1].clone();
    other.nonce += 1;
    let error = headers.add(&[other], NOW).unwrap_err();
    assert!(matches!(error, RefusedHeaders::TooDeep { depth } if depth == MOST_REPLACED + 2), "{error}");
}

#[test]
fn locators_lead_from_the_tip_to_the_genesis_block() {
    let mut sim = sim_of(500);
    let mut headers = Headers::in_memory(Network::Simnet).unwrap();
    headers.add(&sim.headers_after(&[]).unwrap(), NOW).unwrap();
    let locators = headers.locators().unwrap();
    let heights: Vec<_> = locators.iter().map(|hash| headers.height_of(hash).unwrap().unwrap().0).collect();
    assert_eq!(heights[..13], [500, 499, 498, 497, 496, 495, 494, 493, 492, 491, 490, 488, 484]);
    assert_eq!((heights.last(), heights.len()), (Some(&0), 19));
}

#[test]
fn a_file_is_taken_up_where_it_was_left_and_made_anew_when_it_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    let mut sim = sim_of(100);
    let all = sim.headers_after(&[]).unwrap();
    let tip = {
        let mut headers = Headers::open(&path, Network::Simnet).unwrap();
        headers.add(&all, NOW).unwrap();
        headers.tip()
    };
    let mut headers = Headers::open(&path, Network::Simnet).unwrap();
    assert_eq!((headers.tip(), headers.work()), (tip, work_of(&all)));
    sim.mine(30).unwrap();
    assert_eq!(headers.add(&sim.headers_after(&[tip.hash]).unwrap(), NOW).unwrap(), Added::Extended);
    drop(headers);
    // Of another network, or with a changed byte, or no database at all: nothing of it is believed.
    assert_eq!(Headers::open(&path, Network::Testnet3).unwrap().tip().height, Height(0));
    let mut damages = 0;
    for damage in [
        "UPDATE header SET bytes = zeroblob(180) WHERE height = 50",
        "DELETE FROM header WHERE height = 70",
        "UPDATE header SET hash = zeroblob(32) WHERE height = 100",
        "UPDATE chain SET network = 'mainnet'",
        "PRAGMA user_version = 9",
    ] {
        let mut headers = Headers::open(&path, Network::Simnet).unwrap();
        headers.add(&all, NOW).unwrap();
        drop(headers);
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(damage).unwrap();
        drop(db);
        assert_eq!(Headers::open(&path, Network::Simnet).unwrap().tip().height, Height(0), "{damage}");
        damages += 1;
    }
    std::fs::write(&path, [7; 5000]).unwrap();
    assert_eq!(Headers::open(&path, Network::Simnet).unwrap().tip().height, Height(0));
    println!("damaged files: {} cases", damages + 1);
}

#[test]
fn a_file_that_only_cannot_be_opened_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    let mut sim = sim_of(20);
    Headers::open(&path, Network::Simnet).unwrap().add(&sim.headers_after(&[]).unwrap(), NOW).unwrap();
    // Where SQLite wants to write.
    let obstacle = folder.path().join("headers-wal");
    std::fs::create_dir(&obstacle).unwrap();
    assert!(Headers::open(&path, Network::Simnet).is_err());
    std::fs::remove_dir(&obstacle).unwrap();
    assert_eq!(Headers::open(&path, Network::Simnet).unwrap().tip(), Sim::tip(&mut sim).unwrap());
}

#[test]
fn the_work_of_old_headers_is_counted_by_their_ids() {
    let vectors = Vectors::load("p2p_messages.json");
    let row = list(vectors.get("messages")).iter().find(|row| row["name"] == "headers one (mainnet 432100)").unwrap();
    let header = BlockHeader::decode(&hex(&row["fields"]["headers"][0]["header"])).unwrap();
    let parent = BlockId { hash: header.previous, height: Height(432_099) };
    let push = |header: &BlockHeader| HeaderChain::at(Network::Mainnet, parent, None).push(header, NOW);
    assert_eq!(push(&header).unwrap(), header.id());
    let mut spoiled = header;
    spoiled.nonce ^= 1;
    assert!(matches!(push(&spoiled), Err(HeaderError::Work { .. })));
}

#[test]
fn a_tip_that_another_program_put_in_the_place_of_ours_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    let mut sim = sim_of(40);
    let mut one = Headers::open(&path, Network::Simnet).unwrap();
    let mut other = Headers::open(&path, Network::Simnet).unwrap();
    one.add(&sim.headers_after(&[]).unwrap(), NOW).unwrap();
    let ours = one.tip();
    sim.undo(1).unwrap();
    sim.mine(1).unwrap();
    other.clear().unwrap();
    other.add(&sim.headers_after(&[]).unwrap(), NOW).unwrap();
    assert_eq!((other.tip().height, other.tip() == ours), (ours.height, false));
    sim.mine(1).unwrap();
    let next = sim.headers_after(&[other.tip().hash]).unwrap();
    assert_eq!(one.add(&next, NOW).unwrap(), Added::Extended);
    assert_eq!((one.tip(), one.work()), (Sim::tip(&mut sim).unwrap(), work_of(&sim.headers_after(&[]).unwrap())));
}

#[test]
fn two_programs_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("headers");
    let mut sim = sim_of(40);
    let all = sim.headers_after(&[]).unwrap();
    let mut one = Headers::open(&path, Network::Simnet).unwrap();
    let mut other = Headers::open(&path, Network::Simnet).unwrap();
    one.add(&all[..30], NOW).unwrap();
    assert_eq!(other.add(&all[..20], NOW).unwrap(), Added::Nothing);
    assert_eq!(other.tip(), one.tip());
    other.add(&all, NOW).unwrap();
    assert_eq!(one.add(&all[30..35], NOW).unwrap(), Added::Nothing);
    assert_eq!((one.tip(), one.work()), (other.tip(), work_of(&all)));
}
