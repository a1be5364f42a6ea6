//! The host wants coins locked, burnt as fees, or handed to hot keys; or sums that wrap and show a small number for a
//! large one.

use dcrcold_core::amount::{Amount, FeeRate, Height, MAX_ATOMS};
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::request::{Output, Purse, Rest};
use dcrcold_signer::transfer::{InputRef, Purchase};
use dcrcold_signer::tx::TxOut;

use crate::cold::{Cold, PRICE, TIP, atoms, encoded, external, index, parent_of};
use crate::harness::{Attack, Victim, pairs, purchase, send};

/// One coin of so much.
fn coin(cold: &Cold, value: u64) -> Vec<Vec<u8>> {
    vec![cold.parent(&[atoms(value)])]
}

fn purse(amount: u64) -> Option<Purse> {
    Some(Purse { amount: atoms(amount), index: index(0) })
}

/// An honest direct purchase over two coins that the attacker changes.
fn direct(coins: [u64; 2], change: impl FnOnce(&mut Purchase)) -> Attack {
    let victim = Victim::new();
    let honest = victim.cold.direct(&[atoms(PRICE.atoms() + 2_980); 2]);
    let mut hostile = victim.cold.direct(&coins.map(atoms));
    change(&mut hostile);
    Attack::new(victim, encoded(&honest), encoded(&hostile))
}

#[test]
fn locks_more_in_a_ticket_than_one_ever_costs() {
    purchase(|cold, purchase| {
        (purchase.amount, purchase.claim.price) = (atoms(40_000_000_001), Some(atoms(40_000_000_001)));
        purchase.parents = coin(cold, 90_000_000_000);
    })
    .is_refused(Rule::AmountAboveLimit);
}

/// A host that lies about the price passes the headroom; the money limit is what holds.
#[test]
fn lies_about_the_price_to_lock_more() {
    purchase(|cold, purchase| {
        (purchase.amount, purchase.claim.price) = (atoms(100_000_000_000), Some(atoms(100_000_000_000)));
        purchase.parents = coin(cold, 300_000_000_000);
    })
    .is_refused(Rule::AmountAboveLimit);
}

#[test]
fn locks_a_large_coin_in_one_direct_ticket() {
    direct([40_000_002_981, PRICE.atoms() + 2_980], |purchase| purchase.claim.price = Some(atoms(40_000_000_000)))
        .is_refused(Rule::AmountAboveLimit);
}

#[test]
fn locks_a_tenth_more_than_the_price() {
    purchase(|_, purchase| purchase.claim.price = Some(atoms(22_727_272_727))).is_refused(Rule::HeadroomAboveLimit);
}

#[test]
fn claims_that_tickets_cost_nothing() {
    purchase(|_, purchase| purchase.claim.price = Some(Amount::ZERO)).is_refused(Rule::HeadroomAboveLimit);
}

#[test]
fn hides_headroom_in_the_second_coin_of_a_direct_purchase() {
    direct([PRICE.atoms() + 2_980, 27_500_002_981], |_| ()).is_refused(Rule::HeadroomAboveLimit);
}

#[test]
fn locks_all_coins_with_one_approval() {
    let mut victim = Victim::new();
    victim.cold.contents.set_limits(Limits { total: atoms(2 * PRICE.atoms()), ..Limits::DEFAULT });
    let (honest, hostile) = (encoded(&victim.cold.purchase(2)), encoded(&victim.cold.purchase(3)));
    Attack::new(victim, honest, hostile).is_refused(Rule::TotalAboveLimit);
}

#[test]
fn buys_more_tickets_than_the_owner_ever_does() {
    let victim = Victim::new();
    let (honest, hostile) = (encoded(&victim.cold.purchase(20)), encoded(&victim.cold.purchase(21)));
    Attack::new(victim, honest, hostile).is_refused(Rule::TicketsAboveLimit);
}

#[test]
fn buys_more_tickets_than_can_be_counted() {
    pairs(|body| {
        body.with(2, |w| {
            w.uint(u64::MAX);
        })
    })
    .is_refused(Rule::TicketsAboveLimit);
}

#[test]
fn pays_for_nothing() {
    purchase(|_, purchase| purchase.tickets = 0).is_refused(Rule::TicketsZero);
}

#[test]
fn buys_tickets_that_are_worth_nothing() {
    purchase(|_, purchase| purchase.amount = Amount::ZERO).is_refused(Rule::AmountZero);
}

#[test]
fn burns_coins_by_the_fee_rate() {
    purchase(|_, purchase| purchase.fee_rate = FeeRate::from_atoms_per_kb(100_001)).is_refused(Rule::FeeAboveLimit);
}

#[test]
fn burns_coins_by_the_largest_fee_rate_that_can_be_written() {
    purchase(|_, purchase| purchase.fee_rate = FeeRate::from_atoms_per_kb(u64::MAX)).is_refused(Rule::FeeAboveLimit);
}

#[test]
fn burns_coins_by_the_fee_rate_of_a_send() {
    send(|_, send| send.fee_rate = FeeRate::from_atoms_per_kb(100_001)).is_refused(Rule::FeeAboveLimit);
}

/// The rate is allowed, the size of the transaction makes the fee.
#[test]
fn burns_coins_by_the_size_of_a_transaction() {
    let victim = Victim::new();
    let parents = vec![victim.cold.parent(&[atoms(1_000_000_000); 80])];
    let input = |output| InputRef { parent: 0, output, path: external(output) };
    let spread = |rate| Purchase {
        inputs: (0..80).map(input).collect(),
        fee_rate: FeeRate::from_atoms_per_kb(rate),
        parents: parents.clone(),
        ..victim.cold.purchase(2)
    };
    victim.sign(&encoded(&spread(70_000))).unwrap();
    victim.refuses_on_host_alone(&encoded(&spread(100_000)), Rule::FeeAboveLimit);
}

#[test]
fn has_a_purchase_made_that_no_node_relays() {
    purchase(|_, purchase| purchase.fee_rate = FeeRate::from_atoms_per_kb(9_999)).is_refused(Rule::FeeRateBelowRelay);
}

#[test]
fn fills_a_hot_purse_with_cold_coins() {
    purchase(|cold, purchase| {
        purchase.purse = purse(100_000_001);
        purchase.parents = coin(cold, 60_000_000_000);
    })
    .is_refused(Rule::PurseAboveLimit);
}

#[test]
fn fills_a_hot_purse_with_more_than_can_exist() {
    pairs(|body| {
        body.with(8, |w| {
            w.array(2).uint(u64::MAX).uint(0);
        })
    })
    .is_refused(Rule::PurseAboveLimit);
}

#[test]
fn has_a_split_made_that_no_node_relays_for_its_purse() {
    purchase(|_, purchase| purchase.purse = purse(6_029)).is_refused(Rule::PurseDust);
}

#[test]
fn keeps_signed_tickets_for_ever() {
    purchase(|_, purchase| purchase.expiry = Height(0)).is_refused(Rule::ExpiryMissing);
}

#[test]
fn keeps_signed_tickets_until_the_price_has_fallen() {
    purchase(|_, purchase| purchase.expiry = Height(TIP.0 + 433)).is_refused(Rule::ExpiryTooFar);
}

#[test]
fn keeps_signed_tickets_beyond_the_last_height() {
    pairs(|body| {
        body.with(9, |w| {
            w.uint(1 << 32);
        })
    })
    .is_refused(Rule::ExpiryTooFar);
}

#[test]
fn has_tickets_made_that_are_expired() {
    purchase(|_, purchase| purchase.expiry = TIP).is_refused(Rule::ExpiryNotAfterClaim);
}

#[test]
fn wraps_the_expiry_around_the_last_height() {
    purchase(|_, purchase| (purchase.claim.tip, purchase.expiry) = (Height(u32::MAX), Height(100)))
        .is_refused(Rule::ExpiryNotAfterClaim);
}

#[test]
fn wraps_the_sum_of_the_coins() {
    purchase(|cold, purchase| {
        purchase.parents = vec![cold.parent(&[atoms(MAX_ATOMS); 2])];
        purchase.inputs.push(InputRef { parent: 0, output: 1, path: external(1) });
    })
    .is_refused(Rule::AmountOverflow);
}

#[test]
fn wraps_the_sum_of_the_coins_of_a_send() {
    send(|cold, send| {
        send.parents = vec![cold.parent(&[atoms(MAX_ATOMS); 2])];
        send.inputs.push(InputRef { parent: 0, output: 1, path: external(1) });
    })
    .is_refused(Rule::AmountOverflow);
}

#[test]
fn wraps_the_sum_of_the_outputs_of_a_send() {
    send(|_, send| send.outputs = vec![Output { amount: atoms(MAX_ATOMS), ..send.outputs[0] }; 2])
        .is_refused(Rule::AmountOverflow);
}

/// An amount that is one fee below all coins: with the fee it is above them.
#[test]
fn wraps_an_amount_and_its_fee() {
    purchase(|_, purchase| purchase.amount = atoms(MAX_ATOMS - 2_979)).is_refused(Rule::AmountOverflow);
}

#[test]
fn wraps_the_amount_of_all_tickets() {
    purchase(|_, purchase| purchase.amount = atoms(MAX_ATOMS / 2)).is_refused(Rule::AmountOverflow);
}

#[test]
fn wraps_the_sum_of_a_ticket_and_the_purse() {
    purchase(|cold, purchase| {
        (purchase.tickets, purchase.purse) = (1, purse(100_000_000));
        purchase.amount = atoms(MAX_ATOMS - 2_980);
        purchase.parents = coin(cold, MAX_ATOMS);
    })
    .is_refused(Rule::AmountOverflow);
}

#[test]
fn wraps_the_sum_of_coins_that_become_tickets() {
    direct([MAX_ATOMS; 2], |_| ()).is_refused(Rule::AmountAboveLimit);
    // Nor when the owner has lifted the limits, which is all that they let through.
    let most = atoms(MAX_ATOMS);
    let mut victim = Victim::new();
    victim.cold.contents.set_limits(Limits { ticket: most, total: most, ..Limits::DEFAULT });
    let mut hostile = victim.cold.direct(&[most; 2]);
    hostile.claim.price = Some(most);
    victim.refuses(&encoded(&hostile), Rule::AmountOverflow);
}

#[test]
fn wraps_the_sum_of_an_output_and_the_fee_of_a_send() {
    send(|cold, send| {
        send.outputs[0].amount = atoms(MAX_ATOMS);
        send.parents = coin(cold, MAX_ATOMS);
    })
    .is_refused(Rule::FundsShort);
}

#[test]
fn wraps_an_amount_of_a_ticket() {
    pairs(|body| {
        body.with(3, |w| {
            w.uint(u64::MAX);
        })
    })
    .is_refused(Rule::AmountAboveLimit);
}

#[test]
fn claims_a_price_that_wraps_when_headroom_is_added() {
    pairs(|body| {
        body.with(10, |w| {
            w.array(3).uint(TIP.0.into()).uint(1).uint(u64::MAX);
        })
    })
    .is_refused(Rule::AmountOverflow);
}

#[test]
fn promises_more_than_the_coins_bring() {
    purchase(|cold, purchase| purchase.parents = vec![cold.parent(&[PRICE])]).is_refused(Rule::FundsShort);
}

#[test]
fn buys_without_a_coin() {
    purchase(|_, purchase| (purchase.inputs, purchase.parents) = (vec![], vec![])).is_refused(Rule::FundsShort);
}

#[test]
fn makes_a_ticket_of_a_coin_below_the_price() {
    direct([PRICE.atoms() + 2_979, PRICE.atoms() + 2_980], |_| ()).is_refused(Rule::DirectValueShort);
}

#[test]
fn buys_more_direct_tickets_than_there_are_coins() {
    direct([PRICE.atoms() + 2_980; 2], |purchase| purchase.tickets = 3).is_refused(Rule::DirectValueShort);
}

#[test]
fn hides_a_coin_behind_those_that_become_tickets() {
    direct([PRICE.atoms() + 2_980; 2], |purchase| purchase.tickets = 1).is_refused(Rule::NotCanonical);
}

#[test]
fn sends_dust_that_no_node_relays() {
    send(|_, send| send.outputs[0].amount = atoms(6_029)).is_refused(Rule::DustOutput);
}

#[test]
fn sends_nothing() {
    send(|_, send| send.outputs[0].amount = Amount::ZERO).is_refused(Rule::AmountZero);
}

#[test]
fn sends_more_than_there_is() {
    send(|_, send| send.outputs[0].amount = atoms(300_000_000)).is_refused(Rule::FundsShort);
}

/// A sweep sends all that is left to the last output, so nobody may give that output an amount that is not kept.
#[test]
fn shows_an_amount_that_a_sweep_does_not_keep_to() {
    send(|_, send| send.rest = Rest::Sweep).is_refused(Rule::NotCanonical);
}

#[test]
fn sweeps_a_coin_into_its_own_fee() {
    send(|cold, send| {
        let script = cold.script(external(0), None);
        (send.rest, send.outputs[0].amount) = (Rest::Sweep, Amount::ZERO);
        send.parents = vec![parent_of(vec![TxOut::new(atoms(2_170), &script)])];
    })
    .is_refused(Rule::AmountZero);
}
