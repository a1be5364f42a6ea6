//! The host's side of a device: whole sessions with a device in process, and what becomes of them when they are
//! interrupted.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "common/device.rs"]
mod device;
#[path = "common/device_case.rs"]
mod device_case;
#[path = "common/signer.rs"]
mod signer;

use common::{Vectors, list, text};
use dcrcold_core::apdu::{Fault, Turn};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, Index, KeyPath};
use dcrcold_core::rule::Rule;
use dcrcold_signer::device::{
    Apdu, CheckedRequest, DeviceError, Exchange, Progress, Question, RegisteredVoter, Reply, Session, SpendingAccount,
    Watched, coin_type,
};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::Answer;
use device::{Break, InProcess, Software, Traffic, Unplugged};
use device_case::{Case, Failed};
use serde_json::Value;

fn sign(
    device: &mut InProcess,
    request: &CheckedRequest<'_>,
    voter: Option<&RegisteredVoter>,
) -> Result<Answer, Failed> {
    Session::open(device)?.sign(request, voter, &mut |_| {})
}

fn fails<T>(result: Result<T, Failed>) -> Failed {
    result.err().expect("it fails")
}

#[test]
fn every_recorded_request_gets_its_recorded_answer() {
    let mut ran = 0;
    for case in Case::all() {
        let mut device = case.device();
        let voter = case.register(&mut device);
        let answer = case.sign(&mut device, voter.as_ref()).unwrap();
        assert_eq!(case.bytes(&answer), case.answer, "{}", case.name);
        ran += 1;
    }
    println!("builder.json through a session: {ran} cases");
    assert_eq!(ran, 15);
}

#[test]
fn every_recorded_refusal_is_that_of_the_host_or_of_the_device() {
    let vectors = Vectors::load("builder.json");
    let refused = vectors.get("refused");
    let (mut by_host, mut by_device) = (0, 0);
    for row in list(&refused["cases"]) {
        let case = Case::read(refused, &row["request"], &Value::Null);
        let mut device = case.device();
        let voter = case.register(&mut device);
        let rule = match CheckedRequest::read(&case.request, case.watched()) {
            Err(RebuildError::Refused(refusal)) => {
                by_host += 1;
                refusal.rule
            }
            Err(error) => panic!("{error}"),
            Ok(request) => match Session::open(&mut device).unwrap().sign(&request, voter.as_ref(), &mut |_| {}) {
                Err(DeviceError::Refused(refusal)) => {
                    by_device += 1;
                    refusal.rule
                }
                // What it has no room for is not even sent.
                Err(DeviceError::TooLarge { found: 21, most: 20, .. }) => {
                    by_host += 1;
                    Rule::TicketsAboveLimit
                }
                other => panic!("{}: {other:?}", text(&row["why"])),
            },
        };
        assert_eq!(rule.name(), text(&row["rule"]), "{}", text(&row["why"]));
        assert_eq!(device.platform.os.signed.get(), 0);
    }
    println!("builder.json refused: {by_host} cases by the host, {by_device} by the device");
    assert_eq!(by_host + by_device, 53);
    assert_eq!(by_device, 5);
}

#[test]
fn a_person_is_told_when_to_look_at_the_device() {
    let case = Case::large();
    let mut device = case.device();
    let mut seen = Vec::new();
    let mut session = Session::open(&mut device).unwrap();
    let voter = session.register(case.of, &case.voters[0], &mut |progress| seen.push(progress)).unwrap();
    session.sign(&case.checked(), Some(&voter), &mut |progress| seen.push(progress)).unwrap();
    drop(session);
    let questions: Vec<_> =
        seen.iter().filter_map(|step| if let Progress::Look(at) = step { Some(at) } else { None }).collect();
    let fingerprint = case.voters[0].fingerprint(case.of.network);
    assert!(
        matches!(questions[..], [Question::Voter(found), Question::Review { pages: 1.., .. }] if *found == fingerprint),
        "{questions:?}"
    );
    let sent: Vec<_> = seen
        .iter()
        .filter_map(|it| if let Progress::Sent { bytes, of } = it { Some((*bytes, *of)) } else { None })
        .collect();
    assert!(sent.len() > 2 && sent.is_sorted() && sent.iter().all(|(bytes, of)| bytes <= of), "{sent:?}");
    assert_eq!(seen.last(), Some(&Progress::Signed { signatures: 64, of: 64 }));
    let reviews = device.platform.user.seen.iter().filter(|prompt| prompt.starts_with("approve ")).count();
    assert_eq!(reviews, 1, "one review for 64 signatures");
}

#[test]
fn an_account_is_asked_for_once_and_its_addresses_are_compared() {
    let network = Network::Testnet3;
    let of =
        SpendingAccount { network, account: AccountPath { coin_type: coin_type(network), account: Account::FIRST } };
    let mut device = InProcess::new(Software::new(&[5; 32], Derivation::Strict));
    let mut session = Session::open(&mut device).unwrap();
    let account = session.account(of, &mut |_| {}).unwrap();
    assert_eq!(session.account(of, &mut |_| {}).unwrap(), account);
    let master = ExtendedPrivateKey::master(&[5; 32], network, Derivation::Strict).unwrap();
    let expected = master.account(of.account).unwrap().public();
    assert_eq!((account.key, account.parent_fingerprint), (*expected.node(), expected.position().parent_fingerprint));
    let watched = Watched { network, account: of.account, key: &account.key, voters: &[] };
    let path = KeyPath::external(Index::new(3).unwrap());
    let address = session.address(&watched, path, &mut |_| {}).unwrap();
    drop(session);
    let shown = format!("address {address} {}/{path}", of.account);
    assert_eq!(device.platform.user.seen, [format!("account {network} {}", of.account), shown]);
}

/// Every command of a session is the one at which the cable comes off, before the device has it and after.
#[test]
fn an_unplugged_device_keeps_nothing_and_the_next_session_gets_the_same_answer() {
    let case = Case::large();
    let mut device = case.device();
    let voter = case.register(&mut device);
    let request = case.checked();
    device.traffic.commands = 0;
    sign(&mut device, &request, voter.as_ref()).unwrap();
    let commands = device.traffic.commands;
    let (mut ran, mut kept) = (0, 0);
    for number in 0..commands {
        for at in [Break::Command, Break::Reply] {
            device.traffic.commands = 0;
            device.breaks = Some((number, at));
            match sign(&mut device, &request, voter.as_ref()) {
                Err(DeviceError::Connection(Unplugged)) => {}
                // All signatures were here and right; only the abort after them was lost.
                Ok(answer) if number == commands - 1 => {
                    assert_eq!(case.bytes(&answer), case.answer);
                    kept += 1;
                }
                other => panic!("command {number}, {at:?}: {other:?}"),
            }
            // Half of the times the device has lost its power, else it still holds what there was.
            device.breaks = None;
            if ran % 2 == 0 {
                device.unplug();
            }
            let answer = sign(&mut device, &request, voter.as_ref()).unwrap();
            assert_eq!(case.bytes(&answer), case.answer, "command {number}, {at:?}");
            ran += 1;
        }
    }
    println!("sessions interrupted: {ran} cases at {commands} commands, {kept} had their answer");
    assert_eq!((ran, kept), (2 * commands, 2));
}

#[test]
fn a_person_can_decline_at_every_page_and_nothing_is_signed() {
    let case = Case::large();
    let mut device = case.device();
    let voter = case.register(&mut device);
    let request = case.checked();
    device.will(&[]);
    sign(&mut device, &request, voter.as_ref()).unwrap();
    let prompts = device.platform.user.seen.len();
    for prompt in 0..prompts {
        device.platform.os.signed.set(0);
        device.will(&[(prompt, Turn::Decline)]);
        assert!(matches!(fails(sign(&mut device, &request, voter.as_ref())), DeviceError::Declined), "prompt {prompt}");
        assert_eq!(device.platform.os.signed.get(), 0);
    }
    device.will(&[]);
    assert_eq!(case.bytes(&sign(&mut device, &request, voter.as_ref()).unwrap()), case.answer);
    println!("declined: {prompts} cases");
}

#[test]
fn a_locked_device_is_named_and_nothing_is_lost() {
    let case = Case::large();
    let mut device = case.device();
    let voter = case.register(&mut device);
    device.platform.os.fault.set(Some(Fault::Locked));
    assert!(matches!(fails(case.sign(&mut device, voter.as_ref())), DeviceError::Locked));
    device.platform.os.fault.set(None);
    assert_eq!(case.bytes(&case.sign(&mut device, voter.as_ref()).unwrap()), case.answer);
}

/// The system of a device, while its person is asked for a host that is gone: it answers in the place of the app.
struct Asking<'a> {
    device: &'a mut InProcess,
    /// How many commands came meanwhile.
    turned_away: u32,
}

impl Exchange for &mut Asking<'_> {
    type Error = Unplugged;

    fn exchange(&mut self, _: &Apdu) -> Result<Reply, Unplugged> {
        self.turned_away += 1;
        Ok(Reply::from_bytes(&[0x69, 0x01]).unwrap())
    }
}

#[test]
fn a_device_that_still_asks_somebody_is_named_and_the_next_session_gets_the_same_answer() {
    let case = Case::large();
    let mut device = case.device();
    let voter = case.register(&mut device);
    let request = case.checked();
    // The host is killed when the reply to the approval is due: it does not even say abort.
    let mut session = Session::open(&mut device).unwrap();
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        session.sign(&request, voter.as_ref(), &mut |progress| {
            if matches!(progress, Progress::Look(Question::Review { .. })) {
                std::panic::resume_unwind(Box::new("killed"));
            }
        })
    }));
    assert!(killed.is_err());
    std::mem::forget(session);
    let mut asking = Asking { device: &mut device, turned_away: 0 };
    for sessions in 1..=3 {
        assert!(matches!(fails(Session::open(&mut asking).map(drop)), DeviceError::Busy));
        assert_eq!(asking.turned_away, sessions, "one command each, and nothing after it");
    }
    // Answered or declined, the device still holds the request.
    let Asking { device, .. } = asking;
    assert_eq!(case.bytes(&sign(device, &request, voter.as_ref()).unwrap()), case.answer);
}

#[test]
fn a_voter_that_the_device_does_not_know_is_asked_for_before_anything_is_sent() {
    let case = Case::large();
    let mut device = case.device();
    let fingerprint = case.voters[0].fingerprint(case.of.network);
    let other_seed = InProcess::new(Software::new(&[9; 32], Derivation::Decred));
    let stale = case.register(&mut { other_seed }).unwrap();
    for voter in [None, Some(&stale)] {
        match fails(case.sign(&mut device, voter)) {
            DeviceError::VoterNotRegistered { fingerprint: found } => assert_eq!(found, fingerprint),
            other => panic!("{other}"),
        }
        assert!(device.platform.user.seen.is_empty(), "nobody was asked");
    }
}

#[test]
fn what_a_device_does_not_serve_or_take_is_not_sent() {
    let case = Case::large();
    let mut device = case.device();
    device.platform.os.only = Some(Network::Simnet);
    let before = device.traffic.commands;
    let failure = fails(case.sign(&mut device, None));
    assert!(matches!(failure, DeviceError::NotServed { network: Network::Mainnet }), "{failure}");
    assert_eq!(device.traffic.commands - before, 2, "abort and version");
    let failure = fails(Session::open(&mut device).unwrap().account(case.of, &mut |_| {}));
    assert!(matches!(failure, DeviceError::NotServed { network: Network::Mainnet }), "{failure}");
}

#[test]
fn a_dropped_session_leaves_no_request_on_the_device() {
    let case = Case::large();
    let mut device = case.device();
    let voter = case.register(&mut device);
    let mut told = 0;
    let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut session = Session::open(&mut device).unwrap();
        session.sign(&case.checked(), voter.as_ref(), &mut |_| {
            told += 1;
            if told == 3 {
                std::panic::resume_unwind(Box::new("the caller stops in the middle"));
            }
        })
    }));
    assert!(stopped.is_err());
    // A device that still held half of a request would not take this.
    let header = case.request[..47].try_into().unwrap();
    let begin = dcrcold_core::apdu::Command::Begin(header).write();
    assert_eq!(device.raw(begin.as_bytes()).as_bytes(), [0x90, 0x00]);
}

#[test]
fn a_rule_of_the_device_is_told_by_name() {
    let case = Case::all().into_iter().find(|case| case.name.starts_with("one ticket")).unwrap();
    // The voter is the device's own, which no device takes.
    let mut device = InProcess::new(Software::new(&case.seed, Derivation::Decred));
    let mut session = Session::open(&mut device).unwrap();
    match fails(session.register(case.of, &case.voters[0], &mut |_| {})) {
        DeviceError::Refused(refusal) => assert_eq!(refusal.rule, Rule::VoterOwnNotExportable),
        other => panic!("{other}"),
    }
}

/// What a session with the case takes.
fn traffic(case: &Case) -> Traffic {
    let mut device = case.device();
    let voter = case.register(&mut device);
    device.traffic = Traffic::default();
    case.sign(&mut device, voter.as_ref()).unwrap();
    device.traffic
}

/// What the figures in docs/performance.md are made with.
#[test]
fn the_traffic_of_a_session_is_counted() {
    let page = std::fs::read_to_string(common::folder("../docs").join("performance.md")).unwrap();
    let rows = [
        ("20 tickets by", "twenty tickets, twenty-four coins, foreign voter"),
        ("a payment by", "two outputs and change"),
    ];
    for (row, name) in rows {
        let Traffic { commands, out, back } = traffic(&Case::named(name));
        println!("{name}: {commands} commands, {out} bytes to the device, {back} back");
        let line = page.lines().find(|line| line.starts_with(&format!("| {row}"))).unwrap();
        assert!(line.ends_with(&format!("| {commands} | {out} | {back} |")), "{line}");
    }
}
