//! Standing orders: signed, kept, and sent when the price comes.

use dcrcold::prepare::expiry_after;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared, PurchaseError, PurchaseState};
use dcrcold::wallet::{CoinState, SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;

use crate::order::order;
use crate::trip::{Trip, percent};

/// An order for less than tickets cost now.
fn standing(trip: &mut Trip, funding: Funding, windows: u32) -> Prepared {
    let price = trip.price();
    let expiry = expiry_after(Network::Simnet, price.tip.height, windows);
    let amount = percent(price.next, 95);
    let prepared = trip.prepare(&BuyOrder { lock: Lock::Amount(amount), expiry: Some(expiry), funding, ..order(1) });
    trip.accept(&prepared);
    trip.wallet.keep_standing(&prepared.id, &SystemClock).unwrap();
    let error = trip.send(&prepared.id).unwrap_err();
    assert!(matches!(error, PurchaseError::PriceRose { .. } | PurchaseError::PriceUnsettled { .. }), "{error}");
    assert!(trip.record(&prepared.id).stands());
    prepared
}

/// A price that is about to fall: more tickets than the network aims at.
fn dear() -> Trip {
    let mut trip = Trip::new(&[40, 45]);
    trip.crowd(60);
    trip.mine(12);
    trip
}

#[test]
fn an_order_is_sent_when_its_price_comes() {
    for funding in [Funding::Split, Funding::Direct] {
        let mut trip = dear();
        let price = trip.price().next;
        trip.fund(percent(price, 98));
        trip.mine(1);
        let prepared = standing(&mut trip, funding, 50);
        let (mut waited, mut sent) = (0, Vec::new());
        while sent.is_empty() {
            let coins = trip.wallet.coins().unwrap();
            let kept = coins.iter().filter(|coin| coin.locked_by == Some(prepared.id)).count();
            assert_eq!(kept, prepared.inputs, "its coins are kept");
            assert!(coins.iter().any(|coin| coin.state(trip.wallet.height().unwrap()) == CoinState::Locked));
            // The program is started anew after every block.
            trip.wallet = Wallet::open(&trip.fixture.path("w")).unwrap();
            sent = trip.mine(1).sent;
            waited += 1;
        }
        assert_eq!(sent, [prepared.id]);
        assert!(trip.price().next <= prepared.amount && waited > 1, "{funding:?}");
        trip.mine(2);
        assert_eq!(trip.mined(&prepared.tickets), 1, "{funding:?}");
        assert!(!trip.record(&prepared.id).standing, "there is nothing left to do");
    }
}

#[test]
fn an_order_ends_with_its_expiry_and_gives_its_coins_back() {
    let mut trip = dear();
    let coins = trip.wallet.balance().unwrap().spendable;
    let price = trip.price();
    let expiry = expiry_after(Network::Simnet, price.tip.height, 2);
    let amount = percent(price.next, 30);
    let prepared = trip.prepare(&BuyOrder { lock: Lock::Amount(amount), expiry: Some(expiry), ..order(1) });
    trip.accept(&prepared);
    trip.wallet.keep_standing(&prepared.id, &SystemClock).unwrap();
    let ended = loop {
        let orders = trip.mine(1);
        assert!(orders.sent.is_empty());
        if !orders.ended.is_empty() {
            break orders.ended;
        }
    };
    assert_eq!(ended, [prepared.id]);
    assert_eq!(trip.wallet.height().unwrap().0 + 2, expiry.0, "a split now would be mined in the last block");
    assert_eq!(trip.record(&prepared.id).state, PurchaseState::Cancelled);
    assert_eq!(trip.wallet.balance().unwrap().spendable, coins);
    assert!(trip.mine(1).ended.is_empty(), "told once");
}

#[test]
fn an_order_that_was_given_up_is_not_sent() {
    let mut trip = dear();
    let prepared = standing(&mut trip, Funding::Split, 50);
    trip.wallet.cancel(&prepared.id, &SystemClock).unwrap();
    trip.mine_until_price(Amount::ZERO, prepared.amount);
    assert_eq!((trip.mine(2).sent.len(), trip.mined(&prepared.tickets)), (0, 0));
}

#[test]
fn what_has_no_answer_is_no_order() {
    let mut trip = Trip::new(&[100]);
    let prepared = trip.prepare(&order(1));
    let error = trip.wallet.keep_standing(&prepared.id, &SystemClock).unwrap_err();
    assert!(matches!(error, PurchaseError::NotAnswered { .. }));
}
