//! Whole requests.

use dcrcold_core::apdu::{Command, Failure, MAX_DATA};
use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::{FinishError, Keys, NoMemory, Receiver, VoterName, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Index, KeyPath, VoterAccount};
use dcrcold_core::policy::{Limits, Refusal, Rule};

use crate::host::{Case, Host, hex, list, of, record, text, vectors};

#[test]
fn every_recorded_request_gets_its_recorded_signatures_in_chunks_of_every_size() {
    let (mut runs, mut signatures, mut commands) = (0, 0, 0);
    for case in Case::all() {
        let mut host = case.host();
        let mut shown = Vec::new();
        for size in 1..=MAX_DATA {
            // Once, but named anew for every request.
            case.name_voter(&mut host);
            host.platform.user.will(&[]);
            host.commands = 0;
            assert_eq!(host.run(&case, size).as_ref(), Ok(&case.signatures), "{} in {size}", case.name);
            assert_eq!(host.send(&Command::Abort), Ok(vec![]));
            assert!(shown.is_empty() || shown == host.platform.user.seen, "{} in {size}", case.name);
            shown.clone_from(&host.platform.user.seen);
            (runs, signatures) = (runs + 1, signatures + case.signatures.len());
        }
        commands += host.commands;
        println!("  {}: {} prompts, {} commands at 255", case.name, shown.len(), host.commands);
        assert_eq!(shown.iter().filter(|prompt| prompt.starts_with("approve ")).count(), 1);
    }
    println!("builder.json: {runs} runs, {signatures} signatures, {commands} commands when chunks are largest");
    assert_eq!(runs, 15 * 255);
}

#[test]
fn every_recorded_refusal_crosses_the_wire_whole() {
    let vectors = vectors();
    let refused = &vectors["refused"];
    let of = of(&refused["wallet"]);
    let mut ran = 0;
    for case in list(&refused["cases"]) {
        let mut host = Host::new(&hex(&refused["wallet"]["seed"]), true);
        let record = record(of, &refused["voter"]);
        let mac = host.register(record).unwrap();
        let request = hex(&case["request"]);
        for size in [1, 7, 255] {
            assert_eq!(host.send(&Command::Voter { record, mac }), Ok(vec![]));
            let Err(Failure::Refused(refusal)) = host.stream(&request, size) else {
                panic!("{}: taken", text(&case["why"]));
            };
            assert_eq!(refusal.rule.name(), text(&case["rule"]), "{}", text(&case["why"]));
            if let Some(expected) = without_keys(&request) {
                assert_eq!(refusal, expected, "{}", text(&case["why"]));
            }
            assert!(host.is_idle());
            ran += 1;
        }
    }
    println!("builder.json: {ran} refusals");
    assert_eq!(ran, 53 * 3);
}

/// What the machine says of the bytes alone.
fn without_keys(request: &[u8]) -> Option<Refusal> {
    let mut receiver = Receiver::<24, 20>::default();
    if let Err(refusal) = receiver.push(request) {
        return Some(refusal);
    }
    let (mut keys, mut voters) = (NoKeys, NoKeys);
    match receiver.finish(&mut keys, &mut voters, &mut NoMemory, &Limits::DEFAULT) {
        Err(FinishError::Refused(refusal)) if refusal.rule != Rule::AccountUnknown => Some(refusal),
        _ => None,
    }
}

/// Stops a request as soon as its bytes were judged.
struct NoKeys;

impl Keys for NoKeys {
    type Error = ();

    fn select(&mut self, _: Network, _: AccountPath) -> Result<(), Refusal> {
        Err(Rule::AccountUnknown.into())
    }

    fn own_hash(&mut self, _: KeyPath) -> Result<Hash160, ()> {
        Err(())
    }
}

impl Voters for NoKeys {
    type Error = ();

    fn select(&mut self, _: AccountPath, _: &Fingerprint) -> Result<VoterName, Refusal> {
        Err(Rule::VoterUnknown.into())
    }

    fn voter_hash(&mut self, _: VoterAccount, _: Index) -> Result<Hash160, ()> {
        Err(())
    }
}
