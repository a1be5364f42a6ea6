//! What takes longer than a moment says so: on a terminal, to people, and leaves nothing behind.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "cmd/online.rs"]
mod files;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;
use terminal::Terminal;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
const WAITING: &str = "fetching the list of VSPs, ";
const PLAIN: (u16, u16) = (80, 24);
const NARROW: (u16, u16) = (40, 12);

/// A server that says nothing for a while and then hangs up.
fn slow() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::sleep(Duration::from_secs(3));
            drop(stream);
        }
    });
    address
}

fn home() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files::fill(&folder.path().join("files"));
    folder
}

/// The list of VSPs, as it was when the server still answered.
fn listing(server: SocketAddr) -> [String; 6] {
    ["--wallet", "files/listed/wallet.db", "vsp", "list", "--list-url", &format!("http://{server}")].map(str::to_owned)
}

#[test]
fn a_terminal_says_what_is_waited_for_until_it_is_there() {
    let (home, server) = (home(), slow());
    let args = listing(server);
    for size in [PLAIN, NARROW] {
        let mut terminal = Terminal::start(DCRCOLD, &args.each_ref().map(String::as_str), home.path(), size, "xterm");
        terminal.wait_for(WAITING);
        terminal.wait_for("hands.");
        assert!(!terminal.text().contains("fetching"), "{}", terminal.text());
        let (status, transcript) = terminal.end();
        assert_eq!(status, Some(0), "{transcript}");
    }
}

#[test]
fn scripts_are_told_nothing_of_it() {
    let (home, server) = (home(), slow());
    let args = listing(server);
    let mut json = args.each_ref().map(String::as_str).to_vec();
    json.insert(0, "--json");
    let (status, transcript) = Terminal::start(DCRCOLD, &json, home.path(), PLAIN, "xterm").end();
    assert_eq!(status, Some(0), "{transcript}");
    assert!(!transcript.contains("fetching") && !transcript.contains('\x1b'), "{transcript:?}");

    let written = home.path().join("stderr");
    let mut command = Command::new(DCRCOLD);
    command.args(&args).current_dir(home.path()).stdout(Stdio::null()).stderr(File::create(&written).unwrap());
    assert!(command.status().unwrap().success());
    let said = std::fs::read_to_string(written).unwrap();
    assert!(said.starts_with("note: ") && said.lines().count() == 1, "{said}");
}
