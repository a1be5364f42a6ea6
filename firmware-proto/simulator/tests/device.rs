//! The simulated device in process: test networks only, and a person that a script stands for.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use std::fs;
use std::time::{Duration, Instant};

use dcrcold_core::apdu::{Command, Exchange, Failure, Os, SpendingAccount, Status, Turn, VoterRecord, chunks};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, HARDENED, Index, KeyPath};
use dcrcold_core::policy::{Figure, Refusal, Rule};
use dcrcold_simulator::{Answer, COIN_TYPE, NAMED, Person, Script, SeedFileError, Simulator, SoftwareKeys, TestSeed};
use serde_json::Value;

const ABANDON: &str = "abandon";

fn simulator(script: Script) -> Simulator<Person> {
    Simulator::new(&TestSeed::named(ABANDON).unwrap(), Person::new(script)).unwrap()
}

fn send(simulator: &mut Simulator<Person>, command: &Command<'_>) -> Result<Vec<u8>, Failure> {
    let Ok(reply) = simulator.exchange(&command.write());
    reply.outcome().map(<[u8]>::to_vec)
}

fn account_of(network: Network, coin_type: u64, number: u64) -> SpendingAccount {
    let coin_type = CoinType::new(network, coin_type).unwrap();
    SpendingAccount { network, account: AccountPath { coin_type, account: Account::new(number).unwrap() } }
}

/// The accounts of somebody else's voter.
fn voter(of: SpendingAccount, seed: &str) -> VoterRecord {
    let keys = SoftwareKeys::new(&TestSeed::named(seed).unwrap()).unwrap();
    let account = |kind: u32| keys.public_key(&[44 | HARDENED, 1 | HARDENED, kind | HARDENED]).unwrap();
    VoterRecord::new(of, "box", [0x1000_0000, 0x2000_0000, 0x3000_0000].map(account)).unwrap()
}

#[test]
fn the_mainnet_is_refused_by_every_command_that_names_a_network() {
    let request: Value =
        serde_json::from_str(&fs::read_to_string("../../tests/vectors/builder.json").unwrap()).unwrap();
    let cases: Vec<_> = request["cases"].as_array().unwrap().iter().collect();
    let mut simulator = simulator(Script::approve());
    let mut ran = 0;
    let mut refused = |command: &Command<'_>| {
        let refusal = Refusal::new(Rule::NetworkMismatch).found(Figure::Network(Network::Mainnet));
        assert_eq!(send(&mut simulator, command), Err(refusal.into()), "{command:?}");
        ran += 1;
    };
    for coin_type in [42, 20] {
        let of = account_of(Network::Mainnet, coin_type, 0);
        refused(&Command::Account(of));
        refused(&Command::Address { of, path: KeyPath::external(Index::FIRST) });
        refused(&Command::Register(voter(of, "zoo")));
    }
    let mut mainnet = 0;
    for case in cases.iter().filter(|case| case["wallet"]["network"] == "mainnet") {
        let bytes = base16ct::mixed::decode_vec(case["transfer"]["request"].as_str().unwrap()).unwrap();
        refused(&Command::Begin(bytes.first_chunk().unwrap()));
        mainnet += 1;
    }
    assert_eq!(send(&mut simulator, &Command::Version).unwrap()[7], 0b110, "networks");
    assert!(simulator.user().shown().is_empty(), "nobody was asked");
    println!("mainnet: {ran} commands refused, {mainnet} of them requests of builder.json");
    assert_eq!((ran, mainnet), (6 + 9, 9));
}

#[test]
fn no_key_exists_but_those_of_the_test_networks() {
    let keys = SoftwareKeys::new(&TestSeed::named(ABANDON).unwrap()).unwrap();
    let [purpose, test] = [44 | HARDENED, COIN_TYPE | HARDENED];
    let mut refused = 0;
    for coin_type in [0, 2, 11, 20, 42, 115, 0x7fff_ffff] {
        for path in [&[purpose, coin_type | HARDENED][..], &[purpose, coin_type | HARDENED, HARDENED, 0, 0]] {
            assert!(keys.public_key(path).is_err() && keys.sign(path, &[1; 32]).is_err(), "{path:x?}");
            refused += 1;
        }
    }
    for path in [&[][..], &[purpose], &[44, test], &[purpose, 1], &[49 | HARDENED, test], &[test, purpose]] {
        assert!(keys.public_key(path).is_err() && keys.sign(path, &[1; 32]).is_err(), "{path:x?}");
        refused += 1;
    }
    assert!(keys.public_key(&[purpose, test]).is_ok());
    println!("paths without a key: {refused}");
    assert_eq!(refused, 20);
}

#[test]
fn every_named_seed_has_keys_of_its_own() {
    let path = [44 | HARDENED, 1 | HARDENED, HARDENED];
    let key = |seed: &TestSeed| SoftwareKeys::new(seed).unwrap().public_key(&path).unwrap();
    let mut keys: Vec<_> = NAMED.iter().map(|(name, _)| key(&TestSeed::named(name).unwrap()).key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), NAMED.len());
    assert!(matches!(TestSeed::named("other"), Err(SeedFileError::UnknownName)));
    assert!(matches!(TestSeed::from_words("abandon abandon"), Err(SeedFileError::Words(_))));
}

/// A send of the simulated networks, its seed, voter and signatures.
struct Sweep {
    seed: TestSeed,
    record: VoterRecord,
    request: Vec<u8>,
    id: TransferId,
    signatures: Vec<Vec<u8>>,
}

/// The one case of the vectors that a simulated device takes as it stands: on a test network, with somebody else's voter.
fn sweep() -> Sweep {
    let vectors: Value =
        serde_json::from_str(&fs::read_to_string("../../tests/vectors/builder.json").unwrap()).unwrap();
    let case =
        vectors["cases"].as_array().unwrap().iter().find(|case| case["name"] == "purse top-up and sweep").unwrap();
    let hex = |value: &Value| base16ct::mixed::decode_vec(value.as_str().unwrap()).unwrap();
    let voter = SoftwareKeys::new(&TestSeed::from_bytes(&hex(&case["voter"]["seed"])).unwrap()).unwrap();
    let account = |kind: u32| {
        let number = kind + (u32::try_from(case["voter"]["generation"].as_u64().unwrap()).unwrap() << 24);
        let number = number + u32::try_from(case["voter"]["account"].as_u64().unwrap()).unwrap();
        voter.public_key(&[44 | HARDENED, 1 | HARDENED, number | HARDENED]).unwrap()
    };
    let of = account_of(Network::Simnet, 1, case["wallet"]["account"].as_u64().unwrap());
    let record = VoterRecord::new(of, "box", [0x1000_0000, 0x2000_0000, 0x3000_0000].map(account)).unwrap();
    assert_eq!(record.fingerprint().to_string(), case["voter"]["fingerprint"]);
    Sweep {
        seed: TestSeed::from_bytes(&hex(&case["wallet"]["seed"])).unwrap(),
        record,
        request: hex(&case["transfer"]["request"]),
        id: case["transfer"]["id"].as_str().unwrap().parse().unwrap(),
        signatures: case["result"]["signatures"].as_array().unwrap().iter().map(hex).collect(),
    }
}

/// Registers and names the voter, and streams the request; how many pages it has.
fn stream(simulator: &mut Simulator<Person>, sweep: &Sweep) -> u32 {
    let record = sweep.record;
    let mac = send(simulator, &Command::Register(record)).unwrap()[..16].try_into().unwrap();
    send(simulator, &Command::Voter { record, mac }).unwrap();
    let replies = chunks(&sweep.request, 255).unwrap().map(|command| send(simulator, &command).unwrap());
    replies.last().unwrap()[32].into()
}

#[test]
fn a_recorded_request_gets_its_recorded_signatures() {
    let sweep = sweep();
    let mut simulator = Simulator::new(&sweep.seed, Person::approving()).unwrap();
    let pages = stream(&mut simulator, &sweep);
    send(&mut simulator, &Command::Approve(sweep.id)).unwrap();
    for (signature, number) in sweep.signatures.iter().zip(0..) {
        let made = send(&mut simulator, &Command::Signature(number)).unwrap();
        assert_eq!((made[0], &made[1..]), (0, signature.as_slice()));
    }
    // The voter, the pages, the question.
    assert_eq!(simulator.user().shown().len() as u64, u64::from(pages) + 2);
    assert!(simulator.user().shown()[0].starts_with("voter: box "));
    simulator.restart();
    assert_eq!(send(&mut simulator, &Command::Signature(0)), Err(Status::OutOfOrder.into()));
}

#[test]
fn a_script_declines_at_every_page_and_nothing_is_signed() {
    let sweep = sweep();
    let mut simulator = Simulator::new(&sweep.seed, Person::approving()).unwrap();
    let screens = stream(&mut simulator, &sweep) + 1;
    for screen in 1..=screens {
        let script = Script::of([Answer::approve(), Answer::decline_at(screen), Answer::approve()]);
        let mut simulator = Simulator::new(&sweep.seed, Person::new(script)).unwrap();
        stream(&mut simulator, &sweep);
        simulator.user_mut().forget();
        assert_eq!(send(&mut simulator, &Command::Approve(sweep.id)), Err(Status::Declined.into()));
        assert_eq!(simulator.user().shown().len() as u64, u64::from(screen));
        assert_eq!(send(&mut simulator, &Command::Signature(0)), Err(Status::OutOfOrder.into()));
        // The next answer of the script is another one.
        stream(&mut simulator, &sweep);
        send(&mut simulator, &Command::Approve(sweep.id)).unwrap();
    }
    println!("declined: {screens} screens");
    assert_eq!(screens, 11);
}

#[test]
fn a_script_is_read_line_by_line() {
    let text = "# a person\napprove\n\ndecline   # at once\n decline at 3\nback at 2, wait 5 ms at 4\n";
    let expected = Script::of([
        Answer::approve(),
        Answer::decline_at(1),
        Answer::decline_at(3),
        Answer::approve().turn(2, Turn::Back).wait(4, Duration::from_millis(5)),
    ]);
    assert_eq!(text.parse(), Ok(expected));
    assert_eq!("".parse(), Ok(Script::approve()));
    let bad =
        ["aprove", "decline at", "decline at 0", "decline at x", "back", "wait 5 at 1", "approve, ", "approve approve"];
    for line in bad {
        let error = format!("approve\n{line}\n").parse::<Script>().unwrap_err();
        assert_eq!((error.line, error.found.as_str()), (2, line.rsplit(", ").next().unwrap().trim()), "{line}");
    }
    println!("scripts: {} lines refused", bad.len());
}

#[test]
fn a_person_can_go_back_and_take_time() {
    let sweep = sweep();
    let pause = Duration::from_millis(30);
    let answer = Answer::approve().turn(3, Turn::Back).wait(5, pause);
    let mut simulator = Simulator::new(&sweep.seed, Person::new(Script::of([Answer::approve(), answer]))).unwrap();
    stream(&mut simulator, &sweep);
    simulator.user_mut().forget();
    let begun = Instant::now();
    send(&mut simulator, &Command::Approve(sweep.id)).unwrap();
    assert!(begun.elapsed() >= pause);
    let numbers: Vec<_> = simulator.user().shown().iter().map(|text| text.split(' ').nth(1).unwrap()).take(5).collect();
    assert_eq!(numbers, ["1", "2", "3", "2", "3"]);
}
