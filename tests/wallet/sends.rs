//! Purchases that are sent: what the network refuses, forgets or mines in between.

use dcrcold::chain::ChainError;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::purchase::{BuyOrder, Late, Lock, Prepared, PurchaseError, PurchaseState};
use dcrcold_core::amount::Height;
use dcrcold_core::request::Funding;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};

use crate::chain::{Fault, STRANGER, TestChain, amount};
use crate::fixture::{Fixture, StoppedClock, sign, sync};
use crate::observed::{Call, Observed};
use crate::order::order;
use crate::purchases::{PRICE, RICH, answered, container, prepare, state, wallet_with};

#[test]
fn a_split_is_not_sent_when_its_tickets_could_not_follow() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    chain.price = amount(PRICE * 2);
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::PriceRose { .. }));
    chain.price = amount(PRICE);
    chain.mine_empty(14);
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Expired { expiry: Height(176), earliest: Height(176) }), "{error}");
    assert!(chain.mempool.is_empty());
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Answered);
}

#[test]
fn a_coin_that_was_spent_meanwhile_is_named() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    let coin = wallet.coins().unwrap()[0].outpoint;
    let thief = chain.spend(&[coin], &[(STRANGER, 5)]);
    chain.mine(vec![thief], vec![]);
    sync(&mut wallet, &mut chain);
    match wallet.send(&prepared.id, &mut chain, &StoppedClock) {
        Err(PurchaseError::CoinGone { coin: found }) => assert_eq!(found, coin),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_purchase_whose_coin_is_spent_by_another_transaction_is_forgotten() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    let coin = wallet.coins().unwrap()[0].outpoint;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!(wallet.tickets().unwrap().len(), 2);
    let rival = chain.spend(&[coin], &[(STRANGER, 5), (fixture.internal(0), 7)]);
    chain.mine(vec![rival], vec![]);
    sync(&mut wallet, &mut chain);
    assert!(wallet.tickets().unwrap().is_empty());
    assert_eq!(wallet.balance().unwrap().total(), amount(7));
}

#[test]
fn a_refused_split_leaves_the_purchase_as_it_was() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    let before = wallet.coins().unwrap();
    chain.takes = 0;
    match wallet.send(&prepared.id, &mut chain, &StoppedClock) {
        Err(PurchaseError::Rejected { sent: 0, .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(wallet.coins().unwrap(), before);
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Answered);
    chain.takes = usize::MAX;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
}

/// A purchase whose split was sent, and is not seen.
fn unseen(fixture: &Fixture) -> (Wallet, TestChain, Prepared) {
    let (mut wallet, mut chain, prepared) = answered(fixture, 2);
    chain.unseen = true;
    // Neither the first time nor after a higher price is it as if nothing had been sent.
    for price in [PRICE, PRICE * 2] {
        chain.price = amount(price);
        match wallet.send(&prepared.id, &mut chain, &StoppedClock) {
            Err(PurchaseError::Unseen { sent: 0, of: 3, what, .. }) => assert_eq!(what, "the split"),
            other => panic!("{other:?}"),
        }
        assert_eq!(state(&wallet, &prepared.id), PurchaseState::SplitSent);
        assert!(matches!(wallet.cancel(&prepared.id, &StoppedClock), Err(PurchaseError::Sent { .. })));
        assert!(prepare(&mut wallet, &mut chain, &order(1)).is_err(), "its coins are kept");
        assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 0);
    }
    chain.price = amount(PRICE);
    (wallet, chain, prepared)
}

#[test]
fn an_unseen_split_keeps_its_coins_and_is_announced_again() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = unseen(&fixture);
    chain.unseen = false;
    assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 1);
    assert_eq!(wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap().known_before, 1);
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 2);
}

#[test]
fn an_unseen_split_that_is_mined_all_the_same_goes_on() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = unseen(&fixture);
    chain.mine(vec![chain.lost[0].clone()], vec![]);
    sync(&mut wallet, &mut chain);
    chain.unseen = false;
    let submitted = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((submitted.known_before, submitted.tickets.len()), (1, 2));
}

#[test]
fn refused_tickets_leave_their_money_in_the_split() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 3);
    chain.takes = 2;
    match wallet.send(&prepared.id, &mut chain, &StoppedClock) {
        Err(PurchaseError::Rejected { sent: 2, what, .. }) => assert_eq!(what, "ticket 2"),
        other => panic!("{other:?}"),
    }
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::SplitSent);
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 1);
    let each = prepared.amount.atoms() + prepared.ticket_fee.atoms();
    assert_eq!(wallet.balance().unwrap().spendable, amount(prepared.change.unwrap().atoms() + 2 * each));
    chain.takes = usize::MAX;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 3);
}

#[test]
fn a_send_cut_off_after_any_call_ends_with_each_transaction_sent_once() {
    for cut in 1..8 {
        let fixture = Fixture::new();
        let (mut wallet, mut chain, prepared) = answered(&fixture, 4);
        chain.cut_after(cut);
        let result = wallet.send(&prepared.id, &mut chain, &StoppedClock);
        assert_eq!(matches!(result, Err(PurchaseError::Chain(ChainError::Unavailable(_)))), cut < 6, "{cut}");
        drop(wallet);
        let mut wallet = Wallet::open(&fixture.path("w")).unwrap();
        chain.fault = Fault::None;
        wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
        assert_eq!(chain.mempool.len(), 5);
        chain.mine_mempool();
        sync(&mut wallet, &mut chain);
        assert_eq!(wallet.tickets().unwrap().len(), 4);
    }
}

#[test]
fn what_fell_out_of_the_mempool_is_sent_again() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mempool.clear();
    assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 3);
    assert_eq!(chain.mempool.len(), 3);
    assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 0);
}

#[test]
fn a_purchase_under_a_reorganisation_is_sent_and_mined_again() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    chain.rewind(2);
    chain.mine_empty(3);
    sync(&mut wallet, &mut chain);
    assert!(wallet.tickets().unwrap().iter().all(|ticket| ticket.height.is_none()));
    assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 3);
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert!(wallet.tickets().unwrap().iter().all(|ticket| ticket.height == Some(Height(165))));
}

#[test]
fn tickets_that_expired_unmined_give_their_money_back() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mempool.retain(|tx| Some(tx.id()) == prepared.split);
    chain.mine_mempool();
    chain.mine_empty(14);
    sync(&mut wallet, &mut chain);
    wallet.rebroadcast(&mut chain).unwrap();
    assert!(wallet.tickets().unwrap().is_empty());
    let fee = prepared.split_fee.unwrap().atoms();
    assert_eq!(wallet.balance().unwrap().spendable, amount(RICH - fee));
}

#[test]
fn a_request_cancelled_while_it_is_about_to_be_sent_is_not_sent() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    let mut other = Wallet::open(&fixture.path("w")).unwrap();
    let meanwhile = |call| {
        if call == Call::Price {
            other.cancel(&prepared.id, &StoppedClock).unwrap();
        }
    };
    let error = wallet.send(&prepared.id, &mut Observed::new(&mut chain, meanwhile), &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Cancelled { .. }), "{error}");
    assert!(chain.mempool.is_empty());
    assert_eq!(wallet.balance().unwrap().spendable, amount(RICH));
}

#[test]
fn a_request_without_an_answer_is_not_taken_for_sent() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::NotAnswered { .. }), "{error}");
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Prepared);
    // Nor when it was answered, given up and asked for again.
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    wallet.cancel(&prepared.id, &StoppedClock).unwrap();
    let again = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    assert_eq!(again.id, prepared.id);
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::NotAnswered { .. }), "{error}");
    assert!(chain.mempool.is_empty());
}

#[test]
fn coins_of_direct_tickets_that_expired_unmined_are_free_again() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[23_000]);
    let order = BuyOrder { funding: Funding::Direct, lock: Lock::Amount(amount(PRICE)), ..order(1) };
    let prepared = prepare(&mut wallet, &mut chain, &order).unwrap();
    let id = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    chain.mempool.clear();
    chain.mine_empty(15);
    sync(&mut wallet, &mut chain);
    wallet.rebroadcast(&mut chain).unwrap();
    assert_eq!(wallet.balance().unwrap().spendable, amount(23_000));
}

#[test]
fn a_refusal_of_what_the_network_took_before_frees_nothing() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    // All is mined, which the wallet has not seen yet, and a node that knows no more of it calls the split an orphan.
    chain.mine_mempool();
    chain.takes = 0;
    let before = wallet.balance().unwrap();
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Rejected { .. }), "{error}");
    assert_eq!(wallet.balance().unwrap(), before);
    assert!(matches!(wallet.cancel(&prepared.id, &StoppedClock), Err(PurchaseError::Sent { .. })));
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 2);
}

#[test]
fn a_purchase_outlives_a_rival_that_the_next_block_takes_back() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    let coin = wallet.coins().unwrap()[0].outpoint;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    let rival = chain.spend(&[coin], &[(STRANGER, 5)]);
    chain.mine(vec![rival], vec![]);
    chain.mine_judging(vec![], vec![], 0);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 2);
}

#[test]
fn a_split_whose_payer_vanished_can_be_given_up() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[15_000]);
    let second = chain.payment(&[(fixture.external(1), 15_000)]);
    chain.mine(vec![second], vec![]);
    sync(&mut wallet, &mut chain);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    // Another branch, on which the second payment never happens.
    chain.rewind(1);
    chain.mempool.clear();
    chain.mine_empty(2);
    chain.takes = 0;
    sync(&mut wallet, &mut chain);
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Rejected { .. }), "{error}");
    wallet.cancel(&prepared.id, &StoppedClock).unwrap();
    assert_eq!(wallet.balance().unwrap().spendable, amount(15_000));
}

#[test]
fn a_split_that_a_crash_kept_back_is_not_sent_when_its_tickets_could_not_follow() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    // Cut off after the price was told: the split was noted and never sent.
    chain.cut_after(1);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(chain.mempool.is_empty());
    chain.fault = Fault::None;
    chain.price = amount(PRICE * 2);
    assert_eq!(wallet.rebroadcast(&mut chain).unwrap(), 0);
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::PriceRose { .. }), "{error}");
    assert!(chain.mempool.is_empty());
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Answered);
    chain.price = amount(PRICE);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!(chain.mempool.len(), 2);
}

#[test]
fn a_ticket_that_a_crash_kept_back_and_the_network_refuses_leaves_its_money_in_the_split() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    // Cut off after the price was told and the split taken: the ticket was noted and never sent.
    chain.cut_after(2);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    chain.fault = Fault::None;
    chain.takes = 0;
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Rejected { sent: 1, .. }), "{error}");
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(RICH - prepared.split_fee.unwrap().atoms()));
}

#[test]
fn a_split_that_the_network_took_before_a_crash_is_gone_on_with() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    chain.cut_after(1);
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    chain.fault = Fault::None;
    let split = wallet.transaction(&prepared.split.unwrap()).unwrap().unwrap();
    chain.mempool.push(split);
    chain.price = amount(PRICE * 2);
    let sent = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((sent.known_before, chain.mempool.len()), (1, 2));
}

#[test]
fn a_split_is_not_sent_right_before_a_price_that_its_tickets_may_not_pay() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 1);
    // The split takes the last block of the window, so the ticket pays the next window's price.
    chain.outlook = Some((PRICE, prepared.amount.atoms() + 1));
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::PriceUnsettled { .. }), "{error}");
    chain.outlook = Some((prepared.amount.atoms() + 1, prepared.amount.atoms() + 2));
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::PriceRose { .. }), "{error}");
    assert!(chain.mempool.is_empty());
    chain.outlook = Some((PRICE, prepared.amount.atoms()));
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
}

#[test]
fn what_waits_is_sent_again_in_an_order_that_the_network_takes() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let mut splits = Vec::new();
    for _ in 0..5 {
        let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
        let id = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
        wallet.send(&id, &mut chain, &StoppedClock).unwrap();
        splits.extend(prepared.split);
        chain.mine_mempool();
        sync(&mut wallet, &mut chain);
    }
    // Each split spends the change of the one before.
    chain.rewind(10);
    chain.mine_empty(11);
    sync(&mut wallet, &mut chain);
    wallet.rebroadcast(&mut chain).unwrap();
    let sent: Vec<_> = chain.mempool.iter().map(Transaction::id).filter(|id| splits.contains(id)).collect();
    assert_eq!(sent, splits);
}

/// A source that refuses nothing by name, such as peers, never says that a coin is spent.
#[test]
fn a_ticket_whose_coin_was_spent_elsewhere_is_not_counted_beside_what_spent_it() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    chain.takes = 1;
    let error = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Rejected { sent: 1, .. }), "{error}");
    chain.mine_mempool();
    let coin = OutPoint { id: prepared.split.unwrap(), index: 0, tree: Tree::Regular };
    let rival = chain.spend(&[coin], &[(STRANGER, 9_000), (fixture.internal(30), 11_000)]);
    chain.mine(vec![rival], vec![]);
    sync(&mut wallet, &mut chain);
    let before = wallet.balance().unwrap();
    chain.unseen = true;
    match wallet.send(&prepared.id, &mut chain, &StoppedClock) {
        Err(PurchaseError::CoinGone { coin: found }) => assert_eq!(found, coin),
        other => panic!("{other:?}"),
    }
    assert_eq!((wallet.balance().unwrap(), wallet.tickets().unwrap().len()), (before, 0));
    assert_eq!(wallet.history().unwrap().last().unwrap().balance, before.total());
    assert!(chain.lost.is_empty(), "nobody was asked for what cannot be");
}

#[test]
fn a_purchase_that_a_rival_overtook_can_be_given_up() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, prepared) = answered(&fixture, 2);
    let coin = wallet.coins().unwrap()[0].outpoint;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert!(matches!(wallet.cancel(&prepared.id, &StoppedClock), Err(PurchaseError::Sent { .. })));
    chain.mempool.clear();
    let rival = chain.spend(&[coin], &[(STRANGER, 5), (fixture.internal(0), 30_000)]);
    chain.mine(vec![rival], vec![]);
    sync(&mut wallet, &mut chain);
    wallet.cancel(&prepared.id, &StoppedClock).unwrap();
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Cancelled);
    assert_eq!(wallet.balance().unwrap().spendable, amount(30_000));
}

/// An older copy of the wallet gets the answer once more, after all of it was mined and the price rose.
#[test]
fn an_answer_to_what_is_mined_already_is_taken_as_done() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(2)).unwrap();
    wallet.copy_to(&fixture.path("older")).unwrap();
    let answer = container(&sign(&prepared));
    wallet.accept(&answer, &StoppedClock).unwrap();
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    chain.price = amount(PRICE * 2);
    let mut older = Wallet::open(&fixture.path("older")).unwrap();
    sync(&mut older, &mut chain);
    older.accept(&answer, &StoppedClock).unwrap();
    let sent = older.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((sent.known_before, chain.mempool.len()), (3, 0));
    assert_eq!(state(&older, &prepared.id), PurchaseState::TicketsSent);
}

/// Somebody sent the split by other means, and it is mined: the tickets alone need no second block.
#[test]
fn tickets_over_a_split_that_is_mined_need_only_the_next_block() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let answer = container(&sign(&prepared));
    let split = wallet.completed(&prepared.request, &answer).unwrap().funding.unwrap();
    chain.mine(vec![split], vec![]);
    chain.outlook = Some((prepared.amount.atoms() + 1, prepared.amount.atoms() + 2));
    chain.mine_empty(prepared.expiry.0 - 2 - chain.height());
    sync(&mut wallet, &mut chain);
    wallet.accept(&answer, &StoppedClock).unwrap();
    assert_eq!(wallet.late(&prepared.id, &mut chain).unwrap(), Late::Fits);
    let sent = wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((sent.known_before, sent.tickets.len(), chain.mempool.len()), (1, 1, 1));
}
