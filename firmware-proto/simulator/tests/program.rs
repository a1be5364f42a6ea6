//! The program: what it says, what it refuses, and a session with it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};

use dcrcold_core::apdu::{Apdu, Command, Exchange, Failure, Reply, Status};
use support::{Trip, send};

fn program(arguments: &[&str]) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_dcrcold-simulator"));
    process.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    process
}

/// A program that runs, and a connection to it.
struct Running {
    child: Child,
    stream: TcpStream,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(&[&["--listen", "127.0.0.1:0"], arguments].concat()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).trim();
        let stream = TcpStream::connect(address).unwrap();
        Self { child, stream }
    }

    fn types(&mut self, lines: &str) {
        self.child.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    }

    /// Ends it; what it wrote for people.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Exchange for Running {
    type Error = std::io::Error;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Self::Error> {
        let command = command.as_bytes();
        self.stream.write_all(&u32::try_from(command.len()).unwrap().to_be_bytes())?;
        self.stream.write_all(command)?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut reply = vec![0; u32::from_be_bytes(length) as usize + 2];
        self.stream.read_exact(&mut reply)?;
        Ok(Reply::from_bytes(&reply).unwrap())
    }
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_script_approves_and_the_screens_are_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let script = write(folder.path(), "script", "approve # the voter\ndecline at 4\napprove\n");
    let screens = folder.path().join("screens");
    let mut device = Running::start(&["--script", &script, "--screens", screens.to_str().unwrap()]);
    let trip = Trip::named("purse top-up");
    let mac = trip.register(&mut device);
    trip.name(&mut device, mac);
    trip.stream(&mut device).unwrap();
    assert_eq!(trip.answer(&mut device), Err(Failure::Status(Status::Declined)));
    trip.name(&mut device, mac);
    trip.stream(&mut device).unwrap();
    assert_eq!(trip.answer(&mut device).unwrap(), trip.answer_of_the_signer());
    let said = device.end();
    assert_eq!(said, "TEST ONLY: the keys of this device are worth nothing; it refuses the mainnet\n");
    let drawn = fs::read_to_string(screens).unwrap();
    let titles: Vec<_> = drawn.lines().filter(|line| line.starts_with("|4/10")).collect();
    assert_eq!(titles.len(), 2, "{drawn}");
    assert!(drawn.contains("|Approve?        |\n|Sign all of it? |\n"), "{drawn}");
}

#[test]
fn a_person_at_the_keyboard_reads_every_screen() {
    let mut device = Running::start(&["--seed", "speculos", "--model", "touch"]);
    let of = support::account(dcrcold_core::net::Network::Simnet, 0);
    device.types("b\nwhat\n\n");
    assert_eq!(send(&mut device, &Command::Account(of)).unwrap().len(), 33 + 32 + 4);
    device.types("n\n");
    let other = support::account(dcrcold_core::net::Network::Simnet, 1);
    assert_eq!(send(&mut device, &Command::Account(other)), Err(Failure::Status(Status::Declined)));
    let said = device.end();
    assert_eq!(said.matches("|Account                         |").count(), 4, "{said}");
    assert!(said.contains("Enter: right button"), "{said}");
}

#[test]
fn another_seed_has_other_keys_and_a_file_of_words_has_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let script = write(folder.path(), "script", "approve\n");
    let words = write(folder.path(), "words", &format!("{}\n", support::words("zoo")));
    let key = |arguments: &[&str]| {
        let mut device = Running::start(&[&["--script", &script], arguments].concat());
        let key = send(&mut device, &Command::Account(support::account(dcrcold_core::net::Network::Simnet, 0)));
        device.end();
        key.unwrap()
    };
    let zoo = key(&["--seed", "zoo"]);
    assert_eq!(key(&["--seed-file", &words]), zoo);
    assert_ne!(key(&[]), zoo);
    assert_eq!(key(&[]), key(&["--seed", "abandon"]));
}

#[test]
fn what_it_cannot_do_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let script = write(folder.path(), "script", "approve\nperhaps\n");
    let words = write(folder.path(), "words", "abandon about\n");
    let folder_itself = folder.path().to_str().unwrap();
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--listen", "0.0.0.0:9999"], 2, "0.0.0.0:9999 can be reached from other machines"),
        (&["--seed", "mine"], 2, "invalid value 'mine'"),
        (&["--seed", "zoo", "--seed-file", &words], 2, "cannot be used with"),
        (&["--seed-file", &words], 7, "words: seed has 2 words, expected 12, 15, 18, 21 or 24 of BIP-39"),
        (&["--script", &script], 7, "script: line 2 of the script: \"perhaps\" is none of"),
        (&["--script", "/nowhere"], 1, "/nowhere: "),
        (&["--screens", folder_itself], 1, folder_itself),
    ];
    for (arguments, code, message) in cases {
        let output = program(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(*code), "{arguments:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains(message), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    println!("refused command lines: {}", cases.len());
}
