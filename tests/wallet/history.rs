//! The history of the account: what each transaction changed, and that it sums up.

use dcrcold::chain::ChainSource;
use dcrcold::wallet::purchase::{BuyOrder, Lock};
use dcrcold::wallet::{CoinsOf, Entry, EntryKind, Wallet};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::request::Label;
use dcrcold_signer::address::Address;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};

use crate::chain::{STRANGER, TestChain, amount};
use crate::fixture::{Fixture, StoppedClock, sign, sync};
use crate::order::order;

const PRICE: u64 = 20_000;

fn coin(tx: &Transaction, index: u32) -> OutPoint {
    OutPoint { id: tx.id(), index, tree: Tree::Regular }
}

/// Height, kind, change and what went into tickets.
fn told(wallet: &Wallet) -> Vec<(Option<u32>, EntryKind, i64, i64)> {
    let entry = |it: &Entry| (it.height.map(|height| height.0), it.kind, it.change.atoms(), it.locked.atoms());
    wallet.history().unwrap().iter().map(entry).collect()
}

#[test]
fn every_kind_of_transaction_is_told_and_the_balance_runs_along() {
    use EntryKind::{Fee, Moved, Purse, Received, Sent, Split, Ticket, Vote};
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = (fixture.wallet("w"), TestChain::new());
    sync(&mut wallet, &mut chain);
    let purse = wallet.voters().unwrap()[0].hash(VoterAccount::Purse, Index::FIRST).unwrap();
    chain.mine_empty(9);
    let paid = chain.payment(&[(fixture.external(0), 100_000), (STRANGER, 7), (fixture.external(1), 50_000)]);
    chain.mine(vec![paid.clone()], vec![]);
    // A split with a purse top-up, its ticket, a payment, and coins joined.
    let split = chain.spend(
        &[coin(&paid, 0)],
        &[(fixture.internal(1), PRICE + 2_980), (purse, 9_000), (fixture.internal(0), 65_000)],
    );
    let sent = chain.spend(&[coin(&paid, 2)], &[(STRANGER, 30_000), (fixture.internal(3), 18_000)]);
    chain.mine(vec![split.clone(), sent.clone()], vec![]);
    let ticket = chain.ticket(coin(&split, 0), PRICE, fixture.internal(2));
    let joined = chain.spend(&[coin(&split, 2), coin(&sent, 1)], &[(fixture.internal(4), 82_000)]);
    chain.mine(vec![joined.clone()], vec![ticket.clone()]);
    let home = chain.spend(&[coin(&split, 1)], &[(fixture.external(2), 8_000)]);
    chain.mine(vec![home], vec![]);
    chain.mine_empty(16);
    let vote = chain.vote(&ticket);
    let reward = vote.outputs[2].value.0 - i64::try_from(PRICE).unwrap();
    chain.mine(vec![], vec![vote]);
    sync(&mut wallet, &mut chain);
    let locked = i64::try_from(PRICE).unwrap();
    let mut found = told(&wallet);
    // Which of a block's transactions comes first is the block's business.
    found[1..6].sort_by_key(|entry| (entry.0, entry.2));
    let expected = [
        (Some(10), Received, 150_000, 0),
        (Some(11), Sent, -30_000, 0),
        (Some(11), Purse, -9_000, 0),
        (Some(11), Fee, -3_020, 0),
        (Some(11), Fee, -2_000, 0),
        (Some(11), Split, 0, 0),
        (Some(12), Ticket, 0, locked),
        (Some(12), Fee, -2_980, 0),
        (Some(12), Moved, 0, 0),
        (Some(12), Fee, -1_000, 0),
        (Some(13), Purse, 8_000, 0),
        (Some(30), Vote, reward, -locked),
    ];
    assert_eq!(found, expected);
    let history = wallet.history().unwrap();
    assert_eq!(history.last().unwrap().balance, wallet.balance().unwrap().total());
    let times: Vec<_> = history.iter().map(|entry| entry.time.unwrap()).collect();
    assert!(times.is_sorted());
    println!("history: {} entries", history.len());
}

#[test]
fn what_waits_to_be_mined_comes_last_and_requests_give_their_labels() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = (fixture.wallet("w"), TestChain::new());
    chain.mine_empty(158);
    let paid = chain.payment(&[(fixture.external(0), 1_000_000)]);
    chain.mine(vec![paid], vec![]);
    chain.mine_empty(1);
    sync(&mut wallet, &mut chain);
    let address = Address::of_key_hash(Network::Simnet, fixture.external(0));
    wallet.set_label(&CoinsOf::Address(address), Label::new(b"the sale")).unwrap();
    let order = BuyOrder { lock: Lock::Amount(amount(PRICE)), label: Label::new(b"two tickets"), ..order(2) };
    let price = chain.price().unwrap();
    let prepared = wallet.prepare(&order, &price, &StoppedClock).unwrap();
    let answer = sign(&prepared).to_container(Network::Simnet).unwrap();
    let id = wallet.accept(&answer, &StoppedClock).unwrap();
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    for mined in [false, true] {
        let history = wallet.history().unwrap();
        let entry = |it: &Entry| (it.height.is_some(), it.kind.name(), it.label.clone().unwrap());
        let found: Vec<_> = history.iter().map(entry).collect();
        let tickets = |kind| (mined, kind, "two tickets".to_owned());
        let expected = [
            (true, "received", "the sale".to_owned()),
            tickets("split"),
            tickets("fee"),
            tickets("ticket"),
            tickets("fee"),
            tickets("ticket"),
            tickets("fee"),
        ];
        assert_eq!(found, expected);
        chain.mine_mempool();
        sync(&mut wallet, &mut chain);
    }
}

#[test]
fn an_empty_account_has_no_history() {
    let fixture = Fixture::new();
    assert!(fixture.wallet("w").history().unwrap().is_empty());
}
