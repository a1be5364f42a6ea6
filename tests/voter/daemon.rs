//! `dcrcold voter run` as a process: killed, ended, started again, asked how it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold_core::hash::TxId;
use serde_json::Value;
use tempfile::TempDir;

use crate::fixture::{PASSPHRASE, all_voted, buy, endings, hot, sealed};
use crate::voter_process::{VoterProcess, status_of};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
/// How long a process may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A network in a folder, and voting boxes that share it.
struct Boxes {
    folder: TempDir,
    sim: Sim,
}

impl Boxes {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sim = Sim::create(&folder.path().join("network"), Settings::new(seed)).unwrap();
        sim.mine_to(SETTLED).unwrap();
        fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        fs::write(folder.path().join("hot"), sealed(1).encode()).unwrap();
        Self { folder, sim }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A box that has the hot keys and no wallet.
    fn station(&self, name: &str) -> Station {
        fs::create_dir(self.path(name)).unwrap();
        let station = Station { home: self.path(name), process: VoterProcess::new(self.path(name), PATIENCE) };
        let imported = station.run(&["voter", "import", "../hot", "--passphrase-file", "../passphrase"]);
        assert!(imported.status.success(), "{imported:?}");
        station
    }

    /// Mines a block once the votes of all called tickets of ours wait, which they must within a while.
    fn mine(&mut self, tickets: &[TxId], expected: &mut usize) {
        let winners = self.sim.winners().unwrap();
        let called = winners.tickets.iter().filter(|ticket| tickets.contains(ticket)).count();
        *expected += called;
        let begin = Instant::now();
        loop {
            let block = self.sim.next_block().unwrap();
            let votes = usize::from(block.header.voters);
            // The network votes with its own tickets, so what is missing is ours.
            if votes == winners.tickets.len() {
                break;
            }
            assert!(begin.elapsed() < PATIENCE, "{votes} votes, {called} called");
            sleep(Duration::from_millis(5));
        }
        self.sim.mine(1).unwrap();
    }
}

struct Station {
    home: PathBuf,
    process: VoterProcess,
}

impl Station {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(DCRCOLD);
        command.current_dir(&self.home).env("HOME", &self.home).args(["--wallet", "wallet.db", "--json"]);
        command.args(["--source", "sim:../network"]).args(args).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn start(&mut self, more: &[&str]) {
        let mut command = self.command(&["voter", "run", "--passphrase-file", "../passphrase"]);
        command.args(more);
        let status = self.command(&["voter", "status"]);
        self.process.start(command, status);
    }

    fn status(&self) -> Option<Value> {
        status_of(&mut self.command(&["voter", "status"]))
    }
}

#[test]
fn two_processes_vote_through_kills_and_competing_blocks() {
    let mut boxes = Boxes::new(31);
    let tickets = buy(&mut boxes.sim, 1, 0..20);
    let (mut one, mut two) = (boxes.station("one"), boxes.station("two"));
    one.start(&[]);
    two.start(&[]);
    let (mut called, mut undone) = (0, 0);
    for block in 0..100 {
        boxes.mine(&tickets, &mut called);
        match block % 20 {
            5 => one.process.kill(),
            8 => one.start(&[]),
            12 => two.process.terminate(),
            15 => two.start(&[]),
            18 => {
                // Others take the place of the last two blocks.
                boxes.sim.undo(2).unwrap();
                undone += 2;
            }
            _ => {}
        }
    }
    let votes = [one.process.votes(), two.process.votes()];
    let different = votes[0].iter().filter(|(key, vote)| votes[1].get(*key).is_some_and(|other| other != *vote));
    assert_eq!(different.count(), 0);
    let ended = endings(&mut boxes.sim, &tickets);
    let both: BTreeMap<_, _> = votes.iter().flatten().collect();
    println!("voter run: {called} calls, {} votes, {} tickets ended, {undone} blocks undone", both.len(), ended.len());
    assert!(ended.len() > 10 && all_voted(&ended));
    assert!(ended.values().all(|(_, id)| both.values().any(|vote| **vote == id.to_string())));
    for station in [&mut one, &mut two] {
        // One may be late, since blocks are mined and undone as soon as the votes of the other are there.
        let problems = station.process.text("problems");
        let late = |line: &str| [" by now", " is gone", " is unknown"].iter().any(|end| line.ends_with(end));
        let fine = |line: &str| line == "voter: told to end" || late(line);
        assert!(problems.lines().all(fine), "{problems}");
        station.process.terminate();
        let status = station.status().unwrap();
        assert_eq!((&status["running"], &status["votes_missed"]), (&false.into(), &0.into()), "{status}");
    }
}

#[test]
fn a_running_voter_says_how_it_is() {
    let mut boxes = Boxes::new(32);
    let tickets = buy(&mut boxes.sim, 1, 0..5);
    let mut station = boxes.station("box");
    let none = station.run(&["voter", "status"]);
    assert_eq!(none.status.code(), Some(1));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    station.start(&["--metrics", &address]);
    assert_eq!(station.process.text("problems"), format!("metrics at http://{address}/metrics\n"));
    let tip = ChainSource::tip(&mut boxes.sim).unwrap();
    let status = station.status().unwrap();
    let watched = u64::try_from(tickets.len()).unwrap();
    assert_eq!((&status["tickets_watched"], &status["tip_height"]), (&watched.into(), &tip.height.0.into()));

    let (head, body) = get(&address, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"), "{head}");
    assert!(body.contains(&format!("\ndcrcold_voter_tip_height {}\n", tip.height)), "{body}");
    assert!(body.contains("# TYPE dcrcold_voter_votes_cast_total counter\n"), "{body}");
    assert_eq!(body.matches("# HELP ").count(), body.matches("\ndcrcold_voter_").count());
    assert!(get(&address, "GET / HTTP/1.1\r\n\r\n").0.starts_with("HTTP/1.1 404 "));
    assert!(get(&address, "POST /metrics HTTP/1.1\r\n\r\n").0.starts_with("HTTP/1.1 405 "));
    let endless = format!("GET /{} HTTP/1.1\r\n", "a".repeat(20_000));
    assert_eq!(get(&address, &endless).0, "");

    let second = station.run(&["voter", "run", "--once", "--passphrase-file", "../passphrase"]);
    let stderr = String::from_utf8(second.stderr).unwrap();
    assert!(stderr.starts_with("error: another voter runs in "), "{stderr}");
    station.process.terminate();
    let after = station.run(&["voter", "status"]);
    assert_eq!((after.status.code(), Value::from(false)), (Some(1), station.status().unwrap()["running"].clone()));
    let exposed = station.run(&["voter", "run", "--metrics", "0.0.0.0:1", "--passphrase-file", "../passphrase"]);
    assert_eq!(exposed.status.code(), Some(2));
    assert!(Path::new(&station.home).join("voters/votes.db").exists());
}

/// Whoever keeps what a voter prints on a full disk, or stops reading it, keeps it from nothing.
#[test]
fn a_voter_whose_output_goes_nowhere_votes_on() {
    let mut boxes = Boxes::new(33);
    let tickets = buy(&mut boxes.sim, 1, 0..20);
    let mut station = boxes.station("box");
    let mut command = station.command(&["voter", "run", "--passphrase-file", "../passphrase"]);
    command.stdin(Stdio::null()).stdout(fs::File::options().write(true).open("/dev/full").unwrap());
    let problems = fs::File::create(station.home.join("problems")).unwrap();
    let mut child = command.stderr(problems).spawn().unwrap();
    let begin = Instant::now();
    while !station.status().is_some_and(|status| status["caught_up"] == true) {
        assert!(begin.elapsed() < PATIENCE, "{}", station.process.text("problems"));
        sleep(Duration::from_millis(20));
    }
    let mut called = 0;
    for _ in 0..40 {
        boxes.mine(&tickets, &mut called);
    }
    let alive = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    let ended = endings(&mut boxes.sim, &tickets);
    let problems = station.process.text("problems");
    println!("voter with a full disk under its output: {called} calls, {} tickets voted", ended.len());
    assert!(alive && called > 3 && all_voted(&ended), "{problems}");
    assert!(problems.contains("No space left on device"), "{problems}");
    station.process = VoterProcess::new(station.home.clone(), PATIENCE);
}

/// A voting box has hot files and no wallet.
#[test]
fn voters_are_listed_and_choose_without_a_wallet() {
    let boxes = Boxes::new(34);
    let station = boxes.station("box");
    let json = |args: &[&str]| -> Value {
        let output = station.run(args);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let voter = hot(1).fingerprint().to_string();
    let expected = serde_json::json!([{"fingerprint": voter, "name": null, "network": "simnet", "hot_keys": true}]);
    assert_eq!(json(&["voter", "list"]), expected);
    let spend = |number: usize, policy: &str| format!("{number:064x}={policy}");
    let mut choices = json(&["voter", "choices", "--agenda", "maxtreasuryspend=yes"]);
    // More than a VSP takes.
    for number in 1..=8 {
        choices = json(&["voter", "choices", "--treasury-spend", &spend(number, "no")]);
    }
    assert_eq!(
        (choices["treasury_spends"].as_object().unwrap().len(), &choices["agendas"][0]["choice"]),
        (8, &"yes".into())
    );
    let key = format!("02{}", "ab".repeat(32));
    choices = json(&["voter", "choices", "--treasury-key", &format!("{key}=yes")]);
    assert_eq!(choices["treasury_keys"][&key], "yes");
    choices = json(&["voter", "choices", "--treasury-key", &format!("{key}=abstain")]);
    assert_eq!(choices["treasury_keys"], serde_json::json!({}));
    fs::remove_file(station.home.join(format!("voters/{voter}.hot"))).unwrap();
    assert_eq!(json(&["voter", "list"]), serde_json::json!([]));
}

/// What a server answers, head and body; nothing when it hangs up.
fn get(address: &str, request: &str) -> (String, String) {
    let mut http = TcpStream::connect(address).unwrap();
    http.set_read_timeout(Some(PATIENCE)).unwrap();
    let _ = http.write_all(request.as_bytes());
    let mut text = String::new();
    let _ = http.read_to_string(&mut text);
    text.split_once("\r\n\r\n").map(|(head, body)| (format!("{head}\r\n"), body.to_owned())).unwrap_or_default()
}
