//! What replies say, as a host reads it.

use dcrcold_core::amount::Height;
use dcrcold_core::apdu::{Command, Failure, MAX_REPLY, Reply, Status};
use dcrcold_core::hash::{Fingerprint, Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::policy::{Figure, Part, Refusal, Rule};

use crate::host::{Case, file};

/// The data of a refusal, written from docs/ledger-protocol.md alone.
fn written(refusal: &Refusal) -> Vec<u8> {
    let (part, number) = match refusal.part {
        Part::Request => (0, 0),
        Part::Input(number) => (1, number),
        Part::Parent(number) => (2, number),
        Part::Output(number) => (3, number),
        Part::Ticket(number) => (4, number),
        Part::AddressIndex => (5, 0),
        Part::VoterIndex => (6, 0),
        Part::PurseIndex => (7, 0),
        Part::Byte(number) => (8, number),
    };
    let figure = |figure: Figure| -> Vec<u8> {
        let (code, content) = match figure {
            Figure::None => (0, vec![]),
            Figure::Number(n) => (1, n.to_le_bytes().to_vec()),
            Figure::Atoms(n) => (2, n.to_le_bytes().to_vec()),
            Figure::Rate(n) => (3, n.to_le_bytes().to_vec()),
            Figure::Height(height) => (4, u64::from(height.0).to_le_bytes().to_vec()),
            Figure::Network(network) => (5, vec![network.code()]),
            Figure::Hash(hash) => (6, hash.as_bytes().to_vec()),
            Figure::ScriptHash(hash) => (7, hash.as_bytes().to_vec()),
            Figure::Id(id) => (8, id.as_bytes().to_vec()),
            Figure::Voter(fingerprint) => (9, fingerprint.as_bytes().to_vec()),
            Figure::Account(n) => (10, n.to_le_bytes().to_vec()),
            Figure::CoinType(n) => (11, n.to_le_bytes().to_vec()),
            Figure::Key(n) => (12, n.to_le_bytes().to_vec()),
        };
        [vec![code, content.len() as u8], content].concat()
    };
    let code = 0x6a00 + refusal.rule.code();
    let head = [&[part], &u32::to_le_bytes(number)[..]].concat();
    [head, figure(refusal.found), figure(refusal.expected), code.to_be_bytes().to_vec()].concat()
}

#[test]
fn every_refusal_is_read_as_it_is_documented() {
    let parts = [Part::Request, Part::AddressIndex, Part::VoterIndex, Part::PurseIndex];
    let counted = [Part::Input, Part::Parent, Part::Output, Part::Ticket, Part::Byte].map(|part| part(0xdead_beef));
    let number = 0x0123_4567_89ab_cdef;
    let figures = [
        Figure::None,
        Figure::Number(number),
        Figure::Atoms(number),
        Figure::Rate(number),
        Figure::Height(Height(u32::MAX)),
        Figure::Network(Network::Simnet),
        Figure::Hash(Hash160::from_bytes([1; 20])),
        Figure::ScriptHash(Hash160::from_bytes([2; 20])),
        Figure::Id(TransferId::from_bytes([3; 32])),
        Figure::Voter(Fingerprint::from_bytes([4; 16])),
        Figure::Account(number),
        Figure::CoinType(number),
        Figure::Key(number),
    ];
    let mut ran = 0;
    for rule in Rule::ALL {
        assert!(rule.code() < 0x80, "{rule} has no place among the status words");
        for part in parts.iter().chain(&counted) {
            for (found, expected) in figures.iter().flat_map(|found| figures.map(|expected| (*found, expected))) {
                let refusal = Refusal::new(*rule).at(*part).found(found).expected(expected);
                let reply = Reply::from_bytes(&written(&refusal)).unwrap();
                assert_eq!(reply.outcome(), Err(Failure::Refused(refusal)));
                ran += 1;
            }
        }
    }
    println!("refusals: {ran}");
    assert_eq!(ran, Rule::ALL.len() * 9 * 13 * 13);
}

#[test]
fn every_status_has_one_code() {
    for status in Status::ALL {
        assert_eq!(Status::from_code(status.code()), Some(*status));
        let of_rule = (0x6a01..0x6a80).contains(&status.code());
        assert!(!of_rule, "{status} takes the place of a rule");
        let outcome = if *status == Status::Done { Ok(&[][..]) } else { Err((*status).into()) };
        assert_eq!(Reply::from_bytes(&status.code().to_be_bytes()).unwrap().outcome(), outcome);
    }
    assert_eq!(Status::ALL.len(), 10);
}

#[test]
fn what_a_later_device_says_is_not_mistaken() {
    let read = |bytes: &[u8]| Reply::from_bytes(bytes).unwrap().outcome().map(<[u8]>::to_vec);
    assert_eq!(read(&[0x6a, 0x7f]), Err(Failure::Unknown(0x6a7f)), "a rule that is not known");
    assert_eq!(read(&[0x6a, 0x01]), Err(Failure::Unknown(0x6a01)), "a refusal without its data");
    assert_eq!(read(&[0x12, 0x34]), Err(Failure::Unknown(0x1234)));
    let refusal = Refusal::from(Rule::VersionUnknown);
    // A part, a figure and bytes at the end that are not known.
    assert_eq!(read(&[77, 0, 0, 0, 0, 99, 1, 5, 0, 0, 1, 2, 3, 0x6a, 1]), Err(Failure::Refused(refusal)));
    assert!(Reply::from_bytes(&[0x90]).is_none() && Reply::from_bytes(&[0; MAX_REPLY + 1]).is_none());
    // A longer reply to the version command is a later minor version.
    assert_eq!(read(&[1, 1, 24, 0, 20, 0, 3, 7, 255, 42, 0x90, 0]).map(|data| data.len()), Ok(10));
}

#[test]
fn pages_are_read_as_they_are_shown() {
    let mut ran = 0;
    for case in Case::all() {
        let mut host = case.host();
        case.name_voter(&mut host);
        let pages = host.stream(&case.request, 255).unwrap()[32];
        host.platform.user.will(&[]);
        let read: Vec<_> = (0..pages).map(|number| host.send(&Command::Page(number)).unwrap()).collect();
        host.send(&Command::Approve(case.id)).unwrap();
        for (number, page) in read.iter().enumerate() {
            let text = std::str::from_utf8(&page[2..]).unwrap();
            assert_eq!(host.platform.user.seen[number], format!("{}/{pages} {text}", number + 1));
            assert!(page[0] <= 6 && page[1] <= 2 && page.len() < 255);
            assert_eq!(host.send(&Command::Page(number as u8)).as_ref(), Ok(page));
            ran += 1;
        }
        assert!(read.is_sorted_by_key(|page| page[0]), "topics come in order");
        assert_eq!(host.send(&Command::Page(pages)), Err(Status::Parameters.into()));
        assert!(host.is_idle());
    }
    println!("pages: {ran}");
    assert!(ran > 200);
}

/// The exchanges of docs/ledger-protocol.md: `> ` is what the host sends, `< ` what the device answers; lines that go on
/// are indented.
#[test]
fn the_worked_example_of_the_document_is_what_is_exchanged() {
    let document = file("../docs/ledger-protocol.md");
    let example =
        document.split("```text\n").find(|block| block.starts_with("> ")).unwrap().split("```").next().unwrap();
    let mut written: Vec<(char, String)> = Vec::new();
    for line in example.lines() {
        // What follows two spaces explains.
        let bytes = line.get(2..).unwrap_or_default().split("  ").next().unwrap().replace(' ', "");
        match line.chars().next() {
            Some(side @ ('>' | '<')) => written.push((side, bytes)),
            _ => written.last_mut().unwrap().1 += &bytes,
        }
    }
    let mut host = Case::send().host();
    let decode = |text: &str| base16ct::lower::decode_vec(text).unwrap();
    let (pairs, rest) = written.as_chunks::<2>();
    for [(to, command), (from, reply)] in pairs {
        assert_eq!((*to, *from), ('>', '<'));
        assert_eq!(base16ct::lower::encode_string(host.raw(&decode(command)).as_bytes()), *reply, "{command}");
    }
    println!("worked example: {} exchanges", pairs.len());
    assert!(rest.is_empty() && pairs.len() == 15);
}
