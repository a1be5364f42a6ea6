//! Blocks that are replaced, and blocks that the next one disapproves of.

use dcrcold::wallet::WalletError;
use dcrcold_core::amount::Height;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};

use crate::chain::{STRANGER, TestChain, amount};
use crate::dice::Dice;
use crate::fixture::{Fixture, state, sync, try_sync};

#[test]
fn replaced_blocks_are_taken_back() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let kept = chain.payment(&[(fixture.external(0), 100)]);
    let coin = OutPoint { id: kept.id(), index: 0, tree: Tree::Regular };
    chain.mine(vec![kept], vec![]);
    let lost = chain.payment(&[(fixture.external(1), 20)]);
    let spent = chain.spend(&[coin], &[(STRANGER, 99)]);
    chain.mine(vec![lost, spent], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().total(), amount(20));
    chain.rewind(1);
    let other = chain.payment(&[(fixture.external(2), 3)]);
    chain.mine(vec![other], vec![]);
    chain.mine_empty(1);
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.undone, report.headers), (1, 2));
    assert_eq!(wallet.balance().unwrap().total(), amount(103));
}

#[test]
fn a_disapproved_block_loses_its_payments_and_keeps_its_tickets() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let paid = chain.payment(&[(fixture.external(0), 100)]);
    let ticket = chain.strangers_ticket(20_000, fixture.internal(0));
    chain.mine_empty(150);
    chain.mine(vec![paid], vec![ticket]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(100));
    chain.mine_judging(vec![], vec![], 0);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(0));
    assert_eq!(wallet.tickets().unwrap().len(), 1);
    // The judge is replaced by one that approves.
    chain.rewind(1);
    chain.mine_empty(2);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(100));
    assert_eq!(wallet.tickets().unwrap().len(), 1);
}

#[test]
fn a_disapproval_is_seen_by_a_wallet_that_comes_later() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(150);
    let paid = chain.payment(&[(fixture.external(0), 100)]);
    chain.mine(vec![paid], vec![]);
    chain.mine_judging(vec![], vec![], 0);
    chain.mine_empty(1);
    assert_eq!(fixture.found(&mut chain), amount(0));
}

#[test]
fn a_disapproval_counts_when_old_blocks_are_searched_again() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(150);
    let late = chain.payment(&[(fixture.external(110), 100)]);
    chain.mine(vec![late], vec![]);
    chain.mine_judging(vec![], vec![], 0);
    let hint = chain.payment(&[(fixture.external(95), 1)]);
    chain.mine(vec![hint], vec![]);
    assert_eq!(fixture.found(&mut chain), amount(1));
}

#[test]
fn a_payment_mined_again_after_a_disapproval_is_still_there_when_the_window_grows() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(150);
    let (again, late) = (chain.payment(&[(fixture.external(0), 100)]), chain.payment(&[(fixture.external(105), 20)]));
    chain.mine(vec![again.clone(), late], vec![]);
    chain.mine_judging(vec![], vec![], 0);
    chain.mine(vec![again], vec![]);
    // Makes the wallet look for the late address in the block that was disapproved of.
    let bridge = chain.payment(&[(fixture.external(95), 3)]);
    chain.mine(vec![bridge], vec![]);
    assert_eq!(fixture.found(&mut chain), amount(103));
}

#[test]
fn a_shorter_chain_is_waited_for() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(10);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    chain.rewind(3);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.height().unwrap(), Height(10));
    chain.mine_empty(1);
    let report = sync(&mut wallet, &mut chain);
    assert_eq!((report.undone, wallet.height().unwrap()), (3, Height(8)));
}

#[test]
fn blocks_replaced_while_a_sync_runs_are_followed() {
    for calls in 0..12 {
        let (fixture, mut chain) = (Fixture::new(), TestChain::new());
        chain.mine_empty(20);
        for index in 0..3 {
            let paid = chain.payment(&[(fixture.external(index), 100)]);
            chain.mine(vec![paid], vec![]);
        }
        let mut wallet = fixture.wallet("w");
        chain.replace_after(calls);
        sync(&mut wallet, &mut chain);
        // The source may have changed after its last answer.
        sync(&mut wallet, &mut chain);
        let left = if chain.height() == 24 { 100 } else { 300 };
        assert_eq!(wallet.balance().unwrap().total(), amount(left), "after {calls} calls");
    }
}

#[test]
fn a_source_that_is_far_behind_is_not_another_chain() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(2600);
    let mut wallet = fixture.wallet_from("w", Some(Height(2500)));
    sync(&mut wallet, &mut chain);
    // As far as headers are kept, a shorter chain is told from another one.
    chain.rewind(1100);
    sync(&mut wallet, &mut chain);
    chain.rewind(400);
    match try_sync(&mut wallet, &mut chain) {
        Err(WalletError::SourceBehind { chain: Height(1100), wallet: Height(2600) }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(wallet.height().unwrap(), Height(2600));
}

#[test]
fn another_chain_is_not_taken_for_a_reorganisation() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    chain.mine_empty(1100);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let mut other = TestChain::new();
    let marked = other.payment(&[(STRANGER, 1)]);
    other.mine(vec![marked], vec![]);
    other.mine_empty(1200);
    match try_sync(&mut wallet, &mut other) {
        Err(WalletError::OtherChain { fork: Height(0), blocks: 1100, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(wallet.height().unwrap(), Height(1100));
}

/// Mines a block of what the dice say; `coins` are outputs of ours that may be spent.
fn random_block(chain: &mut TestChain, fixture: &Fixture, dice: &mut Dice, coins: &mut Vec<OutPoint>) {
    let (mut regular, mut stake): (Vec<Transaction>, Vec<Transaction>) = (vec![], vec![]);
    for _ in 0..dice.roll(3) {
        let paid = chain.payment(&[(fixture.external(dice.roll(60)), 50_000 + u64::from(dice.roll(1000)))]);
        coins.push(OutPoint { id: paid.id(), index: 0, tree: Tree::Regular });
        regular.push(paid);
    }
    if !coins.is_empty() && dice.roll(3) == 0 {
        let position = dice.roll(u32::try_from(coins.len()).unwrap()) as usize;
        let coin = coins.swap_remove(position);
        let in_this_block = regular.iter().any(|tx| tx.id() == coin.id);
        if in_this_block || dice.roll(2) == 0 {
            let spent = chain.spend(&[coin], &[(STRANGER, 1), (fixture.internal(dice.roll(60)), 40_000)]);
            coins.push(OutPoint { id: spent.id(), index: 1, tree: Tree::Regular });
            regular.push(spent);
        } else {
            stake.push(chain.ticket(coin, 30_000, fixture.internal(dice.roll(60))));
        }
    }
    let judges = chain.height() >= 150 && dice.roll(6) == 0;
    chain.mine_judging(regular, stake, u16::from(!judges));
}

#[test]
fn after_random_reorganisations_a_wallet_knows_what_a_new_one_finds() {
    let (fixture, mut chain, mut dice) = (Fixture::new(), TestChain::new(), Dice(1));
    chain.mine_empty(150);
    let (mut wallet, mut coins, mut rounds) = (fixture.wallet("followed"), Vec::new(), 0);
    for round in 0..60 {
        let depth = if chain.height() > 160 { dice.roll(7) } else { 0 };
        chain.rewind(depth);
        // Coins of blocks that are gone may be spent all the same: the wallet then sees an input that it does not know.
        for _ in 0..depth + 1 + dice.roll(3) {
            random_block(&mut chain, &fixture, &mut dice, &mut coins);
        }
        sync(&mut wallet, &mut chain);
        if round % 5 == 0 {
            let mut fresh = fixture.wallet(&format!("fresh {round}"));
            sync(&mut fresh, &mut chain);
            assert_eq!(state(&wallet), state(&fresh), "round {round}");
            rounds += 1;
        }
    }
    println!("{rounds} comparisons after reorganisations");
    assert_eq!(rounds, 12);
}
