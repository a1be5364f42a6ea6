//! A person scans: what is on the screen, keys, and how the terminal is left.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use dcrcold_core::words::check_words;
use dcrcold_signer::qr::Density;
use dcrcold_signer::transfer::Container;

use super::offline::{Cold, SIGNER};
use super::terminal::Terminal;
use super::{SMALL, answer, codes, cold, kept, request, shown};

const SIZES: [(u16, u16); 3] = [(80, 24), (40, 12), (200, 60)];

fn start(cold: &Cold, size: (u16, u16), source: &[&str]) -> Terminal {
    let store = ["--store", "keystore", "--passphrase-file", "passphrase"];
    let args = [&store[..], &["sign", "--scan"], source, &["--out", "answer"]].concat();
    Terminal::start(&SIGNER, &args, cold.folder.path(), size, "xterm-256color")
}

fn words(cold: &Cold) -> String {
    check_words(Container::parse(&request(cold)).unwrap().id()).join(" ")
}

/// Goes on from what was scanned to the end of the review, and approves.
fn approve(cold: &Cold, mut terminal: Terminal) {
    terminal.wait_for("scanned a purchase request");
    let seen = terminal.text();
    for said in ["mainnet", "340 bytes", &words(cold)] {
        assert!(seen.contains(said), "{said}:\n{seen}");
    }
    terminal.type_keys("\r");
    terminal.wait_for("page 1 of ");
    while !terminal.text().contains("Type the four words") {
        let before = terminal.text();
        terminal.type_keys(" ");
        terminal.wait("next page", |terminal| terminal.text() != before);
    }
    terminal.type_keys(&(words(cold) + "\r"));
    terminal.wait_for("Show the answer as QR codes?");
    terminal.type_keys("\r");
    let (status, transcript) = terminal.end();
    assert_eq!(status, Some(0), "{transcript}");
    assert_eq!(answer(cold).unwrap(), cold.answer);
}

#[test]
fn a_hand_scanner_types_and_a_person_goes_on_to_the_review() {
    for size in SIZES {
        let cold = cold();
        let shown = shown(&cold);
        let mut terminal = start(&cold, size, &["--text"]);
        terminal.wait_for("Scan, paste or type");
        assert!(terminal.alternate());
        terminal.type_keys(&format!("{}\r", shown[0]));
        terminal.wait_for("1 of 5");
        // A slip is taken back, garbage is told, some scanners end a code with Tab.
        terminal.type_keys(&format!("{}x\x7f\t", shown[1]));
        terminal.wait_for("2 of 5");
        terminal.type_keys("https://decred.org\r");
        terminal.wait_for("3 codes: 2 of use");
        terminal.wait_for("That was a link, and no code of a");
        terminal.type_keys(&format!("{}\r", shown[2]));
        terminal.wait("note that is over", |seen| seen.text().contains("3 of 5") && !seen.text().contains("a link"));
        // A paste of the rest, lines and all.
        terminal.type_keys(&(shown[3..].join("\r") + "\r"));
        approve(&cold, terminal);
    }
}

#[test]
fn a_film_is_seen_and_signed() {
    let cold = cold();
    let bytes = request(&cold);
    fs::write(cold.path("film"), codes::film(&codes::frames(&bytes, Density::V10, 2), Density::V10)).unwrap();
    let terminal = start(&cold, (80, 24), &["--frames", "film"]);
    approve(&cold, terminal);
}

/// A scan of a pipe of this folder to which nobody writes yet.
fn start_at_pipe(cold: &Cold) -> Terminal {
    let made = Command::new("mkfifo").arg(cold.path("pipe")).status().unwrap();
    assert!(made.success());
    let mut terminal = start(cold, (80, 24), &["--frames", "pipe"]);
    terminal.wait_for("Waiting for pictures.");
    terminal
}

#[test]
fn a_pipe_that_nobody_writes_to_leaves_the_keys_at_work() {
    let mut cases = 0;
    for key in ["q", "Q", "\x1b", "\x03"] {
        let cold = cold();
        let mut terminal = start_at_pipe(&cold);
        terminal.type_keys(key);
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(4), "{key:?}: {transcript}");
        assert!(transcript.contains("error: the scan was stopped, and no code was read"), "{key:?}: {transcript}");
        cases += 1;
    }
    let cold = cold();
    let terminal = start_at_pipe(&cold);
    let frames = codes::frames(&request(&cold), Density::V10, 2);
    fs::write(cold.path("pipe"), codes::film(&frames, Density::V10)).unwrap();
    approve(&cold, terminal);
    println!("pipes: {} cases", cases + 1);
    assert_eq!(cases, 4);
}

#[test]
fn what_was_wrong_with_a_picture_is_told_until_the_next_one() {
    let cold = cold();
    let mut terminal = start_at_pipe(&cold);
    fs::create_dir(cold.path("pictures")).unwrap();
    codes::pictures(&cold.path("pictures"), &codes::frames(&request(&cold), SMALL, 1), SMALL);
    let picture = fs::read_dir(cold.path("pictures")).unwrap().next().unwrap().unwrap().path();
    let picture = fs::read(picture).unwrap();
    let mut damaged = picture.clone();
    let pixels = damaged.windows(4).position(|kind| kind == b"IDAT").unwrap() + 6;
    damaged[pixels] ^= 0xff;
    let mut pipe = File::options().write(true).open(cold.path("pipe")).unwrap();
    pipe.write_all(&damaged).unwrap();
    terminal.wait_for("PNG");
    pipe.write_all(&picture).unwrap();
    terminal.wait("picture without a note", |seen| {
        seen.at_rest() && seen.text().contains("1 of 5") && !seen.text().contains("PNG")
    });
}

/// Longer than a hand scanner rests between two characters.
const REST: Duration = Duration::from_millis(400);

#[test]
fn what_a_hand_scanner_types_is_no_key() {
    let cold = cold();
    let shown = shown(&cold);
    assert!(shown.iter().all(|text| text.contains('Q')), "each of them has the letter that a person stops with");
    let mut terminal = start_at_pipe(&cold);
    terminal.type_keys(&format!("{}\r", shown[0]));
    terminal.wait_for("1 of 5");
    terminal.type_keys("QUITE ANOTHER CODE\r");
    terminal.wait_for("2 codes: 1 of use, 1 of something else");
    // A slip does not make the next key a part of a line for ever.
    terminal.type_keys("x");
    sleep(4 * REST);
    terminal.type_keys(&(shown[1..].join("\r") + "\r"));
    terminal.wait_for("scanned a purchase request");
    // The next code is seen before the hand scanner is put down; it has spaces, and ends with Enter.
    sleep(REST);
    assert!(shown.iter().any(|text| text.contains(' ')));
    terminal.type_keys(&(shown.join("\r") + "\r"));
    sleep(2 * REST);
    approve(&cold, terminal);
}

#[test]
fn who_stops_keeps_what_was_received_and_is_told_how_to_go_on() {
    let cold = cold();
    let shown = shown(&cold);
    for (key, number) in [("\x1b", 0), ("\x03", 1), ("\x04", 2)] {
        let mut terminal = start(&cold, (80, 24), &["--text"]);
        terminal.wait_for("Scan, paste or type");
        terminal.type_keys(&format!("{}\r", shown[number]));
        terminal.wait_for(&format!("{} of 5", number + 1));
        terminal.type_keys(key);
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(4), "{transcript}");
        let said = format!("error: the scan was stopped with {} of 5 symbols\nhint: they are kept; run", number + 1);
        assert!(transcript.contains(&said), "{transcript}");
        assert_eq!((answer(&cold), kept(&cold).len()), (None, 1));
    }
    let mut terminal = start(&cold, (80, 24), &["--text"]);
    terminal.wait_for("Scan, paste or type");
    terminal.type_keys(&format!("{}\r", shown[3]));
    terminal.wait_for("Goes on with 3 symbols of before.");
    terminal.type_keys(&format!("{}\r", shown[4]));
    approve(&cold, terminal);
    assert!(kept(&cold).is_empty());
}

#[test]
fn a_person_turns_to_the_other_transfer_and_nobody_else_does() {
    let cold = cold();
    let (shown, other) = (shown(&cold), codes::texts(&vec![9; 300], SMALL, 4));
    let mut terminal = start(&cold, (80, 24), &["--text"]);
    terminal.wait_for("Scan, paste or type");
    terminal.type_keys(&format!("{}\r{}\r", other[0], shown[0]));
    terminal.wait_for("There is another transfer too, ");
    assert!(terminal.text().contains("1 of 4") && terminal.text().contains("Tab: the other"));
    terminal.type_keys("\t");
    terminal.wait_for("1 of 5");
    terminal.type_keys(&(shown[1..].join("\r") + "\r"));
    approve(&cold, terminal);
}

#[test]
fn what_is_not_expected_is_dropped_before_a_passphrase_is_asked_for() {
    let cold = cold();
    let store = ["--store", "keystore", "sign", "--scan", "--text", "--out", "answer"];
    let mut terminal = Terminal::start(&SIGNER, &store, cold.folder.path(), (80, 24), "xterm");
    terminal.wait_for("Scan, paste or type");
    terminal.type_keys(&(codes::whole(&request(&cold)) + "\r"));
    terminal.wait_for("scanned a purchase request");
    assert!(!terminal.text().contains("Passphrase"));
    terminal.type_keys("\x1b");
    let (status, transcript) = terminal.end();
    assert_eq!(status, Some(4), "{transcript}");
    assert!(transcript.contains("error: dropped: a purchase request for mainnet, 340 bytes"), "{transcript}");
    assert!(!transcript.contains("Passphrase"), "{transcript}");
}

#[test]
fn a_terminal_that_cannot_draw_is_told_in_lines() {
    let cold = cold();
    let bytes = request(&cold);
    fs::write(cold.path("film"), codes::film(&codes::frames(&bytes, Density::V10, 2), Density::V10)).unwrap();
    let store = ["--store", "keystore", "--passphrase-file", "passphrase"];
    let args = [&store[..], &["sign", "--scan", "--frames", "film", "--out", "answer", "--approve", &cold.id]].concat();
    let terminal = Terminal::start(&SIGNER, &args, cold.folder.path(), (80, 24), "dumb");
    let (status, transcript) = terminal.end();
    assert_eq!(status, Some(0), "{transcript}");
    assert!(transcript.contains("Scanned a purchase request for mainnet, 340 bytes, check words "), "{transcript}");
    assert_eq!(answer(&cold).unwrap(), cold.answer);
}
