//! Answers and exports that `dcrcold-signer` shows as codes: what a camera gets, and what is left of it all afterwards.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "cmd/fixtures.rs"]
#[allow(dead_code, reason = "only cli_signer writes the files anew")]
mod fixtures;
#[path = "common/screen_codes.rs"]
mod screen_codes;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;

use common::{Vectors, list, text};
use dcrcold_signer::transfer::{Answer, Container, Content, Kind};
use rustix::process::{Pid, Signal, kill_process};
use screen_codes::{area, next, receive};
use tempfile::TempDir;
use terminal::Terminal;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");
const USUAL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (192, 54);
const OFFER: &str = "Show the answer as QR codes?";

/// The files of the case files, and the first purchase among them.
struct Cold {
    folder: TempDir,
    id: String,
    words: String,
    answer: Container,
}

impl Cold {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in fixtures::files() {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        let vectors = Vectors::load("builder.json");
        let words = list(&list(vectors.get("cases"))[0]["transfer"]["check_words"]);
        let words = words.iter().map(text).collect::<Vec<_>>().join(" ");
        let read = |name: &str| Container::parse(&fs::read(folder.path().join(name)).unwrap()).unwrap();
        let (id, answer) = (read("request").id().to_string(), read("answer"));
        Self { folder, id, words, answer }
    }

    fn start(&self, size: (u16, u16), name: &str, args: &[&str]) -> Terminal {
        let args = [&["--store", "signed-before", "--passphrase-file", "passphrase"], args].concat();
        Terminal::start(SIGNER, &args, self.folder.path(), size, name)
    }

    fn at(&self, size: (u16, u16), args: &[&str]) -> Terminal {
        self.start(size, "xterm", args)
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    fn journal(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("signed-before.journal")).unwrap()
    }
}

/// Reads the whole review and types the words.
fn approve(terminal: &mut Terminal, words: &str) {
    terminal.wait_for("page 1 of ");
    while !terminal.text().contains("Type the four words") {
        terminal.type_keys(" ");
        let seen = terminal.text();
        terminal.wait("another page", |terminal| terminal.at_rest() && terminal.text() != seen);
    }
    terminal.type_keys(&format!("{words}\r"));
}

#[test]
fn a_camera_gets_the_answer_from_the_screen() {
    let cold = Cold::new();
    let mut codes = 0;
    // One code where there is room for it, many small ones where there is not, and cells without gaps.
    for (size, keys) in [(USUAL, ""), (LARGE, ""), ((45, 24), ""), ((100, 60), ""), ((120, 61), "f")] {
        let mut terminal = cold.at(size, &["sign", "request", "--approve", &cold.id, "--show"]);
        terminal.wait("a code", |terminal| terminal.at_rest() && terminal.alternate() && area(terminal).is_some());
        terminal.type_keys(keys);
        let (bytes, count) = receive(&mut terminal);
        assert_eq!(Container::parse(&bytes).unwrap(), cold.answer, "{size:?}");
        let words = dcrcold_core::words::check_words(cold.answer.id()).join(" ");
        let shown = terminal.text().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.split(' ').all(|word| shown.contains(word)), "{shown}");
        terminal.type_keys("q");
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(0), "{transcript}");
        assert!(transcript.contains("Signed. The same request gives the same answer again."), "{transcript}");
        codes += count;
    }
    assert!(!cold.has("signed"));
    println!("answers by light: 5 cases, {codes} codes");
    assert!(codes > 5);
}

#[test]
fn who_approves_at_a_terminal_is_asked() {
    let cold = Cold::new();
    for answer in ["y\n", "yes\n", "\n", "n\n"] {
        let _ = fs::remove_file(cold.folder.path().join("signed"));
        let mut terminal = cold.at(LARGE, &["sign", "request", "--out", "signed"]);
        approve(&mut terminal, &cold.words);
        terminal.wait_for(OFFER);
        // Whatever happens to the codes, the file is there.
        assert!(cold.has("signed") && !terminal.alternate());
        terminal.type_keys(answer);
        if answer.starts_with('y') {
            assert_eq!(Container::parse(&receive(&mut terminal).0).unwrap(), cold.answer);
            terminal.type_keys("\x1b");
        }
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(0), "{transcript}");
        assert_eq!(transcript.matches("\x1b[?1049h").count(), if answer.starts_with('y') { 2 } else { 1 });
    }
}

#[test]
fn scripts_are_asked_nothing() {
    let cold = Cold::new();
    let (status, transcript) = cold.at(LARGE, &["sign", "request", "--out", "signed", "--approve", &cold.id]).end();
    assert_eq!(status, Some(0), "{transcript}");
    assert!(!transcript.contains(OFFER), "{transcript}");
}

#[test]
fn exports_of_public_keys_are_shown_and_hot_keys_are_not() {
    let cold = Cold::new();
    for (what, kind) in [("watch", Kind::WatchExport), ("voter", Kind::VoterExport)] {
        let mut terminal = cold.at(LARGE, &["export", what, "--show", "--out", what.to_uppercase().as_str()]);
        let (bytes, _) = receive(&mut terminal);
        let container = Container::parse(&bytes).unwrap();
        assert_eq!(container.kind(), kind);
        terminal.type_keys("q");
        assert_eq!(terminal.end().0, Some(0));
        assert_eq!(fs::read(cold.folder.path().join(what.to_uppercase())).unwrap(), container.encode());
    }
    let terminal = cold.at(LARGE, &["export", "hot", "--show", "--out", "HOT"]);
    let (status, transcript) = terminal.end();
    assert_eq!(status, Some(3), "{transcript}");
    assert!(transcript.starts_with("error: hot keys cannot be shown as codes"), "{transcript}");
    assert!(!cold.has("HOT"));
}

#[test]
fn a_terminal_that_cannot_show_codes_is_told_before_anything_is_signed() {
    let cold = Cold::new();
    let (journal, mut cases) = (cold.journal(), 0);
    for (name, plain, status) in [("dumb", false, 1), ("", false, 1), ("xterm", true, 2)] {
        for command in
            [&["sign", "request", "--approve", cold.id.as_str(), "--show"][..], &["export", "watch", "--show"]]
        {
            let args = [command, if plain { &["--plain"] } else { &[] }].concat();
            let (found, transcript) = cold.start(USUAL, name, &args).end();
            assert_eq!(found, Some(status), "{transcript}");
            assert!(transcript.contains("codes"), "{transcript}");
            cases += 1;
        }
    }
    assert_eq!(cold.journal(), journal);
    assert_eq!(cases, 6);
}

#[test]
fn the_terminal_is_left_as_it_was() {
    let cold = Cold::new();
    let show = ["sign", "request", "--approve", cold.id.as_str(), "--show"];
    let mut ends = 0;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut terminal = cold.at(USUAL, &show);
        next(&mut terminal, "");
        assert!(terminal.alternate() && !terminal.in_order());
        let process = Pid::from_raw(i32::try_from(terminal.process()).unwrap()).unwrap();
        kill_process(process, signal).unwrap();
        terminal.wait("the main screen", |terminal| !terminal.alternate());
        terminal.wait_for("error: ended by a signal");
        assert!(terminal.in_order());
        assert_eq!(terminal.end().0, Some(1));
        ends += 1;
    }
    for key in ["q", "Q", "\x1b", "\r", "\x03", "\x04"] {
        let mut terminal = cold.at(USUAL, &show);
        next(&mut terminal, "");
        terminal.type_keys(key);
        terminal.wait("the main screen", |terminal| !terminal.alternate());
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(0), "{transcript}");
        ends += 1;
    }
    println!("ways out of codes: {ends} cases");
    assert_eq!(ends, 10);
}

#[test]
fn the_answer_to_a_purchase_is_one_code() {
    let cold = Cold::new();
    let mut terminal = cold.at(LARGE, &["sign", "request", "--approve", &cold.id, "--show"]);
    let (bytes, count) = receive(&mut terminal);
    assert_eq!(count, 1);
    assert_eq!(Answer::from_container(&Container::parse(&bytes).unwrap()).unwrap().request.to_string(), cold.id);
    assert!(terminal.text().contains("One code"), "{}", terminal.text());
}
