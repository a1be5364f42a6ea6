//! Payments in memory: coins, request, signer, answer, network, chain.

use dcrcold::chain::ChainError;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::purchase::{PreparedSend, PurchaseError, PurchaseState, RequestKind, SendOrder, SendRest};
use dcrcold_core::amount::FeeRate;
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::transfer::{Answer, Container, Encode};
use dcrcold_signer::tx::Transaction;

use crate::chain::{Fault, STRANGER, TestChain, amount};
use crate::fixture::{Fixture, StoppedClock, sign_bytes, state, sync};

const RICH: u64 = 1_000_000;
/// One input, one output and change.
const FEE: u64 = 2_530;
const SCRIPT: Payee = Payee::ScriptHash(Hash160::from_bytes([0x33; 20]));

fn pay(paid: &[(Payee, u64)]) -> SendOrder {
    SendOrder {
        paid: paid.iter().map(|(payee, atoms)| (*payee, amount(*atoms))).collect(),
        rest: SendRest::Change,
        fee_rate: FeeRate::RELAY_MINIMUM,
        label: None,
        from: Vec::new(),
    }
}

fn stranger(atoms: u64) -> (Payee, u64) {
    (Payee::KeyHash(STRANGER), atoms)
}

/// A wallet with these coins, each at its own address.
fn wallet_with(fixture: &Fixture, coins: &[u64]) -> (Wallet, TestChain) {
    let mut chain = TestChain::new();
    chain.mine_empty(20);
    let outputs: Vec<_> = (0..).zip(coins).map(|(index, atoms)| (fixture.external(index), *atoms)).collect();
    let paid = chain.payment(&outputs);
    chain.mine(vec![paid], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    (wallet, chain)
}

fn prepare(wallet: &mut Wallet, order: &SendOrder) -> PreparedSend {
    wallet.prepare_send(order, &StoppedClock).unwrap()
}

fn container(answer: &Answer) -> Container {
    answer.to_container(Network::Simnet).unwrap()
}

fn accept(wallet: &mut Wallet, prepared: &PreparedSend) -> TransferId {
    wallet.accept(&container(&sign_bytes(&prepared.request, &prepared.id)), &StoppedClock).unwrap()
}

fn stands(wallet: &Wallet, id: &TransferId) -> PurchaseState {
    wallet.purchases().unwrap().into_iter().find(|request| request.id == *id).unwrap().state
}

fn outputs(tx: &Transaction) -> Vec<(Vec<u8>, i64)> {
    tx.outputs.iter().map(|output| (output.script.clone(), output.value.0)).collect()
}

fn script(payee: Payee) -> Vec<u8> {
    Payment { tag: None, payee }.script().as_bytes().to_vec()
}

#[test]
fn a_payment_goes_from_coins_to_the_chain() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[30_000, RICH, 500_000]);
    let prepared = prepare(&mut wallet, &pay(&[stranger(200_000), (SCRIPT, 100_000)]));
    // A script hash output is two bytes less than a key hash.
    let fee = FEE + 340;
    assert_eq!((prepared.fee, prepared.change), (amount(fee), Some(amount(200_000 - fee))));
    assert_eq!((prepared.inputs, prepared.left), (1, 2));
    let balance = wallet.balance().unwrap();
    assert_eq!((balance.locked_by_requests, balance.spendable), (amount(500_000), amount(RICH + 30_000)));
    let record = &wallet.purchases().unwrap()[0];
    assert_eq!((record.kind, record.tickets, record.amount), (RequestKind::Payment, 0, amount(300_000)));

    let id = accept(&mut wallet, &prepared);
    let sent = wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    assert_eq!((sent.payment, sent.split, sent.tickets.len()), (Some(prepared.tx), None, 0));
    let change = script(Payee::KeyHash(fixture.internal(0)));
    let expected = [
        (script(Payee::KeyHash(STRANGER)), 200_000),
        (script(SCRIPT), 100_000),
        (change, i64::try_from(200_000 - fee).unwrap()),
    ];
    assert_eq!(chain.mempool.iter().map(outputs).collect::<Vec<_>>(), [expected]);
    assert_eq!(wallet.balance().unwrap().unconfirmed, amount(200_000 - fee));

    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().spendable, amount(RICH + 30_000 + 200_000 - fee));
    assert_eq!(stands(&wallet, &id).name(RequestKind::Payment), "sent");
    let mut restored = fixture.wallet("restored");
    sync(&mut restored, &mut chain);
    assert_eq!(state(&restored), state(&wallet));
}

#[test]
fn a_sweep_leaves_nothing_and_uses_no_address_of_the_account() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[30_000, RICH]);
    let order = SendOrder { rest: SendRest::All(SCRIPT), ..pay(&[stranger(10_000)]) };
    let prepared = prepare(&mut wallet, &order);
    assert_eq!((prepared.change, prepared.left), (None, 0));
    assert_eq!(prepared.paid, [(Payee::KeyHash(STRANGER), amount(10_000)), (SCRIPT, amount(RICH + 20_000 - 4_170))]);
    let id = accept(&mut wallet, &prepared);
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.balance().unwrap().total(), amount(0));
    let paid = chain.payment(&[(fixture.external(5), RICH)]);
    chain.mine(vec![paid], vec![]);
    sync(&mut wallet, &mut chain);
    let next = prepare(&mut wallet, &pay(&[stranger(10_000)]));
    let id = accept(&mut wallet, &next);
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    assert_eq!(chain.mempool[0].outputs[1].script, script(Payee::KeyHash(fixture.internal(0))));
}

#[test]
fn joined_coins_return_as_one() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[30_000, RICH, 20_000, 40_000]);
    let prepared = prepare(&mut wallet, &SendOrder { rest: SendRest::Join(3), ..pay(&[]) });
    assert_eq!((prepared.inputs, prepared.left, prepared.paid.len()), (3, 1, 0));
    assert_eq!(prepared.change, Some(amount(90_000 - 5_490)));
    let id = accept(&mut wallet, &prepared);
    wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    chain.mine_mempool();
    sync(&mut wallet, &mut chain);
    let values: Vec<_> = wallet.coins().unwrap().iter().map(|coin| coin.value.atoms()).collect();
    assert_eq!(values, [RICH, 90_000 - 5_490]);
}

#[test]
fn coins_of_a_payment_are_taken_by_no_other_until_it_is_cancelled() {
    let fixture = Fixture::new();
    let (mut wallet, _) = wallet_with(&fixture, &[RICH]);
    let order = pay(&[stranger(10_000)]);
    let first = prepare(&mut wallet, &order);
    let error = wallet.prepare_send(&order, &StoppedClock).unwrap_err();
    assert!(error.to_string().contains("0.00000000 DCR can be spent"), "{error}");
    wallet.cancel(&first.id, &StoppedClock).unwrap();
    let refused = wallet.accept(&container(&sign_bytes(&first.request, &first.id)), &StoppedClock);
    assert!(matches!(refused, Err(PurchaseError::Cancelled { .. })));
    let again = prepare(&mut wallet, &order);
    assert_eq!(again.id, first.id, "the same coins and indexes make the same request");
}

#[test]
fn two_payments_share_no_change_address() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH, RICH]);
    let requests = [(); 2].map(|()| prepare(&mut wallet, &pay(&[stranger(10_000)])));
    for prepared in &requests {
        let id = accept(&mut wallet, prepared);
        wallet.send(&id, &mut chain, &StoppedClock).unwrap();
    }
    let change: Vec<_> = chain.mempool.iter().map(|tx| tx.outputs[1].script.clone()).collect();
    assert_eq!(change, [0, 1].map(|index| script(Payee::KeyHash(fixture.internal(index)))));
}

#[test]
fn an_answer_with_a_missing_or_wrong_signature_is_refused_whole() {
    let fixture = Fixture::new();
    let (mut wallet, _) = wallet_with(&fixture, &[RICH, RICH]);
    let prepared = prepare(&mut wallet, &pay(&[stranger(RICH + 10_000)]));
    let answer = sign_bytes(&prepared.request, &prepared.id);
    let (mut missing, mut swapped) = (answer.clone(), answer.clone());
    missing.inputs.pop();
    swapped.inputs.swap(0, 1);
    for broken in [missing, swapped] {
        let error = wallet.accept(&container(&broken), &StoppedClock).unwrap_err();
        assert!(matches!(error, PurchaseError::Rebuild(_)), "{error}");
        assert_eq!(stands(&wallet, &prepared.id), PurchaseState::Prepared);
    }
    wallet.accept(&container(&answer), &StoppedClock).unwrap();
}

#[test]
fn a_payment_sent_again_and_again_is_sent_once() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &pay(&[stranger(10_000)]));
    for round in 0..3 {
        let id = accept(&mut wallet, &prepared);
        let sent = wallet.send(&id, &mut chain, &StoppedClock).unwrap();
        assert_eq!(sent.known_before, usize::from(round > 0));
    }
    assert_eq!(chain.mempool.len(), 1);
    assert!(matches!(wallet.cancel(&prepared.id, &StoppedClock), Err(PurchaseError::Sent { .. })));
}

#[test]
fn a_payment_cut_off_after_any_call_is_sent_once() {
    let mut failed = 0;
    for cut in 0..4 {
        let fixture = Fixture::new();
        let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
        let prepared = prepare(&mut wallet, &pay(&[stranger(10_000)]));
        let id = accept(&mut wallet, &prepared);
        chain.cut_after(cut);
        let result = wallet.send(&id, &mut chain, &StoppedClock);
        failed += u32::from(matches!(result, Err(PurchaseError::Chain(ChainError::Unavailable(_)))));
        drop(wallet);
        let mut wallet = Wallet::open(&fixture.path("w")).unwrap();
        chain.fault = Fault::None;
        wallet.send(&id, &mut chain, &StoppedClock).unwrap();
        assert_eq!(chain.mempool.len(), 1);
        chain.mine_mempool();
        sync(&mut wallet, &mut chain);
        assert_eq!(wallet.balance().unwrap().spendable, amount(RICH - 10_000 - FEE));
    }
    println!("payments: {failed} of 4 cuts hit");
    assert!(failed > 0);
}

#[test]
fn a_refused_payment_leaves_its_coins_and_can_be_given_up() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &pay(&[stranger(10_000)]));
    let id = accept(&mut wallet, &prepared);
    chain.takes = 0;
    match wallet.send(&id, &mut chain, &StoppedClock) {
        Err(PurchaseError::Rejected { sent: 0, what, .. }) => assert_eq!(what, "the payment"),
        other => panic!("{other:?}"),
    }
    assert_eq!(stands(&wallet, &id), PurchaseState::Answered);
    wallet.cancel(&id, &StoppedClock).unwrap();
    assert_eq!(wallet.balance().unwrap().spendable, amount(RICH));
}

#[test]
fn a_payment_whose_coin_was_spent_elsewhere_is_not_sent() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain) = wallet_with(&fixture, &[RICH]);
    let prepared = prepare(&mut wallet, &pay(&[stranger(10_000)]));
    let id = accept(&mut wallet, &prepared);
    let coin = wallet.coins().unwrap()[0].outpoint;
    let thief = chain.spend(&[coin], &[(STRANGER, 5)]);
    chain.mine(vec![thief], vec![]);
    sync(&mut wallet, &mut chain);
    assert!(matches!(wallet.send(&id, &mut chain, &StoppedClock), Err(PurchaseError::CoinGone { .. })));
    assert!(chain.mempool.is_empty());
}

#[test]
fn more_payments_than_the_signer_takes_are_refused() {
    let fixture = Fixture::new();
    let (mut wallet, _) = wallet_with(&fixture, &[RICH * 10]);
    let hundred = vec![stranger(10_000); 100];
    let all = SendOrder { rest: SendRest::All(SCRIPT), ..pay(&hundred) };
    match wallet.prepare_send(&all, &StoppedClock) {
        Err(PurchaseError::TooManyPayments { found: 101, most: 100 }) => {}
        other => panic!("{other:?}"),
    }
    let prepared = prepare(&mut wallet, &pay(&hundred));
    accept(&mut wallet, &prepared);
}
