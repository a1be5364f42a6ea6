//! What peers tell is what the network itself tells.

use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::{Fetched, Spv};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;

use crate::all_headers::all_headers;
use crate::fault::Fault;
use crate::network::{Net, connect, settings};

/// Compares everything that both sources tell; returns how many blocks that was.
fn compare(spv: &mut Spv, sim: &mut Sim) -> usize {
    assert_eq!(ChainSource::tip(spv).unwrap(), Sim::tip(sim).unwrap());
    let headers = all_headers(spv);
    assert_eq!(headers, all_headers(sim));
    let ids: Vec<_> = headers.iter().map(BlockHeader::id).collect();
    assert_eq!(spv.filters(&ids).unwrap(), sim.filters(&ids).unwrap());
    for id in ids.iter().step_by(7) {
        assert_eq!(spv.block(id).unwrap(), sim.block(id).unwrap());
    }
    assert_eq!(spv.price().unwrap(), sim.price().unwrap());
    headers.len()
}

#[test]
fn peers_tell_what_the_network_tells() {
    let (net, mut sim) = Net::new(1);
    sim.mine_to(dcrcold_core::amount::Height(330)).unwrap();
    let peers = [net.peer(Fault::None), net.peer(Fault::None), net.peer(Fault::Unsynced)];
    let mut spv = connect(&[&peers[0], &peers[1], &peers[2]]);
    assert_eq!(spv.network(), Network::Simnet);
    let mut blocks = compare(&mut spv, &mut sim);
    sim.mine(3).unwrap();
    blocks += compare(&mut spv, &mut sim);
    sim.reorganise(5).unwrap();
    blocks += compare(&mut spv, &mut sim);
    // Past the end of a price window.
    for _ in 0..9 {
        sim.mine(1).unwrap();
        assert_eq!(spv.price().unwrap(), sim.price().unwrap());
    }
    println!("blocks compared: {blocks}");
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
}

#[test]
fn unknown_blocks_are_told_from_other_failures() {
    let (net, mut sim) = Net::new(2);
    sim.mine(20).unwrap();
    let peer = net.peer(Fault::None);
    let mut spv = connect(&[&peer]);
    ChainSource::tip(&mut spv).unwrap();
    let unknown = BlockHash::from_bytes([1; 32]);
    assert!(matches!(spv.block(&unknown), Err(ChainError::UnknownBlock { hash }) if hash == unknown));
    assert!(matches!(spv.filters(&[unknown]), Err(ChainError::UnknownBlock { hash }) if hash == unknown));
    assert!(spv.filters(&[]).unwrap().is_empty());
    // A locator that is on no chain is passed over.
    let first = spv.headers_after(&[unknown]).unwrap();
    assert_eq!((first.len(), first[0].height.0), (20, 1));
    assert_eq!(spv.headers_after(&[unknown, first[9].id(), first[4].id()]).unwrap()[0], first[10]);
}

#[test]
fn new_tips_are_noticed() {
    let (net, mut sim) = Net::new(3);
    sim.mine(5).unwrap();
    let peer = net.peer(Fault::None);
    let mut spv = connect(&[&peer]);
    let tip = ChainSource::tip(&mut spv).unwrap();
    assert_eq!(spv.wait_for_tip(&tip.hash, Duration::from_millis(200)).unwrap(), None);
    let asked = peer.requests();
    let mining = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        sim.mine(1).unwrap()
    });
    let next = spv.wait_for_tip(&tip.hash, Duration::from_secs(20)).unwrap();
    assert_eq!(next, Some(mining.join().unwrap()));
    assert!(peer.requests() <= asked + 3, "the peer is not asked over and over");
}

#[test]
fn headers_are_kept_in_a_file() {
    let (net, mut sim) = Net::new(4);
    sim.mine(200).unwrap();
    let peer = net.peer(Fault::None);
    let start = || {
        let headers = Some(net.path("headers"));
        Spv::start(dcrcold::chain::spv::Settings { headers, ..settings(&[&peer]) }).unwrap()
    };
    let tip = ChainSource::tip(&mut start()).unwrap();
    sim.mine(1).unwrap();
    let mut again = start();
    let seen = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let heights = std::rc::Rc::clone(&seen);
    again.on_headers(move |fetched| heights.borrow_mut().push(fetched));
    assert_eq!(ChainSource::tip(&mut again).unwrap().height.0, tip.height.0 + 1);
    assert_eq!(all_headers(&mut again), all_headers(&mut sim));
    let tip = dcrcold_core::amount::Height(tip.height.0 + 1);
    let seen: Vec<_> = seen.borrow().iter().copied().take_while(Option::is_some).collect();
    assert_eq!(seen, [Some(Fetched { height: tip, of: tip })], "one question sufficed");
}

#[test]
fn without_a_peer_every_call_says_why() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut settings = crate::network::settings_of(vec![address]);
    settings.timeouts.patience = Duration::from_millis(300);
    let error = ChainSource::tip(&mut Spv::start(settings.clone()).unwrap()).unwrap_err();
    let ChainError::Unavailable(source) = error else { panic!("{error}") };
    let text = source.to_string();
    assert!(text.starts_with(&format!("no peer answers; {address}: cannot connect: ")), "{text}");
    settings.peers.clear();
    let error = ChainSource::tip(&mut Spv::start(settings).unwrap()).unwrap_err();
    let ChainError::Unavailable(source) = error else { panic!("{error}") };
    assert_eq!(source.to_string(), "no peers are known");
}
