//! Answers that come back when the price is another one, with the signer in the loop.

use dcrcold::chain::PriceWindow;
use dcrcold::chain::window::Chance;
use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::{BuyOrder, Late, Lock, Misfit, PurchaseError, PurchaseState};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::request::{Funding, Label};
use dcrcold_signer::percent::Percent;

use crate::chain::STRANGER;
use crate::order::order;
use crate::trip::{Trip, WINDOW, percent};
use crate::world::FEE;

/// Tickets that wait in the mempool behind others until the price has risen above them.
fn outbid(tickets: u32) -> (Trip, dcrcold::wallet::purchase::Prepared, dcrcold_signer::transfer::Container) {
    let mut trip = Trip::new(&[400]);
    trip.mine_until_left(4);
    trip.crowd(70);
    let (prepared, answer) = trip.buy(&order(tickets));
    trip.mine(1);
    assert_eq!(trip.waiting(&prepared.tickets), tickets as usize, "the split is mined, and blocks are full");
    (trip, prepared, answer)
}

/// Goes on until the tickets are pruned.
fn pruned(tickets: u32) -> (Trip, dcrcold::wallet::purchase::Prepared, dcrcold_signer::transfer::Container) {
    let (mut trip, prepared, answer) = outbid(tickets);
    while trip.waiting(&prepared.tickets) > 0 {
        trip.mine(1);
    }
    assert!(trip.price().next > prepared.amount, "the price did it");
    assert_eq!(trip.mined(&prepared.tickets), 0);
    (trip, prepared, answer)
}

#[test]
fn headroom_that_covers_what_is_expected_keeps_an_answer_valid_in_the_next_window() {
    let mut trip = Trip::new(&[100, 100]);
    // A window that rises for certain, and as expected not beyond what a signer takes.
    for round in 0.. {
        assert!(round < 300, "no such window");
        while trip.price().blocks_left > 1 {
            trip.world.mine(1);
        }
        let PriceWindow { next, estimate, .. } = trip.price();
        if estimate.min > next && estimate.expected <= percent(next, 106) {
            break;
        }
        let tickets = trip.world.dice.roll(50);
        trip.crowd(tickets);
    }
    trip.sync();
    let price = trip.price();
    let tight = trip.prepare(&BuyOrder { lock: Lock::Amount(price.next), ..order(1) });
    trip.accept(&tight);
    let roomy = trip.prepare(&BuyOrder { lock: Lock::Amount(percent(price.next, 109)), ..order(1) });
    trip.accept(&roomy);
    assert_eq!((price.chance(tight.amount), price.chance(roomy.amount)), (Chance::None, Chance::Good));
    trip.mine(2);
    let now = trip.price();
    assert!(now.next > price.next && now.next <= roomy.amount);
    let why = Misfit::PriceRose { price: now.next, amount: price.next };
    assert_eq!(trip.late(&tight.id), Late::NewSplit { tickets: 1, why });
    assert!(matches!(trip.send(&tight.id), Err(PurchaseError::PriceRose { .. })));
    assert_eq!(trip.late(&roomy.id), Late::Fits);
    trip.send(&roomy.id).unwrap();
    trip.mine(2);
    assert_eq!(trip.mined(&roomy.tickets), 1);
    assert_eq!(trip.late(&roomy.id), Late::Done);
}

#[test]
fn an_answer_that_comes_after_the_expiry_is_replaced_over_the_same_coins() {
    let mut trip = Trip::new(&[100, 60]);
    let late = trip.prepare(&order(2));
    let answer = trip.accept(&late);
    trip.mine(3 * WINDOW);
    assert!(matches!(trip.send(&late.id), Err(PurchaseError::Expired { .. })));
    assert!(matches!(trip.late(&late.id), Late::NewSplit { tickets: 2, why: Misfit::Expired { .. } }));

    trip.mine_until_left(6);
    let again = trip.again(&late.id, &order(0)).unwrap();
    assert_eq!((again.tickets.len(), again.split.is_some()), (2, true));
    // Only one of both can happen, and the first one is not sent any more.
    assert!(matches!(trip.send(&late.id), Err(PurchaseError::Replaced { by, .. }) if by == again.id));
    trip.accept(&again);
    trip.send(&again.id).unwrap();
    trip.mine(2);
    assert_eq!((trip.mined(&again.tickets), trip.mined(&late.tickets)), (2, 0));
    assert_eq!(trip.record(&late.id).state, PurchaseState::Cancelled);
    trip.harmless(&late.request, &answer);
    trip.compare_with_new();
}

#[test]
fn a_request_that_takes_the_place_of_another_can_be_given_up() {
    let mut trip = Trip::new(&[100]);
    trip.mine_until_left(WINDOW);
    let first = trip.prepare(&order(2));
    // Nobody has signed it, so that it can be made anew for no reason.
    let second = trip.again(&first.id, &BuyOrder { lock: Lock::PricePlus(Percent::from_hundredths(900)), ..order(0) });
    let second = second.unwrap();
    trip.accept(&first);
    assert!(matches!(trip.again(&first.id, &order(0)), Err(PurchaseError::Replaced { .. })));
    assert!(matches!(trip.send(&first.id), Err(PurchaseError::Replaced { .. })));
    trip.wallet.cancel(&second.id, &SystemClock).unwrap();
    assert!(matches!(trip.again(&first.id, &order(0)), Err(PurchaseError::StillFits { .. })), "signed, and it fits");
    trip.send(&first.id).unwrap();
    trip.mine(2);
    assert_eq!(trip.mined(&first.tickets), 2);
    assert!(matches!(trip.again(&first.id, &order(0)), Err(PurchaseError::Done { .. })));
}

#[test]
fn what_is_made_anew_keeps_its_label_unless_it_gets_another() {
    let mut trip = Trip::new(&[100]);
    trip.mine_until_left(WINDOW);
    let named = |headroom: u32, label: Option<&str>| BuyOrder {
        lock: Lock::PricePlus(Percent::from_hundredths(headroom * 100)),
        label: label.map(|text| Label::new(text.as_bytes()).unwrap()),
        ..order(1)
    };
    let first = trip.prepare(&named(5, Some("for winter")));
    let cases = [(6, None, "for winter"), (7, Some("for spring"), "for spring"), (8, None, "for spring")];
    let mut before = first;
    for (headroom, given, expected) in cases {
        let again = trip.again(&before.id, &named(headroom, given)).unwrap();
        assert_eq!(trip.record(&again.id).label, Label::new(expected.as_bytes()));
        // It is what the signer shows.
        assert!(again.request.windows(expected.len()).any(|part| part == expected.as_bytes()));
        before = again;
    }
}

#[test]
fn nothing_takes_the_place_of_a_ticket_that_waits() {
    let (mut trip, prepared, _) = outbid(2);
    assert!(matches!(trip.late(&prepared.id), Late::TicketWaits { until, .. } if until == prepared.expiry));
    let error = trip.again(&prepared.id, &order(0)).unwrap_err();
    assert!(matches!(error, PurchaseError::Waits { until: Some(until), .. } if until == prepared.expiry), "{error}");
    let error = trip.wallet.prepare_return(&prepared.id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
    assert!(matches!(error, Err(PurchaseError::Waits { .. })));
    assert_eq!(trip.waiting(&prepared.tickets), 2);
}

#[test]
fn coins_of_a_split_that_the_price_has_outgrown_are_split_anew() {
    let (mut trip, outgrown, answer) = pruned(2);
    let late = trip.late(&outgrown.id);
    assert!(matches!(late, Late::NewSplit { tickets: 2, why: Misfit::PriceRose { .. } }), "{late:?}");
    trip.mine_until_left(6);
    let headroom = BuyOrder { lock: Lock::PricePlus(Percent::from_hundredths(900)), ..order(0) };
    let again = trip.again(&outgrown.id, &headroom).unwrap();
    assert!(again.split.is_some() && again.inputs >= 2, "{} coins", again.inputs);
    trip.accept(&again);
    trip.send(&again.id).unwrap();
    trip.mine(2);
    assert_eq!((trip.mined(&again.tickets), trip.mined(&outgrown.tickets)), (2, 0));
    trip.harmless(&outgrown.request, &answer);
    trip.compare_with_new();
}

#[test]
fn tickets_that_expired_over_a_mined_split_are_signed_again_without_another() {
    let (mut trip, expired, answer) = pruned(2);
    trip.mine(2 * WINDOW);
    trip.mine_until_price(percent(expired.amount, 93), expired.amount);
    let late = trip.late(&expired.id);
    assert!(matches!(late, Late::SignAgain { tickets: 2, why: Misfit::Expired { .. } }), "{late:?}");
    let again = trip.again(&expired.id, &order(0)).unwrap();
    assert_eq!((again.split, again.inputs, again.amount), (None, 2, expired.amount));
    trip.accept(&again);
    trip.send(&again.id).unwrap();
    trip.mine(1);
    assert_eq!((trip.mined(&again.tickets), trip.mined(&expired.tickets)), (2, 0));
    assert_eq!(trip.late(&again.id), Late::Done);
    trip.harmless(&expired.request, &answer);
    trip.compare_with_new();
}

#[test]
fn a_price_that_fell_far_does_not_lock_more_than_a_signer_takes() {
    let (mut trip, expired, _) = pruned(1);
    trip.mine(2 * WINDOW);
    trip.mine_until_price(Amount::ZERO, percent(expired.amount, 80));
    assert!(matches!(trip.late(&expired.id), Late::SignAgain { .. }));
    let again = trip.again(&expired.id, &order(0)).unwrap();
    assert!(again.split.is_some() && again.beyond_default_limits.is_empty(), "{again:?}");
    assert!(again.amount < percent(expired.amount, 90));
}

#[test]
fn the_same_signatures_fit_again_when_the_price_falls_before_the_expiry() {
    let mut trip = Trip::new(&[400]);
    trip.mine_until_left(4);
    trip.crowd(70);
    // A far expiry: three windows more.
    let price = trip.price();
    let expiry = dcrcold::prepare::expiry_after(dcrcold_core::net::Network::Simnet, price.tip.height, 40);
    let (prepared, _) = trip.buy(&BuyOrder { expiry: Some(expiry), ..order(2) });
    trip.mine(4);
    while trip.waiting(&prepared.tickets) > 0 {
        trip.mine(1);
    }
    assert!(matches!(trip.late(&prepared.id), Late::NewSplit { why: Misfit::PriceRose { .. }, .. }));
    trip.mine_until_price(Amount::ZERO, prepared.amount);
    assert!(trip.price().tip.height < expiry);
    trip.mine(1);
    assert_eq!(trip.mined(&prepared.tickets), 2, "sync sent them again");
}

#[test]
fn more_tickets_than_a_block_holds_come_in_parts() {
    let mut trip = Trip::new(&[900, 900]);
    trip.mine_until_left(3);
    let prepared = trip.prepare(&BuyOrder { lock: Lock::PricePlus(Percent::from_hundredths(0)), ..order(45) });
    trip.accept_many(&prepared);
    trip.send(&prepared.id).unwrap();
    trip.mine(2);
    let record = trip.record(&prepared.id);
    assert_eq!((record.mined, record.waiting, record.tickets), (20, 25, 45));
    trip.mine(1);
    assert_eq!(trip.record(&prepared.id).mined, 40);
    while trip.price().next <= prepared.amount && trip.mined(&prepared.tickets) < 45 {
        trip.mine(1);
    }
    let (mined, waiting) = (trip.mined(&prepared.tickets), trip.waiting(&prepared.tickets));
    assert_eq!((mined, waiting), (40, 0), "the window ended, and the price rose");
    let late = trip.late(&prepared.id);
    assert!(matches!(late, Late::NewSplit { tickets: 5, .. }), "{late:?}");
    trip.mine_until_left(6);
    let again = trip.again(&prepared.id, &order(0)).unwrap();
    assert_eq!(again.tickets.len(), 5, "those that are missing");
    trip.accept(&again);
    trip.send(&again.id).unwrap();
    trip.mine(2);
    assert_eq!((trip.mined(&prepared.tickets), trip.mined(&again.tickets)), (40, 5));
    assert_eq!(trip.record(&prepared.id).state, PurchaseState::TicketsSent, "what is mined stays");
    trip.compare_with_new();
}

#[test]
fn a_signed_request_is_worth_nothing_once_its_coins_are_spent() {
    let mut trip = Trip::new(&[100, 60]);
    let mut kinds = 0;
    for funding in [Funding::Split, Funding::Direct] {
        let lock = Lock::PricePlus(Percent::from_hundredths(500));
        let price = trip.price();
        trip.fund(percent(price.next, 108));
        trip.mine(1);
        let order = match funding {
            Funding::Split => BuyOrder { lock, ..order(2) },
            Funding::Direct => BuyOrder { lock: Lock::Amount(price.next), funding, ..order(1) },
        };
        let signed = trip.prepare(&order);
        let answer = trip.accept(&signed);
        let back = trip.wallet.prepare_return(&signed.id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
        let back = back.unwrap();
        assert_eq!((back.inputs, back.paid.len()), (signed.inputs, 0));
        assert!(matches!(trip.send(&signed.id), Err(PurchaseError::Replaced { .. })));
        trip.accept_bytes(&back.request, &back.id);
        trip.send(&back.id).unwrap();
        assert_eq!(trip.record(&signed.id).state, PurchaseState::Answered, "not before it is mined");
        trip.mine(1);
        assert_eq!(trip.record(&signed.id).state, PurchaseState::Cancelled);
        trip.harmless(&signed.request, &answer);
        let error = trip.wallet.accept(&answer, &SystemClock).unwrap_err();
        assert!(matches!(error, PurchaseError::Cancelled { .. }), "{error}");
        kinds += 1;
    }
    let balance = trip.wallet.balance().unwrap();
    assert_eq!(balance.spendable, balance.total());
    assert_eq!(kinds, 2);
}

#[test]
fn what_was_given_up_after_it_was_signed_can_still_be_made_worthless() {
    let mut trip = Trip::new(&[100]);
    let signed = trip.prepare(&order(2));
    let answer = trip.accept(&signed);
    trip.wallet.cancel(&signed.id, &SystemClock).unwrap();
    let back = trip.wallet.prepare_return(&signed.id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
    let back = back.unwrap();
    trip.accept_bytes(&back.request, &back.id);
    trip.send(&back.id).unwrap();
    trip.mine(1);
    trip.harmless(&signed.request, &answer);
}

#[test]
fn coins_of_a_split_without_tickets_return_to_the_account() {
    let (mut trip, prepared, answer) = pruned(2);
    let back = trip.wallet.prepare_return(&prepared.id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
    let back = back.unwrap();
    assert_eq!(back.inputs, 2);
    trip.accept_bytes(&back.request, &back.id);
    trip.send(&back.id).unwrap();
    trip.mine(1);
    assert_eq!(trip.record(&prepared.id).state, PurchaseState::Cancelled);
    let fees = prepared.split_fee.unwrap().checked_add(back.fee).unwrap();
    assert_eq!(trip.wallet.balance().unwrap().spendable.atoms(), 40_000_000_000 - fees.atoms());
    trip.harmless(&prepared.request, &answer);
}

#[test]
fn a_request_whose_coins_are_spent_takes_no_others_back() {
    let mut trip = Trip::new(&[100]);
    let mut worthless = Vec::new();
    // Signed, given up, and then their coins are spent.
    for funding in [Funding::Split, Funding::Direct] {
        let price = trip.price();
        trip.fund(percent(price.next, 108));
        trip.mine(1);
        let lock = Lock::Amount(price.next);
        let signed = trip.prepare(&BuyOrder { lock, funding, ..order(1) });
        trip.accept(&signed);
        trip.wallet.cancel(&signed.id, &SystemClock).unwrap();
        let coins = trip.wallet.coins().unwrap();
        let elsewhere = coins.iter().map(|coin| coin.value.atoms()).sum::<u64>() - FEE;
        trip.world.spend(&coins, &[(STRANGER, elsewhere)], 0).unwrap();
        trip.mine(1);
        worthless.push(signed.id);
    }
    trip.fund(Amount::constant::<10_000_000_000>());
    trip.mine(1);
    let before = trip.wallet.balance().unwrap();
    for id in worthless {
        let error = trip.wallet.prepare_return(&id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
        let error = error.map(|back| format!("{} coins return", back.inputs)).unwrap_err();
        assert!(error.to_string().contains("worth nothing already"), "{error}");
        assert_eq!(trip.wallet.balance().unwrap(), before, "no coin is kept for it");
    }
}

#[test]
fn a_coin_of_the_split_that_was_spent_otherwise_keeps_the_others_from_nothing() {
    let (mut trip, outgrown, answer) = pruned(3);
    let coin = trip.coin_of_split(&outgrown, 1);
    let elsewhere = (trip.fixture.external(9), coin.value.atoms() - FEE);
    trip.world.spend(&[coin], &[elsewhere], 0).unwrap();
    trip.mine(1);
    trip.mine_until_left(6);
    let back = trip.wallet.prepare_return(&outgrown.id, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
    let back = back.unwrap();
    assert_eq!(back.inputs, 2);
    trip.wallet.cancel(&back.id, &SystemClock).unwrap();
    let headroom = BuyOrder { lock: Lock::PricePlus(Percent::from_hundredths(900)), ..order(0) };
    let again = trip.again(&outgrown.id, &headroom).unwrap();
    assert_eq!(again.tickets.len(), 3);
    trip.accept(&again);
    trip.send(&again.id).unwrap();
    trip.mine(2);
    assert_eq!(trip.mined(&again.tickets), 3);
    trip.harmless(&outgrown.request, &answer);
}

#[test]
fn a_request_that_is_its_own_successor_keeps_its_coins() {
    let mut trip = Trip::new(&[100]);
    let signed = trip.prepare(&order(1));
    trip.accept(&signed);
    let (mut last, mut ids) = (signed.id, Vec::new());
    for _ in 0..2 {
        trip.wallet.cancel(&last, &SystemClock).unwrap();
        let back = trip.wallet.prepare_return(&last, FeeRate::RELAY_MINIMUM, &mut trip.world.sim, &SystemClock);
        last = back.unwrap().id;
        ids.push(last);
    }
    assert_eq!(ids[0], ids[1], "the same coins and the same block make the same request");
    let balance = trip.wallet.balance().unwrap();
    assert_eq!((balance.spendable, balance.locked_by_requests), (Amount::ZERO, balance.total()));
}
