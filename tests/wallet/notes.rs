//! What a person says of coins: frozen ones, chosen ones, labels.

use dcrcold::wallet::purchase::{PurchaseError, SendOrder, SendRest};
use dcrcold::wallet::{CoinId, CoinState, CoinsOf, Note, Wallet, WalletError};
use dcrcold_core::amount::FeeRate;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::request::Label;
use dcrcold_core::script::Payee;
use dcrcold_signer::address::Address;
use dcrcold_signer::transfer::Encode;

use crate::chain::{STRANGER, TestChain, amount};
use crate::fixture::{Fixture, StoppedClock, sign_bytes, sync};

const NOBODY: CoinId = CoinId { tx: TxId::from_bytes([9; 32]), output: 0 };

/// A wallet with coins at the first external addresses; those of index 0 get two.
fn wallet(fixture: &Fixture) -> (Wallet, TestChain, Vec<CoinId>) {
    let mut chain = TestChain::new();
    chain.mine_empty(20);
    let outputs = [(0, 100_000), (0, 110_000), (1, 300_000), (2, 50_000)];
    let outputs = outputs.map(|(index, atoms)| (fixture.external(index), atoms));
    let paid = chain.payment(&outputs);
    let id = paid.id();
    chain.mine(vec![paid], vec![]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let coins = (0..4).map(|output| CoinId { tx: id, output }).collect();
    (wallet, chain, coins)
}

fn pay(atoms: u64, from: &[CoinsOf]) -> SendOrder {
    SendOrder {
        paid: vec![(Payee::KeyHash(STRANGER), amount(atoms))],
        rest: SendRest::Change,
        fee_rate: FeeRate::RELAY_MINIMUM,
        label: None,
        from: from.to_vec(),
    }
}

/// The coins that a payment would take; it is given up again.
fn takes(wallet: &mut Wallet, order: &SendOrder) -> Vec<CoinId> {
    let prepared = wallet.prepare_send(order, &StoppedClock).unwrap();
    let locked = wallet.coins().unwrap().into_iter().filter(|coin| coin.locked_by == Some(prepared.id));
    let locked = locked.map(|coin| coin.outpoint.into()).collect();
    wallet.cancel(&prepared.id, &StoppedClock).unwrap();
    locked
}

fn refusal(wallet: &mut Wallet, from: &[CoinsOf]) -> PurchaseError {
    wallet.prepare_send(&pay(10_000, from), &StoppedClock).unwrap_err()
}

fn address(fixture: &Fixture, index: u32) -> CoinsOf {
    CoinsOf::Address(Address::of_key_hash(Network::Simnet, fixture.external(index)))
}

fn label(text: &str) -> Label {
    Label::new(text.as_bytes()).unwrap()
}

#[test]
fn a_frozen_coin_is_never_chosen_until_it_is_thawed() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, coins) = wallet(&fixture);
    assert_eq!(takes(&mut wallet, &pay(200_000, &[])), [coins[2]]);
    assert_eq!(wallet.freeze(&coins[2..3], true, &StoppedClock).unwrap(), [true]);
    assert_eq!(wallet.freeze(&coins[2..3], true, &StoppedClock).unwrap(), [false], "it was frozen before");
    assert_eq!(takes(&mut wallet, &pay(200_000, &[])), [coins[0], coins[1]]);
    let balance = wallet.balance().unwrap();
    assert_eq!(
        (balance.frozen, balance.spendable, balance.total()),
        (amount(300_000), amount(260_000), amount(560_000))
    );
    match wallet.prepare_send(&pay(300_000, &[]), &StoppedClock) {
        Err(PurchaseError::Prepare(error)) => assert!(error.to_string().contains("0.00260000 DCR can"), "{error}"),
        other => panic!("{other:?}"),
    }
    let all = SendOrder { rest: SendRest::All(Payee::KeyHash(STRANGER)), ..pay(10_000, &[]) };
    assert_eq!(takes(&mut wallet, &all).len(), 3);
    // It is known again after the block that holds the coin was replaced by another one with it.
    let block = chain.block_at(21).transactions[1].clone();
    chain.rewind(1);
    chain.mine_empty(1);
    chain.mine(vec![block], vec![]);
    sync(&mut wallet, &mut chain);
    let tip = wallet.height().unwrap();
    let state = wallet.coins().unwrap().iter().find(|coin| coin.outpoint.index == 2).unwrap().state(tip);
    assert_eq!(state, CoinState::Frozen);
    assert_eq!(wallet.freeze(&coins[2..3], false, &StoppedClock).unwrap(), [true]);
    assert_eq!(takes(&mut wallet, &pay(200_000, &[])), [coins[2]]);
}

#[test]
fn several_coins_are_frozen_together_or_none_of_them() {
    let fixture = Fixture::new();
    let (mut wallet, _, coins) = wallet(&fixture);
    let mixed = [coins[0], coins[1], NOBODY, coins[2]];
    for frozen in [true, false] {
        let error = wallet.freeze(&mixed, frozen, &StoppedClock).unwrap_err();
        assert!(matches!(error, WalletError::UnknownCoin { coin: NOBODY }), "{error}");
    }
    assert_eq!(wallet.balance().unwrap().frozen, amount(0));
    assert_eq!(wallet.freeze(&coins[..3], true, &StoppedClock).unwrap(), [true; 3]);
    let error = wallet.freeze(&mixed, false, &StoppedClock).unwrap_err();
    assert!(matches!(error, WalletError::UnknownCoin { .. }), "{error}");
    assert_eq!(wallet.balance().unwrap().frozen, amount(510_000), "none was thawed either");
    let twice = [coins[0], coins[0], coins[3]];
    assert_eq!(wallet.freeze(&twice, false, &StoppedClock).unwrap(), [true, false, false]);
}

#[test]
fn a_coin_that_is_not_worth_its_fee_is_spent_only_if_it_is_named() {
    let fixture = Fixture::new();
    let (mut wallet, _, coins) = wallet(&fixture);
    // An input is 166 bytes; at 400,000 atoms/kB it costs 66,400.
    let order = |from: &[CoinsOf]| {
        let all = SendRest::All(Payee::KeyHash(STRANGER));
        SendOrder { paid: Vec::new(), rest: all, fee_rate: FeeRate::from_atoms_per_kb(400_000), ..pay(0, from) }
    };
    assert_eq!(takes(&mut wallet, &order(&[])), coins[..3]);
    assert_eq!(takes(&mut wallet, &order(&[address(&fixture, 1), address(&fixture, 2)])), [coins[2]]);
    let named = [CoinsOf::Coin(coins[2]), CoinsOf::Coin(coins[3])];
    assert_eq!(takes(&mut wallet, &order(&named)), coins[2..]);
    // A payment that the others suffice for never takes it; nor does it make one suffice.
    let paid = SendOrder { fee_rate: FeeRate::from_atoms_per_kb(400_000), ..pay(250_000, &[]) };
    assert!(!takes(&mut wallet, &paid).contains(&coins[3]));
}

#[test]
fn a_coin_of_the_treasury_is_refused_by_its_name() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, _) = wallet(&fixture);
    let spend = chain.treasury_spend(fixture.external(5), 90_000);
    let coin = CoinId { tx: spend.id(), output: 1 };
    chain.mine(vec![], vec![spend]);
    sync(&mut wallet, &mut chain);
    let error = refusal(&mut wallet, &[CoinsOf::Coin(coin)]);
    assert!(error.to_string().contains(":1 can be spent from block "), "{error}");
    chain.mine_empty(40);
    sync(&mut wallet, &mut chain);
    let error = refusal(&mut wallet, &[CoinsOf::Coin(coin)]);
    assert!(matches!(error, PurchaseError::FromTreasury { .. }), "{error}");
    assert!(error.to_string().ends_with(":1 was paid by the treasury, which no signer here takes"), "{error}");
    let error = refusal(&mut wallet, &[address(&fixture, 5)]);
    assert!(matches!(error, PurchaseError::NothingThere { .. }), "{error}");
}

#[test]
fn a_request_goes_on_with_a_coin_that_was_frozen_later() {
    let fixture = Fixture::new();
    let (mut wallet, _, coins) = wallet(&fixture);
    let prepared = wallet.prepare_send(&pay(200_000, &[]), &StoppedClock).unwrap();
    wallet.freeze(&coins[2..3], true, &StoppedClock).unwrap();
    let answer = sign_bytes(&prepared.request, &prepared.id).to_container(Network::Simnet).unwrap();
    wallet.accept(&answer, &StoppedClock).unwrap();
}

#[test]
fn coins_are_taken_from_those_named_alone() {
    let fixture = Fixture::new();
    let (mut wallet, _, coins) = wallet(&fixture);
    let coin = |number: usize| CoinsOf::Coin(coins[number]);
    assert_eq!(takes(&mut wallet, &pay(10_000, &[coin(2)])), [coins[2]]);
    assert_eq!(takes(&mut wallet, &pay(10_000, &[coin(1)])), [coins[1]], "the other coin of the address stays");
    assert_eq!(takes(&mut wallet, &pay(10_000, &[address(&fixture, 0)])), [coins[0], coins[1]]);
    assert_eq!(takes(&mut wallet, &pay(340_000, &[coin(3), coin(2)])), [coins[2], coins[3]]);
    let join = SendOrder { paid: Vec::new(), rest: SendRest::Join(9), ..pay(0, &[address(&fixture, 0)]) };
    assert_eq!(takes(&mut wallet, &join), [coins[0], coins[1]]);
    match wallet.prepare_send(&pay(200_000, &[coin(0)]), &StoppedClock) {
        Err(PurchaseError::Prepare(error)) => assert!(error.to_string().contains("0.00100000 DCR can"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_taken_is_named() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, coins) = wallet(&fixture);
    let coin = |number: usize| CoinsOf::Coin(coins[number]);
    let unknown = refusal(&mut wallet, &[CoinsOf::Coin(NOBODY)]);
    assert!(matches!(unknown, PurchaseError::Wallet(WalletError::UnknownCoin { .. })), "{unknown}");
    wallet.freeze(&coins[3..], true, &StoppedClock).unwrap();
    let error = refusal(&mut wallet, &[coin(3)]);
    assert!(error.to_string().ends_with(":3 is frozen"), "{error}");
    let error = refusal(&mut wallet, &[address(&fixture, 2)]);
    assert!(matches!(error, PurchaseError::NothingThere { .. }), "{error}");
    wallet.prepare_send(&pay(10_000, &[coin(2)]), &StoppedClock).unwrap();
    let error = refusal(&mut wallet, &[coin(2)]);
    assert!(error.to_string().ends_with("is kept for another request"), "{error}");
    for foreign in
        [Address::of_key_hash(Network::Simnet, STRANGER), Address::of_key_hash(Network::Mainnet, fixture.external(0))]
    {
        let error = refusal(&mut wallet, &[CoinsOf::Address(foreign)]);
        assert!(matches!(error, PurchaseError::Wallet(WalletError::ForeignAddress { .. })), "{error}");
    }
    let mut coinbase = chain.payment(&[(fixture.external(4), 70_000)]);
    coinbase.expiry = 1_000;
    let waits = CoinId { tx: coinbase.id(), output: 0 };
    chain.mine(vec![coinbase], vec![]);
    sync(&mut wallet, &mut chain);
    let error = refusal(&mut wallet, &[CoinsOf::Coin(waits)]);
    assert!(error.to_string().ends_with("can be spent from block 38 on"), "{error}");
    println!("coins that cannot be taken: 7 cases");
}

#[test]
fn labels_are_of_a_coin_or_else_of_its_address() {
    let fixture = Fixture::new();
    let (mut wallet, _, coins) = wallet(&fixture);
    wallet.set_label(&address(&fixture, 0), Some(label("rent"))).unwrap();
    wallet.set_label(&CoinsOf::Coin(coins[1]), Some(label("the last rent"))).unwrap();
    let found = |wallet: &Wallet| -> Vec<_> {
        let labels = wallet.labels().unwrap();
        let mut coins = wallet.coins().unwrap();
        coins.sort_by_key(|coin| coin.outpoint.index);
        coins.iter().map(|coin| labels.of(coin).map(ToString::to_string)).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(found(&wallet), [text("rent"), text("the last rent"), None, None]);
    wallet.set_label(&CoinsOf::Coin(coins[1]), Some(label("another"))).unwrap();
    assert_eq!(found(&wallet)[1], text("another"));
    wallet.set_label(&CoinsOf::Coin(coins[1]), None).unwrap();
    assert_eq!(found(&wallet)[..2], [text("rent"), text("rent")]);
    let foreign = CoinsOf::Address(Address::of_key_hash(Network::Simnet, STRANGER));
    assert!(matches!(wallet.set_label(&foreign, None), Err(WalletError::ForeignAddress { .. })));
    assert!(matches!(wallet.set_label(&CoinsOf::Coin(NOBODY), None), Err(WalletError::UnknownCoin { .. })));
    drop(wallet);
    assert_eq!(found(&Wallet::open(&fixture.path("w")).unwrap())[..2], [text("rent"), text("rent")]);
}

#[test]
fn what_was_said_of_coins_is_taken_in_by_another_wallet() {
    let fixture = Fixture::new();
    let (mut wallet, mut chain, coins) = wallet(&fixture);
    wallet.set_label(&address(&fixture, 0), Some(label("rent"))).unwrap();
    wallet.set_label(&CoinsOf::Coin(coins[1]), Some(label("the last rent"))).unwrap();
    wallet.freeze(&[coins[1], coins[2]], true, &StoppedClock).unwrap();
    let notes = wallet.notes().unwrap();
    assert_eq!(notes.len(), 3, "{notes:?}");

    let mut other = fixture.wallet("other");
    assert_eq!(other.take_notes(&notes, &StoppedClock).unwrap(), [false; 3], "nothing is known yet");
    sync(&mut other, &mut chain);
    let stranger = Address::of_key_hash(Network::Simnet, STRANGER);
    let foreign = [
        Note::Address { address: stranger, label: label("a shop") },
        Note::Coin { coin: NOBODY, label: Some(label("theirs")), frozen: Some(true) },
    ];
    let taken = other.take_notes(&[&foreign[..], &notes].concat(), &StoppedClock).unwrap();
    assert_eq!(taken, [false, false, true, true, true]);
    assert_eq!((other.notes().unwrap(), other.balance().unwrap()), (notes, wallet.balance().unwrap()));

    // What is not said of a coin stays, and a thawed one is thawed.
    let thawed = Note::Coin { coin: coins[1], label: None, frozen: Some(false) };
    let renamed = Note::Coin { coin: coins[2], label: Some(label("savings")), frozen: None };
    assert_eq!(other.take_notes(&[thawed, renamed], &StoppedClock).unwrap(), [true, true]);
    let named = |coin, text: &str, frozen| Note::Coin { coin, label: Some(label(text)), frozen };
    let mut found = other.notes().unwrap().split_off(1);
    found
        .retain(|note| [named(coins[1], "the last rent", None), named(coins[2], "savings", Some(true))].contains(note));
    assert_eq!(found.len(), 2, "{:?}", other.notes());
}
