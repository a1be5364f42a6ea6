//! Which command is allowed when, and what is left after anything else.

use dcrcold_core::apdu::{Command, Device, Failure, Fault, Status, Turn, chunks};
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::policy::{Figure, Refusal, Rule};
use dcrcold_core::request::HEADER_LENGTH;

use crate::host::{Case, Host};

/// Where a session can be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    Idle,
    Named,
    Receiving,
    Checked,
    Approved,
}

const STATES: [At; 5] = [At::Idle, At::Named, At::Receiving, At::Checked, At::Approved];

/// Brings a fresh device there; with a voter that is named already.
fn reach(case: &Case, at: At) -> Host {
    let mut host = case.host();
    if at == At::Idle {
        return host;
    }
    case.name_voter(&mut host);
    match at {
        At::Idle | At::Named => {}
        At::Receiving => {
            let half: Vec<_> = chunks(&case.request, 200).unwrap().take(2).collect();
            half.iter().for_each(|command| assert_eq!(host.send(command), Ok(vec![])));
        }
        At::Checked => drop(host.stream(&case.request, 255).unwrap()),
        At::Approved => {
            host.stream(&case.request, 255).unwrap();
            host.send(&Command::Approve(case.id)).unwrap();
        }
    }
    host
}

fn header(case: &Case) -> &[u8; HEADER_LENGTH] {
    case.request.first_chunk().unwrap()
}

/// A command of every kind, and the states in which it is taken.
fn every_command(case: &Case) -> Vec<(Command<'_>, &'static [At])> {
    const QUIET: &[At] = &[At::Idle, At::Named];
    let (of, record) = (case.of, case.voter.unwrap());
    let mac = case.host().register(record).unwrap();
    let path = KeyPath::external(Index::FIRST);
    vec![
        (Command::Version, &STATES),
        (Command::Account(of), QUIET),
        (Command::Address { of, path }, QUIET),
        (Command::Register(record), QUIET),
        (Command::Voter { record, mac }, QUIET),
        (Command::Begin(header(case)), QUIET),
        (Command::Stream(&case.request[HEADER_LENGTH + 200..HEADER_LENGTH + 201]), &[At::Receiving]),
        (Command::Approve(case.id), &[At::Checked]),
        (Command::Page(0), &[At::Checked, At::Approved]),
        (Command::Signature(0), &[At::Approved]),
        (Command::Abort, &STATES),
    ]
}

#[test]
fn every_command_is_taken_in_its_states_and_ends_the_session_in_others() {
    let case = Case::large();
    let (mut taken, mut refused) = (0, 0);
    for at in STATES {
        for (command, states) in every_command(&case) {
            let mut host = reach(&case, at);
            let reply = host.send(&command);
            if states.contains(&at) {
                assert!(reply.is_ok(), "{command:?} at {at:?}: {reply:?}");
                taken += 1;
                continue;
            }
            assert_eq!(reply, Err(Status::OutOfOrder.into()), "{command:?} at {at:?}");
            assert!(host.is_idle(), "{command:?} at {at:?}");
            // The voter is forgotten too.
            let unknown = Refusal::new(Rule::VoterUnknown).found(Figure::Voter(case.voter.unwrap().fingerprint()));
            assert_eq!(host.stream(&case.request, 255), Err(unknown.into()));
            refused += 1;
        }
    }
    println!("states and commands: {taken} taken, {refused} refused");
    assert_eq!((taken, refused), (25, 30));
}

#[test]
fn what_is_allowed_in_between_changes_nothing() {
    let case = Case::large();
    let mut host = case.host();
    case.name_voter(&mut host);
    for command in chunks(&case.request, 100).unwrap() {
        host.send(&Command::Version).unwrap();
        host.send(&command).unwrap();
    }
    let page = host.send(&Command::Page(3)).unwrap();
    assert_eq!(host.send(&Command::Approve(case.id)).unwrap(), case.counts);
    for (number, signature) in case.signatures.iter().enumerate() {
        host.send(&Command::Version).unwrap();
        assert_eq!(host.send(&Command::Page(3)).as_ref(), Ok(&page));
        assert_eq!(host.send(&Command::Signature(number as u8)).as_ref(), Ok(signature));
    }
}

#[test]
fn a_request_that_another_one_interrupts_is_never_checked() {
    let (case, other) = (Case::large(), Case::send());
    let (ours, theirs): (Vec<_>, Vec<_>) =
        (chunks(&case.request, 64).unwrap().collect(), chunks(&other.request, 64).unwrap().collect());
    let mut ran = 0;
    for cut in 1..ours.len() {
        for (from, foreign) in theirs.iter().enumerate() {
            let mut host = case.host();
            case.name_voter(&mut host);
            ours[..cut].iter().for_each(|command| drop(host.send(command).unwrap()));
            // Their chunk instead of ours, then ours to the end.
            let mut outcome = host.send(foreign);
            for command in &ours[cut + 1..] {
                outcome = outcome.and_then(|_| host.send(command));
            }
            let reply = outcome.and_then(|_| host.send(&Command::Approve(case.id)));
            assert!(reply.is_err(), "their chunk {from} at {cut}");
            assert_eq!(host.platform.os.signed.get(), 0);
            ran += 1;
        }
    }
    println!("foreign chunks: {ran} places");
    assert!(ran > 100);
}

#[test]
fn no_byte_of_a_request_can_be_changed() {
    let case = Case::send();
    let mut host = case.host();
    let mut ran = 0;
    for place in 0..case.request.len() {
        for bit in 0..8 {
            let mut request = case.request.clone();
            request[place] ^= 1 << bit;
            match host.stream(&request, 255) {
                Err(failure) => assert!(matches!(failure, Failure::Refused(_)), "{place}.{bit}: {failure}"),
                // A length that was raised leaves the device waiting.
                Ok(reply) => assert!(reply.is_empty() && (11..15).contains(&place), "{place}.{bit}"),
            }
            assert!(host.send(&Command::Approve(case.id)).is_err());
            assert_eq!(host.send(&Command::Abort), Ok(vec![]));
            ran += 1;
        }
    }
    assert_eq!(host.platform.os.signed.get(), 0);
    println!("changed bits: {ran}");
    assert_eq!(ran, case.request.len() * 8);
}

#[test]
fn an_approval_is_for_one_request_and_once() {
    let (case, other) = (Case::large(), Case::send());
    let mut host = reach(&case, At::Checked);
    let wrong = Refusal::new(Rule::IdMismatch).found(Figure::Id(other.id)).expected(Figure::Id(case.id));
    let before = host.platform.user.seen.len();
    assert_eq!(host.send(&Command::Approve(other.id)), Err(wrong.into()));
    assert_eq!(host.platform.user.seen.len(), before, "nothing was shown");
    assert!(host.is_idle());

    let mut host = reach(&case, At::Approved);
    assert_eq!(host.send(&Command::Approve(case.id)), Err(Status::OutOfOrder.into()));
    assert_eq!(host.send(&Command::Signature(0)), Err(Status::OutOfOrder.into()));

    // The same bytes again need the person again.
    let mut host = reach(&case, At::Approved);
    host.send(&Command::Abort).unwrap();
    case.name_voter(&mut host);
    host.stream(&case.request, 255).unwrap();
    assert_eq!(host.send(&Command::Signature(0)), Err(Status::OutOfOrder.into()));
    assert_eq!(host.platform.os.signed.get(), 0);
}

#[test]
fn a_signature_can_be_asked_for_twice_and_in_any_order() {
    let case = Case::large();
    let mut host = reach(&case, At::Approved);
    for _ in 0..2 {
        for (number, signature) in case.signatures.iter().enumerate().rev() {
            assert_eq!(host.send(&Command::Signature(number as u8)).as_ref(), Ok(signature));
        }
    }
    assert_eq!(case.signatures.len(), 64);
    for number in [64, 255] {
        let mut host = reach(&case, At::Approved);
        assert_eq!(host.send(&Command::Signature(number)), Err(Status::Parameters.into()));
        assert!(host.is_idle());
    }
}

#[test]
fn declining_any_prompt_signs_nothing_and_forgets_all() {
    let mut ran = 0;
    for case in Case::all() {
        let mut host = case.host();
        let mut declined = 0;
        loop {
            case.name_voter(&mut host);
            let pages = host.stream(&case.request, 255).unwrap()[32];
            host.platform.user.will(&[(declined, Turn::Decline)]);
            if declined == usize::from(pages) + 1 {
                break;
            }
            assert_eq!(host.send(&Command::Approve(case.id)), Err(Status::Declined.into()));
            assert_eq!(host.platform.user.seen.len(), declined + 1);
            assert_eq!(host.send(&Command::Signature(0)), Err(Status::OutOfOrder.into()));
            host.platform.user.will(&[]);
            declined += 1;
            ran += 1;
        }
        assert_eq!(host.platform.os.signed.get(), 0);
        assert!(host.send(&Command::Approve(case.id)).is_ok());
    }
    println!("declined prompts: {ran}");
    assert!(ran > 15 * 10);
}

#[test]
fn going_back_shows_the_page_before_and_changes_nothing() {
    let case = Case::large();
    let mut host = reach(&case, At::Checked);
    host.platform.user.will(&[(0, Turn::Back), (3, Turn::Back), (4, Turn::Back)]);
    assert_eq!(host.send(&Command::Approve(case.id)).unwrap(), case.counts);
    let numbers: Vec<_> = host.platform.user.seen.iter().map(|page| page.split('/').next().unwrap()).collect();
    assert_eq!(numbers[..8], ["1", "1", "2", "3", "2", "1", "2", "3"]);
    let last = host.platform.user.seen.len() - 1;
    // From the last question, too.
    let mut host = reach(&case, At::Checked);
    host.platform.user.will(&[(last - 5, Turn::Back)]);
    host.send(&Command::Approve(case.id)).unwrap();
    assert_eq!(host.platform.user.seen.iter().filter(|prompt| prompt.starts_with("approve")).count(), 2);
}

#[test]
fn a_device_that_was_unplugged_anywhere_gives_the_same_signatures_afterwards() {
    let case = Case::large();
    let mut host = case.host();
    let mac = host.register(case.voter.unwrap()).unwrap();
    let mut commands = vec![Command::Voter { record: case.voter.unwrap(), mac }];
    commands.extend(chunks(&case.request, 255).unwrap());
    commands.push(Command::Approve(case.id));
    commands.extend((0..64).map(Command::Signature));
    for cut in 0..commands.len() {
        commands[..cut].iter().for_each(|command| drop(host.send(command).unwrap()));
        host.device = Device::new();
        if cut > 0 && !matches!(commands[cut], Command::Begin(_) | Command::Voter { .. }) {
            assert_eq!(host.send(&commands[cut]), Err(Status::OutOfOrder.into()), "{:?}", commands[cut]);
        }
    }
    let replies: Vec<_> = commands.iter().map(|command| host.send(command).unwrap()).collect();
    assert_eq!(replies[commands.len() - 64..], case.signatures);
    println!("unplugged: {} places", commands.len());
    assert_eq!(commands.len(), 1 + 1 + 7 + 1 + 64);
}

#[test]
fn a_fault_of_the_operating_system_ends_the_session() {
    let case = Case::large();
    for (fault, status) in [(Fault::Locked, Status::Locked), (Fault::Failed, Status::Failed)] {
        for (command, states) in every_command(&case) {
            let Some(at) = states.last().copied() else { continue };
            let mut host = reach(&case, at);
            host.platform.os.fault.set(Some(fault));
            let quiet = matches!(
                command,
                Command::Version
                    | Command::Begin(_)
                    | Command::Stream(_)
                    | Command::Approve(_)
                    | Command::Page(_)
                    | Command::Abort
            );
            let reply = host.send(&command);
            host.platform.os.fault.set(None);
            if quiet {
                assert!(reply.is_ok(), "{command:?}: {reply:?}");
            } else if matches!(command, Command::Register(_)) && fault == Fault::Failed {
                // A key that has no children is the voter's fault.
                assert_eq!(reply, Err(Status::Data.into()));
            } else {
                assert_eq!(reply, Err(status.into()), "{command:?}");
                assert!(host.is_idle());
            }
        }
    }
}

#[test]
fn an_account_is_shown_once_and_an_address_always() {
    let case = Case::send();
    let mut host = case.host();
    let other = Case::large().of;
    host.platform.user.will(&[(0, Turn::Decline)]);
    assert_eq!(host.send(&Command::Account(case.of)), Err(Status::Declined.into()));
    let key = host.send(&Command::Account(case.of)).unwrap();
    assert_eq!(key.len(), 33 + 32 + 4);
    assert_eq!(host.send(&Command::Account(case.of)), Ok(key.clone()));
    assert_eq!(host.platform.user.seen, ["account mainnet m/44'/42'/0'", "account mainnet m/44'/42'/0'"]);
    host.send(&Command::Account(other)).unwrap();
    host.send(&Command::Account(case.of)).unwrap();
    assert_eq!(host.platform.user.seen.len(), 4, "one account is remembered");

    host.platform.user.will(&[(1, Turn::Decline)]);
    let path = KeyPath::internal(Index::new(3).unwrap());
    let address = String::from_utf8(host.send(&Command::Address { of: case.of, path }).unwrap()).unwrap();
    assert_eq!(host.platform.user.seen, [format!("address {address} m/44'/42'/0'/1/3")]);
    assert_eq!(host.send(&Command::Address { of: case.of, path }), Err(Status::Declined.into()));
}
