//! Bytes that are not commands.

use dcrcold_core::apdu::{Apdu, CLA, Command, Failure, MAC_LENGTH, Status, Turn, chunks};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::policy::Rule;

use crate::host::{Case, Host};

fn status(host: &mut Host, bytes: &[u8]) -> Status {
    match host.raw(bytes).outcome() {
        Ok(_) => Status::Done,
        Err(Failure::Status(status)) => status,
        Err(other) => panic!("{bytes:02x?}: {other}"),
    }
}

#[test]
fn only_known_heads_are_commands() {
    let mut host = Case::send().host();
    let (mut classes, mut heads) = (0, 0);
    for class in (0..=255).filter(|class| *class != CLA) {
        assert_eq!(status(&mut host, &[class, 0, 0, 0, 0]), Status::Class);
        classes += 1;
    }
    for instruction in 0..=255 {
        for (p1, p2) in (0..=255).map(|p| (p, 0)).chain((1..=255).map(|p| (0, p))) {
            let expected = match (instruction, p1, p2) {
                (11.., ..) => Status::Instruction,
                (8 | 9, _, 0) => Status::OutOfOrder,
                (_, 0, 0) if instruction == 0 || instruction == 10 => Status::Done,
                (_, 0, 0) => Status::Length,
                _ => Status::Parameters,
            };
            assert_eq!(status(&mut host, &[CLA, instruction, p1, p2, 0]), expected, "{instruction} {p1} {p2}");
            heads += 1;
        }
    }
    println!("heads: {classes} classes, {heads} instructions with parameters");
    assert_eq!((classes, heads), (255, 256 * 511));
}

fn every_command(case: &Case) -> Vec<Apdu> {
    let record = case.voter.unwrap();
    let mac = case.host().register(record).unwrap();
    let path = KeyPath::external(Index::FIRST);
    let commands = [
        Command::Version,
        Command::Account(case.of),
        Command::Address { of: case.of, path },
        Command::Register(record),
        Command::Voter { record, mac },
        Command::Begin(case.request.first_chunk().unwrap()),
        Command::Approve(case.id),
        Command::Page(1),
        Command::Signature(1),
        Command::Abort,
    ];
    commands.iter().map(Command::write).collect()
}

#[test]
fn a_command_of_another_length_is_none() {
    let case = Case::large();
    let mut host = case.host();
    let mut ran = 0;
    for apdu in every_command(&case) {
        let bytes = apdu.as_bytes();
        for length in 0..bytes.len() {
            assert_eq!(status(&mut host, &bytes[..length]), Status::Length, "{:02x} cut to {length}", bytes[1]);
            ran += 1;
        }
        // The length byte says otherwise than there is.
        assert_eq!(status(&mut host, &[bytes, &[0]].concat()), Status::Length);
        // One byte of data too many or too few, and the length byte says so.
        let mut longer = [bytes, &[0]].concat();
        longer[4] += 1;
        assert_eq!(status(&mut host, &longer), Status::Length, "{:02x}", bytes[1]);
        if bytes[4] > 0 {
            let mut shorter = bytes[..bytes.len() - 1].to_vec();
            shorter[4] -= 1;
            assert_eq!(status(&mut host, &shorter), Status::Length);
        }
        ran += 3;
    }
    assert_eq!(status(&mut host, &[CLA, 6, 0, 0, 0]), Status::Length, "an empty chunk");
    println!("lengths: {ran} cases");
    assert!(ran > 500);
}

#[test]
fn the_length_is_judged_before_what_the_data_mean() {
    let case = Case::large();
    let mut host = case.host();
    let mut ran = 0;
    // No network has the number ff.
    for (instruction, right) in [(1, 9), (2, 14), (3, 205 + 255), (4, 221 + 255), (5, 47), (7, 32)] {
        for length in (0..=255_u8).filter(|length| usize::from(*length) != right) {
            let bytes = [&[CLA, instruction, 0, 0, length][..], &vec![0xff; length.into()]].concat();
            assert_eq!(status(&mut host, &bytes), Status::Length, "{instruction} with {length}");
            ran += 1;
        }
    }
    for (instruction, mac) in [(3, 0), (4, MAC_LENGTH)] {
        for name in 0..=32 {
            let mut data = vec![0xff; 205 + name + mac];
            data[9] = name as u8;
            let wrong = [&[CLA, instruction, 0, 0, data.len() as u8 - 1][..], &data[1..]].concat();
            // The byte that tells the name's length is another one there, and no name is so long.
            assert_eq!(status(&mut host, &wrong), Status::Length);
            let right = [&[CLA, instruction, 0, 0, data.len() as u8][..], &data].concat();
            let Err(Failure::Refused(refusal)) = host.raw(&right).outcome() else { panic!("{instruction}, {name}") };
            assert_eq!(refusal.rule, Rule::NetworkMismatch);
            ran += 2;
        }
    }
    println!("lengths before data: {ran} cases");
    assert_eq!(ran, 4 * 255 + 2 * 256 + 2 * 33 * 2);
}

#[test]
fn commands_are_read_as_they_were_written() {
    let case = Case::large();
    let all: Vec<_> =
        every_command(&case).into_iter().chain(chunks(&case.request, 7).unwrap().map(|c| c.write())).collect();
    for apdu in &all {
        assert_eq!(Command::parse(apdu.as_bytes()).unwrap().write().as_bytes(), apdu.as_bytes());
    }
    println!("written and read: {} commands", all.len());
    assert!(chunks(&case.request, 0).is_none() && chunks(&case.request, 256).is_none());
    assert!(chunks(&case.request[..46], 1).is_none());
}

#[test]
fn the_version_tells_sizes_and_networks() {
    let mut host = Case::send().host();
    let mut version = |only| {
        host.platform.os.only = only;
        host.send(&Command::Version).unwrap()
    };
    assert_eq!(version(None), [1, 0, 24, 0, 20, 0, 3, 7, 255]);
    for (network, bit) in [(Network::Mainnet, 1), (Network::Testnet3, 2), (Network::Simnet, 4)] {
        assert_eq!(version(Some(network))[7], bit);
    }
}

#[test]
fn a_network_that_is_not_served_is_refused_everywhere() {
    let case = Case::large();
    let mut host = case.host();
    host.platform.os.only = Some(Network::Simnet);
    let record = case.voter.unwrap();
    let path = KeyPath::external(Index::FIRST);
    for command in [
        Command::Account(case.of),
        Command::Address { of: case.of, path },
        Command::Register(record),
        Command::Begin(case.request.first_chunk().unwrap()),
    ] {
        let Err(Failure::Refused(refusal)) = host.send(&command) else { panic!("{command:?}") };
        assert_eq!(refusal.rule, Rule::NetworkMismatch);
    }
    assert!(host.platform.user.seen.is_empty());
}

#[test]
fn accounts_and_paths_out_of_range_are_refused_by_their_rules() {
    let case = Case::send();
    let mut host = case.host();
    let data = |network: u8, coin: u32, account: u32, branch: u8, index: u32| {
        let data =
            [&[network], &coin.to_le_bytes()[..], &account.to_le_bytes(), &[branch], &index.to_le_bytes()].concat();
        [&[CLA, 2, 0, 0, data.len() as u8], data.as_slice()].concat()
    };
    for (bytes, rule) in [
        (data(3, 42, 0, 0, 0), Rule::NetworkMismatch),
        (data(0, 1, 0, 0, 0), Rule::NetworkCoinMismatch),
        (data(1, 42, 0, 0, 0), Rule::NetworkCoinMismatch),
        (data(0, 42, 1 << 24, 0, 0), Rule::AccountOutOfRange),
        (data(0, 42, 1 << 31, 0, 0), Rule::AccountOutOfRange),
        (data(0, 42, 0, 2, 0), Rule::IndexOutOfRange),
        (data(0, 42, 0, 0, (1 << 31) - 1024), Rule::IndexOutOfRange),
    ] {
        let Err(Failure::Refused(refusal)) = host.raw(&bytes).outcome().map(<[u8]>::to_vec) else { panic!("{rule}") };
        assert_eq!(refusal.rule, rule);
    }
    assert_eq!(host.raw(&data(0, 42, (1 << 24) - 1, 1, (1 << 31) - 1025)).outcome().map(<[u8]>::len), Ok(35));
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
fn no_sequence_of_commands_signs_without_the_person() {
    let case = Case::large();
    let mut host = case.host();
    let mut commands: Vec<_> = every_command(&case).iter().map(|apdu| apdu.as_bytes().to_vec()).collect();
    commands.extend(chunks(&case.request, 255).unwrap().map(|chunk| chunk.write().as_bytes().to_vec()));
    let mut dice = Dice(6);
    let (mut checked, rounds) = (0, 60_000);
    for _ in 0..rounds {
        // Sometimes a whole request, else anything, sometimes damaged.
        if dice.below(200) == 0 {
            host.send(&Command::Abort).unwrap();
            case.name_voter(&mut host);
            checked += u32::from(host.stream(&case.request, 255).is_ok());
        }
        let mut command = commands[dice.below(commands.len())].clone();
        if dice.below(4) == 0 {
            let place = dice.below(command.len());
            command[place] ^= 1 << dice.below(8);
        }
        // At most one prompt is answered with yes, so no review of many pages ends in one.
        host.platform.user.will(&[(1, Turn::Decline)]);
        host.raw(&command);
        assert!(host.platform.user.seen.len() <= 2, "{:?}", host.platform.user.seen);
        host.platform.user.will(&[]);
        if host.raw(Command::Version.write().as_bytes()).outcome().is_err() {
            panic!("the device hangs");
        }
        if dice.below(50) == 0 {
            host.raw(Command::Abort.write().as_bytes());
        }
    }
    assert_eq!(host.platform.os.signed.get(), 0);
    println!("commands at random: {rounds}, {checked} whole requests in between");
    assert!(checked > 10);
}
