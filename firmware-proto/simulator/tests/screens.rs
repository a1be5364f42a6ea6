//! What a person sees on the screen of a simulated device. `DCRCOLD_BLESS=1` writes the files anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;

use dcrcold_core::apdu::Command;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_simulator::{Keyboard, Model, Person, Recorded, Simulator, TestSeed};
use support::{SEED, Trip, account, file, send, voter};

/// Requests that have every kind of page between them.
const SHOWN: [&str; 6] = [
    "twenty tickets, twenty-four coins",
    "direct: coins become tickets",
    "one-off voting addresses",
    "two outputs and change",
    "purse top-up and sweep",
    "register the tickets of",
];

type Recording = Simulator<Recorded<Person, Vec<u8>>>;

/// The screens of a session, and the pages as text.
fn screens(model: Model, session: impl FnOnce(&mut Recording)) -> (String, Vec<String>) {
    let user = Recorded::new(Person::approving(), model, Vec::new());
    let mut device = Simulator::new(&TestSeed::named(SEED).unwrap(), user).unwrap();
    session(&mut device);
    let user = device.user();
    (String::from_utf8(user.to.clone()).unwrap(), user.user.shown().to_vec())
}

fn review(model: Model, trip: &Trip) -> (String, Vec<String>) {
    screens(model, |device| {
        trip.name_voter(device);
        trip.stream(device).unwrap();
        device.user_mut().to.clear();
        device.user_mut().user.forget();
        send(device, &Command::Approve(trip.id)).unwrap();
    })
}

fn compare(name: &str, screens: &str) {
    let path = file("review").join(name);
    if std::env::var_os("DCRCOLD_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, screens).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(screens, expected, "{}", path.display());
}

fn file_of(trip: &Trip) -> String {
    trip.name.split([',', ':']).next().unwrap().replace(' ', "_")
}

#[test]
fn reviews_look_as_recorded() {
    let (mut files, mut drawn) = (0, 0);
    for (model, folder, which) in [(Model::Nano, "nano", &SHOWN[..]), (Model::Touch, "touch", &SHOWN[..1])] {
        for start in which {
            let trip = Trip::named(start);
            let (screens, _) = review(model, &trip);
            compare(&format!("{folder}/{}.txt", file_of(&trip)), &screens);
            (files, drawn) = (files + 1, drawn + screens.matches("\n\n").count());
        }
    }
    println!("reviews: {files} files, {drawn} screens");
    assert_eq!(files, 7);
}

#[test]
fn questions_outside_of_a_review_look_as_recorded() {
    let of = account(Network::Testnet3, 7);
    for (model, folder) in [(Model::Nano, "nano"), (Model::Touch, "touch")] {
        let (screens, _) = screens(model, |device| {
            send(device, &Command::Account(of)).unwrap();
            let path = KeyPath::internal(Index::new(19).unwrap());
            send(device, &Command::Address { of, path }).unwrap();
            send(device, &Command::Register(voter(of))).unwrap();
        });
        compare(&format!("{folder}/questions.txt"), &screens);
    }
}

#[test]
fn every_kind_of_page_is_among_the_recorded_ones() {
    let labels = |trips: &[Trip]| -> BTreeSet<String> {
        let mut labels = BTreeSet::new();
        for trip in trips {
            let (_, shown) = review(Model::Nano, trip);
            let pages = shown.iter().filter(|text| text.starts_with("page "));
            labels.extend(pages.map(|text| text.split(": ").nth(1).unwrap().to_owned()));
        }
        labels
    };
    let all = labels(&Trip::all());
    let recorded = labels(&SHOWN.map(Trip::named));
    println!("kinds of pages: {} of {}", recorded.len(), all.len());
    assert_eq!(recorded, all);
}

#[test]
fn nothing_is_cut_off_any_screen() {
    let mut ran = 0;
    for (model, size) in [(Model::Nano, [18, 10]), (Model::Touch, [34, 22])] {
        for trip in Trip::all() {
            let (screens, shown) = review(model, &trip);
            for screen in screens.split_terminator("\n\n") {
                assert_eq!(screen.lines().count(), size[1], "{screen}");
                assert!(screen.lines().all(|line| line.chars().count() == size[0]), "{screen}");
                ran += 1;
            }
            // Every word of every page, in order.
            let drawn = dense(&screens);
            let mut rest = drawn.as_str();
            for text in &shown {
                let (_, text) = text.split_once(": ").unwrap();
                let text = text.split_whitespace().collect::<String>();
                let place = rest.find(&text).unwrap_or_else(|| panic!("{}: {text} is missing", trip.name));
                rest = &rest[place + text.len()..];
            }
        }
    }
    println!("screens: {ran}, each of them whole");
    assert!(ran > 15 * 10 * 2);
}

/// The text of screens without frames, titles and buttons.
fn dense(screens: &str) -> String {
    let texts = screens.split_terminator("\n\n").map(|screen| {
        let lines: Vec<_> = screen.lines().collect();
        lines[2..lines.len() - 2].concat().replace('|', "")
    });
    let texts: String = texts.collect();
    texts.split_whitespace().collect::<String>().replace("(notchecked)", "")
}

#[test]
fn a_keyboard_turns_screens_one_by_one() {
    let of = account(Network::Testnet3, 7);
    // Yes at the only screen of an account; the voter has two screens: on, back, on, nonsense, no.
    let (typed, mut seen) = (&b"\n\nb\n\nwhat\nn\n"[..], Vec::new());
    let user = Keyboard::new(typed, &mut seen, Model::Nano);
    let mut device = Simulator::new(&TestSeed::named(SEED).unwrap(), user).unwrap();
    send(&mut device, &Command::Account(of)).unwrap();
    assert!(send(&mut device, &Command::Register(voter(of))).is_err());
    // Nobody is there any more.
    assert!(send(&mut device, &Command::Register(voter(of))).is_err());
    drop(device);
    let seen = String::from_utf8(seen).unwrap();
    let titles: Vec<_> = seen.lines().filter(|line| line.contains("Account ") || line.contains("Voter (")).collect();
    let [first, second] = ["|Voter (1/2)     |", "|Voter (2/2)     |"];
    assert_eq!(titles, ["|Account         |", first, second, first, second, second, first]);
}
