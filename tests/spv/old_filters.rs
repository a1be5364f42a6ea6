//! Filters that no header commits to: peers are held against each other, and the liar against the block.

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::{PeerError, Settings, Spv};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::BlockHeader;

use crate::all_headers::all_headers;
use crate::fault::Fault;
use crate::network::{Net, settings};
use crate::server::Server;

/// Peers of a network on which headers commit to filters from a block on.
fn connect(peers: &[&Server], first: u32) -> Spv {
    let mut spv = Spv::start(Settings { first_commitment: Some(Height(first)), ..settings(peers) }).unwrap();
    ChainSource::tip(&mut spv).unwrap();
    spv
}

fn ids(sim: &mut Sim) -> Vec<BlockHash> {
    all_headers(sim).iter().map(BlockHeader::id).collect()
}

/// Asks until the liar is caught: whether it is asked at all is a matter of chance where there are three.
fn ask(spv: &mut Spv, ids: &[BlockHash], expected: &[Vec<u8>], liar: &Server) {
    for _ in 0..100 {
        assert_eq!(spv.filters(ids).unwrap(), expected);
        if let Some(loss) = spv.lost().next() {
            assert_eq!(loss.address, liar.address);
            return;
        }
    }
    panic!("the liar was never caught");
}

#[test]
fn who_sends_another_filter_than_the_block_has_is_kept_away() {
    let (net, mut sim) = Net::new(81);
    // Long enough for tickets, votes, and tickets that are missed.
    sim.mine_to(Height(330)).unwrap();
    let ids = ids(&mut sim);
    let all = sim.filters(&ids).unwrap();
    let (honest, other) = (net.peer(Fault::None), net.peer(Fault::None));
    let mut cases = 0;
    for fault in [Fault::EmptyFilter, Fault::FilterOfAnother, Fault::FilterOfOthers] {
        // In each batch another block is the first that the peers differ about.
        for first in (0..320).step_by(29) {
            let liar = net.peer(fault);
            let range = first..(first + 10);
            let mut spv = connect(&[&liar, &honest, &other], u32::MAX);
            ask(&mut spv, &ids[range.clone()], &all[range], &liar);
            let lost: Vec<_> = spv.lost().collect();
            let is_named = |error: &PeerError| matches!(error, PeerError::DisprovenFilter { .. }) && error.is_offence();
            assert!(lost.len() == 1 && is_named(&lost[0].error), "{fault:?}: {lost:?}");
            cases += 1;
        }
    }
    println!("false filters from before commitments: {cases} cases");
    assert_eq!(cases, 36);
}

#[test]
fn peers_that_agree_are_asked_for_no_block() {
    let (net, mut sim) = Net::new(82);
    sim.mine(150).unwrap();
    let ids = ids(&mut sim);
    let (one, other) = (net.peer(Fault::None), net.peer(Fault::None));
    let mut spv = connect(&[&one, &other], u32::MAX);
    let before = (one.requests(), other.requests());
    assert_eq!(spv.filters(&ids).unwrap(), sim.filters(&ids).unwrap());
    // Two batches, each of them from both.
    assert_eq!((one.requests(), other.requests()), (before.0 + 2, before.1 + 2));
}

#[test]
fn a_peer_alone_is_believed_until_all_old_filters_are_proven_together() {
    let (net, mut sim) = Net::new(83);
    sim.mine(120).unwrap();
    let ids = ids(&mut sim);
    let liar = net.peer(Fault::EmptyFilter);
    let mut spv = connect(&[&liar], 50);
    assert_eq!(spv.filters(&ids[..49]).unwrap(), vec![Vec::<u8>::new(); 49]);
    spv.filters(&ids[49..]).unwrap_err();
    assert!(spv.lost().any(|loss| matches!(&*loss.error, PeerError::FalseFilter(_))));
}

#[test]
fn filters_from_before_and_after_come_in_the_order_asked_for() {
    let (net, mut sim) = Net::new(84);
    sim.mine(150).unwrap();
    let mut ids = ids(&mut sim);
    let (one, other) = (net.peer(Fault::None), net.peer(Fault::None));
    for first in [1, 2, 77, 100, 150, 151] {
        let mut spv = connect(&[&one, &other], first);
        assert_eq!(spv.filters(&ids).unwrap(), sim.filters(&ids).unwrap(), "{first}");
        assert!(spv.lost().next().is_none());
        ids.reverse();
    }
}
