//! How the program ends: tidily at the first signal, and at once at the second one.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::files;
use crate::server::{Answer, message, rest};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
/// Longer than the program takes to see that it was told to end.
const MOMENT: Duration = Duration::from_secs(1);

/// The program with a wallet, and a source of its chain that says nothing.
struct Program {
    child: Child,
    link: String,
    _folder: TempDir,
}

impl Program {
    fn start(source: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let online = folder.path().join("online");
        files::fill(&online);
        let mut command = Command::new(DCRCOLD);
        command.args(["--wallet", "wallet.db", "--source", "spv", "--peer", &source.to_string(), "--json", "web"]);
        command.current_dir(online).env("HOME", folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        Self { child, link: told["link"].as_str().unwrap().to_owned(), _folder: folder }
    }

    /// Has the wallet synced, which the page does not wait for.
    fn sync(&self) {
        let (origin, secret) = self.link.split_once("/#secret=").unwrap();
        let host = origin.strip_prefix("http://").unwrap();
        let lines = vec![
            ("Host", host.to_owned()),
            ("Origin", origin.to_owned()),
            ("Authorization", format!("Bearer {secret}")),
        ];
        let mut stream = TcpStream::connect(host).unwrap();
        std::io::Write::write_all(&mut stream, &message("POST", "/api/sync", b"{}", lines)).unwrap();
        assert_eq!(Answer::parse(&rest(&mut stream)).status, 202);
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), signal).unwrap();
    }

    /// How it ends, if it does within a moment.
    fn end(&mut self) -> Option<std::process::ExitStatus> {
        let until = Instant::now() + MOMENT;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_first_signal_waits_for_what_is_under_way_and_the_second_does_not() {
    let mut cases = 0;
    for signal in [Signal::INT, Signal::TERM] {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut program = Program::start(silent.local_addr().unwrap());
        program.sync();
        let _connected = silent.accept().unwrap();
        program.send(signal);
        assert_eq!(program.end(), None, "a sync is under way");
        program.send(signal);
        assert_eq!(program.end().expect("it ends at once").signal(), Some(signal.as_raw()));

        let mut idle = Program::start(silent.local_addr().unwrap());
        idle.send(signal);
        assert_eq!(idle.end().expect("nothing is under way").code(), Some(0));
        cases += 2;
    }
    println!("signals: {cases} cases");
    assert_eq!(cases, 4);
}
