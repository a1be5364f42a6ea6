//! Recorded sessions in tests/vectors/apdu: what a host sends, what the person sees, and every byte of the replies.
//!
//! `DCRCOLD_BLESS=1` records them anew. A change of them is a change of the protocol, of the pages, or of the vectors.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use dcrcold_core::apdu::{Command, Os, SpendingAccount, VoterRecord, chunks};
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, HARDENED, Index, KeyPath};
use dcrcold_simulator::{Recorder, SoftwareKeys, TestSeed, replay};
use support::body::{Body, Bytes};
use support::{SEED, Trip, account, file, send, voter};

/// A file, the script of the person, and what the host does.
type Session = (&'static str, &'static str, fn(&mut Recorder));

const SESSIONS: [Session; 6] = [
    ("purchase.txt", "approve", |host| whole(host, &Trip::named("twenty tickets"))),
    ("send.txt", "approve", a_send),
    ("sweep.txt", "approve", |host| whole(host, &Trip::named("purse top-up and sweep"))),
    ("register.txt", "approve", |host| whole(host, &Trip::named("register the tickets"))),
    ("voters.txt", "decline\napprove", voters),
    ("refusals.txt", "decline\ndecline\ndecline at 3\ndecline at 10\nback at 3\napprove", refusals),
];

fn record(script: &str, session: fn(&mut Recorder)) -> String {
    let mut host = Recorder::new(SEED, script).unwrap();
    host.line(&format!("seed {SEED}"));
    script.lines().for_each(|line| host.line(&format!("person {line}")));
    session(&mut host);
    host.into_text()
}

fn remark(host: &mut Recorder, text: &str) {
    host.line("");
    host.line(&format!("# {text}"));
}

/// A session as docs/ledger-protocol.md section 5 has it.
fn whole(host: &mut Recorder, trip: &Trip) {
    remark(host, &format!("{}, on {}", trip.name, trip.of.network));
    send(host, &Command::Abort).unwrap();
    send(host, &Command::Version).unwrap();
    trip.name_voter(host);
    remark(host, "the request, its id and number of pages");
    trip.stream(host).unwrap();
    remark(host, "the review");
    let counts = send(host, &Command::Approve(trip.id)).unwrap();
    remark(host, "signatures: inputs, tickets, messages");
    (0..counts.iter().sum()).for_each(|number| drop(send(host, &Command::Signature(number)).unwrap()));
    remark(host, "the end");
    send(host, &Command::Abort).unwrap();
}

fn a_send(host: &mut Recorder) {
    let trip = Trip::named("two outputs and change");
    remark(host, "which app is open");
    host.send(&[0xb0, 1, 0, 0, 0]);
    remark(host, "the account is shown once");
    send(host, &Command::Account(trip.of)).unwrap();
    send(host, &Command::Account(trip.of)).unwrap();
    remark(host, "an address is shown always");
    let path = KeyPath::external(Index::FIRST);
    send(host, &Command::Address { of: trip.of, path }).unwrap();
    whole(host, &trip);
    remark(host, "every page as text, and a signature twice, in another session");
    let pages = trip.stream(host).unwrap();
    (0..pages).for_each(|number| drop(send(host, &Command::Page(number)).unwrap()));
    send(host, &Command::Approve(trip.id)).unwrap();
    (0..2).for_each(|_| drop(send(host, &Command::Signature(1)).unwrap()));
}

fn voters(host: &mut Recorder) {
    let of = account(Network::Testnet3, 7);
    let record = voter(of);
    let [voting, alt_sign, purse] = record.accounts;
    let keys = SoftwareKeys::new(&TestSeed::named(SEED).unwrap()).unwrap();
    let own = |number: u32| keys.public_key(&[44 | HARDENED, 1 | HARDENED, number | HARDENED]).unwrap();
    let with = |of: SpendingAccount, accounts| VoterRecord::new(of, "box", accounts).unwrap();
    remark(host, "declined, then approved");
    send(host, &Command::Register(record)).unwrap_err();
    let mac = send(host, &Command::Register(record)).unwrap()[..16].try_into().unwrap();
    send(host, &Command::Voter { record, mac }).unwrap();
    remark(host, "its MAC for another account, another name, and with another last bit");
    let other = with(account(Network::Testnet3, 8), record.accounts);
    send(host, &Command::Voter { record: other, mac }).unwrap_err();
    let renamed = VoterRecord::new(of, "bax", record.accounts).unwrap();
    send(host, &Command::Voter { record: renamed, mac }).unwrap_err();
    let mut damaged = mac;
    damaged[15] ^= 1;
    send(host, &Command::Voter { record, mac: damaged }).unwrap_err();
    for (what, accounts) in [
        ("own voter 0 of account 7", [own(0x1000_0007), alt_sign, purse]),
        ("spending account 3 as a purse", [voting, alt_sign, own(3)]),
        ("one account twice", [voting, voting, purse]),
    ] {
        remark(host, what);
        send(host, &Command::Register(with(of, accounts))).unwrap_err();
    }
    remark(host, "a voter of the mainnet");
    send(host, &Command::Register(with(mainnet(), record.accounts))).unwrap_err();
}

fn mainnet() -> SpendingAccount {
    let network = Network::Mainnet;
    let account = AccountPath { coin_type: CoinType::standard(network), account: Account::FIRST };
    SpendingAccount { network, account }
}

fn refusals(host: &mut Recorder) {
    let trip = Trip::named("two outputs and change");
    remark(host, "bytes that are no command");
    for bytes in [&[][..], &[0xe0, 0, 0, 0, 0], &[0xdc, 11, 0, 0, 0], &[0xdc, 0, 0, 1, 0], &[0xdc, 0, 0, 0, 1]] {
        host.send(bytes);
    }
    remark(host, "the person declines: an account, an address, a request at page 3 and at the question");
    send(host, &Command::Account(trip.of)).unwrap_err();
    send(host, &Command::Address { of: trip.of, path: KeyPath::external(Index::FIRST) }).unwrap_err();
    for _ in 0..2 {
        trip.stream(host).unwrap();
        send(host, &Command::Approve(trip.id)).unwrap_err();
        send(host, &Command::Signature(0)).unwrap_err();
    }
    remark(host, "goes back once and approves; then a signature and a page that do not exist");
    for beyond in [Command::Signature(2), Command::Page(200)] {
        trip.stream(host).unwrap();
        send(host, &Command::Approve(trip.id)).unwrap();
        send(host, &beyond).unwrap_err();
    }
    out_of_order(host, &trip);
    broken_rules(host, &trip);
    remark(host, "the mainnet, wherever it can be named");
    let of = mainnet();
    send(host, &Command::Account(of)).unwrap_err();
    send(host, &Command::Address { of, path: KeyPath::external(Index::FIRST) }).unwrap_err();
    let mut request = trip.request.clone();
    request[9] = Network::Mainnet.code();
    send(host, &Command::Begin(request.first_chunk().unwrap())).unwrap_err();
}

fn out_of_order(host: &mut Recorder, trip: &Trip) {
    remark(host, "a second begin in mid-stream, and what is left of the first");
    let commands: Vec<_> = chunks(&trip.request, 200).unwrap().collect();
    send(host, &commands[0]).unwrap();
    send(host, &commands[1]).unwrap();
    send(host, &commands[0]).unwrap_err();
    send(host, &commands[2]).unwrap_err();
    remark(host, "a signature without approval, and the approval of another id");
    trip.stream(host).unwrap();
    send(host, &Command::Signature(0)).unwrap_err();
    trip.stream(host).unwrap();
    send(host, &Command::Approve(TransferId::from_bytes([7; 32]))).unwrap_err();
    remark(host, "a body that is longer than its header says");
    send(host, &commands[0]).unwrap();
    commands[1..].iter().for_each(|command| drop(send(host, command).unwrap()));
    send(host, &Command::Stream(&[0])).unwrap_err();
}

/// A writer goes on for ever; a value ends.
const fn written(_: &mut Writer<&mut Bytes>) {}

fn broken_rules(host: &mut Recorder, trip: &Trip) {
    let body = || Body::of(&trip.request);
    let uint = |key, number: u64| body().with(key, |writer| written(writer.uint(number))).request();
    let other_account = body().with(0, |writer| written(writer.array(2).uint(1).uint(1)));
    let no_parents = body().with(13, |writer| written(writer.array(0)));
    let mut damaged = trip.request.clone();
    *damaged.last_mut().unwrap() ^= 1;
    let cases = [
        ("account 1 does not have these coins", other_account.request()),
        ("a fee rate below what is relayed", uint(4, 1)),
        ("a fee rate above the limit", uint(4, 100_001)),
        ("a change index that no branch has", uint(5, 1 << 31)),
        ("a key that does not exist", uint(14, 0)),
        ("a body that is not that of the id", damaged),
        ("no parents", no_parents.request()),
    ];
    for (what, request) in cases {
        remark(host, what);
        let refused = chunks(&request, 255).unwrap().find_map(|command| send(host, &command).err());
        assert!(refused.is_some(), "{what}");
    }
    remark(host, "a voter that was not named");
    let purchase = Trip::named("purse top-up and sweep");
    purchase.stream(host).unwrap_err();
}

#[test]
fn sessions_are_recorded_as_they_are_committed() {
    for (name, script, session) in SESSIONS {
        let recorded = record(script, session);
        let path = file("vectors/apdu").join(name);
        if std::env::var_os("DCRCOLD_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &recorded).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        same(name, &recorded, &committed);
    }
}

#[test]
fn every_transcript_replays_byte_for_byte() {
    let (mut files, mut commands) = (0, 0);
    for entry in fs::read_dir(file("vectors/apdu")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(SESSIONS.iter().any(|(known, ..)| *known == name), "nobody recorded {name}");
        let text = fs::read_to_string(&path).unwrap();
        same(name, &replay(&text).unwrap(), &text);
        let ran = text.lines().filter(|line| line.starts_with('>')).count();
        println!("  {name}: {ran} commands");
        (files, commands) = (files + 1, commands + ran);
    }
    println!("apdu: {files} transcripts, {commands} commands replayed");
    assert_eq!(files, SESSIONS.len());
}

/// Round trips, bytes to the device and bytes back, of what lies between two remarks; without registrations of voters.
fn price(name: &str, from: &str, to: &str) -> [usize; 3] {
    let text = fs::read_to_string(file("vectors/apdu").join(name)).unwrap();
    let lines = text.lines().skip_while(|line| !line.contains(from)).skip(1).take_while(|line| !line.contains(to));
    let mut price = [0; 3];
    let mut counted = true;
    for line in lines.filter(|line| line.starts_with(['>', '<'])) {
        let length = line[1..].trim().len() / 2;
        if line.starts_with('>') {
            counted = !line.starts_with("> dc03");
            price[0] += usize::from(counted);
        }
        price[if line.starts_with('>') { 1 } else { 2 }] += if counted { length } else { 0 };
    }
    price
}

#[test]
fn sessions_cost_what_is_documented() {
    let page = fs::read_to_string(file("../docs/performance.md")).unwrap();
    let rows = [
        ("20 tickets from 24 coins", "purchase.txt", "twenty tickets"),
        ("registration of 3 tickets", "register.txt", "register the tickets"),
        ("a payment from 2 coins", "send.txt", "two outputs and change"),
    ];
    for (row, name, from) in rows {
        let line = page.lines().find(|line| line.starts_with(&format!("| {row}"))).unwrap();
        let documented: Vec<usize> = line.split('|').filter_map(|cell| cell.trim().parse().ok()).collect();
        let price = price(name, from, "every page as text");
        println!("  {row}: {} round trips, {} bytes there, {} back", price[0], price[1], price[2]);
        assert_eq!(documented, price, "{row}");
    }
    println!("sessions: {} cases", rows.len());
}

fn same(name: &str, found: &str, expected: &str) {
    let differ = found.lines().zip(expected.lines()).zip(1..).find(|((found, expected), _)| found != expected);
    if let Some(((found, expected), line)) = differ {
        panic!("{name}, line {line}:\n found    {found}\n expected {expected}");
    }
    assert_eq!(found, expected, "{name}");
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let text = fs::read_to_string(file("vectors/apdu/send.txt")).unwrap();
    let mut ran = 0;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with(['>', '<', '|'])) {
        // In the middle of the line, another character of the same kind.
        let place = line.len() / 2;
        let other = if line.as_bytes()[place] == b'0' { "1" } else { "0" };
        let changed = [&line[..place], other, &line[place + 1..]].concat();
        if changed == *line || !line.is_ascii() {
            continue;
        }
        let lines = text.lines().enumerate().map(|(at, line)| if at == number { changed.as_str() } else { line });
        let changed: String = lines.flat_map(|line| [line, "\n"]).collect();
        assert!(replay(&changed).map_or(true, |replayed| replayed != changed), "line {}", number + 1);
        ran += 1;
    }
    println!("changed lines: {ran}");
    assert!(ran > 40);
}

#[test]
fn what_is_no_transcript_is_refused() {
    let bad =
        ["seed other\n", "person perhaps\n", "seed abandon\n> dc0\n", "seed abandon\n> xx\n", "seed abandon\nhello\n"];
    assert!(bad.iter().all(|text| replay(text).is_err()));
    assert!(replay("> dc00000000\n").is_err(), "no seed");
    assert_eq!(replay("# nothing\nseed zoo\n").unwrap(), "# nothing\nseed zoo\n");
}
