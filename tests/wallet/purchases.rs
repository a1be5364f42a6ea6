//! Purchases in memory: coins, request, signer, answer, network, chain.

use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError, PurchaseState};
use dcrcold::wallet::{TicketState, Wallet};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::{Answer, AnswerError, Container, Content, Encode};
use dcrcold_signer::tx::Transaction;

use crate::chain::{Fault, STRANGER, TestChain, amount, pay_to};
use crate::fixture::{Fixture, StoppedClock, sign, sync};
use crate::observed::{Call, Observed};
use crate::order::order;

const RICH: u64 = 1_000_000;
const PRICE: u64 = 20_000;

/// A wallet at height 160 with these coins.
fn wallet_with(fixture: &Fixture, coins: &[u64]) -> (Wallet, TestChain) {
    let mut chain = TestChain::new();
    chain.mine_empty(159);
    let outputs: Vec<(Hash160, u64)> =
        (0..).zip(coins).map(|(index, atoms)| (fixture.external(index), *atoms)).collect();
    let paid = chain.payment(&outputs);
    chain.mine(vec![paid], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    (wallet, chain)
}

fn prepare(wallet: &mut Wallet, chain: &mut TestChain, order: &BuyOrder) -> Result<Prepared, PurchaseError> {
    let price = chain.price().unwrap();
    wallet.prepare(order, &price, &StoppedClock)
}

fn container(answer: &Answer) -> Container {
    answer.to_container(Network::Simnet).unwrap()
}

fn state(wallet: &Wallet, id: &TransferId) -> PurchaseState {
    wallet.purchases().unwrap().into_iter().find(|purchase| purchase.id == *id).unwrap().state
}

#[test]
fn three_tickets_go_from_coins_to_the_chain() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[30_000, RICH, 50_000]);
    let prepared = prepare(&mut wallet, &mut chain, &order(3)).unwrap();
    assert_eq!((prepared.amount, prepared.inputs), (amount(PRICE + PRICE / 20), 1));
    assert_eq!(prepared.expiry, Height(176), "two windows of eight blocks after the one of block 161");
    let balance = wallet.balance().unwrap();
    assert_eq!((balance.locked_by_requests, balance.spendable), (amount(RICH), amount(80_000)));

    let id = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    let sent = wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((sent.split, &sent.tickets), (prepared.split, &prepared.tickets));
    assert_eq!(chain.mempool.len(), 4);
    let balance = wallet.balance().unwrap();
    assert_eq!(balance.unconfirmed, prepared.change.unwrap());
    assert_eq!(balance.locked_by_tickets, amount(3 * (PRICE + PRICE / 20)));
    assert!(wallet.tickets().unwrap().iter().all(|ticket| ticket.ending.is_none() && ticket.height.is_none()));

    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    let tickets = wallet.tickets().unwrap();
    assert_eq!(tickets.len(), 3);
    for ticket in &tickets {
        assert!(prepared.tickets.contains(&ticket.id));
        assert_eq!(ticket.state(Network::Simnet, Height(162)), TicketState::Immature);
    }
    let balance = wallet.balance().unwrap();
    let fees = 3 * prepared.ticket_fee.atoms() + prepared.split_fee.unwrap().atoms();
    assert_eq!(balance.total(), amount(RICH + 80_000 - fees));
    assert_eq!((balance.unconfirmed, balance.locked_by_requests), (amount(0), amount(0)));
}

#[test]
fn a_new_wallet_finds_the_purchase_and_takes_the_next_indexes() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let first = prepare(&mut wallet, &mut chain, &order(3)).unwrap();
    let id = wallet.accept(&container(&sign(&first)), &StoppedClock).unwrap();
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    let mut restored = fixture.wallet("restored");
    sync(&mut restored, &mut chain);
    assert_eq!(restored.tickets().unwrap(), wallet.tickets().unwrap());
    assert_eq!(restored.coins().unwrap(), wallet.coins().unwrap());
    let next = prepare(&mut wallet, &mut chain, &order(2)).unwrap();
    let again = prepare(&mut restored, &mut chain, &order(2)).unwrap();
    assert_eq!(next.request, again.request, "indexes and coins come from the chain alone");
}

#[test]
fn coins_of_a_request_are_taken_by_no_other_until_it_is_cancelled() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let first = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let error = prepare(&mut wallet, &mut chain, &order(1)).unwrap_err();
    assert!(error.to_string().contains("0.00000000 DCR can be spent"), "{error}");
    wallet.cancel(&first.id, &StoppedClock).unwrap();
    let second = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    assert_eq!(second.id, first.id, "the same coins and indexes make the same request");
}

#[test]
fn a_cancelled_request_is_not_carried_out() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    wallet.cancel(&prepared.id, &StoppedClock).unwrap();
    let error = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap_err();
    assert!(matches!(error, PurchaseError::Cancelled { .. }));
    assert!(chain.mempool.is_empty());
}

#[test]
fn what_was_sent_cannot_be_cancelled() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let id = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    assert!(matches!(wallet.cancel(&id, &StoppedClock), Err(PurchaseError::Sent { .. })));
}

#[test]
fn an_answer_that_does_not_fit_is_refused_whole() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH, RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(2)).unwrap();
    let answer = sign(&prepared);

    let mut other = answer.clone();
    other.request = TransferId::from_bytes([9; 32]);
    let mut missing = answer.clone();
    missing.tickets.pop();
    let mut swapped = answer.clone();
    swapped.tickets.swap(0, 1);
    let mut no_message = answer.clone();
    no_message.messages.clear();
    let mut forged = answer.clone();
    forged.inputs[0] = forged.tickets[0];

    let refused = |wallet: &mut Wallet, answer: &Answer| wallet.accept(&container(answer), &StoppedClock).unwrap_err();
    assert!(matches!(refused(&mut wallet, &other), PurchaseError::UnknownRequest { .. }));
    for (broken, what) in [(&missing, "1 ticket signatures"), (&no_message, "0 message signatures")] {
        let error = refused(&mut wallet, broken);
        assert!(error.to_string().contains(what), "{error}");
    }
    for broken in [&swapped, &forged] {
        let error = refused(&mut wallet, broken);
        let wrong = matches!(error, PurchaseError::Rebuild(RebuildError::Answer(AnswerError::WrongSignature { .. })));
        assert!(wrong, "{error}");
    }
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Prepared);
    wallet.accept(&container(&answer), &StoppedClock).unwrap();
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Answered);
}

#[test]
fn an_answer_of_another_network_is_refused() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let foreign = sign(&prepared).to_container(Network::Mainnet).unwrap();
    assert!(matches!(wallet.accept(&foreign, &StoppedClock), Err(PurchaseError::OtherNetwork { .. })));
}

#[test]
fn the_same_answer_twice_changes_nothing() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(2)).unwrap();
    let answer = container(&sign(&prepared));
    for round in 0..3 {
        let id = wallet.accept(&answer, &StoppedClock).unwrap();
        let sent = wallet.send(&id, &mut chain, &StoppedClock).unwrap();
        assert_eq!(sent.known_before, if round == 0 { 0 } else { 3 });
    }
    assert_eq!(chain.mempool.len(), 3);
}

fn answered(fixture: &Fixture, tickets: u32) -> (Wallet, TestChain, Prepared) {
    let (mut wallet, mut chain) = wallet_with(fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(tickets)).unwrap();
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    (wallet, chain, prepared)
}

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
fn two_requests_share_no_address_and_no_voting_key() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH, RICH]);
    // Larger ones do, rather than leave a gap if the first is given up.
    let requests = [9, 9].map(|tickets| prepare(&mut wallet, &mut chain, &order(tickets)).unwrap());
    let mut scripts = std::collections::BTreeSet::new();
    let mut outputs = 0;
    for prepared in &requests {
        let id = wallet.accept(&container(&sign(prepared)), &StoppedClock).unwrap();
        wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    }
    for output in chain.mempool.iter().flat_map(|tx| &tx.outputs).filter(|output| output.value.0 > 0) {
        scripts.insert(output.script.clone());
        outputs += 1;
    }
    assert_eq!(scripts.len(), outputs);
    assert_eq!(outputs, 2 * (2 * 9 + 1));
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
fn direct_tickets_need_no_split() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[23_000, 24_000, 900]);
    let order = BuyOrder { funding: Funding::Direct, lock: Lock::Amount(amount(PRICE)), ..order(2) };
    let prepared = prepare(&mut wallet, &mut chain, &order).unwrap();
    assert_eq!((prepared.split, prepared.inputs), (None, 2));
    let id = wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    let prices: Vec<_> = wallet.tickets().unwrap().iter().map(|ticket| ticket.price.atoms()).collect();
    assert_eq!(prices.iter().sum::<u64>(), 23_000 + 24_000 - 2 * 2980);
}

#[test]
fn a_wallet_that_is_behind_does_not_prepare() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    chain.mine_empty(1);
    let error = prepare(&mut wallet, &mut chain, &order(1)).unwrap_err();
    assert!(matches!(error, PurchaseError::Behind { wallet: Height(160), chain: Height(161) }));
}

#[test]
fn a_request_beyond_the_usual_limits_says_so() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH * 10]);
    let order = BuyOrder { lock: Lock::PricePlus(Percent::from_hundredths(1100)), ..order(21) };
    let prepared = prepare(&mut wallet, &mut chain, &order).unwrap();
    let rules: Vec<_> = prepared.beyond_default_limits.iter().map(|refusal| refusal.rule.name()).collect();
    assert_eq!(rules, ["tickets-above-limit", "headroom-above-limit"]);
}

#[test]
fn two_wallet_handles_never_prepare_the_same_coin() {
    let fixture = Fixture::new();
    let (mut first, mut chain) = wallet_with(&fixture, &[RICH]);
    let mut second = Wallet::open(&fixture.path("w")).unwrap();
    prepare(&mut first, &mut chain, &order(1)).unwrap();
    assert!(matches!(prepare(&mut second, &mut chain, &order(1)), Err(PurchaseError::Prepare(_))));
}

#[test]
fn a_damaged_answer_never_reaches_the_wallet() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    let bytes = container(&sign(&prepared)).encode();
    let (mut refused, mut flips) = (0, 0);
    for position in 0..bytes.len() {
        for bit in [0, 3, 7] {
            let mut broken = bytes.clone();
            broken[position] ^= 1 << bit;
            flips += 1;
            let parsed = Container::parse(&broken).ok();
            let accepted = parsed.is_some_and(|container| {
                Answer::from_container(&container).is_ok() && wallet.accept(&container, &StoppedClock).is_ok()
            });
            refused += usize::from(!accepted);
        }
    }
    println!("{refused} of {flips} damaged answers refused");
    assert_eq!(refused, flips);
    assert_eq!(state(&wallet, &prepared.id), PurchaseState::Prepared);
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
fn the_other_coins_of_a_request_are_free_once_one_is_spent_elsewhere() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[15_000, 15_000]);
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    assert_eq!(prepared.inputs, 2);
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    let coin = wallet.coins().unwrap()[0].outpoint;
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    chain.mempool.clear();
    let thief = chain.spend(&[coin], &[(STRANGER, 5)]);
    chain.mine(vec![thief], vec![]);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(15_000));
    // The thief's block is replaced: the purchase can go on.
    chain.rewind(1);
    chain.mine_empty(2);
    sync(&mut wallet, &mut chain);
    let balance = wallet.balance().unwrap();
    assert_eq!((balance.spendable, balance.locked_by_requests), (amount(0), amount(30_000)));
    wallet.send(&prepared.id, &mut chain, &StoppedClock).unwrap();
    assert_eq!(chain.mempool.len(), 2);
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

#[test]
fn a_payout_of_the_treasury_is_left_out_of_requests() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let payout = chain.treasury_spend(fixture.external(1), 5 * RICH);
    chain.mine(vec![], vec![payout]);
    chain.mine_empty(16);
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(6 * RICH));
    let prepared = prepare(&mut wallet, &mut chain, &order(1)).unwrap();
    assert_eq!(prepared.inputs, 1);
    assert_eq!(wallet.balance().unwrap().locked_by_requests, amount(RICH));
}

#[test]
fn a_request_given_up_leaves_no_gap_that_a_restore_would_not_cross() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH, RICH]);
    let given_up = prepare(&mut wallet, &mut chain, &order(20)).unwrap();
    let kept = prepare(&mut wallet, &mut chain, &order(20)).unwrap();
    wallet.cancel(&given_up.id, &StoppedClock).unwrap();
    wallet.accept(&container(&sign(&kept)), &StoppedClock).unwrap();
    wallet.send(&kept.id, &mut chain, &StoppedClock).unwrap();
    let outputs = wallet.transaction(&kept.split.unwrap()).unwrap().unwrap().outputs;
    let change = &outputs.last().unwrap().script;
    let found = (0..20).find(|index| *change == pay_to(fixture.internal(*index)));
    assert!(found.is_some(), "the change lies within twenty addresses of those used");
}
