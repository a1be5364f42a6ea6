//! The numbers and bytes of what is built, against the formulas of docs/protocol.md worked out here once more.

use dcrcold_core::amount::Amount;
use dcrcold_core::fees::Remainder;
use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::{NoMemory, Work};
use dcrcold_core::path::VoterAccount;
use dcrcold_core::policy::{Refusal, Rule};
use dcrcold_core::purchase::{funding_index, reward_index};
use dcrcold_core::request::Funding;
use dcrcold_core::script::{Payee, StakeTag};

use crate::ask::Item::{Bytes, List, Uint};
use crate::ask::{Ask, FIRST, Host, PRICE, SOMEBODY, TICKET_FEE, TIP, VOTE};
use crate::ask::{commitment, id, key, parent, pay, pay_purse, pay_script, prefix, script, uints, written};
use crate::limits::WIDE;
use crate::wallet::{index, of_voter, own};

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

fn review(ask: &Ask) -> Host {
    ask.review_with(&mut NoMemory, &WIDE).unwrap_or_else(|refusal| panic!("{refusal}"))
}

/// The script of one of our keys of branch 1.
fn internal(index: u32) -> Vec<u8> {
    script(None, Payee::KeyHash(own(1, index)))
}

/// The fee of a transaction with so many key hash inputs and outputs.
fn fee(rate: u64, inputs: u64, outputs: u64) -> u64 {
    let varint = |count| if count < 0xfd { 1 } else { 3 };
    rate * (12 + 2 * varint(inputs) + 166 * inputs + varint(outputs) + 36 * outputs) / 1_000
}

/// The ticket that spends output `from` of `parent`.
fn ticket((parent, from, tree): ([u8; 32], u32, u8), amount: u64, fee: u64, keys: [Hash160; 2]) -> Vec<u8> {
    let [voting, reward] = keys.map(Payee::KeyHash);
    let outputs = [
        (amount, script(Some(StakeTag::Submission), voting)),
        (0, commitment(reward, amount + fee)),
        (0, script(Some(StakeTag::Change), Payee::KeyHash(Hash160::ZERO))),
    ];
    prefix(&[(parent, from, tree)], &outputs, u32::try_from(TIP).unwrap() + 288)
}

fn remainder(reviewed: &Host) -> Remainder {
    match reviewed.work() {
        Work::Purchase(purchase) => purchase.split().unwrap().remainder,
        Work::Send(send) => *send.remainder(),
        Work::Register(_) => panic!("nothing is paid"),
    }
}

/// Coins that are together worth `total`.
fn coins(count: u64, total: u64) -> Vec<u64> {
    let mut coins = vec![1; usize::try_from(count).unwrap()];
    coins[0] = total - (count - 1);
    coins
}

#[test]
fn change_is_paid_from_dust_on_and_is_fee_below() {
    let mut ran = 0;
    for (tickets, purse) in [(1, false), (2, true), (20, false), (99, true), (100, true)] {
        for inputs in [1, 2, 24, 252, 253, 256] {
            for rate in [10_000, 12_345, 99_999] {
                let each = PRICE + rate * 298 / 1_000;
                let outputs = tickets + u64::from(purse);
                let spent = tickets * each + if purse { 6_030 } else { 0 };
                let (without, with) = (fee(rate, inputs, outputs), fee(rate, inputs, outputs + 1));
                let ask = |total| {
                    let ask = Ask::purchase(&coins(inputs, total), tickets).with(4, Uint(rate));
                    if purse { ask.with(8, uints([6_030, 3])) } else { ask }
                };
                let divided = |total| remainder(&review(&ask(total)));
                let paid = |fee: u64, change: Option<u64>| Remainder { fee: atoms(fee), change: change.map(atoms) };
                assert_eq!(divided(spent + with + 6_030), paid(with, Some(6_030)));
                assert_eq!(divided(spent + with + 6_029), paid(with + 6_029, None));
                assert_eq!(divided(spent + with + PRICE), paid(with, Some(PRICE)));
                assert_eq!(divided(spent + with - 1), paid(with - 1, None));
                assert_eq!(divided(spent + without), paid(without, None));
                let short = ask(spent + without - 1).review_with(&mut NoMemory, &WIDE).map(|_| "taken");
                let needed = Refusal::new(Rule::FundsShort).found(atoms(spent + without - 1).into());
                assert_eq!(short, Err(needed.expected(atoms(spent + without).into())));
                ran += 6;
            }
        }
    }
    println!("what is left of the inputs: {ran} cases");
    assert_eq!(ran, 5 * 6 * 3 * 6);
}

#[test]
fn coins_that_do_not_even_cover_the_outputs_are_short() {
    let needed = PRICE + TICKET_FEE + fee(10_000, 1, 1);
    let short = |total: u64| Refusal::new(Rule::FundsShort).found(atoms(total).into()).expected(atoms(needed).into());
    for total in [1, PRICE, PRICE + TICKET_FEE] {
        assert_eq!(Ask::purchase(&[total], 1).review().map(|_| "taken"), Err(short(total)));
    }
}

#[test]
fn a_split_pays_tickets_then_the_purse_then_change() {
    for (purse, change) in [(false, false), (false, true), (true, false), (true, true)] {
        let each = PRICE + TICKET_FEE;
        let outputs = 3 + u64::from(purse) + u64::from(change);
        let fee = fee(10_000, 2, outputs);
        let total = 3 * each + if purse { 6_030 } else { 0 } + fee + if change { 70_000 } else { 0 };
        let values = [total - 5_000, 5_000];
        let mut ask = Ask::purchase(&values, 3);
        let mut expected: Vec<_> = [8, 10, 12].map(|at| (each, internal(at))).to_vec();
        if purse {
            ask = ask.with(8, uints([6_030, 3]));
            expected.push((6_030, script(None, Payee::KeyHash(of_voter(VoterAccount::Purse, 3)))));
        }
        if change {
            expected.push((70_000, internal(FIRST)));
        }
        let parent = *id(&parent(&values)).as_bytes();
        let split = prefix(&[(parent, 0, 0), (parent, 1, 0)], &expected, 0);
        let reviewed = review(&ask);
        let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
        assert_eq!(written(|sink| purchase.write_split(sink)), split);
        assert_eq!(purchase.split().unwrap().id, id(&split));
        for number in 0..3 {
            let keys = [of_voter(VoterAccount::Voting, VOTE + number), own(1, FIRST + 2 + 2 * number)];
            let ticket = ticket((*id(&split).as_bytes(), number, 0), PRICE, TICKET_FEE, keys);
            assert_eq!(written(|sink| purchase.write_ticket(number, sink)), ticket);
            assert_eq!(purchase.ticket_id(number), Some(id(&ticket)));
            assert_eq!(purchase.locked(number), Some(atoms(PRICE)));
            assert_eq!(purchase.keys()[number as usize].funding, own(1, FIRST + 1 + 2 * number));
            let alt_sign = of_voter(VoterAccount::AltSign, VOTE + number);
            assert_eq!(purchase.keys()[number as usize].alt_sign, Some(alt_sign));
        }
        assert_eq!(purchase.locked_total(), Some(atoms(3 * PRICE)));
        assert_eq!((purchase.ticket_id(3), purchase.keys().len()), (None, 3));
        assert_eq!(written(|sink| purchase.write_ticket(3, sink)), b"");
    }
}

#[test]
fn direct_tickets_spend_the_coins_themselves() {
    // The second coin is the payout of a vote, in the stake tree.
    let values = [PRICE + TICKET_FEE, PRICE + TICKET_FEE + 77];
    let paid = |number| Payee::KeyHash(own(0, number));
    let outputs = [(values[0], script(None, paid(0))), (values[1], script(Some(StakeTag::Vote), paid(1)))];
    let parent = prefix(&[([0xaa; 32], 3, 0)], &outputs, 0);
    let reviewed = review(&Ask::direct(&values).with(13, List(vec![Bytes(parent.clone())])));
    let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
    assert_eq!((purchase.split(), written(|sink| purchase.write_split(sink))), (None, vec![]));
    for (number, amount, tree) in [(0, PRICE, 0), (1, PRICE + 77, 1)] {
        let keys = [of_voter(VoterAccount::Voting, VOTE + number), own(1, FIRST + number)];
        let ticket = ticket((*id(&parent).as_bytes(), number, tree), amount, TICKET_FEE, keys);
        assert_eq!(written(|sink| purchase.write_ticket(number, sink)), ticket);
        assert_eq!(purchase.ticket_id(number), Some(id(&ticket)));
        assert_eq!(purchase.locked(number), Some(atoms(amount)));
        assert_eq!(purchase.keys()[number as usize].funding, Hash160::ZERO);
    }
    assert_eq!(purchase.locked_total(), Some(atoms(2 * PRICE + 77)));
    assert_eq!((purchase.ticket_id(2), purchase.locked(2)), (None, None));
}

#[test]
fn addresses_of_others_vote_without_messages() {
    let hashes = [[1; 20], [2; 20]];
    let voting = List(hashes.map(|hash| Bytes(hash.to_vec())).to_vec());
    let reviewed = review(&Ask::simple(2).without(6).with(7, voting));
    let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
    for (keys, hash) in purchase.keys().iter().zip(hashes) {
        assert_eq!((keys.voting, keys.alt_sign), (Hash160::from_bytes(hash), None));
    }
    assert_eq!(reviewed.counts(), [1, 2, 0]);
    assert!(reviewed.registration(0).is_none() && reviewed.voter().is_none());
    assert_eq!(written(|sink| reviewed.write_registration(0, sink)), b"");
}

#[test]
fn a_send_pays_in_order_and_returns_the_rest() {
    let purse = script(None, Payee::KeyHash(of_voter(VoterAccount::Purse, 4)));
    let hashed = script(None, Payee::ScriptHash(Hash160::from_bytes(SOMEBODY)));
    let outputs = vec![pay(1_000_000), pay_script(2_000_000), pay_purse(4, 3_000_000)];
    // A script hash script is two bytes shorter.
    let fee = 10 * (12 + 3 + 166 + 4 * 36 - 2);
    let values = [6_000_000 + fee + 6_030];
    let reviewed = review(&Ask::send(&values, outputs.clone()));
    assert_eq!(remainder(&reviewed), Remainder { fee: atoms(fee), change: Some(atoms(6_030)) });
    let mut expected =
        vec![(1_000_000, key(SOMEBODY)), (2_000_000, hashed), (3_000_000, purse), (6_030, internal(FIRST))];
    let spent = |values: &[u64]| [(*id(&parent(values)).as_bytes(), 0, 0)];
    let built = |reviewed: &Host| {
        let Work::Send(send) = reviewed.work() else { panic!("no send") };
        let bytes = written(|sink| send.write(sink));
        assert_eq!(*send.id(), id(&bytes));
        bytes
    };
    assert_eq!(built(&reviewed), prefix(&spent(&values), &expected, 0));
    let values = [6_000_000 + fee + 6_029];
    let reviewed = review(&Ask::send(&values, outputs.clone()));
    expected.truncate(3);
    assert_eq!(remainder(&reviewed), Remainder { fee: atoms(fee + 6_029), change: None });
    assert_eq!(built(&reviewed), prefix(&spent(&values), &expected, 0));
    // Swept, the last one takes all but the fee.
    let fee = fee - 360;
    let values = [6_000_000 + fee];
    let reviewed = review(&Ask::sweep(&values, [&outputs[..2], &[pay_purse(4, 0)]].concat()));
    assert_eq!(remainder(&reviewed), Remainder { fee: atoms(fee), change: None });
    assert_eq!(built(&reviewed), prefix(&spent(&values), &expected, 0));
}

#[test]
fn change_lies_lowest_and_funding_and_rewards_alternate() {
    for (number, funding, reward) in [(0, 8, 9), (1, 10, 11), (20, 48, 49)] {
        assert_eq!(funding_index(index(FIRST), number), Some(index(funding)));
        assert_eq!(reward_index(Funding::Split, index(FIRST), number), Some(index(reward)));
        assert_eq!(reward_index(Funding::Direct, index(FIRST), number), Some(index(FIRST + number)));
    }
    for number in [u32::MAX, u32::MAX / 2, u32::MAX / 2 + 1] {
        assert_eq!(funding_index(index(FIRST), number), None);
        assert_eq!(reward_index(Funding::Split, index(FIRST), number), None);
    }
}

#[test]
fn a_registration_keeps_the_tickets_that_came() {
    let reviewed = review(&Ask::register(2));
    let Work::Register(register) = reviewed.work() else { panic!("no registration") };
    for number in 0..2 {
        let ticket = crate::ask::ticket(&key(SOMEBODY), Payee::KeyHash(own(1, number)));
        assert_eq!(written(|sink| reviewed.write_ticket(number, sink)), ticket);
        assert_eq!(register.ticket_id(number), Some(id(&ticket)));
        let registered = register.tickets()[number as usize];
        assert_eq!(registered.alt_sign, of_voter(VoterAccount::AltSign, VOTE + number));
        assert_eq!(registered.amount, atoms(PRICE));
    }
    assert_eq!((register.ticket_id(2), register.tickets().len()), (None, 2));
    assert_eq!(written(|sink| reviewed.write_ticket(2, sink)), b"");
}
