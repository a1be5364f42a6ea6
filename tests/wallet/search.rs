//! What a sync finds.

use dcrcold::wallet::CoinState;
use dcrcold_core::amount::Height;
use dcrcold_core::path::Branch;
use dcrcold_signer::tx::{OutPoint, Tree, TxKind};

use crate::chain::{STRANGER, TestChain, amount};
use crate::fixture::{Fixture, state, sync};

#[test]
fn payments_to_both_branches_are_found() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let (first, second) = (chain.payment(&[(fixture.external(0), 500)]), chain.payment(&[(fixture.internal(3), 70)]));
    chain.mine_empty(5);
    chain.mine(vec![first], vec![]);
    chain.mine(vec![second], vec![]);
    let mut wallet = fixture.wallet("w");
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.headers, report.searched, report.fetched), (7, 7, 2));
    let coins = wallet.coins().unwrap();
    assert_eq!(coins.iter().map(|coin| coin.value).collect::<Vec<_>>(), [amount(500), amount(70)]);
    assert_eq!((coins[0].height, coins[0].path.branch), (Some(Height(6)), Branch::External));
    assert_eq!((coins[1].height, coins[1].path.branch), (Some(Height(7)), Branch::Internal));
    assert_eq!(wallet.balance().unwrap().spendable, amount(570));
    assert_eq!(wallet.balance().unwrap().total(), amount(570));
}

#[test]
fn a_spent_coin_is_gone_and_its_change_is_there() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let paid = chain.payment(&[(fixture.external(0), 500)]);
    let coin = OutPoint { id: paid.id(), index: 0, tree: Tree::Regular };
    let spent = chain.spend(&[coin], &[(STRANGER, 300), (fixture.internal(0), 190)]);
    chain.mine(vec![paid], vec![]);
    chain.mine(vec![spent], vec![]);
    assert_eq!(fixture.found(&mut chain), amount(190));
}

#[test]
fn a_chain_of_payments_inside_one_block_is_followed() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let first = chain.payment(&[(fixture.external(0), 500)]);
    let coin = OutPoint { id: first.id(), index: 0, tree: Tree::Regular };
    let second = chain.spend(&[coin], &[(fixture.internal(0), 490)]);
    chain.mine(vec![first, second], vec![]);
    assert_eq!(fixture.found(&mut chain), amount(490));
}

#[test]
fn a_coinbase_waits_until_it_is_mature() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let coinbase = chain.coinbase_to(fixture.external(0), 900);
    chain.mine(vec![coinbase], vec![]);
    chain.mine_empty(14);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let coin = wallet.coins().unwrap()[0];
    assert_eq!((coin.kind, coin.maturity), (TxKind::Coinbase, 16));
    // Mined in block 1, so block 17 is the first that may spend it: not yet with block 15 as the last.
    assert_eq!(coin.state(Height(15)), CoinState::Immature { spendable_at: Height(17) });
    assert_eq!(wallet.balance().unwrap().immature, amount(900));
    chain.mine_empty(1);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(900));
}

#[test]
fn what_leaves_a_transaction_with_an_expiry_waits_as_long_as_a_coinbase() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let mut paid = chain.payment(&[(fixture.external(0), 500)]);
    paid.expiry = 90;
    chain.mine(vec![paid], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.coins().unwrap()[0].spendable_at(), Some(Height(17)));
}

#[test]
fn the_window_grows_and_old_blocks_are_searched_again() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    // Each address lies 19 or 20 beyond the one before, and the farthest is paid first.
    let indexes: Vec<u32> = (0..12).map(|step| step * 20 + u32::from(step % 2 == 0)).collect();
    for index in indexes.iter().rev() {
        for hash in [fixture.external(*index), fixture.internal(*index)] {
            let paid = chain.payment(&[(hash, u64::from(*index) + 1)]);
            chain.mine(vec![paid], vec![]);
        }
    }
    chain.mine_empty(3);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let expected: u64 = indexes.iter().map(|index| 2 * (u64::from(*index) + 1)).sum();
    assert_eq!(wallet.balance().unwrap().total(), amount(expected));
    println!("{} addresses found over growing windows", wallet.coins().unwrap().len());
    assert_eq!(wallet.coins().unwrap().len(), 24);
}

#[test]
fn a_coin_of_a_late_address_that_was_spent_meanwhile_is_seen_spent() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let late = chain.payment(&[(fixture.external(110), 500)]);
    let coin = OutPoint { id: late.id(), index: 0, tree: Tree::Regular };
    let spent = chain.spend(&[coin], &[(STRANGER, 490)]);
    chain.mine(vec![late], vec![]);
    chain.mine(vec![spent], vec![]);
    let hint = chain.payment(&[(fixture.external(95), 1)]);
    chain.mine(vec![hint], vec![]);
    assert_eq!(fixture.found(&mut chain), amount(1));
}

#[test]
fn nothing_below_the_birthday_is_fetched() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    for height in 1..=40 {
        let paid = chain.payment(&[(fixture.external(0), height)]);
        chain.mine(vec![paid], vec![]);
    }
    let mut wallet = fixture.wallet_from("w", Some(Height(31)));
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.headers, report.searched, report.fetched), (40, 10, 10));
    assert_eq!(wallet.balance().unwrap().total(), amount((31..=40).sum()));
}

#[test]
fn a_second_sync_has_nothing_to_do() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let paid = chain.payment(&[(fixture.external(0), 500)]);
    chain.mine(vec![paid], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let before = state(&wallet);
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.headers, report.searched, report.fetched), (0, 0, 0));
    assert_eq!(state(&wallet), before);
}

#[test]
fn every_filter_is_asked_for_once() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    for index in 0..150 {
        let paid = chain.payment(&[(fixture.external(index % 40), 100)]);
        chain.mine(vec![paid], vec![]);
    }
    let mut wallet = fixture.wallet("w");
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.searched, report.fetched, chain.filters_given), (150, 150, 150));
}

#[test]
fn outputs_worth_more_than_all_coins_stop_nothing() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let mut paid = chain.payment(&[(fixture.external(0), 100), (fixture.external(1), 1)]);
    // No block of the network holds such outputs, but nothing in a header says so.
    paid.outputs[1].value.0 = i64::MAX;
    chain.mine(vec![paid], vec![]);
    let most = 2_100_000_000_000_000;
    let twice = chain.payment(&[(fixture.external(2), most), (fixture.external(3), most)]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.coins().unwrap().len(), 1);
    assert_eq!(wallet.balance().unwrap().total(), amount(100));
    chain.mine(vec![twice], vec![]);
    sync(&mut wallet, &mut chain);
    let error = wallet.balance().unwrap_err();
    assert!(error.to_string().contains("more than all coins"), "{error}");
}
