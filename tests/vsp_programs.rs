//! `dcrcold` with a VSP over HTTP, from outside: what its screens say, and a purchase that is killed (SIGKILL) before every
//! single write and network call and carried on: each time it ends with one purchase, one registration and one fee for
//! every ticket.
//!
//! `strace` kills the program when it enters the call, so that the call is not made. Reading an answer counts as a call:
//! killed there, the request has arrived and its answer is lost. `make test` takes a sample of the calls, `make test-all` every
//! one.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "cmd/online.rs"]
#[allow(dead_code, reason = "the case files use the rest")]
mod files;
#[path = "common/folders.rs"]
mod folders;
#[path = "common/interrupt.rs"]
mod interrupt;
#[path = "vsp_programs/registers.rs"]
mod registers;
#[path = "vsp_programs/scheduled.rs"]
mod scheduled;
#[path = "common/skip.rs"]
mod skip;
#[path = "vsp_programs/sweeps.rs"]
mod sweeps;
#[path = "common/trace.rs"]
mod trace;
mod vsp;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use dcrcold::chain::sim::Sim;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::transfer::{Container, Encode};
use tempfile::TempDir;

use interrupt::{Point, sample, tracing, was_killed};
use vsp::http::TestVsp;
use vsp::sim::SimNode;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
const TICKETS: usize = 2;
/// How many places of a command are tried when not all are.
const SAMPLE: usize = 20;
/// Options of every command.
const FIXED: [&str; 4] = ["--wallet", "wallet.db", "--source", "sim:net"];

/// A folder with wallet, network and answer, and the VSP whose node is that network.
struct World {
    folder: TempDir,
    node: SimNode,
    vsp: TestVsp,
}

impl World {
    /// A wallet with hot keys and a chosen VSP, and the answer to a purchase of two tickets for it.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("prepared");
        files::fill(&base);
        fs::write(base.join("hot-passphrase"), "correct horse").unwrap();
        let node = SimNode::new(Sim::open(&base.join("net")).unwrap());
        let vsp = TestVsp::start(1, Network::Simnet, Box::new(node.clone()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        vsp.rules(|rules| (rules.hundredths, rules.now) = (50, i64::try_from(now).unwrap()));
        let world = Self { folder, node, vsp };
        world.ok("prepared", &["voter", "import", "hot", "--passphrase-file", "hot-passphrase"]);
        world.ok("prepared", &["vsp", "use", world.vsp.address().as_str()]);
        world.ok("prepared", &["buy", "2", "--out", "request-vsp"]);
        let request = fs::read(base.join("request-vsp")).unwrap();
        let id = *Container::parse(&request).unwrap().id();
        let answer = files::sign(&request, &id).to_container(Network::Simnet).unwrap().encode();
        fs::write(base.join("answer-vsp"), answer).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, name: &str, program: &[&str], args: &[&str]) -> Command {
        let (first, rest) = program.split_first().unwrap();
        let mut command = self.prepare(Command::new(first), name);
        command.args(rest).args(FIXED).args(args);
        command
    }

    fn prepare(&self, mut command: Command, name: &str) -> Command {
        command.current_dir(self.path(name)).env("HOME", self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn ok(&self, name: &str, args: &[&str]) -> Output {
        let output = self.command(name, &[DCRCOLD], args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// The calls of a command, done on a copy.
    fn points(&self, args: &[&str]) -> Vec<Point> {
        self.copy("prepared", "now");
        let mut command = self.prepare(tracing("../trace"), "now");
        let output = command.arg(DCRCOLD).args(FIXED).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        interrupt::all(&fs::read_to_string(self.path("trace")).unwrap())
    }

    /// Runs a command on a copy, where it is killed before a call.
    fn kill(&self, args: &[&str], point: &Point) {
        self.copy("prepared", "now");
        let mut command = self.prepare(point.killing(), "now");
        let output = command.arg(DCRCOLD).args(FIXED).args(args).output().unwrap();
        assert!(was_killed(output.status), "{point:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Starts again from a state that was reached before.
    fn copy(&self, from: &str, to: &str) {
        let to = self.path(to);
        let _ = fs::remove_dir_all(&to);
        folders::copy(&self.path(from), &to);
        *self.node.sim() = Sim::open(&to.join("net")).unwrap();
        self.vsp.forget();
    }

    /// Runs `vsp register --watch`, which goes on by itself while blocks come, to its end.
    fn watch(&self) -> Output {
        self.watch_with(&[&REGISTER[..], &["--watch"]].concat())
    }

    fn watch_with(&self, args: &[&str]) -> Output {
        self.watch_by(&[DCRCOLD], args, 120)
    }

    /// Runs a watch to its end while so many blocks come, and a while without any.
    fn watch_by(&self, program: &[&str], args: &[&str], blocks: u32) -> Output {
        let mut watch = self.command("prepared", program, args).spawn().unwrap();
        let ends = (0..blocks + 200).any(|block| {
            if block < blocks {
                self.node.mine(1, &[&self.vsp]);
            }
            std::thread::sleep(std::time::Duration::from_millis(300));
            watch.try_wait().unwrap().is_some()
        });
        if !ends {
            watch.kill().unwrap();
        }
        let output = watch.wait_with_output().unwrap();
        assert!(ends && output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// One split, its tickets, one message and one fee each.
    fn check(&self, name: &str, call: &Point) {
        let wallet = dcrcold::wallet::Wallet::open(&self.path(name).join("wallet.db")).unwrap();
        let rows = wallet.vsp_tickets().unwrap();
        let payments: BTreeSet<_> = rows.iter().map(|row| row.payment.unwrap().to_string()).collect();
        let held: Vec<_> = rows.iter().filter(|row| row.trouble.is_some()).collect();
        assert_eq!((rows.len(), payments.len(), held.len()), (TICKETS, 1, 0), "{call:?}: {rows:?}");
        let tickets: BTreeSet<_> = rows.iter().map(|row| row.ticket).collect();
        let seen = self.vsp.rules(|rules| {
            let paid: BTreeSet<_> = rules
                .rows
                .values()
                .filter_map(|row| row.fee_tx.as_ref())
                .map(dcrcold_signer::tx::Transaction::id)
                .collect();
            assert!(rules.rows.keys().all(|ticket| tickets.contains(ticket)));
            assert!(rules.rows.values().all(|row| row.alt_sign.is_some() && row.state == "received"));
            (rules.rows.len(), paid)
        });
        assert_eq!(seen, (TICKETS, rows.iter().filter_map(|row| row.payment).collect()), "{call:?}");
        assert_eq!(["setaltsignaddr", "payfee"].map(|endpoint| self.vsp.served(endpoint)), [TICKETS; 2], "{call:?}");
        let bought = wallet.tickets().unwrap().iter().filter(|ticket| tickets.contains(&ticket.id)).count();
        assert_eq!((bought, wallet.tickets().unwrap().len()), (TICKETS, TICKETS), "{call:?}");
    }
}

const SUBMIT: [&str; 2] = ["submit", "answer-vsp"];
const REGISTER: [&str; 4] = ["vsp", "register", "--passphrase-file", "hot-passphrase"];

#[test]
fn a_purchase_killed_at_any_call_of_submit_happens_once() {
    if trace::is_missing() {
        return;
    }
    let world = World::new();
    let points = world.points(&SUBMIT);
    let tried = sample(&points, SAMPLE);
    for point in &tried {
        world.kill(&SUBMIT, point);
        world.ok("now", &SUBMIT);
        world.ok("now", &REGISTER);
        world.check("now", point);
    }
    println!("submit: killed before {} of {} calls", tried.len(), points.len());
    assert!(points.len() > 30);
}

#[test]
fn a_purchase_killed_at_any_call_of_register_is_paid_once() {
    if trace::is_missing() {
        return;
    }
    let world = World::new();
    world.ok("prepared", &SUBMIT);
    world.node.mine(1, &[]);
    let points = world.points(&REGISTER);
    let tried = sample(&points, SAMPLE);
    for point in &tried {
        world.kill(&REGISTER, point);
        world.ok("now", &REGISTER);
        world.check("now", point);
    }
    println!("vsp register: killed before {} of {} calls", tried.len(), points.len());
    assert!(points.len() > 60);
}

/// Every screen of a ticket's way, in its 80 columns, and what is on it.
#[test]
fn the_screens_tell_the_whole_way_of_a_ticket() {
    let world = World::new();
    let mut widest = 0;
    let mut screen = |args: &[&str], expected: &[&str]| {
        let shown = String::from_utf8(world.ok("prepared", args).stdout).unwrap();
        println!("$ dcrcold {}\n{shown}", args.join(" "));
        // Keys, ids and JSON are as long as they are.
        let prose = shown.lines().filter(|line| line.contains(' ') && !line.starts_with([' ', '{', '"']));
        widest = prose.map(str::len).chain([widest]).max().unwrap();
        for text in expected {
            assert!(shown.contains(text), "{text}: {shown}");
        }
    };
    screen(&["vsp", "use", world.vsp.address().as_str()], &["as before", "0.50 % of the reward, accepted"]);
    screen(&["vsp", "choices", "--agenda", "maxtreasuryspend=yes"], &["maxtreasuryspend  yes"]);
    screen(&SUBMIT, &["3 transactions sent"]);
    screen(&["balance"], &["purse", "hot, for VSP fees"]);
    world.node.mine(1, &[&world.vsp]);
    screen(&REGISTER, &["fee-paid", "-"]);
    screen(&["tickets"], &["fee-paid", "~2026-"]);

    let output = world.watch();
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 tickets to go, 0 confirmed"));
    screen(&["vsp", "status"], &["confirmed  confirmed"]);
    screen(&["stakeinfo"], &["own tickets  0 unmined", "rewards"]);

    // One ticket is voted by the VSP, another missed because it votes no more.
    let mut votes = 0;
    for _ in 0..400 {
        let online: &[&TestVsp] = if votes == 0 { &[&world.vsp] } else { &[] };
        votes += world.node.mine(1, online);
    }
    screen(&["sync"], &[]);
    screen(&["tickets"], &["matured-back", "missed: it was called and no vote came in time", "returns in full"]);
    screen(&["stakeinfo"], &["1 voted, 1 missed, 0 expired"]);
    let ticket = world.vsp.rules(|rules| rules.rows.keys().next().unwrap().to_string());
    let export = world.ok("prepared", &["vsp", "evidence", &ticket, "--passphrase-file", "hot-passphrase"]);
    fs::write(world.path("prepared").join("evidence.json"), &export.stdout).unwrap();
    screen(
        &["vsp", "evidence", "--check", "evidence.json"],
        &["payfee 200: both sides signed", &world.vsp.key().to_string()],
    );
    println!("widest line of prose: {widest}");
    assert!(widest <= 80);
    changed_evidence_is_refused(&world, &String::from_utf8(export.stdout).unwrap());
}

/// What somebody made of an export of evidence.
fn changed_evidence_is_refused(world: &World, export: &str) {
    let check = |file: &str, text: String| {
        fs::write(world.path("prepared").join(file), text).unwrap();
        let output = world.command("prepared", &[DCRCOLD], &["vsp", "evidence", "--check", file]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // Nobody signs the address, so a file may say anything there.
    let address = "good.example payfee 200: both sides signed\\n\\u001b[8m";
    let shown = check("forged.json", export.replace(world.vsp.address().as_str(), address));
    assert!(!shown.contains('\u{1b}') && !shown.contains("signed\n"), "{shown}");

    let shown = check("altered.json", export.replacen("\\\"feeamount\\\":", "\\\"feeamount\\\":1", 1));
    assert!(shown.contains("not signed with the key"), "{shown}");
}

#[test]
fn a_raised_fee_is_accepted_by_its_number_alone() {
    let world = World::new();
    let address = world.vsp.address();
    let use_vsp = |options: &[&str]| {
        let args = [&["vsp", "use", address.as_str()][..], options].concat();
        let output = world.command("prepared", &[DCRCOLD], &args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.code(), text(&output.stdout) + &text(&output.stderr))
    };
    let accepted = || {
        let wallet = dcrcold::wallet::Wallet::open(&world.path("prepared").join("wallet.db")).unwrap();
        wallet.vsps().unwrap()[0].fee.hundredths()
    };
    // What the VSP asks for, the options, the exit code, what is said, and what is accepted then.
    let cases: [(u16, &[&str], i32, &str, u32); 8] = [
        (50, &[], 0, "fee      0.50 % of the reward, accepted\ntickets", 50),
        (75, &[], 3, "raised its fee from 0.50 % to 0.75 % of the reward", 50),
        (75, &[], 3, "hint: accept it with --accept-fee 0.75, or choose another VSP", 50),
        (75, &["--accept-fee", "0.74"], 3, "asks for 0.75 % of the reward, expected 0.74 % at most", 50),
        (75, &["--accept-fee", "0.75"], 0, "raised by the VSP, it was 0.50 %", 75),
        (60, &[], 0, "lowered by the VSP, it was 0.75 %", 60),
        (75, &[], 3, "raised its fee from 0.60 % to 0.75 %", 60),
        (60, &["--accept-fee", "0.5"], 3, "asks for 0.60 % of the reward, expected 0.50 % at most", 60),
    ];
    let count = cases.len();
    for (asked, options, code, expected, then) in cases {
        world.vsp.rules(|rules| rules.hundredths = asked);
        let (found, said) = use_vsp(options);
        println!("$ dcrcold vsp use {address} {}\n{said}", options.join(" "));
        assert_eq!((found, accepted()), (Some(code), then), "{options:?}: {said}");
        assert!(said.contains(expected), "{expected}: {said}");
    }
    println!("raised fees: {count} cases");
}

#[test]
fn watching_ends_although_another_voter_has_tickets_with_the_same_vsp() {
    let world = World::new();
    world.ok("prepared", &SUBMIT);
    world.node.mine(1, &[&world.vsp]);
    let mut wallet = dcrcold::wallet::Wallet::open(&world.path("prepared").join("wallet.db")).unwrap();
    let (ticket, other) = (TxId::from_bytes([7; 32]), (Fingerprint::from_bytes([7; 16]), Index::FIRST));
    wallet.want_vsp(&ticket, &world.vsp.address(), other, &dcrcold::wallet::SystemClock).unwrap();
    drop(wallet);
    let output = world.watch();
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 tickets to go"), "{output:?}");
}
