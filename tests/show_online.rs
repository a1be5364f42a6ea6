//! `dcrcold show` at terminals of many sizes: what a camera gets, and what keys and sizes change of it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/random.rs"]
mod random;
#[path = "common/screen_codes.rs"]
mod screen_codes;
#[path = "common/shown.rs"]
mod shown;
#[path = "common/terminal.rs"]
mod terminal;

use dcrcold_core::net::Network;
use dcrcold_core::words::check_words;
use dcrcold_signer::qr::{Assembly, Density, Frame, Picture, Taken};
use dcrcold_signer::transfer::Kind;
use rustix::process::{Pid, Signal, kill_process};
use screen_codes::{area, next, receive};
use shown::Online;
use terminal::Terminal;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
const LARGE: (u16, u16) = (192, 54);

/// A request of so many bytes.
fn request(length: usize) -> Online {
    Online::new(Kind::Purchase, Network::Testnet3, length)
}

fn show(online: &Online, size: (u16, u16)) -> Terminal {
    let mut terminal = Terminal::start(DCRCOLD, &["show", "request"], online.folder.path(), size, "xterm");
    terminal.wait("a screen", |terminal| terminal.alternate() && terminal.at_rest() && !terminal.text().is_empty());
    terminal
}

/// Modules of a code with its quiet zone, by its columns.
fn modules(terminal: &mut Terminal) -> usize {
    next(terminal, "");
    area(terminal).unwrap().width()
}

fn words(terminal: &Terminal) -> Vec<String> {
    terminal.text().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_camera_gets_the_request_from_every_size() {
    let mut codes = 0;
    for (size, length) in [((80, 24), 900), ((45, 24), 600), ((60, 40), 1_500), (LARGE, 5_000), ((260, 80), 9_000)] {
        let online = request(length);
        let mut terminal = show(&online, size);
        let (bytes, count) = receive(&mut terminal);
        assert_eq!(bytes, online.request.encode(), "{size:?}");
        let seen = words(&terminal);
        assert!(check_words(online.request.id()).iter().all(|word| seen.iter().any(|it| it == word)), "{seen:?}");
        if size.0 >= 80 {
            let text = terminal.text();
            assert!(
                text.contains("a purchase request") && text.contains(&format!("for testnet3, {length} bytes")),
                "{text}"
            );
        }
        terminal.type_keys("q");
        assert_eq!(terminal.end().0, Some(0));
        codes += count;
    }
    println!("requests by light: 5 cases, {codes} codes");
    assert!(codes > 25);
}

#[test]
fn a_request_that_fits_into_one_code_stands_still() {
    for (length, size) in [(100, (80, 32)), (800, LARGE), (1_200, (160, 70))] {
        let online = request(length);
        let mut terminal = show(&online, size);
        assert_eq!(receive(&mut terminal), (online.request.encode(), 1));
        assert!(terminal.text().contains("One code: it stands still."));
        let drawn = terminal.transcript.len();
        // A second passes in looks of a moment.
        (0..60).for_each(|_| terminal.look());
        assert!(!terminal.transcript[drawn..].contains('\u{2580}'), "nothing is drawn again");
        // Smaller ones follow each other for a camera that cannot read it.
        terminal.type_keys("-");
        if length > 121 {
            terminal.wait_for("Frame ");
            assert_eq!(receive(&mut terminal).0, online.request.encode());
        }
    }
}

#[test]
fn codes_become_larger_and_smaller_in_mid_transfer() {
    let online = request(20_000);
    let mut terminal = show(&online, (260, 80));
    let mut assembly: Option<Assembly> = None;
    let mut last = String::new();
    let mut take = |terminal: &mut Terminal| {
        last = next(terminal, &last);
        let Frame::Part(part) = Frame::parse(last.as_bytes()).unwrap() else { panic!("a code of a stream") };
        let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
        assert_ne!(assembly.take(&part).unwrap(), Taken::OtherStream);
        assembly.transfer()
    };
    assert!(take(&mut terminal).is_none());
    for (key, size, density) in [
        ("-", 3, Density::V15),
        ("-", 2, Density::V10),
        ("-", 1, Density::V6),
        ("-", 1, Density::V6),
        ("+", 2, Density::V10),
        ("+", 3, Density::V15),
        ("+", 4, Density::V20),
        ("+", 5, Density::V25),
    ] {
        terminal.type_keys(key);
        terminal.wait_for(&format!("Size {size} of 6"));
        assert!(take(&mut terminal).is_none());
        let zones = area(&terminal).unwrap().width() - density.modules();
        assert!(zones == 2 * Picture::QUIET_ZONE, "{zones} modules at {density:?}");
    }
    let transfer = (0..100).find_map(|_| take(&mut terminal)).expect("enough codes");
    assert_eq!(transfer.unwrap(), online.request);
}

#[test]
fn a_window_that_is_too_small_says_so_and_how_large_it_should_be() {
    let online = request(6_000);
    let mut terminal = show(&online, (40, 12));
    terminal.wait_for("Enlarge the terminal");
    terminal.wait_for("40 x 12, needed 45 x 24");
    assert_eq!(area(&terminal), None);
    for (size, code, small) in [
        ((45, 24), 45, false),
        ((80, 24), 45, true),
        ((120, 40), 65, true),
        ((192, 54), 105, false),
        ((80, 24), 45, true),
    ] {
        terminal.resize(size.0, size.1);
        terminal.wait("a code", |terminal| {
            terminal.at_rest() && terminal.rows().iter().any(|row| row.contains('\u{2580}'))
        });
        assert_eq!(modules(&mut terminal), code, "{size:?}");
        assert_eq!(terminal.text().contains("Small, as the window is"), small, "{}", terminal.text());
    }
    terminal.type_keys("f");
    terminal.wait_for("80 x 24, needed 90 x 46");
    terminal.resize(30, 8);
    terminal.wait_for("30 x 8, needed");
    terminal.resize(100, 48);
    terminal.wait("a code", |terminal| terminal.at_rest() && area(terminal).is_some());
    assert_eq!(modules(&mut terminal), 90, "two columns for a module");
    assert_eq!(area(&terminal).unwrap().height(), 45);
    assert!(!terminal.text().contains('\u{2580}') && !terminal.text().contains('\u{2584}'));
    terminal.type_keys("q");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn keys_change_the_speed_within_bounds_and_stop_it() {
    let online = request(6_000);
    let mut terminal = show(&online, LARGE);
    terminal.wait_for("8 a second");
    terminal.type_keys(">>>>>>>>>>");
    terminal.wait_for("12 a second");
    terminal.type_keys("<<<<<<<<<<<<<<<<<<<<");
    terminal.wait_for("4 a second");
    terminal.type_keys(" ");
    terminal.wait_for(", paused");
    let still = next(&mut terminal, "");
    (0..60).for_each(|_| terminal.look());
    assert_eq!(next(&mut terminal, ""), still);
    terminal.type_keys(" ");
    next(&mut terminal, &still);
    assert!(!terminal.text().contains("paused"));
}

/// Every code comes between the two sequences, and in black and white that no theme changes.
#[test]
fn a_code_appears_at_once() {
    let online = request(3_000);
    let mut terminal = show(&online, LARGE);
    receive(&mut terminal);
    terminal.type_keys("q");
    let (_, transcript) = terminal.end();
    let (mut drawn, mut outside) = (0, String::new());
    for piece in transcript.split("\x1b[?2026h") {
        match piece.split_once("\x1b[?2026l") {
            Some((screen, rest)) => {
                drawn += usize::from(screen.contains('\u{2580}'));
                outside.push_str(rest);
            }
            None => outside.push_str(piece),
        }
    }
    println!("screens drawn at once: {drawn}");
    assert!(drawn >= 4 && !outside.contains(['\u{2580}', '\u{2584}']));
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let online = request(3_000);
    for key in ["q", "\x1b", "\x03"] {
        let mut terminal = show(&online, (80, 24));
        next(&mut terminal, "");
        terminal.type_keys(key);
        terminal.wait("the main screen", |terminal| !terminal.alternate());
        assert_eq!(terminal.end().0, Some(0));
    }
    for signal in [Signal::TERM, Signal::INT] {
        let mut terminal = show(&online, (80, 24));
        next(&mut terminal, "");
        let process = Pid::from_raw(i32::try_from(terminal.process()).unwrap()).unwrap();
        kill_process(process, signal).unwrap();
        terminal.wait_for("error: ended by a signal");
        assert!(!terminal.alternate() && terminal.in_order());
        assert_eq!(terminal.end().0, Some(1));
    }
}
