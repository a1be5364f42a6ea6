//! Every rule, and requests that break it and nothing else, on a host and at the size of a Ledger.

#[path = "common/body.rs"]
mod body;
#[path = "rules/bytes.rs"]
mod bytes;
#[path = "rules/cases.rs"]
mod cases;
#[path = "common/cold.rs"]
mod cold;
#[path = "rules/limits.rs"]
mod limits;

use std::collections::BTreeMap;

use bytes::{container, form, parents, room, values};
use cases::{Case, Cases};
use cold::{Cold, NETWORK, encoded};
use dcrcold_core::policy::{Figure, Limits, Part, Rule};
use dcrcold_signer::rebuild::{KnownVoters, RebuildError, WatchKeys, rebuild};
use limits::{bad_voters, direct, money, registrations, sends, voters};

/// What fills the list, in the order of the checks.
const FILL: [fn(&mut Cases<'_>); 10] =
    [container, form, values, room, parents, money, direct, sends, registrations, voters];

/// Rules that no request can break on a host, and why.
const NOT_ON_A_HOST: [(Rule, &str); 2] = [
    (Rule::VoterOwnNotExportable, "a host exports the keys of its own voters"),
    (Rule::IndexTooFar, "needs a memory of what was approved before: tests/remembered.rs has its cases"),
];

fn cases<'a>(cold: &'a Cold, inputs: u32, tickets: u32) -> Vec<Case> {
    let mut cases = Cases::<'a> { cold, inputs, tickets, all: Vec::new() };
    for fill in FILL {
        fill(&mut cases);
    }
    cases.all
}

/// Runs the cases at one size and counts them by rule.
fn run<const I: usize, const T: usize>(cold: &Cold, cases: &[Case]) -> BTreeMap<u16, u32> {
    let mut ran = BTreeMap::new();
    for Case { rule, what, request, limits } in cases {
        match cold.review::<I, T>(request, limits) {
            Err(refusal) => assert_eq!(refusal.rule, *rule, "{I}/{T}: {rule}, {what}: {refusal}"),
            Ok(_) => panic!("{I}/{T}: {rule}, {what}: accepted"),
        }
        *ran.entry(rule.code()).or_default() += 1;
    }
    ran
}

fn cold() -> Cold {
    let mut cold = Cold::new();
    for (_, voter) in bad_voters(&cold.contents) {
        cold.contents.add_voter(voter).expect("whoever adds a voter checks it first");
    }
    cold
}

#[test]
fn every_rule_refuses_a_request() {
    let cold = cold();
    for honest in [encoded(&cold.purchase(3)), encoded(&cold.send()), encoded(&cold.register())] {
        cold.review::<256, 100>(&honest, &Limits::DEFAULT).expect("nothing is wrong with it");
        cold.review::<24, 20>(&honest, &Limits::DEFAULT).expect("nothing is wrong with it");
    }
    let host = run::<256, 100>(&cold, &cases(&cold, 256, 100));
    let ledger = run::<24, 20>(&cold, &cases(&cold, 24, 20));
    for rule in Rule::ALL {
        let reason = NOT_ON_A_HOST.iter().find(|(not, _)| not == rule).map(|(_, reason)| reason);
        match (host.get(&rule.code()), ledger.get(&rule.code()), reason) {
            (Some(_), Some(_), None) => {}
            (None, None, Some(reason)) => println!("{rule}: {reason}"),
            _ => panic!("{rule} has no case, or has one and is said to have none"),
        }
    }
    let (rules, requests) = (host.len(), host.values().chain(ledger.values()).sum::<u32>());
    println!("rules: {rules} of {}, {requests} cases at two sizes", Rule::ALL.len());
    assert_eq!(rules + NOT_ON_A_HOST.len(), Rule::ALL.len());
}

/// The online side runs the same core with public keys; it must not send what the signer will refuse.
#[test]
fn the_online_side_refuses_by_the_same_rule() {
    let cold = cold();
    let voters = cold.contents.voters().to_vec();
    let mut ran = 0;
    for Case { rule, what, request, limits } in cases(&cold, 256, 100) {
        let mut keys = WatchKeys::new(NETWORK, cold.path(), &cold.account);
        let mut known = KnownVoters::new(NETWORK, &cold.account, &voters);
        match rebuild(&request, &mut keys, &mut known, &limits) {
            Err(RebuildError::Refused(refusal)) => assert_eq!(refusal.rule, rule, "{what}: {refusal}"),
            other => panic!("{rule}, {what}: {:?}", other.err()),
        }
        ran += 1;
    }
    println!("rules on the online side: {ran} cases");
}

/// Rules that say all there is to say, or stand for what is not there.
const SPEAK_FOR_THEMSELVES: [Rule; 7] = [
    Rule::NotCanonical,
    Rule::TicketsZero,
    Rule::AmountZero,
    Rule::AmountOverflow,
    Rule::ExpiryMissing,
    Rule::LabelUnprintable,
    Rule::VoterAccountsNotDistinct,
];

#[test]
fn a_refusal_says_where_it_looked_or_what_it_found() {
    let cold = cold();
    let mut ran = 0;
    for Case { rule, what, request, limits } in cases(&cold, 256, 100) {
        let refusal = cold.review::<256, 100>(&request, &limits).expect_err("refused");
        let says = refusal.part != Part::Request || refusal.found != Figure::None;
        assert!(says || SPEAK_FOR_THEMSELVES.contains(&rule), "{what}: {refusal}");
        assert!(refusal.found == Figure::None || refusal.found != refusal.expected, "{what}: {refusal}");
        ran += 1;
    }
    println!("refusals read: {ran} cases");
}
