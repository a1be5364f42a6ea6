//! Requests that read well and ask for too much or for what is not there: money, coins, tickets, voters.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::amount::{Amount, FeeRate, Height, MAX_ATOMS};
use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::path::{Account, CoinType, KeyPath};
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::request::{Claim, Funding, Output, Purse, Recipient, Rest};
use dcrcold_core::script::Payee;
use dcrcold_signer::hd::{ChildNumber, ExtendedKeyData};
use dcrcold_signer::keystore::Contents;
use dcrcold_signer::transfer::{InputRef, Purchase, Send, Voting};
use dcrcold_signer::tx::TxOut;
use dcrcold_signer::voter::VoterKeys;

use crate::cases::Cases;
use crate::cold::{self, NETWORK, PRICE, TIP, atoms, encoded, external, index, parent_of, ticket};

pub fn money(cases: &mut Cases<'_>) {
    let cold = cases.cold;
    let (above, most) = (atoms(40_000_000_001), atoms(MAX_ATOMS));
    cases.purchase(Rule::TicketsZero, "no ticket", |purchase| purchase.tickets = 0);
    cases.purchase(Rule::AmountZero, "worth nothing", |purchase| purchase.amount = Amount::ZERO);
    cases.purchase(Rule::FeeRateBelowRelay, "9,999", |purchase| purchase.fee_rate = FeeRate::from_atoms_per_kb(9_999));
    cases.purchase(Rule::FeeAboveLimit, "100,001", |purchase| purchase.fee_rate = FeeRate::from_atoms_per_kb(100_001));
    cases.purchase(Rule::ExpiryMissing, "0", |purchase| purchase.expiry = Height(0));
    cases.purchase(Rule::ExpiryNotAfterClaim, "the tip", |purchase| purchase.expiry = TIP);
    cases.purchase(Rule::ExpiryTooFar, "433 blocks", |purchase| purchase.expiry = Height(TIP.0 + 433));
    let purse = |amount| Some(Purse { amount: atoms(amount), index: index(0) });
    cases.purchase(Rule::PurseDust, "6,029", |purchase| purchase.purse = purse(6_029));
    cases.purchase(Rule::PurseAboveLimit, "1.00000001 DCR", |purchase| purchase.purse = purse(100_000_001));
    cases.purchase(Rule::FundsShort, "a coin for less", |purchase| purchase.parents = vec![cold.parent(&[PRICE])]);
    cases.purchase(Rule::FundsShort, "no coin", |purchase| (purchase.inputs, purchase.parents) = (vec![], vec![]));
    cases.purchase(Rule::DustOutput, "an atom too few for a ticket's output of the split", |purchase| {
        (purchase.amount, purchase.claim.price) = (atoms(6_029 - 2_980), Some(atoms(6_030)));
    });
    cases.purchase(Rule::AmountAboveLimit, "400.00000001 DCR", |purchase| {
        (purchase.amount, purchase.claim.price) = (above, Some(above));
        purchase.parents = vec![cold.parent(&[atoms(50_000_000_000)])];
    });
    cases.purchase(Rule::HeadroomAboveLimit, "an atom over 10 %", |purchase| {
        purchase.claim.price = Some(atoms(22_727_272_727));
    });
    cases
        .purchase(Rule::HeadroomAboveLimit, "a price of nothing", |purchase| purchase.claim.price = Some(Amount::ZERO));
    cases.purchase(Rule::AmountOverflow, "coins beyond all that exist", |purchase| {
        purchase.parents = vec![cold.parent(&[most, most])];
        purchase.inputs.push(InputRef { parent: 0, output: 1, path: external(1) });
    });
    let small_fee = Limits { fee: atoms(2_979), ..Limits::DEFAULT };
    cases.limited(Rule::FeeAboveLimit, "the fee of a ticket", encoded(&cold.purchase(1)), small_fee);
    let joined = Purchase { parents: vec![cold.parent(&[atoms(PRICE.atoms() + 2_980 + 8_559)])], ..cold.purchase(1) };
    let small_fee = Limits { fee: atoms(8_558), ..Limits::DEFAULT };
    cases.limited(Rule::FeeAboveLimit, "what joined the fee", encoded(&joined), small_fee);
    let small_total = Limits { total: atoms(PRICE.atoms() * 2 - 1), ..Limits::DEFAULT };
    cases.limited(Rule::TotalAboveLimit, "two tickets", encoded(&cold.purchase(2)), small_total);
    let coins = [atoms(PRICE.atoms() + 2_980), atoms(PRICE.atoms() + 2_981)];
    let small_total = Limits { total: atoms(PRICE.atoms() * 2), ..Limits::DEFAULT };
    cases.limited(Rule::TotalAboveLimit, "an atom in the second coin", encoded(&cold.direct(&coins)), small_total);
}

pub fn direct(cases: &mut Cases<'_>) {
    let (cold, coin) = (cases.cold, atoms(PRICE.atoms() + 2_980));
    let short = cold.direct(&[coin, atoms(coin.atoms() - 1)]);
    cases.add(Rule::DirectValueShort, "an atom too few in the second coin", encoded(&short));
    cases.add(Rule::DirectValueShort, "a coin too few", encoded(&Purchase { tickets: 2, ..cold.direct(&[coin]) }));
    let large = atoms(40_000_002_981);
    let claim = Claim { price: Some(atoms(40_000_000_000)), ..cold.direct(&[large]).claim };
    cases.add(Rule::AmountAboveLimit, "a large coin", encoded(&Purchase { claim, ..cold.direct(&[large]) }));
    let headroom = cold.direct(&[atoms(27_500_002_981)]);
    assert_eq!(headroom.funding, Funding::Direct);
    cases.add(Rule::HeadroomAboveLimit, "a coin over 10 %", encoded(&headroom));
}

pub fn sends(cases: &mut Cases<'_>) {
    cases.send(Rule::FeeRateBelowRelay, "9,999", |send| send.fee_rate = FeeRate::from_atoms_per_kb(9_999));
    cases.send(Rule::FeeAboveLimit, "100,001", |send| send.fee_rate = FeeRate::from_atoms_per_kb(100_001));
    cases.send(Rule::InputNotOurs, "another key", |send| send.inputs[0].path = external(1));
    cases.send(Rule::InputDuplicate, "the same output twice", |send| send.inputs.push(send.inputs[0]));
    cases.send(Rule::AmountZero, "worth nothing", |send| send.outputs[0].amount = Amount::ZERO);
    cases.send(Rule::DustOutput, "6,029", |send| send.outputs[0].amount = atoms(6_029));
    cases.send(Rule::FundsShort, "more than there is", |send| send.outputs[0].amount = atoms(300_000_000));
    cases.send(Rule::FundsShort, "no output and no change", |send| {
        send.outputs.clear();
        send.rest = Rest::Change(index(0));
        send.parents = vec![parent_of(vec![TxOut::new(atoms(7_000), &send.parents[0][47 + 11..47 + 11 + 25])])];
    });
    cases.send(Rule::AmountOverflow, "outputs beyond all that exist", |send| {
        send.outputs = vec![Output { amount: atoms(MAX_ATOMS), ..send.outputs[0] }; 2];
    });
    let swept = |send: &mut Send, value| {
        send.rest = Rest::Sweep;
        send.outputs[0].amount = Amount::ZERO;
        send.parents = vec![parent_of(vec![TxOut::new(atoms(value), &send.parents[0][47 + 11..47 + 11 + 25])])];
    };
    cases.send(Rule::FundsShort, "a sweep of less than the fee", |send| swept(send, 2_169));
    cases.send(Rule::AmountZero, "a sweep of the fee", |send| swept(send, 2_170));
    cases.send(Rule::DustOutput, "a sweep of dust", |send| swept(send, 2_170 + 6_029));
}

pub fn registrations(cases: &mut Cases<'_>) {
    let ours = Payee::KeyHash(cases.cold.hash(external(0)));
    let (nobody, script) = (Hash160::from_bytes([4; 20]), Payee::ScriptHash(*ours.hash()));
    cases.register(Rule::TicketsZero, "no ticket", |register| {
        (register.paths, register.tickets) = (vec![], vec![]);
    });
    cases.register(Rule::CommitmentNotOurs, "pays somebody", |register| {
        register.tickets = vec![ticket(Payee::KeyHash(nobody), Payee::KeyHash(nobody))];
    });
    cases.register(Rule::CommitmentNotOurs, "pays a script of the same hash", |register| {
        register.tickets = vec![ticket(Payee::KeyHash(nobody), script)];
    });
    cases.register(Rule::CommitmentNotOurs, "another path", |register| register.paths[0] = KeyPath::internal(index(0)));
    cases.register(Rule::VoterAddressUnsupported, "a script votes", |register| {
        register.tickets = vec![ticket(Payee::ScriptHash(nobody), ours)];
    });
    cases.register(Rule::TicketMalformed, "a byte too few", |register| register.tickets[0].truncate(171));
    cases.register(Rule::TicketMalformed, "a byte too many", |register| register.tickets[0].push(0));
    cases.register(Rule::TicketMalformed, "nothing", |register| register.tickets[0].clear());
    cases.register(Rule::TicketMalformed, "two inputs", |register| register.tickets[0][4] = 2);
    cases.register(Rule::TicketMalformed, "script version 1", |register| register.tickets[0][47 + 8] = 1);
    cases.register(Rule::TicketMalformed, "a vote", |register| register.tickets[0][47 + 11] = 0xbb);
}

pub fn voters(cases: &mut Cases<'_>) {
    let stranger = Fingerprint::from_bytes([9; 16]);
    cases.purchase(Rule::VoterUnknown, "a stranger votes", |purchase| {
        purchase.voting = Voting::Voter { fingerprint: stranger, first: index(0) };
    });
    cases.register(Rule::VoterUnknown, "a stranger is registered", |register| register.voter = stranger);
    cases.send(Rule::VoterUnknown, "a stranger's purse", |send| {
        send.outputs[0].recipient = Recipient::Purse { fingerprint: stranger, index: index(0) };
    });
    let generation = dcrcold_core::path::Generation::new(1).expect("below 16");
    let master = cases.cold.contents.master().expect("a seed that gives keys");
    let unused = dcrcold_signer::voter::own_accounts(&master, cases.cold.path().coin_type, Account::FIRST, generation);
    let unused = unused.expect("accounts that exist").map(|account| *account.public().node());
    cases.purchase(Rule::VoterUnknown, "an own voter that is not in use", |purchase| {
        let fingerprint = dcrcold_signer::voter::fingerprint(NETWORK, &unused);
        purchase.voting = Voting::Voter { fingerprint, first: index(0) };
    });
    for (rule, voter) in bad_voters(&cases.cold.contents) {
        let fingerprint = voter.fingerprint(NETWORK);
        let voting = Voting::Voter { fingerprint, first: index(0) };
        cases.purchase(rule, "a bad voter votes", |purchase| purchase.voting = voting);
        cases.register(rule, "a bad voter is registered", |register| register.voter = fingerprint);
        cases.send(rule, "a bad voter's purse", |send| {
            send.outputs[0].recipient = Recipient::Purse { fingerprint, index: index(0) };
        });
    }
    cases.purchase(Rule::AccountUnknown, "account 1", |purchase| {
        purchase.account.account = Account::new(1).expect("a spending account");
    });
    cases.purchase(Rule::AccountUnknown, "the legacy coin type", |purchase| {
        purchase.account.coin_type = CoinType::new(NETWORK, 20).expect("mainnet's second one");
    });
}

/// Voters that no signer registers, with the rule that stops them wherever they come from.
pub fn bad_voters(contents: &Contents) -> [(Rule, VoterKeys); 3] {
    let master = contents.master().expect("a seed that gives keys");
    let account = *master.account(contents.path(Account::FIRST)).expect("an account").public().node();
    let branch = account.child(ChildNumber::from_raw(1)).expect("a branch");
    let voter = |name: &str, place: usize, key: &ExtendedKeyData| {
        let mut voter = cold::foreign_voter();
        voter.name = name.parse().expect("a name");
        voter.accounts[place] = *key;
        voter
    };
    let twin = voter("twin", 2, &cold::foreign_voter().accounts[0]);
    [
        (Rule::VoterAccountsNotDistinct, twin),
        (Rule::VoterIsSpendingAccount, voter("account", 0, &account)),
        (Rule::VoterIsSpendingAccount, voter("branch", 1, &branch)),
    ]
}
