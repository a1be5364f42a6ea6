//! Purchases in memory: coins, request, signer, answer, chain; what is refused before anything is sent.

use dcrcold::chain::ChainSource;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError, PurchaseState};
use dcrcold::wallet::{TicketState, Wallet};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::{Answer, AnswerError, Container, Content, Encode};

use crate::chain::{STRANGER, TestChain, amount, pay_to};
use crate::fixture::{Fixture, StoppedClock, sign, sync};
use crate::order::order;

pub(crate) const RICH: u64 = 1_000_000;
pub(crate) const PRICE: u64 = 20_000;

/// A wallet at height 160 with these coins.
pub(crate) fn wallet_with(fixture: &Fixture, coins: &[u64]) -> (Wallet, TestChain) {
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

pub(crate) fn prepare(wallet: &mut Wallet, chain: &mut TestChain, order: &BuyOrder) -> Result<Prepared, PurchaseError> {
    let price = chain.price().unwrap();
    wallet.prepare(order, &price, &StoppedClock)
}

pub(crate) fn container(answer: &Answer) -> Container {
    answer.to_container(Network::Simnet).unwrap()
}

pub(crate) fn state(wallet: &Wallet, id: &TransferId) -> PurchaseState {
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

pub(crate) fn answered(fixture: &Fixture, tickets: u32) -> (Wallet, TestChain, Prepared) {
    let (mut wallet, mut chain) = wallet_with(fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &mut chain, &order(tickets)).unwrap();
    wallet.accept(&container(&sign(&prepared)), &StoppedClock).unwrap();
    (wallet, chain, prepared)
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
