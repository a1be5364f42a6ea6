//! Every rule that compares, at its boundary: the last value that is taken, and the first that is not.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::policy::{Figure, Limits, Part, Refusal, Rule};
use dcrcold_core::script::Payee;

use crate::ask::Item::{Bytes, List, Uint};
use crate::ask::{Ask, PRICE, SOMEBODY, TICKET_FEE, TIP};
use crate::ask::{key, parent, pay, pay_purse, pay_script, ticket, uints, voter};
use crate::wallet::own;

/// Limits that no request of these tests reaches.
pub const WIDE: Limits = Limits {
    ticket: Amount::constant::<2_100_000_000_000_000>(),
    tickets: 100,
    total: Amount::constant::<2_100_000_000_000_000>(),
    fee: Amount::constant::<2_100_000_000_000_000>(),
    fee_rate: FeeRate::from_atoms_per_kb(u64::MAX),
    purse: Amount::constant::<2_100_000_000_000_000>(),
    headroom: u32::MAX,
    expiry_distance: u32::MAX,
};

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

/// Sees that a request is taken under some limits.
fn taken(ask: &Ask, limits: &Limits) {
    if let Err(refusal) = ask.review_with(&mut NoMemory, limits) {
        panic!("{refusal}");
    }
}

/// Sees that a request is refused, and with which words.
fn refused(ask: &Ask, limits: &Limits, expected: Refusal) {
    let found = ask.review_with(&mut NoMemory, limits).map(|_| "taken");
    assert_eq!(found, Err(expected));
}

fn rule(rule: Rule, found: impl Into<Figure>, expected: impl Into<Figure>) -> Refusal {
    Refusal::new(rule).found(found.into()).expected(expected.into())
}

#[test]
fn each_limit_is_taken_and_one_more_is_not() {
    let (two, limits) = (Ask::simple(2), WIDE);
    let cases: [(Limits, Limits, Refusal); 6] = [
        (Limits { tickets: 2, ..limits }, Limits { tickets: 1, ..limits }, rule(Rule::TicketsAboveLimit, 2, 1)),
        (
            Limits { ticket: atoms(PRICE), ..limits },
            Limits { ticket: atoms(PRICE - 1), ..limits },
            rule(Rule::AmountAboveLimit, atoms(PRICE), atoms(PRICE - 1)),
        ),
        (
            Limits { total: atoms(2 * PRICE), ..limits },
            Limits { total: atoms(2 * PRICE - 1), ..limits },
            rule(Rule::TotalAboveLimit, atoms(2 * PRICE), atoms(2 * PRICE - 1)),
        ),
        (
            Limits { fee_rate: FeeRate::from_atoms_per_kb(10_000), ..limits },
            Limits { fee_rate: FeeRate::from_atoms_per_kb(9_999), ..limits },
            rule(Rule::FeeAboveLimit, Figure::Rate(10_000), Figure::Rate(9_999)),
        ),
        (
            Limits { fee: atoms(TICKET_FEE), ..limits },
            Limits { fee: atoms(TICKET_FEE - 1), ..limits },
            rule(Rule::FeeAboveLimit, atoms(TICKET_FEE), atoms(TICKET_FEE - 1)),
        ),
        (
            Limits { expiry_distance: 288, ..limits },
            Limits { expiry_distance: 287, ..limits },
            rule(Rule::ExpiryTooFar, Height(1_100_288), Height(1_100_287)),
        ),
    ];
    let ran = cases.len();
    for (enough, short, refusal) in cases {
        taken(&two, &enough);
        let refusal = if refusal.rule == Rule::AmountAboveLimit { refusal.at(Part::Ticket(0)) } else { refusal };
        refused(&two, &short, refusal);
    }
    println!("limits at their boundary: {ran} cases");
    assert_eq!(ran, 6);
}

#[test]
fn the_fee_of_a_split_has_the_limit_of_a_fee() {
    // One input, 20 ticket outputs and change: 12 + 3 + 166 + 21 * 36 bytes.
    let fee = 9_370;
    let ask = Ask::simple(20);
    taken(&ask, &Limits { fee: atoms(fee), ..WIDE });
    refused(&ask, &Limits { fee: atoms(fee - 1), ..WIDE }, rule(Rule::FeeAboveLimit, atoms(fee), atoms(fee - 1)));
}

#[test]
fn the_fee_of_a_send_has_the_limits_of_fees() {
    // One input, one output and change.
    let fee = 2_530;
    let ask = Ask::send(&[PRICE], vec![pay(PRICE / 2)]);
    taken(&ask, &Limits { fee: atoms(fee), ..WIDE });
    refused(&ask, &Limits { fee: atoms(fee - 1), ..WIDE }, rule(Rule::FeeAboveLimit, atoms(fee), atoms(fee - 1)));
    let cheap = Limits { fee_rate: FeeRate::from_atoms_per_kb(9_999), ..WIDE };
    refused(&ask, &cheap, rule(Rule::FeeAboveLimit, Figure::Rate(10_000), Figure::Rate(9_999)));
}

#[test]
fn the_least_fee_rate_is_that_of_the_relays() {
    let refusal = rule(Rule::FeeRateBelowRelay, Figure::Rate(9_999), Figure::Rate(10_000));
    for ask in [Ask::simple(1), Ask::send(&[PRICE], vec![pay(PRICE / 2)])] {
        taken(&ask, &WIDE);
        refused(&ask.with(4, Uint(9_999)), &WIDE, refusal);
    }
    // Even under limits below the least rate, the rate is what is wrong.
    let cheap = Limits { fee_rate: FeeRate::from_atoms_per_kb(1), ..WIDE };
    refused(&Ask::simple(1).with(4, Uint(9_999)), &cheap, refusal);
}

#[test]
fn a_purse_is_paid_from_dust_to_its_limit() {
    let ask = |atoms| Ask::simple(1).with(8, uints([atoms, 3]));
    taken(&ask(6_030), &WIDE);
    refused(&ask(6_029), &WIDE, rule(Rule::PurseDust, atoms(6_029), atoms(6_030)));
    let limits = Limits { purse: atoms(1_000_000), ..WIDE };
    taken(&ask(1_000_000), &limits);
    refused(&ask(1_000_001), &limits, rule(Rule::PurseAboveLimit, atoms(1_000_001), atoms(1_000_000)));
}

#[test]
fn headroom_is_measured_to_the_atom() {
    let ask = |amount, price| Ask::simple(1).with(3, Uint(amount)).with(10, uints([TIP, 1, price]));
    let headroom = |headroom| Limits { headroom, ..WIDE };
    let refusal = |found, expected| rule(Rule::HeadroomAboveLimit, atoms(found), atoms(expected)).at(Part::Ticket(0));
    // 10 %, nothing, 0.01 %, and a bound between two atoms.
    for (limit, price, most) in
        [(1_000, 10_000_000, 11_000_000), (0, PRICE, PRICE), (1, 10_000_000, 10_001_000), (5, 3_333_333, 3_334_999)]
    {
        taken(&ask(most, price), &headroom(limit));
        refused(&ask(most + 1, price), &headroom(limit), refusal(most + 1, most));
    }
    // Without a price nothing is a little more than it.
    refused(&ask(PRICE, 0), &headroom(u32::MAX), refusal(PRICE, 0));
    // The bound is more than all coins: it is not an amount that can be named.
    let most = 2_100_000_000_000_000;
    taken(&Ask::direct(&[most - 1]).with(3, Uint(1)).with(10, uints([TIP, 1, most])), &headroom(u32::MAX));
}

#[test]
fn tickets_expire_between_the_claim_and_the_limit() {
    let ask = |expiry| Ask::simple(1).with(9, Uint(expiry));
    let height = |height: u64| Height(u32::try_from(height).unwrap());
    let limits = Limits { expiry_distance: 432, ..WIDE };
    taken(&ask(TIP + 1), &limits);
    taken(&ask(TIP + 432), &limits);
    refused(&ask(TIP + 433), &limits, rule(Rule::ExpiryTooFar, height(TIP + 433), height(TIP + 432)));
    for early in [TIP, TIP - 1, 1] {
        refused(&ask(early), &limits, rule(Rule::ExpiryNotAfterClaim, height(early), height(TIP + 1)));
    }
    refused(&ask(0), &limits, Rule::ExpiryMissing.into());
    // Bounds beyond the last height are not named.
    let last = u64::from(u32::MAX);
    let at_the_end = |tip, expiry| ask(expiry).with(10, uints([tip, 1, PRICE]));
    let none = Refusal::new(Rule::ExpiryNotAfterClaim).found(height(last).into());
    refused(&at_the_end(last, last), &limits, none);
    refused(&at_the_end(1, last), &limits, rule(Rule::ExpiryTooFar, height(last), height(433)));
}

#[test]
fn nothing_is_not_bought() {
    refused(&Ask::simple(1).with(2, Uint(0)), &WIDE, Rule::TicketsZero.into());
    refused(&Ask::simple(1).with(3, Uint(0)), &WIDE, Rule::AmountZero.into());
    let nothing = List(vec![]);
    refused(&Ask::register(1).with(1, nothing.clone()).with(13, nothing), &WIDE, Rule::TicketsZero.into());
}

#[test]
fn an_output_of_the_split_is_no_dust() {
    // What the split pays is the ticket and its fee.
    let ask = |amount| Ask::simple(1).with(3, Uint(amount));
    taken(&ask(6_030 - TICKET_FEE), &WIDE);
    let dust = rule(Rule::DustOutput, atoms(6_029), atoms(6_030));
    refused(&ask(6_029 - TICKET_FEE), &WIDE, dust);
}

#[test]
fn outputs_of_a_send_are_no_dust() {
    for output in [pay, pay_script, |atoms| pay_purse(4, atoms)] {
        let ask = |least| Ask::send(&[PRICE], vec![pay(10_000), output(least)]);
        taken(&ask(6_030), &WIDE);
        let refusal = Refusal::new(Rule::DustOutput).at(Part::Output(1));
        refused(&ask(6_029), &WIDE, refusal.found(atoms(6_029).into()).expected(atoms(6_030).into()));
        let refusal = Refusal::new(Rule::AmountZero).at(Part::Output(1));
        refused(&ask(0), &WIDE, refusal.found(Amount::ZERO.into()));
    }
}

#[test]
fn no_output_is_spent_twice() {
    let coins = [PRICE, PRICE, PRICE];
    let ask = |inputs: [[u64; 4]; 3]| Ask::purchase(&coins, 2).with(1, List(inputs.map(uints).to_vec()));
    taken(&ask([[0, 0, 0, 0], [0, 1, 0, 1], [0, 2, 0, 2]]), &WIDE);
    let refusal = |first| Refusal::new(Rule::InputDuplicate).at(Part::Input(first));
    refused(&ask([[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]]), &WIDE, refusal(0));
    refused(&ask([[0, 0, 0, 0], [0, 2, 0, 2], [0, 2, 0, 2]]), &WIDE, refusal(1));
    // The same place in two parents is two outputs.
    let parents = List(vec![Bytes(parent(&coins)), Bytes(parent(&[PRICE, PRICE]))]);
    taken(&ask([[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 1]]).with(13, parents), &WIDE);
}

#[test]
fn every_input_pays_the_key_at_its_path() {
    let coins = [PRICE, 2 * PRICE];
    let at = |path: [u64; 2]| uints([0, 1, path[0], path[1]]);
    let ask = |path| Ask::purchase(&coins, 2).with(1, List(vec![uints([0, 0, 0, 0]), at(path)]));
    taken(&ask([0, 1]), &WIDE);
    for (branch, index) in [(0, 0), (1, 1), (0, 2)] {
        let refusal = rule(Rule::InputNotOurs, own(0, 1), own(branch, index)).at(Part::Input(1));
        refused(&ask([branch.into(), index.into()]), &WIDE, refusal);
    }
}

#[test]
fn a_registration_takes_as_many_tickets_as_the_limit_says() {
    let limits = Limits { tickets: 3, ..WIDE };
    taken(&Ask::register(3), &limits);
    refused(&Ask::register(4), &limits, rule(Rule::TicketsAboveLimit, 4, 3));
}

#[test]
fn the_reward_of_a_registered_ticket_returns_to_us() {
    let other = Hash160::from_bytes(SOMEBODY);
    for (payee, found) in
        [(Payee::KeyHash(other), Figure::Hash(other)), (Payee::ScriptHash(own(1, 1)), Figure::ScriptHash(own(1, 1)))]
    {
        let tickets = [Payee::KeyHash(own(1, 0)), payee].map(|payee| Bytes(ticket(&key(SOMEBODY), payee)));
        let refusal = rule(Rule::CommitmentNotOurs, found, own(1, 1)).at(Part::Ticket(1));
        refused(&Ask::register(2).with(13, List(tickets.to_vec())), &WIDE, refusal);
    }
    let malformed = List(vec![Bytes(ticket(&key(SOMEBODY), Payee::KeyHash(own(1, 0)))), Bytes(vec![1, 0, 1, 0])]);
    let refusal = Refusal::new(Rule::TicketMalformed).at(Part::Ticket(1));
    refused(&Ask::register(2).with(13, malformed), &WIDE, refusal);
}

#[test]
fn wallet_and_voter_are_asked_first() {
    let stranger = List(vec![Bytes(vec![0; 16]), Uint(0)]);
    refused(&Ask::simple(1).with(6, stranger.clone()), &WIDE, Rule::VoterUnknown.into());
    refused(&Ask::register(1).with(6, stranger), &WIDE, Rule::VoterUnknown.into());
    let purse = List(vec![Uint(2), Bytes(vec![0; 16]), Uint(0), Uint(10_000)]);
    refused(&Ask::send(&[PRICE], vec![purse]), &WIDE, Rule::VoterUnknown.into());
    refused(&Ask::simple(1).with(0, uints([42, 1])), &WIDE, Rule::AccountUnknown.into());
    let mut other = Ask::simple(1).with(0, uints([1, 0]));
    other.network = Network::Simnet;
    refused(&other, &WIDE, Rule::NetworkMismatch.into());
}

#[test]
fn sums_beyond_all_coins_are_refused() {
    let all = 2_100_000_000_000_000_u64;
    let overflow = Refusal::new(Rule::AmountOverflow);
    // Two coins that cannot both exist, in a split, in a send, and as tickets.
    refused(&Ask::purchase(&[all, 1], 1), &WIDE, overflow);
    refused(&Ask::send(&[all, 1], vec![pay(PRICE)]), &WIDE, overflow);
    let wide = Ask::direct(&[all, all]).with(10, uints([TIP, 1, all]));
    refused(&wide, &WIDE, overflow);
    // A ticket, or tickets, with fees; then with a purse.
    refused(&Ask::simple(1).with(3, Uint(all)), &WIDE, overflow);
    refused(&Ask::simple(3).with(3, Uint(all / 3)), &WIDE, overflow);
    refused(&Ask::simple(1).with(3, Uint(all - TICKET_FEE)).with(8, uints([6_030, 0])), &WIDE, overflow);
    refused(&Ask::direct(&[all]).with(3, Uint(all)), &WIDE, overflow);
    // Outputs of a send.
    refused(&Ask::send(&[all], vec![pay(all), pay(6_030)]), &WIDE, overflow);
    // A fee that no coins could pay.
    refused(&Ask::simple(1).with(4, Uint(u64::MAX)), &WIDE, overflow);
    refused(&Ask::sweep(&[PRICE], vec![pay(0)]).with(4, Uint(u64::MAX)), &WIDE, overflow);
}

#[test]
fn voting_rights_go_to_as_many_addresses_as_there_are_tickets() {
    let hashes = |count| List((0..count).map(|byte| Bytes(vec![byte; 20])).collect());
    let ask = |count| Ask::simple(2).without(6).with(7, hashes(count));
    taken(&ask(2), &WIDE);
    for count in [1_u8, 3] {
        refused(&ask(count), &WIDE, rule(Rule::NotCanonical, u32::from(count), 2));
    }
}

#[test]
fn a_direct_purchase_has_a_coin_for_each_ticket() {
    let least = PRICE + TICKET_FEE;
    taken(&Ask::direct(&[least, least + 5]), &WIDE);
    let short = rule(Rule::DirectValueShort, atoms(least - 1), atoms(least)).at(Part::Ticket(1));
    refused(&Ask::direct(&[least, least - 1]), &WIDE, short);
    let figures =
        |rule, coins, tickets| Refusal::new(rule).found(Figure::Number(coins)).expected(Figure::Number(tickets));
    refused(&Ask::direct(&[least; 2]).with(2, Uint(3)), &WIDE, figures(Rule::DirectValueShort, 2, 3));
    refused(&Ask::direct(&[least; 2]).with(2, Uint(1)), &WIDE, figures(Rule::NotCanonical, 2, 1));
    // What each locks is what the limit is about, and which one is named.
    let limits = Limits { ticket: atoms(PRICE), ..WIDE };
    let refusal = rule(Rule::AmountAboveLimit, atoms(PRICE + 5), atoms(PRICE)).at(Part::Ticket(1));
    refused(&Ask::direct(&[least, least + 5]), &limits, refusal);
    let limits = Limits { total: atoms(2 * PRICE + 4), ..WIDE };
    refused(
        &Ask::direct(&[least, least + 5]),
        &limits,
        rule(Rule::TotalAboveLimit, atoms(2 * PRICE + 5), limits.total),
    );
}

#[test]
fn the_highest_indexes_leave_room_to_count() {
    let last = u64::from(dcrcold_core::path::Index::LIMIT - 1);
    let ask = Ask::simple(20).with(5, Uint(last)).with(6, voter(u32::try_from(last).unwrap()));
    taken(&ask, &WIDE);
}
