//! dcrd as a source of the chain, compared with what the node says when asked otherwise.

use std::thread;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::NONE;
use dcrcold::chain::dcrd::value::{Dcr, Text};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::hash::{BlockHash, TreeHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::tx::Transaction;
use serde::Deserialize;

use crate::all_headers::all_headers;
use crate::simnet::Simnet;

/// A header as dcrd shows it to people.
#[derive(Deserialize)]
struct Shown {
    hash: Text<BlockHash>,
    height: u32,
    sbits: Dcr,
    poolsize: u32,
    time: u32,
}

pub fn the_source_agrees_with_the_node(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    assert_eq!(source.network(), Network::Simnet);
    let tip = source.tip().unwrap();
    assert_eq!(tip.height.0, simnet.height());

    let headers = all_headers(&mut source);
    assert_eq!(headers.last().unwrap().id(), tip.hash);
    for header in headers.iter().step_by(13) {
        let shown: Shown = simnet.node.call("getblockheader", [Text(header.id())]);
        assert_eq!((shown.hash.0, shown.height, shown.time), (header.id(), header.height.0, header.timestamp));
        assert_eq!((shown.sbits.0, shown.poolsize), (header.sbits.amount().unwrap(), header.pool_size));
        let block = source.block(&header.id()).unwrap();
        block.check_merkle(Network::Simnet).unwrap();
    }
    // A locator that is on no chain is passed over.
    let unknown = BlockHash::from_bytes([1; 32]);
    assert_eq!(source.headers_after(&[unknown]).unwrap()[0], headers[0]);
    assert_eq!(source.headers_after(&[unknown, headers[20].id(), headers[10].id()]).unwrap()[0], headers[21]);
    assert!(matches!(source.block(&unknown), Err(ChainError::UnknownBlock { hash }) if hash == unknown));
    assert!(matches!(source.filters(&[tip.hash, unknown]), Err(ChainError::UnknownBlock { hash }) if hash == unknown));

    let price = source.price().unwrap();
    assert_eq!((price.tip, price.current), (tip, headers.last().unwrap().sbits.amount().unwrap()));
    assert!(price.estimate.min <= price.estimate.expected && price.estimate.expected <= price.estimate.max);
    the_mempool_is_seen(simnet, &mut source);
}

fn the_mempool_is_seen(simnet: &mut Simnet, source: &mut impl ChainSource) {
    let tickets: Vec<Text<TxId>> = simnet.wallet.call("purchaseticket", ("default", 1, 2));
    let unknown = TxId::from_bytes([1; 32]);
    assert_eq!(source.in_mempool(&[tickets[0].0, unknown, tickets[1].0]).unwrap(), [true, false, true]);
    assert!(source.in_mempool(&[]).unwrap().is_empty());

    let raw: dcrcold::chain::dcrd::value::Hex = simnet.node.call("getrawtransaction", [tickets[0]]);
    let ticket = Transaction::decode(&raw.0).unwrap();
    assert_eq!(ticket.id(), tickets[0].0);
    assert!(matches!(source.send(&ticket), Err(ChainError::AlreadyKnown)));
    let mut orphan = ticket;
    orphan.inputs[0].previous.id = unknown;
    let error = source.send(&orphan).unwrap_err();
    assert!(matches!(&error, ChainError::Rejected { reason } if reason.starts_with("orphan transaction")), "{error}");
    simnet.mine(2);
}

pub fn every_filter_is_the_one_its_header_commits_to(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    let headers = all_headers(&mut source);
    let ids: Vec<_> = headers.iter().map(BlockHeader::id).collect();
    let filters = source.filters(&ids).unwrap();
    assert_eq!(filters.len(), headers.len());
    for (header, filter) in headers.iter().zip(&filters) {
        let found = TreeHash::from_bytes(blake256::blake256(filter));
        assert_eq!(found, header.stake_root, "block {}", header.height);
    }
    println!("filters checked against header commitments: {} cases", filters.len());
}

pub fn new_tips_are_noticed(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    let tip = source.tip().unwrap();
    let genesis = simnet.node.call::<_, Text<BlockHash>>("getblockhash", [0]).0;
    assert_eq!(source.wait_for_tip(&genesis, Duration::ZERO).unwrap(), Some(tip));
    assert_eq!(source.wait_for_tip(&tip.hash, Duration::from_millis(200)).unwrap(), None);

    let waiting = thread::spawn(move || {
        let next = source.wait_for_tip(&tip.hash, Duration::from_secs(60)).unwrap();
        (next.unwrap(), Instant::now())
    });
    thread::sleep(Duration::from_millis(300));
    assert!(!waiting.is_finished());
    simnet.mine(1);
    let mined = Instant::now();
    let (next, noticed) = waiting.join().unwrap();
    assert_eq!(next.height.0, tip.height.0 + 1);
    assert_eq!(simnet.node.call::<_, Text<BlockHash>>("getbestblockhash", NONE).0, next.hash);
    assert!(noticed.saturating_duration_since(mined) < Duration::from_secs(5), "the notification did not arrive");
}

pub fn a_reorganisation_is_followed(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    let headers = all_headers(&mut source);
    let [.., fork, first, second, third] = &headers[..] else { panic!("the chain is too short") };
    let stale = [third.id(), second.id(), first.id(), fork.id()];

    simnet.reorganise(3);
    let tip = source.wait_for_tip(&stale[0], Duration::from_secs(60)).unwrap().unwrap();
    assert_eq!(tip.height.0, third.height.0 + 1);
    let fresh = source.headers_after(&stale).unwrap();
    assert_eq!((fresh.len(), fresh[0].previous, fresh[3].id()), (4, fork.id(), tip.hash));
    assert!(fresh.iter().all(|header| !stale.contains(&header.id())));
    // Blocks of the old branch can still be had.
    assert_eq!(source.block(&stale[0]).unwrap().header, *third);
}
