//! The command from outside: several at once, and killed at any moment.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::wallet::purchase::PurchaseState;
use dcrcold::wallet::{SystemClock, Wallet};
use tempfile::TempDir;

use crate::fixture::Fixture;
use crate::world::World;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
const DCR: u64 = 100_000_000;
/// Processes that are killed.
const KILLED: u32 = 40;

/// A network in a folder, at the beginning of a price window, and a wallet that has synced, with a rule.
struct Home(Fixture);

impl Home {
    fn new() -> Self {
        let fixture = Fixture::new();
        let mut wallet = fixture.wallet("w");
        let sim = Sim::create(&fixture.path("net"), Settings::new(1)).unwrap();
        let mut world = World::on(sim, 1);
        world.fund(fixture.external(0), 100 * DCR);
        world.mine(1);
        while !(world.sim.tip().unwrap().height.0 + 1).is_multiple_of(8) {
            world.mine(1);
        }
        wallet.sync(&mut world.sim, &SystemClock, &mut |_| {}).unwrap();
        let home = Self(fixture);
        let rule = ["auto", "set", "--max-price", "50", "--keep", "0", "--tickets", "1", "--folder", "requests"];
        assert!(home.command(&rule).output().unwrap().status.success());
        home
    }

    fn command(&self, args: &[&str]) -> Command {
        let folder: &TempDir = &self.0.folder;
        let mut command = Command::new(DCRCOLD);
        command
            .current_dir(folder)
            .env("HOME", folder.path())
            .args(["--wallet", "w", "--source", "sim:net"])
            .args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn start(&self) -> Child {
        self.command(&["auto", "run", "--once"]).spawn().unwrap()
    }

    fn mine(&self, blocks: u32) {
        Sim::open(&self.0.path("net")).unwrap().mine(blocks).unwrap();
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.0.path("requests")).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|end| end == "request")).collect()
    }

    /// Every window has one request at most, and those that wait have their files.
    fn requests(&self) -> usize {
        let wallet = Wallet::open(&self.0.path("w")).unwrap();
        let requests = wallet.auto_requests().unwrap();
        let made = wallet.purchases().unwrap();
        assert_eq!(made.len(), requests.len(), "no request but those of the rule");
        for request in requests.iter().filter(|request| request.state == PurchaseState::Prepared) {
            assert_eq!(fs::read(&request.file).unwrap(), wallet.request(&request.id).unwrap());
        }
        requests.len()
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn several_at_once_make_one_request_and_tell_once() {
    let home = Home::new();
    let children: Vec<_> = (0..5).map(|_| home.start()).collect();
    let outputs: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(outputs.iter().all(|output| output.status.success()), "{outputs:?}");
    let told = outputs.iter().filter(|output| text(output).contains("a signature is due: 1 ticket")).count();
    assert_eq!((told, home.requests(), home.files().len()), (1, 1, 1));
}

/// A round is killed after ever more time, for windows on end; the one after it does what is missing.
#[test]
fn killed_at_any_moment_there_is_one_request_or_none() {
    let home = Home::new();
    let begin = Instant::now();
    assert!(home.start().wait_with_output().unwrap().status.success());
    let (whole, mut killed, mut halfway, mut made) = (begin.elapsed(), 0, 0, home.requests());
    home.mine(24);
    for number in 0..KILLED {
        let mut child = home.start();
        // With 7 and 40 having no factor in common, every fortieth of a round comes once, and all of them in each window.
        sleep(whole * (number * 7 % KILLED) / KILLED);
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let after = Wallet::open(&home.0.path("w")).unwrap().auto_requests().unwrap();
        assert!(after.len() <= made + 1, "{} requests after {made}", after.len());
        halfway += u32::from(after.iter().any(|request| request.is_due() && !request.told));
        if number % 4 == 3 {
            let output = home.start().wait_with_output().unwrap();
            assert!(output.status.success(), "{}", text(&output));
            made = home.requests();
            let due = home.files().len();
            assert!(due <= 2, "those of past windows have lapsed: {due}");
            // Nobody answers: it lapses, and its coin is free.
            home.mine(24);
        }
    }
    println!("{killed} of {KILLED} rounds killed, {halfway} of them after the commit, {made} requests");
    assert!(killed > 10 && made > 8, "{killed} killed, {made} requests");
}

#[test]
fn it_ends_when_it_is_told_to() {
    let home = Home::new();
    let mut child = home.command(&["auto", "run"]).spawn().unwrap();
    while home.files().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert!(text(&output).ends_with("auto: told to end\n"), "{}", text(&output));
}
