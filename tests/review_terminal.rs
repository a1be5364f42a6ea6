//! A person at a terminal: pages, keys, check words, and what is left of it all afterwards.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "cmd/fixtures.rs"]
#[allow(dead_code, reason = "only cli_signer writes the files anew")]
mod fixtures;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;

use common::{Vectors, list, text};
use dcrcold_core::machine::NoMemory;
use dcrcold_core::words::check_words;
use dcrcold_signer::screens::Sheet;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Content};
use dcrcold_signer::voter::VoterKeys;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use terminal::Terminal;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");
const LARGE: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (40, 12);

/// The files of the case files, and the first purchase among them.
struct Cold {
    folder: TempDir,
    words: String,
    answer: Vec<u8>,
}

impl Cold {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = fixtures::files();
        for (name, bytes) in &files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let vectors = Vectors::load("builder.json");
        let words = list(&list(vectors.get("cases"))[0]["transfer"]["check_words"]);
        let words = words.iter().map(text).collect::<Vec<_>>().join(" ");
        let answer = files.into_iter().find(|(name, _)| *name == "answer").unwrap().1;
        Self { folder, words, answer }
    }

    fn at_terminal(&self, size: (u16, u16), name: &str, args: &[&str]) -> Terminal {
        let args = [&["--store", "signed-before", "--passphrase-file", "passphrase"], args].concat();
        Terminal::start(SIGNER, &args, self.folder.path(), size, name)
    }

    /// Signs the request on the whole terminal, up to its first page.
    fn sign(&self, size: (u16, u16)) -> Terminal {
        let mut terminal = self.at_terminal(size, "xterm", &["sign", "request", "--out", "signed"]);
        terminal.wait_for("page 1 of ");
        terminal
    }

    fn signed(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join("signed")).ok()
    }

    /// The lines of the review as the library has them.
    fn lines(&self) -> Vec<String> {
        let files = fixtures::files();
        let request = &files.iter().find(|(name, _)| *name == "request").unwrap().1;
        let vectors = Vectors::load("builder.json");
        let contents = fixtures::contents(&list(vectors.get("cases"))[0]);
        let reviewed = review(request, &contents, &mut NoMemory).unwrap();
        let sheets = Sheet::of_review(reviewed.request().pages());
        let entries = sheets.iter().flat_map(|sheet| &sheet.entries);
        entries.flat_map(|entry| std::iter::once(&entry.label).chain(&entry.lines)).cloned().collect()
    }
}

/// Has the answer as a file only, and waits for the end.
fn end_without_codes(mut terminal: Terminal) -> (Option<i32>, String) {
    terminal.wait_for("Show the answer as QR codes?");
    terminal.type_keys("\n");
    terminal.end()
}

/// The number of the page that is seen, and of all.
fn page(terminal: &Terminal) -> Option<(usize, usize)> {
    let bar = terminal.rows().swap_remove(0);
    let (number, count) = bar.split_once("page ")?.1.split_once(" of ")?;
    Some((number.parse().ok()?, count.parse().ok()?))
}

/// Turns to the last page and gives the text of all; the keys take turns.
fn read_to_the_end(terminal: &mut Terminal) -> Vec<String> {
    let mut text = Vec::new();
    for key in [" ", "\r", "\x1b[B", "\x1b[6~", "\x1b[C"].into_iter().cycle() {
        let (number, count) = page(terminal).unwrap();
        let rows = terminal.rows();
        text.extend(rows[3..rows.len() - 1].iter().map(|row| row[1.min(row.len())..].trim().to_owned()));
        if number == count {
            return text;
        }
        terminal.type_keys(key);
        terminal.wait("next page", |terminal| page(terminal) == Some((number + 1, count)));
    }
    unreachable!("the keys take turns for ever")
}

/// All that was seen, without what depends on the size.
fn flat(text: impl IntoIterator<Item = String>) -> String {
    text.into_iter().collect::<String>().replace(' ', "")
}

#[test]
fn a_person_reads_everything_and_types_the_words() {
    for size in [LARGE, (60, 20), SMALL, (200, 60)] {
        let cold = Cold::new();
        let mut terminal = cold.sign(size);
        assert!(terminal.alternate());
        assert_eq!(flat(read_to_the_end(&mut terminal)), flat(cold.lines()), "{size:?}");
        terminal.type_keys(" ");
        terminal.wait_for("Type the four words, then Enter:");
        terminal.type_keys(&cold.words.to_uppercase());
        terminal.wait_for(&cold.words.to_uppercase()[..8]);
        assert_eq!(cold.signed(), None);
        terminal.type_keys("\r");
        let (status, _) = end_without_codes(terminal);
        assert_eq!(status, Some(0));
        assert_eq!(cold.signed().unwrap(), cold.answer);
    }
}

#[test]
fn wrong_words_are_told_and_three_times_wrong_declines() {
    let cold = Cold::new();
    let mut terminal = cold.sign(LARGE);
    read_to_the_end(&mut terminal);
    terminal.type_keys("\r");
    terminal.wait_for("Type the four words");
    let three = cold.words.rsplit_once(' ').unwrap().0;
    terminal.type_keys(&format!("{three} zulu\r"));
    terminal.wait_for("two tries left");
    // Enter alone is neither right nor wrong.
    terminal.type_keys("\r\r\r\ryes\r");
    terminal.wait_for("one try left");
    terminal.type_keys(&format!("{three}\r"));
    let (status, transcript) = terminal.end();
    assert_eq!(status, Some(4), "{transcript}");
    assert!(transcript.ends_with("error: not approved: nothing was signed or changed\n"), "{transcript}");
    assert_eq!(cold.signed(), None);

    let mut terminal = cold.sign(LARGE);
    read_to_the_end(&mut terminal);
    terminal.type_keys("\r");
    terminal.wait_for("Type the four words");
    terminal.type_keys("wrong words\r");
    terminal.wait_for("two tries left");
    // A slip of the finger is taken back.
    terminal.type_keys(&format!("x\x7f{}\r", cold.words));
    assert_eq!(end_without_codes(terminal).0, Some(0));
    assert_eq!(cold.signed().unwrap(), cold.answer);
}

#[test]
fn every_page_can_be_declined() {
    let cold = Cold::new();
    let mut terminal = cold.sign(LARGE);
    let (_, count) = page(&terminal).unwrap();
    read_to_the_end(&mut terminal);
    terminal.type_keys("q");
    assert_eq!(terminal.end().0, Some(4));
    let mut declined = 1;
    for (key, pages) in ["q", "Q", "\x1b", "\x03", "\x04"].into_iter().zip(0..count) {
        let mut terminal = cold.sign(LARGE);
        for number in 0..pages {
            terminal.type_keys(" ");
            terminal.wait_for(&format!("page {} of", number + 2));
        }
        terminal.type_keys(key);
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(4), "{transcript}");
        declined += 1;
    }
    for key in ["\x1b", "\x03", "\x04"] {
        let mut terminal = cold.sign(LARGE);
        read_to_the_end(&mut terminal);
        terminal.type_keys(" ");
        terminal.wait_for("Type the four words");
        terminal.type_keys(key);
        assert_eq!(terminal.end().0, Some(4));
        declined += 1;
    }
    assert_eq!(cold.signed(), None);
    println!("declined: {declined} cases");
    assert_eq!(declined, 9);
}

/// Keys that were pressed too early approve nothing: neither what is typed before the first page, nor the words on a
/// page, nor what runs on behind the last one.
#[test]
fn keys_that_were_typed_ahead_approve_nothing() {
    let cold = Cold::new();
    let args = ["sign", "request", "--out", "signed"];
    let ahead = format!("{}{}\r", " ".repeat(50), cold.words);
    let mut terminal = cold.at_terminal(LARGE, "xterm", &args);
    terminal.type_keys(&ahead);
    terminal.wait_for("page 1 of ");
    // All at once: turned pages at most, and the rest is forgotten.
    terminal.type_keys(&ahead);
    terminal.wait_for("Type the four words");
    assert_eq!(cold.signed(), None);
    terminal.type_keys("\x03");
    assert_eq!(terminal.end().0, Some(4));
    assert_eq!(cold.signed(), None);
}

#[test]
fn another_size_keeps_the_place_and_all_of_the_text() {
    let cold = Cold::new();
    let mut terminal = cold.sign(LARGE);
    terminal.type_keys("  ");
    terminal.wait_for("page 3 of ");
    let top = terminal.rows()[3].clone();
    terminal.resize(SMALL.0, SMALL.1);
    terminal.wait("the same text at the top", |terminal| terminal.rows()[3] == top && page(terminal).is_some());
    let (number, count) = page(&terminal).unwrap();
    assert!(number > 3 && count > number, "{number} of {count}");
    // Too small to be read: nothing happens but the end.
    terminal.resize(30, 8);
    terminal.wait_for("30 x 8, needed");
    terminal.type_keys(" qyes\r");
    terminal.resize(60, 20);
    terminal.wait("the same text at the top", |terminal| terminal.rows()[3] == top && page(terminal).is_some());
    let rest = flat(read_to_the_end(&mut terminal));
    let lines = flat(cold.lines());
    assert!(lines.ends_with(&rest) && rest.len() < lines.len(), "{rest}");
    // Back to the first page: it is still there.
    terminal.type_keys("\x1b[H");
    terminal.wait_for("page 1 of ");
    assert_eq!(flat(read_to_the_end(&mut terminal)), lines);
    terminal.type_keys(" ");
    terminal.wait_for("Type the four words");
    terminal.type_keys("aard");
    terminal.resize(SMALL.0, SMALL.1);
    terminal.wait_for("aard");
    terminal.type_keys("\x7f\x7f\x7f\x7f");
    terminal.type_keys(&cold.words);
    terminal.type_keys("\r");
    assert_eq!(end_without_codes(terminal).0, Some(0));
    assert_eq!(cold.signed().unwrap(), cold.answer);
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let cold = Cold::new();
    let mut ends = 0;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut terminal = cold.sign(LARGE);
        assert!(terminal.alternate() && !terminal.in_order());
        let process = Pid::from_raw(i32::try_from(terminal.process()).unwrap()).unwrap();
        kill_process(process, signal).unwrap();
        terminal.wait("the main screen", |terminal| !terminal.alternate());
        terminal.wait("an error", |terminal| terminal.text().contains("error:"));
        assert_eq!(terminal.text().trim(), "error: ended by a signal");
        assert!(terminal.in_order());
        assert_eq!(terminal.end().0, Some(1));
        ends += 1;
    }
    let mut terminal = cold.sign(LARGE);
    terminal.type_keys("q");
    terminal.wait_for("error:");
    assert_eq!(terminal.text().trim(), "error: not approved: nothing was signed or changed");
    assert!(!terminal.alternate() && terminal.in_order());
    assert_eq!(terminal.end().0, Some(4));
    assert_eq!(cold.signed(), None);
    println!("ways out of the terminal: {} cases", ends + 1);
    assert_eq!(ends, 4);
}

#[test]
fn a_dumb_terminal_is_asked_line_by_line() {
    let cold = Cold::new();
    let lines = flat(cold.lines());
    let mut cases = 0;
    for (name, plain) in [("dumb", false), ("", false), ("xterm", true)] {
        for size in [LARGE, SMALL] {
            let _ = fs::remove_file(cold.folder.path().join("signed"));
            let mut args = vec!["sign", "request", "--out", "signed"];
            args.extend(plain.then_some("--plain"));
            let mut terminal = cold.at_terminal(size, name, &args);
            let asks = |terminal: &Terminal| terminal.rows().iter().any(|row| row.starts_with("Type the four"));
            let more = "-- Enter: more, q: decline --";
            let mut pauses = 0;
            loop {
                terminal.wait("a question", |terminal| {
                    asks(terminal) || terminal.transcript.matches(more).count() > pauses
                });
                if asks(&terminal) {
                    break;
                }
                pauses += 1;
                terminal.type_keys("\n");
            }
            assert!(pauses > 0);
            assert!(!terminal.transcript.contains("\x1b[?1049h"));
            terminal.type_keys("some other words\n");
            terminal.wait("a second question", |terminal| {
                terminal.transcript.matches("Type the four check words").count() == 2
            });
            assert!(flat(terminal.rows()).contains("Thesearenotthecheckwords"));
            terminal.type_keys(&format!("{}\n", cold.words));
            let (status, transcript) = terminal.end();
            assert_eq!(status, Some(0), "{transcript}");
            assert_eq!(cold.signed().unwrap(), cold.answer);
            let pages = transcript.split("\nId: ").next().unwrap().lines();
            let pages = pages.filter(|line| !line.starts_with("--") && !line.is_empty());
            assert_eq!(flat(pages.map(str::to_owned)), lines);
            cases += 1;
        }
    }
    println!("plain reviews: {cases} cases");
    assert_eq!(cases, 6);
}

#[test]
fn a_dumb_terminal_can_decline() {
    let cold = Cold::new();
    let sign = ["sign", "request", "--out", "signed", "--plain"];
    let mut terminal = cold.at_terminal(LARGE, "xterm", &sign);
    terminal.wait_for("-- Enter: more");
    terminal.type_keys("q\n");
    assert_eq!(terminal.end().0, Some(4));
    for lines in [&["\n"][..], &["y\n", "yes\n", "approve\n"]] {
        let mut terminal = cold.at_terminal((80, 200), "xterm", &sign);
        for (number, line) in lines.iter().enumerate() {
            terminal.wait("a question", |terminal| {
                terminal.transcript.matches("Type the four check words").count() > number
            });
            terminal.type_keys(line);
        }
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(4), "{transcript}");
    }
    assert_eq!(cold.signed(), None);
}

#[test]
fn a_voter_is_registered_on_the_whole_terminal() {
    let cold = Cold::new();
    let files = fixtures::files();
    let voter = &files.iter().find(|(name, _)| *name == "voter").unwrap().1;
    let container = Container::parse(voter).unwrap();
    let words = check_words(container.id()).join(" ");
    for size in [LARGE, SMALL] {
        let mut terminal = cold.at_terminal(size, "xterm", &["voter", "add", "voter"]);
        terminal.wait_for("page 1 of ");
        let shown = flat(read_to_the_end(&mut terminal));
        for account in &VoterKeys::from_container(&container).unwrap().accounts {
            for bytes in [&account.key().to_bytes()[..], account.chain_code()] {
                assert!(shown.contains(&base16ct::lower::encode_string(bytes)));
            }
        }
        terminal.type_keys(" ");
        terminal.wait_for("Type the four words");
        if size == LARGE {
            terminal.type_keys("\x1b");
            assert_eq!(terminal.end().0, Some(4));
            continue;
        }
        terminal.type_keys(&format!("{words}\r"));
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(0), "{transcript}");
        assert!(transcript.contains("Requests may name the voter box from now on."), "{transcript}");
    }
}
