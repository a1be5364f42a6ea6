//! Requests that break a rule: refused before anybody is asked, with the figures that every signer gives.

use dcrcold_core::amount::{FeeRate, Height};
use dcrcold_core::apdu::{Command, Failure, SpendingAccount};
use dcrcold_core::path::Index;
use dcrcold_core::policy::{Refusal, Rule};
use dcrcold_core::request::{Claim, Purse};
use dcrcold_signer::transfer::Purchase;

use crate::bench::{Bench, Person};
use crate::body::Body;
use crate::cases::record;
use crate::cold::{self, Cold, NETWORK, PRICE, TIP, atoms, encoded, external};
use crate::common::{Vectors, hex, list, text};
use crate::emulator::Tools;

/// The own voter that most of them name is one that a device does not register, so the rules that come after it are met
/// by [`by_the_name_of_the_rule`].
pub fn recorded_requests_as_by_every_signer(tools: &Tools) {
    let vectors = Vectors::load("builder.json");
    let refused = vectors.get("refused");
    let mut bench = Bench::start(tools, &hex(&refused["wallet"]["seed"]));
    let (mut ran, mut by_name) = (0, 0);
    for case in list(&refused["cases"]) {
        let Err(Failure::Refused(refusal)) = bench.stream(&hex(&case["request"]), 255) else {
            panic!("{}: taken", text(&case["why"]));
        };
        let recorded = refusal.rule.name() == text(&case["rule"]);
        assert!(recorded || refusal.rule == Rule::VoterUnknown, "{}: {refusal}", text(&case["why"]));
        by_name += usize::from(recorded);
        ran += 1;
    }
    println!("builder.json in Speculos: {ran} refusals, {by_name} by the recorded rule");
    assert_eq!((ran, by_name), (53, 48));
}

pub fn by_the_name_of_the_rule(tools: &Tools) {
    let cold = Cold::new();
    let mut bench = Bench::start(tools, &cold::SEED);
    let of = SpendingAccount { network: NETWORK, account: cold.path() };
    let voter = record(of, cold.voter());
    let mark = bench.ask(&Command::Register(voter), Person::Approves).reply.unwrap();
    let cases = broken(&cold);
    for (rule, request) in &cases {
        bench.name_known_voter(voter, &mark);
        let refused = bench.stream(request, 255);
        let Err(Failure::Refused(Refusal { rule: found, .. })) = refused else { panic!("{rule}: {refused:?}") };
        assert_eq!(found, *rule);
    }
    // What they were made from is taken.
    for good in [encoded(&cold.purchase(2)), encoded(&cold.send()), encoded(&cold.register())] {
        bench.name_known_voter(voter, &mark);
        assert_eq!(bench.stream(&good, 255).unwrap().len(), 33);
        bench.send(&Command::Abort).unwrap();
    }
    // The voter of a request has to be named, each time.
    let Err(Failure::Refused(refusal)) = bench.stream(&encoded(&cold.purchase(2)), 255) else { panic!("taken") };
    assert_eq!(refusal.rule, Rule::VoterUnknown);
    println!("rules in Speculos: {} refusals", cases.len() + 1);
    assert_eq!(cases.len(), 16);
}

/// Good requests with one thing wrong.
fn broken(cold: &Cold) -> Vec<(Rule, Vec<u8>)> {
    let purchase = || cold.purchase(2);
    let mut damaged = encoded(&purchase());
    damaged[20] ^= 1;
    let mut cut = cold.purchase(1);
    cut.parents[0].pop();
    let mut foreign = purchase();
    foreign.inputs[0].path = external(1);
    let mut missing = purchase();
    missing.inputs[0].output = 7;
    let mut twice = purchase();
    twice.inputs.push(twice.inputs[0]);
    let late = Claim { time: 0, ..purchase().claim };
    let dust = Purse { index: Index::FIRST, amount: atoms(1) };
    let rich = Purse { index: Index::FIRST, amount: atoms(100_000_001) };
    let mut with = Vec::new();
    let mut add = |rule, request| with.push((rule, request));
    add(Rule::IdMismatch, damaged);
    add(Rule::ParentMalformed, encoded(&cut));
    add(Rule::InputNotOurs, encoded(&foreign));
    add(Rule::OutputIndexOutOfRange, encoded(&missing));
    add(Rule::InputDuplicate, encoded(&twice));
    add(Rule::TimestampOutOfRange, encoded(&Purchase { claim: late, ..purchase() }));
    add(Rule::PurseDust, encoded(&Purchase { purse: Some(dust), ..purchase() }));
    add(Rule::PurseAboveLimit, encoded(&Purchase { purse: Some(rich), ..purchase() }));
    add(Rule::AmountZero, encoded(&Purchase { amount: atoms(0), ..purchase() }));
    let dear = atoms(40_100_000_000);
    let parents = vec![cold.parent(&[atoms(100_000_000_000)])];
    add(Rule::AmountAboveLimit, encoded(&Purchase { amount: dear, parents, ..purchase() }));
    let rate = FeeRate::from_atoms_per_kb(100_001);
    add(Rule::FeeAboveLimit, encoded(&Purchase { fee_rate: rate, ..purchase() }));
    let short = atoms(PRICE.atoms() + 200_000_000);
    add(Rule::FundsShort, encoded(&Purchase { amount: short, ..purchase() }));
    add(Rule::TicketsZero, encoded(&Purchase { tickets: 0, ..purchase() }));
    add(Rule::TicketsAboveLimit, encoded(&Purchase { tickets: 21, ..purchase() }));
    let far = Height(TIP.0 + 433);
    add(Rule::ExpiryTooFar, encoded(&Purchase { expiry: far, ..purchase() }));
    let unknown = Body::of(&encoded(&purchase())).with(99, |writer| _ = writer.uint(1)).request();
    add(Rule::NotCanonical, unknown);
    with
}
