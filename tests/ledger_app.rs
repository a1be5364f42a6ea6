//! What of the Ledger app needs no SDK: the form of signatures, the texts of sheets, and that its manifest declares what
//! its source asks for. In Speculos it is run by `scripts/ledger-app check`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod common;

#[path = "../firmware-proto/ledger-app/src/frame.rs"]
#[allow(unreachable_pub, dead_code, reason = "written for another crate")]
mod frame;

#[path = "../firmware-proto/ledger-app/src/signature.rs"]
#[allow(unreachable_pub, dead_code, reason = "written for another crate")]
mod signature;

#[path = "../firmware-proto/ledger-app/src/sheet.rs"]
#[allow(unreachable_pub, dead_code, reason = "written for another crate")]
mod sheet;

use std::fs;
use std::path::PathBuf;

use dcrcold_core::address::AddressOf;
use dcrcold_core::amount::{Amount, Height, MAX_ATOMS};
use dcrcold_core::apdu::{CLA, Command, Failure, Prompt, SpendingAccount, Status, VOTER_NODE};
use dcrcold_core::hash::{Fingerprint, Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_core::request::Label;
use dcrcold_core::review::{CLAIMED_HEADING, Origin, Page, Topic, Value};
use dcrcold_core::script::Payee;
use secp256k1::ecdsa::Signature;

use common::Vectors;
use frame::{Frame, HEAD};
use sheet::{Kind, LABEL, Text, VALUE};
use signature::{Compact, is_coordinate, is_scalar};

fn app(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("firmware-proto/ledger-app").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All signatures of inputs and tickets in the vectors, r and s.
fn signatures() -> Vec<[u8; 64]> {
    let vectors = Vectors::load("builder.json");
    let mut found = Vec::new();
    for case in common::list(vectors.get("cases")) {
        for kind in ["split_signatures", "signatures", "ticket_signatures"] {
            let rows = case["result"][kind].as_array().map_or(&[][..], Vec::as_slice);
            found.extend(rows.iter().map(common::array::<64>));
        }
    }
    found
}

/// `30 length 02 length r 02 length s` from big-endian digits that are as short as they may be.
fn der(compact: &[u8; 64]) -> Vec<u8> {
    let integer = |digits: &[u8]| {
        let start = digits.iter().position(|digit| *digit != 0).unwrap_or(digits.len() - 1);
        let sign: &[u8] = if digits[start] >= 0x80 { &[0] } else { &[] };
        let digits = [sign, &digits[start..]].concat();
        [&[2, u8::try_from(digits.len()).unwrap()], digits.as_slice()].concat()
    };
    let body = [integer(&compact[..32]), integer(&compact[32..])].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
}

/// The same signature with the other s.
fn high(compact: &[u8; 64]) -> [u8; 64] {
    let s = secp256k1::SecretKey::from_secret_bytes(compact[32..].try_into().unwrap()).unwrap().negate();
    let mut other = *compact;
    other[32..].copy_from_slice(&s.to_secret_bytes());
    other
}

#[test]
fn signatures_of_the_operating_system_are_read_and_made_low() {
    let all = signatures();
    for wanted in &all {
        assert_eq!(der(wanted), *Signature::from_compact(wanted).unwrap().serialize_der());
        let mut low = Compact::from_der(&der(wanted)).unwrap();
        assert!(!low.make_low());
        assert_eq!(low.to_bytes(), *wanted);
        let mut other = Compact::from_der(&der(&high(wanted))).unwrap();
        assert_ne!(other.to_bytes(), *wanted);
        assert!(other.make_low());
        assert_eq!(other.to_bytes(), *wanted);
    }
    println!("builder.json: {} signatures, each low and high", all.len());
    assert_eq!(all.len(), 89);
}

#[test]
fn bytes_that_are_no_signature_are_refused() {
    let good = der(&signatures()[0]);
    let mut ran = 0;
    let mut refused = |bytes: &[u8]| {
        assert_eq!(Compact::from_der(bytes), None, "{bytes:02x?}");
        ran += 1;
    };
    (0..good.len()).for_each(|length| refused(&good[..length]));
    refused(&[good.as_slice(), &[0]].concat());
    // Any other tag or length.
    for place in [0, 1, 2, 3, 4 + usize::from(good[3]), 5 + usize::from(good[3])] {
        for byte in (0..=255).filter(|byte| *byte != good[place]) {
            let mut bytes = good.clone();
            bytes[place] = byte;
            refused(&bytes);
        }
    }
    let order = [[0xff; 15].as_slice(), &[0xfe], &common::hex(&"baaedce6af48a03bbfd25e8cd0364141".into())].concat();
    let number = |r: &[u8], s: &[u8]| -> [u8; 64] { [r, s].concat().try_into().unwrap() };
    for (r, s) in [(&[0; 32], &[1; 32]), (&[1; 32], &[0; 32])] {
        refused(&der(&number(r, s)));
    }
    refused(&der(&number(&order, &[1; 32])));
    refused(&der(&number(&[1; 32], &order)));
    refused(&[0x30, 7, 2, 2, 0, 1, 2, 1, 1]);
    refused(&[0x30, 6, 2, 1, 0x81, 2, 1, 1]);
    println!("no signatures: {ran} cases");
    assert!(ran > 1500);
    assert!(!is_scalar(&order.clone().try_into().unwrap()) && !is_scalar(&[0; 32]) && is_scalar(&[1; 32]));
    assert!(is_coordinate(&order.try_into().unwrap()) && !is_coordinate(&[0xff; 32]));
}

fn written(prompt: &Prompt<'_>) -> Vec<(sheet::Sheet, String, String)> {
    let (mut label, mut value) = (Text::<LABEL>::new(), Text::<VALUE>::new());
    let sheets = (0..sheet::count(prompt, true)).map(|number| {
        let sheet = sheet::write(prompt, number, 7, &mut label, &mut value).unwrap();
        (sheet, label.as_str().to_owned(), value.as_str().to_owned())
    });
    sheets.collect()
}

#[test]
fn the_longest_pages_are_written_whole() {
    let name = Label::new(&[b'W'; 64]).unwrap();
    let amount = Amount::from_atoms(MAX_ATOMS).unwrap();
    let index = Index::new(u64::from(Index::LIMIT - 1)).unwrap();
    let account = Account::new(u64::from(Account::LIMIT - 1)).unwrap();
    let address = AddressOf { network: Network::Mainnet, payee: Payee::KeyHash(Hash160::ZERO) };
    let values = [
        Value::Quoted(&name),
        Value::Voter { name: &name, fingerprint: Fingerprint::from_bytes([255; 16]) },
        Value::OwnKeys { account, first: index, last: index, step: 2 },
        Value::ToPurse { amount, index, address },
        Value::Expiry { height: Height(u32::MAX), blocks: u32::MAX, network: Network::Mainnet },
        Value::Ticket { id: TxId::from_bytes([255; 32]), locks: amount },
        Value::Time(u32::MAX),
    ];
    for value in values {
        for (number, origin) in [(0, Origin::Checked), (1, Origin::Checked), (254, Origin::Claimed)] {
            let page = Page { topic: Topic::Claims, label: "A coin becomes a ticket that locks", value, origin };
            let sheets = written(&Prompt::Page { page, number, count: 255 });
            let (last, label, text) = sheets.last().unwrap();
            assert_eq!((last.kind, last.place, last.count), (Kind::Read, number + 1, 258));
            assert_eq!(sheets.len(), if number == 0 { 2 } else { 1 });
            assert_eq!(label, page.label);
            let claim = format!("\n({CLAIMED_HEADING})");
            assert_eq!(*text, format!("{value}{}", if origin == Origin::Claimed { &claim } else { "" }));
        }
    }
    println!("pages: {} values", values.len());
}

#[test]
fn every_question_comes_after_what_it_is_about() {
    let coin_type = CoinType::new(Network::Mainnet, 42).unwrap();
    let account = AccountPath { coin_type, account: Account::new(3).unwrap() };
    let of = SpendingAccount { network: Network::Mainnet, account };
    let address = AddressOf { network: Network::Mainnet, payee: Payee::KeyHash(Hash160::ZERO) };
    let (name, fingerprint) = (Label::new(b"W").unwrap(), Fingerprint::from_bytes([1; 16]));
    let prompts = [
        (Prompt::Approve { words: ["one", "two", "three", "four"] }, "one two\nthree four"),
        (Prompt::Account(of), "m/44'/42'/3'"),
        (Prompt::Address { address, of, path: KeyPath::internal(Index::FIRST) }, "1/0"),
        (Prompt::Voter { name: &name, fingerprint, of }, "0101010101"),
    ];
    for (prompt, told) in &prompts {
        let sheets = written(prompt);
        let [read @ .., yes, no] = sheets.as_slice() else { panic!("{prompt:?}") };
        assert!(read.iter().all(|(sheet, ..)| sheet.kind == Kind::Read));
        assert!(read.iter().any(|(.., text)| text.contains(told)), "{prompt:?}");
        assert_eq!((yes.0.kind, no.0.kind), (Kind::Yes, Kind::No));
        assert_eq!(yes.0.place + 1, yes.0.count);
    }
    println!("questions: {} prompts", prompts.len());
}

#[test]
fn a_text_that_does_not_fit_is_an_error() {
    let mut text = Text::<8>::new();
    assert!(text.set(format_args!("1234567")).is_ok());
    assert_eq!(text.as_str(), "1234567");
    assert!(text.set(format_args!("1234{}", 5678)).is_err());
    assert_eq!(text.as_str(), "");
}

/// The texts between quotes in the first list after a key of a TOML file.
/// What the core is given for a frame, which the SDK sees as `src/receive.rs` passes it on and takes apart by its rules.
fn given(bytes: &[u8]) -> Vec<u8> {
    let kind = Frame::of(bytes);
    let mut buffer = [0xee; 300];
    buffer[..bytes.len()].copy_from_slice(bytes);
    let length = kind.make_passable(&mut buffer, bytes.len());
    let (head, data) = buffer[..length].split_at(HEAD);
    assert_eq!(usize::from(head[4]), data.len(), "the SDK takes it for a short APDU");
    kind.length_byte(data).map_or(Vec::new(), |length| [&head[..4], &[length], data].concat())
}

#[test]
fn frames_that_are_no_short_apdu_are_refused_by_the_core() {
    let refused = |bytes: &[u8], status| {
        assert_eq!(Command::parse(&given(bytes)).unwrap_err(), Failure::Status(status), "{bytes:02x?}");
        1
    };
    let mut ran = 0;
    for length in 0..HEAD {
        ran += refused(&[CLA, 0, 0, 0, 0][..length], Status::Length);
        ran += refused(&[0xe0, 0, 0, 0, 0][..length], Status::Length);
    }
    for count in [0, 1, 9, 32, 47, 255, 256, 290_usize] {
        let [high, low] = u16::try_from(count).unwrap().to_be_bytes();
        for instruction in 0..=10 {
            let extended = [&[CLA, instruction, 0, 0, 0, high, low][..], &vec![0; count]].concat();
            ran += refused(&extended, Status::Length);
        }
        let extended =
            |class, instruction, p2| [&[class, instruction, 0, p2, 0, high, low][..], &vec![0; count]].concat();
        ran += refused(&extended(0xe0, 0, 0), Status::Class);
        ran += refused(&extended(CLA, 11, 0), Status::Instruction);
        ran += refused(&extended(CLA, 0, 1), Status::Parameters);
    }
    for (length, count) in [(0, 1), (1, 0), (1, 2), (32, 31), (32, 33), (255, 254), (255, 256)] {
        ran += refused(&[&[CLA, 7, 0, 0, length][..], &vec![0; count]].concat(), Status::Length);
    }
    println!("frames that are no command: {ran}");
    assert_eq!(ran, 10 + 8 * 14 + 7);
}

#[test]
fn short_apdus_and_those_of_the_system_come_as_they_are() {
    let mut ran = 0;
    for count in 0..=255_u8 {
        let short = [&[CLA, 6, 1, 2, count][..], &vec![7; count.into()]].concat();
        assert_eq!(given(&short), short);
        ran += 1;
    }
    for system in [&[0xb0, 1, 0, 0][..], &[0xb0, 1, 0, 0, 0], &[0xb0, 1, 0, 0, 0, 0, 1, 5]] {
        let mut buffer = system.to_vec();
        assert_eq!(Frame::of(system).make_passable(&mut buffer, system.len()), system.len());
        assert_eq!(buffer, system);
        ran += 1;
    }
    assert!([Frame::Whole, Frame::Cut, Frame::Torn].iter().all(|frame| Frame::from_number(*frame as u8) == *frame));
    println!("frames that stay: {ran}");
    assert_eq!(ran, 259);
}

fn list(file: &str, key: &str) -> Vec<String> {
    let line = file.lines().find(|line| line.starts_with(&format!("{key} = ["))).unwrap_or_else(|| panic!("no {key}"));
    line.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_manifest_declares_what_the_source_asks_for() {
    let (manifest, keys) = (app("Cargo.toml"), app("src/keys.rs"));
    let steps = ["PURPOSE", "MAINNET", "TESTS"].map(|name| {
        let line = keys.lines().find(|line| line.starts_with(&format!("const {name}: u32 = "))).unwrap();
        let number = line.split(' ').nth(4).unwrap();
        assert!(line.ends_with(" | HARDENED;"));
        format!("{number}'")
    });
    let [purpose, coins @ ..] = &steps;
    assert_eq!(list(&manifest, "path"), coins.clone().map(|coin| format!("{purpose}/{coin}")));
    assert_eq!(list(&manifest, "curve"), ["secp256k1"]);
    let [label] = list(&manifest, "path_slip21").try_into().unwrap();
    assert_eq!(VOTER_NODE.strip_prefix(b"\0"), Some(label.as_bytes()));
    assert!(manifest.contains("\nname = \"Decred Staking\"\n") && app("src/home.rs").contains("\"Decred Staking\""));
}

#[test]
fn every_device_has_an_icon_of_its_size() {
    let manifest = app("Cargo.toml");
    let devices = list(&app("ledger_app.toml"), "devices");
    for device in &devices {
        let device = device.replace('+', "plus");
        let start = format!("{device} = {{ icon = \"");
        let line = manifest.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no {device}"));
        let side = match device.as_str() {
            "nanosplus" | "nanox" => 14,
            "stax" => 32,
            "flex" => 40,
            other => panic!("{other}"),
        };
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("firmware-proto/ledger-app");
        let icon = fs::read(root.join(line.split('"').nth(1).unwrap())).unwrap();
        assert!(icon.starts_with(b"GIF8"));
        assert_eq!(icon[6..10], [side, 0, side, 0], "{device}");
    }
    println!("icons: {} devices", devices.len());
    assert_eq!(devices.len(), 4);
}
