//! Transactions on their way to the network.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use dcrcold::chain::sim::SETTLED;
use dcrcold::chain::spv::{Seen, Spv};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxOut};

use crate::chain::{amount, pay_to};
use crate::fault::Fault;
use crate::network::{Net, connect, settings};
use crate::purse::Purse;

/// A payment that the network accepts.
fn payment(sim: &mut dcrcold::chain::sim::Sim) -> Transaction {
    let purse = Purse::new(5);
    let script = purse.script(None);
    let id = sim.fund(&script, amount(200_000_000)).unwrap();
    sim.mine(1).unwrap();
    let outpoint = OutPoint { id, index: 0, tree: Tree::Regular };
    let inputs = vec![TxIn::unsigned(outpoint, amount(200_000_000).into())];
    let outputs = vec![TxOut::new(amount(199_970_000), &pay_to(crate::chain::STRANGER))];
    let mut tx = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 };
    purse.sign(&mut tx, 0, &script);
    tx
}

/// What is told of each transaction that is sent.
fn figures(spv: &mut Spv) -> Rc<RefCell<Vec<(TxId, Seen)>>> {
    let told = Rc::<RefCell<Vec<_>>>::default();
    let telling = Rc::clone(&told);
    spv.on_published(move |id, seen| telling.borrow_mut().push((id, seen)));
    told
}

#[test]
fn it_is_told_how_many_peers_show_a_transaction() {
    for (forgetful, of) in [(0, 1), (1, 3), (2, 3), (3, 3)] {
        let (net, mut sim) = Net::new(23);
        sim.mine_to(SETTLED).unwrap();
        let tx = payment(&mut sim);
        let fault = |number| if number < forgetful { Fault::Forgetful } else { Fault::None };
        let peers: Vec<_> = (0..of).map(|number| net.peer(fault(number))).collect();
        let mut spv = connect(&peers.iter().collect::<Vec<_>>());
        ChainSource::tip(&mut spv).unwrap();
        let told = figures(&mut spv);
        let by = of - forgetful;
        match spv.send(&tx) {
            Ok(id) => assert!(id == tx.id() && by > 0),
            Err(ChainError::Unseen { of: asked }) => assert!(by == 0 && asked == of),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(*told.borrow(), [(tx.id(), Seen { by, of })]);
        assert!(peers.iter().all(|peer| peer.announced() >= 1), "it is announced to all");
    }
}

#[test]
fn who_comes_later_is_told_of_what_was_sent() {
    let (net, mut sim) = Net::new(24);
    sim.mine_to(SETTLED).unwrap();
    let tx = payment(&mut sim);
    let (early, late) = (net.peer(Fault::None), net.peer(Fault::None));
    let mut settings = settings(&[&early]);
    settings.peers.push(late.address.into());
    let mut spv = Spv::start(settings).unwrap();
    ChainSource::tip(&mut spv).unwrap();
    spv.send(&tx).unwrap();
    late.hang_up();
    let end = Instant::now() + Duration::from_secs(20);
    while late.connections() < 2 || late.announced() < 2 {
        assert!(Instant::now() < end);
        ChainSource::tip(&mut spv).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn publish_over(faults: &[Fault]) {
    let (net, mut sim) = Net::new(21);
    sim.mine_to(SETTLED).unwrap();
    let tx = payment(&mut sim);
    let peers: Vec<_> = faults.iter().map(|fault| net.peer(*fault)).collect();
    let mut spv = connect(&peers.iter().collect::<Vec<_>>());
    let unknown = TxId::from_bytes([9; 32]);
    assert_eq!(spv.in_mempool(&[tx.id(), unknown]).unwrap(), [false, false]);
    assert_eq!(spv.send(&tx).unwrap(), tx.id());
    assert_eq!(spv.in_mempool(&[tx.id(), unknown]).unwrap(), [true, false]);
    assert!(sim.waiting(&tx.id()).unwrap().is_some());
    assert!(matches!(spv.send(&tx), Err(ChainError::AlreadyKnown)));
    sim.mine(1).unwrap();
    assert_eq!(spv.in_mempool(&[tx.id()]).unwrap(), [false]);
    assert!(matches!(spv.send(&tx), Err(ChainError::AlreadyKnown)), "it is in a block");
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
}

#[test]
fn a_transaction_is_announced_fetched_and_seen() {
    publish_over(&[Fault::None, Fault::None, Fault::None]);
}

#[test]
fn a_lone_node_that_fetches_nothing_is_sent_the_transaction() {
    publish_over(&[Fault::Unsynced]);
}

#[test]
fn a_refused_transaction_is_neither_said_to_be_sent_nor_refused() {
    let (net, mut sim) = Net::new(22);
    sim.mine_to(SETTLED).unwrap();
    let mut tx = payment(&mut sim);
    tx.outputs[0].value.0 += 1;
    let peer = net.peer(Fault::None);
    let mut spv = connect(&[&peer]);
    let error = spv.send(&tx).unwrap_err();
    assert!(matches!(&error, ChainError::Unseen { of: 1 }), "{error}");
}
