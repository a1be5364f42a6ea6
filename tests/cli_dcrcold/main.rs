//! `dcrcold` from outside: case files, and what only a running system can show.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod dcrd;
mod disks;
#[path = "../rpc/fake.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod fake;
#[path = "../cmd/online.rs"]
mod files;
mod processes;
mod requests;
#[path = "../rpc/server.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod server;
#[path = "../common/small_disk.rs"]
mod small_disk;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// The number of case files; a case that is lost is noticed.
const CASE_FILES: usize = 196;

/// At least as many of them fail with a hint.
const FAILURES_WITH_HINT: usize = 84;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cmd/dcrcold")
}

/// Runs every `*.toml` of `tests/cmd/dcrcold`, each in its own copy of `files`.
#[test]
fn case_files() {
    let base = cases().join("files");
    let _ = fs::remove_dir_all(&base);
    files::fill(&base);
    let found = fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path());
    let count = found.filter(|path| path.extension().is_some_and(|it| it == "toml")).count();
    trycmd::TestCases::new().env("TZ", "UTC").case("../tests/cmd/dcrcold/*.toml").run();
    println!("tests/cmd/dcrcold: {count} cases");
    assert_eq!(count, CASE_FILES);
}

/// Failures after which nobody has to be told what to do: what was found and what is expected say it.
const SELF_EXPLANATORY: [&str; 19] = [
    "buy-low-fee",
    "dcrd-not-a-certificate",
    "demo-fund-foreign-address",
    "export-two-forms",
    "import-missing",
    "import-oversized",
    "send-dust",
    "send-low-fee",
    "send-misspelt",
    "send-other-network",
    "show-no-transfer",
    "submit-oversized",
    "voter-choices-unknown-agenda",
    "voter-choices-unknown-choice",
    "voter-new-wrong-words",
    "voter-run-metrics-exposed",
    "vsp-choices-too-many",
    "vsp-evidence-malformed",
    "vsp-evidence-none",
];

/// Of the case files that fail, each says what to do, or is one of those above.
#[test]
fn every_failure_has_a_hint_or_explains_itself() {
    let files = fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path());
    let (mut with_hint, mut without) = (0, Vec::new());
    for path in files.filter(|path| path.extension().is_some_and(|it| it == "toml")) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.contains("\nstatus.code = ") && !text.contains("\n[status]") {
            continue;
        }
        assert!(text.contains("error: "), "{} fails without a word", path.display());
        match text.contains("\nhint: ") || text.contains("\n  hint: ") {
            true => with_hint += 1,
            false => without.push(path.file_stem().unwrap().to_str().unwrap().to_owned()),
        }
    }
    without.sort();
    assert_eq!(without, SELF_EXPLANATORY);
    println!("failures with a hint: {with_hint} cases, and {} that explain themselves", without.len());
    assert!(with_hint >= FAILURES_WITH_HINT, "{with_hint}");
}

/// A folder as the case files have it.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        files::fill(&folder.path().join("files"));
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("files").join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(DCRCOLD);
        command.current_dir(self.path("")).env("HOME", self.0.path()).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A command on the wallet over the embedded network.
    fn sim(&self, args: &[&str]) -> Command {
        let mut command = self.command(&["--wallet", "wallet.db", "--source", "sim:net"]);
        command.args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.sim(args).output().unwrap()
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let home = Home::new();
    for args in [&["balance"][..], &["--json", "wallet", "show"], &["stakeinfo"], &["--help"]] {
        let mut child = home.sim(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}");
        assert_eq!(stderr(&output), "", "{args:?}");
    }
}

/// A label that a spreadsheet would run.
#[test]
fn an_export_of_a_formula_is_text() {
    let home = Home::new();
    let facts: serde_json::Value = serde_json::from_str(&stdout(&home.run(&["--json", "coins"]))).unwrap();
    let coin = facts[0]["coin"].as_str().unwrap();
    assert!(home.run(&["coins", "label", coin, "=1+1,\"x\""]).status.success());
    let csv = stdout(&home.run(&["export"]));
    assert!(csv.lines().any(|line| line.ends_with(",\"'=1+1,\"\"x\"\"\"")), "{csv}");
    let json = stdout(&home.run(&["--json", "export"]));
    assert!(json.contains(r#""label": "=1+1,\"x\"""#), "{json}");
    let written = home.run(&["export", "--out", "history.csv"]);
    assert!(written.status.success(), "{}", stderr(&written));
    assert_eq!(fs::read_to_string(home.path("history.csv")).unwrap(), csv);
}

/// What waits is told with the purchase that it belongs to, and until when.
#[test]
fn a_balance_says_what_has_the_coins_and_until_when() {
    const REQUEST: &str = "2aabdab90dbba290bf1ff197640d23115333b05b5756d1dff10e258b3774f19d";
    let home = Home::new();
    let run = |args: &[&str]| {
        let output = home.run(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        stdout(&output)
    };
    let balance = || -> serde_json::Value { serde_json::from_str(&run(&["--json", "balance"])).unwrap() };
    let mine = |blocks: &str| {
        run(&["demo", "mine", "net", blocks]);
        run(&["sync"]);
    };
    run(&["submit", "answer"]);
    mine("2");
    let facts = balance();
    let staked = &facts["tickets"][0];
    assert_eq!((&staked["request"], &staked["count"]), (&REQUEST.into(), &2.into()));
    assert_eq!(staked["amount"], facts["locked_by_tickets"]);
    assert!(staked["back_on"].is_string() && facts["requests"] == serde_json::json!([]));
    let line = "54.07256256 in 2 of 2aabdab90dbb, ~2026-";
    assert!(run(&["balance"]).contains(line), "{}", run(&["balance"]));
    // Nobody votes with them, so they are revoked.
    let mut rounds = 0;
    while balance()["matures"] == serde_json::json!([]) {
        mine("8");
        rounds += 1;
        assert!(rounds < 120, "no ticket is called");
    }
    let facts = balance();
    let matures = &facts["matures"][0];
    assert_eq!((&matures["origin"], &matures["request"]), (&"revocation".into(), &REQUEST.into()));
    assert_eq!(matures["amount"], facts["immature"]);
    let line = &format!("at block {}, ~2026-01-01, revocation", matures["height"]);
    assert!(run(&["balance"]).contains(line), "{}", run(&["balance"]));
    assert!(run(&["balance"]).lines().all(|line| line.chars().count() <= 80), "{}", run(&["balance"]));
}

/// Amounts in atoms, and in nothing else.
#[test]
fn atoms_are_asked_for_once_and_printed_everywhere() {
    let home = Home::new();
    let run = |args: &[&str]| {
        let output = home.sim(&[&["--atoms"], args].concat()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        let said = stdout(&output) + &stderr(&output);
        let decimal = |rest: &str| rest.len() >= 8 && rest.bytes().take(8).all(|byte| byte.is_ascii_digit());
        assert!(!said.contains("DCR") && !said.split('.').skip(1).any(decimal), "{args:?}: {said}");
        said
    };
    let hot = "--passphrase-file";
    let address = run(&["address"]).lines().next().unwrap().trim_start_matches("address ").to_owned();
    let voter = "e03a0bcc9ea689214ab1cc80ae75d5b2";
    let leaked = ["--wallet", "leaked/wallet.db", "--source", "sim:leaked/net"];
    let emptied = ["--atoms", "voter", "rotate", "--empty-purse", voter, hot, "passphrase"];
    let emptied = home.command(&[&leaked[..], &emptied[..]].concat()).output().unwrap();
    assert!(!stdout(&emptied).contains("DCR"), "{}", stdout(&emptied));
    let mut count = 2;
    for line in [
        "submit answer",
        "balance",
        "coins",
        "cancel",
        "demo fund net ADDRESS 1",
        "demo mine net 3",
        "sync",
        "tickets",
        "stakeinfo",
        "buy 1 --out bought",
        "send ADDRESS 1 --out sent",
        "cancel",
        "auto set --max-price 30 --keep 20 --tickets 1 --folder requests",
        "auto show",
        "vsp status",
        "voter rotate",
        "balance",
    ] {
        let line = line.replace("ADDRESS", &address);
        run(&line.split(' ').collect::<Vec<_>>());
        count += 1;
    }
    println!("--atoms: {count} screens");
    assert_eq!(count, 19);
}
