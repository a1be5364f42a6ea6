//! Prompts on small screens: every word of them, in order, at every width.

use dcrcold_core::amount::{Amount, MAX_ATOMS};
use dcrcold_core::apdu::{Command, Prompt, Turn};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::policy::Warning;
use dcrcold_core::request::Label;
use dcrcold_core::review::{Origin, Page, Topic, Value};
use dcrcold_core::screen::{MAX_COLUMNS, Screen, Size, ask};

use crate::host::Case;

/// All rows of a prompt, screen after screen.
fn rows(prompt: &Prompt<'_>, size: Size) -> Vec<String> {
    let mut rows = Vec::new();
    for (number, screen) in (0..).map_while(|number| Screen::of(prompt, size, number)).enumerate() {
        assert!(screen.to_string().len() <= 16, "{screen}");
        let drawn: Vec<_> = (0..size.rows()).map(|row| screen.row(row).as_str().to_owned()).collect();
        assert!(drawn.iter().all(|row| row.len() <= size.columns()), "{drawn:?}");
        assert!(number == 0 || !drawn[0].is_empty(), "an empty screen: {screen}");
        assert_eq!(screen.row(size.rows()).as_str(), "");
        rows.extend(drawn);
    }
    rows
}

fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

fn page<'a>(label: &'static str, value: Value<'a>, origin: Origin) -> Prompt<'a> {
    Prompt::Page { page: Page { topic: Topic::Claims, label, value, origin }, number: 254, count: 255 }
}

#[test]
fn every_prompt_is_shown_whole_at_every_width() {
    let mut ran = 0;
    for case in Case::all() {
        let mut host = case.host();
        host.platform.user.each = Some(|prompt| {
            for (columns, height) in (16..=MAX_COLUMNS).flat_map(|columns| (2..=8).map(move |rows| (columns, rows))) {
                let rows = rows(prompt, Size::new(columns, height).unwrap());
                let told = dense(&rows.concat()).replace("(notchecked)", "");
                match prompt {
                    Prompt::Page { page, .. } => assert_eq!(told, dense(&page.to_string())),
                    Prompt::Approve { words } => assert!(told.ends_with(&words.concat())),
                    Prompt::Account(of) => assert!(told.contains(&of.account.to_string())),
                    Prompt::Address { address, .. } => assert!(told.starts_with(&address.to_string())),
                    Prompt::Voter { fingerprint, .. } => assert!(told.contains(&fingerprint.to_string())),
                }
            }
        });
        case.name_voter(&mut host);
        host.send(&Command::Account(case.of)).unwrap();
        host.send(&Command::Address { of: case.of, path: KeyPath::internal(Index::FIRST) }).unwrap();
        host.stream(&case.request, 255).unwrap();
        host.send(&Command::Approve(case.id)).unwrap();
        ran += host.platform.user.seen.len();
    }
    println!("builder.json: {ran} prompts at {} sizes", (MAX_COLUMNS - 15) * 7);
    assert!(ran > 15 * 12);
}

#[test]
fn words_are_kept_together_where_they_fit() {
    let label = Label::new(b"two  spaces and averylongwordindeedforonerow x and more").unwrap();
    let prompt = page("Label", Value::Quoted(&label), Origin::Claimed);
    let first = ["(not checked)", "Label:", "\"two  spaces and", "averylongwordind", "eedforonerow x", "and more\""];
    let rows = rows(&prompt, Size::NANO);
    assert_eq!(rows, first);
    // With a row less the value is not torn apart.
    let small = Size::new(16, 5).unwrap();
    let second = ["(not checked)", first[2], first[3], first[4], first[5]];
    assert_eq!(crate::screens::rows(&prompt, small), [[first[0], first[1], "", "", ""], second].concat());
    let titles: Vec<_> = (0..3).map_while(|number| Some(Screen::of(&prompt, small, number)?.to_string())).collect();
    assert_eq!(titles, ["255/255 (1/2)", "255/255 (2/2)"]);
    assert!(Screen::of(&prompt, small, 0).unwrap().goes_on());
    assert!(!Screen::of(&prompt, small, 1).unwrap().goes_on());
}

#[test]
fn a_space_at_the_start_of_a_row_leaves_no_empty_row() {
    let label = Label::new(b"xxxxxxxxxxxxxxx  yyyyyyyyyyyyyyyyyyyy").unwrap();
    let rows = rows(&page("Label", Value::Quoted(&label), Origin::Claimed), Size::NANO);
    assert_eq!(rows[2..], ["\"xxxxxxxxxxxxxxx", " yyyyyyyyyyyyyyy", "yyyyy\"", ""]);
}

#[test]
fn an_amount_stays_on_one_row_of_a_nano() {
    for atoms in [0, 1, 999_999_999_999_999] {
        let amount = Amount::from_atoms(atoms).unwrap();
        let prompt = page("Pay", Value::Amount(amount), Origin::Checked);
        let number = amount.to_string().split(' ').next().unwrap().to_owned();
        assert!(rows(&prompt, Size::NANO).iter().any(|row| row.starts_with(&number)), "{number}");
    }
    // All the coins that there can be take a digit more than a row.
    let most = page("Pay", Value::Amount(Amount::from_atoms(MAX_ATOMS).unwrap()), Origin::Checked);
    assert_eq!(rows(&most, Size::NANO)[1..3], ["21000000.0000000", "0 DCR"]);
}

#[test]
fn what_is_not_checked_says_so_on_every_page() {
    let warned = page("Network", Value::Network(Network::Simnet), Origin::Warned(Warning::OutpointSignedBefore));
    assert!(rows(&warned, Size::NANO).concat().starts_with('('));
    let checked = page("Network", Value::Network(Network::Simnet), Origin::Checked);
    assert_eq!(rows(&checked, Size::NANO)[..2], ["Network:", "simnet"]);
    assert_eq!(Screen::of(&checked, Size::NANO, 0).unwrap().to_string(), "255/255", "one screen is not counted");
}

#[test]
fn yes_is_reached_through_the_last_screen_of_a_prompt() {
    let label = Label::new(&[b'W'; 64]).unwrap();
    let prompt = page("Label", Value::Quoted(&label), Origin::Claimed);
    let size = Size::new(16, 2).unwrap();
    let told = |turns: &[Turn]| {
        let (mut seen, mut turns) = (Vec::new(), turns.iter());
        let turn = ask(&prompt, size, |screen| {
            seen.push(screen.to_string());
            Ok(*turns.next().unwrap_or(&Turn::Next))
        });
        (turn, seen)
    };
    let all: Vec<_> = (1..=6).map(|number| format!("255/255 ({number}/6)")).collect();
    assert_eq!(told(&[]), (Ok(Turn::Next), all.clone()));
    for place in 0..6 {
        let mut turns = vec![Turn::Next; place];
        turns.push(Turn::Decline);
        assert_eq!(told(&turns), (Ok(Turn::Decline), all[..=place].to_vec()));
    }
    assert_eq!(told(&[Turn::Back]), (Ok(Turn::Back), all[..1].to_vec()));
    let (turn, seen) = told(&[Turn::Next, Turn::Next, Turn::Back]);
    assert_eq!((turn, seen.len()), (Ok(Turn::Next), 8));
    assert_eq!(seen[3], all[1]);
}

#[test]
fn a_screen_has_room_for_something() {
    assert!(Size::new(15, 2).is_none() && Size::new(16, 1).is_none() && Size::new(MAX_COLUMNS + 1, 2).is_none());
    assert_eq!((Size::NANO.columns(), Size::NANO.rows()), (16, 6));
}
