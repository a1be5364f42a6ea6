//! Somebody has a person at a terminal read one thing and sign another.

use std::fs;

use dcrcold_core::words::check_words;
use dcrcold_signer::transfer::Container;

use crate::cold::encoded;
use crate::harness::Victim;
use crate::machine::{Machine, SIGNER};
use crate::terminal::Terminal;

/// A person in front of the first page of an honest request that lies in `request`.
struct Reader {
    machine: Machine,
    terminal: Terminal,
    honest: Vec<u8>,
    hostile: Vec<u8>,
}

/// The words of a request.
fn words(request: &[u8]) -> String {
    check_words(Container::parse(request).unwrap().id()).join(" ")
}

impl Reader {
    fn new() -> Self {
        let machine = Machine::new();
        let [honest, hostile] = [1, 2].map(|tickets| encoded(&machine.cold.purchase(tickets)));
        fs::write(machine.path("request"), &honest).unwrap();
        let args = ["--store", "keystore", "--passphrase-file", "passphrase", "sign", "request", "--out", "answer"];
        let mut terminal = Terminal::start(SIGNER, &args, machine.disk.folder.path(), (80, 24), "xterm");
        terminal.wait_for("page 1 of ");
        Self { machine, terminal, honest, hostile }
    }

    /// Another request lies in the place of the one that is read.
    fn exchange(&self) {
        fs::write(self.machine.path("request"), &self.hostile).unwrap();
    }

    /// Turns to the last page and on to the question.
    fn read_to_the_end(&mut self) {
        let bar = self.terminal.rows().swap_remove(0);
        let (_, count) = bar.rsplit_once(" of ").unwrap();
        let count: usize = count.trim().parse().unwrap();
        for number in 2..=count {
            self.terminal.type_keys(" ");
            self.terminal.wait_for(&format!("page {number} of"));
        }
        self.terminal.type_keys(" ");
        self.terminal.wait_for("Type the four words");
    }

    /// Types, and sees that the program ends without an answer and without having written anything down.
    fn types_in_vain(mut self, keys: &str) {
        let before = self.machine.memory();
        self.terminal.type_keys(keys);
        let (status, transcript) = self.terminal.end();
        assert_eq!(status, Some(4), "{transcript}");
        assert!(!self.machine.path("answer").exists(), "an answer left the machine");
        assert_eq!(self.machine.memory(), before, "an approval was written down");
    }
}

#[test]
fn exchanges_the_request_while_the_person_reads() {
    let mut reader = Reader::new();
    reader.exchange();
    reader.read_to_the_end();
    reader.exchange();
    reader.terminal.type_keys(&format!("{}\r", words(&reader.honest)));
    reader.terminal.wait_for("Show the answer as QR codes?");
    reader.terminal.type_keys("\n");
    let (status, transcript) = reader.terminal.end();
    assert_eq!(status, Some(0), "{transcript}");
    assert_eq!(reader.machine.answer(), Victim::new().signs(&reader.honest), "what was read is what was signed");
}

#[test]
fn has_the_words_of_another_request_typed() {
    let mut reader = Reader::new();
    reader.exchange();
    reader.read_to_the_end();
    let line = format!("{}\r", words(&reader.hostile));
    reader.types_in_vain(&line.repeat(3));
}

#[test]
fn has_the_words_typed_before_the_pages_are_read() {
    let reader = Reader::new();
    let keys = format!("{}\rq", words(&reader.honest));
    reader.types_in_vain(&keys);
}

#[test]
fn has_three_words_typed_for_four() {
    let mut reader = Reader::new();
    reader.read_to_the_end();
    let all = words(&reader.honest);
    let line = format!("{}\r", all.rsplit_once(' ').unwrap().0);
    reader.types_in_vain(&line.repeat(3));
}

#[test]
fn has_yes_typed_for_the_words() {
    let mut reader = Reader::new();
    reader.read_to_the_end();
    reader.types_in_vain("y\ryes\rapprove\r");
}
