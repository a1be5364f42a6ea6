//! `dcrcold` from outside: case files, and what only a running system can show.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "rpc/fake.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod fake;
#[path = "cmd/online.rs"]
mod files;
#[path = "rpc/server.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod server;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Encode};
use fake::result;
use server::{PASSWORD, Running, Server, USER};
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

#[test]
fn a_full_standard_output_is_named() {
    let home = Home::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.sim(&["balance"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: cannot write to standard output: No space left on device (os error 28)\n";
    assert_eq!(stderr(&output), expected);
}

/// A request that reaches nobody locks no coins.
#[test]
fn a_request_that_cannot_be_written_locks_nothing() {
    let home = Home::new();
    let before = stdout(&home.run(&["balance"]));
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.sim(&["buy", "1", "--out", "-"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let output = home.run(&["buy", "1", "--out", "nowhere/request"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&home.run(&["balance"])), before);
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

#[test]
fn two_that_buy_at_once_never_take_the_same_coin() {
    let home = Home::new();
    let names = ["one", "two", "three", "four"];
    let children: Vec<Child> =
        names.iter().map(|name| home.sim(&["buy", "1", "--out", name]).spawn().unwrap()).collect();
    let outputs: Vec<Output> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let bought = outputs.iter().filter(|output| output.status.success()).count();
    assert_eq!(bought, 1, "{:?}", outputs.iter().map(stderr).collect::<Vec<_>>());
    for output in outputs.iter().filter(|output| !output.status.success()) {
        assert_eq!(output.status.code(), Some(1));
        let expected = "error: tickets and fees take 27.03633278 DCR together, and 0.00000000 DCR can be spent\n";
        assert!(stderr(output).starts_with(expected), "{}", stderr(output));
    }
    assert_eq!(names.iter().filter(|name| home.path(name).exists()).count(), 1);
}

#[test]
fn several_that_sync_at_once_find_the_same() {
    let home = Home::new();
    let import = home.command(&["--wallet", "fresh.db", "wallet", "import", "watch"]).output().unwrap();
    assert!(import.status.success());
    let sync = || home.command(&["--wallet", "fresh.db", "--source", "sim:net", "sync"]).spawn().unwrap();
    let children: Vec<Child> = (0..4).map(|_| sync()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
    }
    let balance = home.command(&["--wallet", "fresh.db", "--json", "balance"]).output().unwrap();
    assert!(stdout(&balance).contains("\"total\": 16000000000"), "{}", stdout(&balance));
}

#[test]
fn a_sync_killed_at_any_moment_goes_on() {
    let home = Home::new();
    let fresh = |args: &[&str]| home.command(&[&["--wallet", "fresh.db", "--source", "sim:net"], args].concat());
    assert!(fresh(&["wallet", "import", "watch"]).output().unwrap().status.success());
    let mut killed = 0;
    for milliseconds in (0..200).step_by(8) {
        let mut child = fresh(&["sync"]).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    println!("{killed} syncs killed");
    assert!(fresh(&["sync"]).output().unwrap().status.success());
    let balance = stdout(&fresh(&["--json", "balance"]).output().unwrap());
    assert!(balance.contains("\"total\": 16000000000"), "{balance}");
}

/// A file system of its own, where mounting is allowed.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: PathBuf) -> Option<Self> {
        fs::create_dir(&folder).unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&folder).output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(folder))
    }

    fn fill(&self) {
        let mut filler = fs::File::create(self.0.join("filler")).unwrap();
        while filler.write_all(&[0; 512]).is_ok() {}
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_loses_nothing() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.path("disk")) else {
        // Without the right to mount, a limit on the size of files stands in.
        println!("full disk: a limit on the size of files");
        return limited_file_size(&home);
    };
    println!("full disk: a tmpfs of 1 MiB");
    fs::copy(home.path("wallet.db"), disk.0.join("wallet.db")).unwrap();
    let on_disk = |args: &[&str]| {
        let args = [&["--wallet", "disk/wallet.db", "--source", "sim:net"], args].concat();
        home.command(&args).output().unwrap()
    };
    let before = stdout(&on_disk(&["balance"]));
    disk.fill();
    for args in [&["buy", "1", "--out", "request-2"][..], &["submit", "answer"], &["address", "--new"]] {
        let output = on_disk(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).starts_with("error: wallet file: "), "{}", stderr(&output));
        assert!(stderr(&output).contains("\nhint: nothing was changed; "), "{}", stderr(&output));
    }
    let output = home.command(&["--wallet", "disk/new.db", "wallet", "import", "watch"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!home.path("disk/new.db").exists());
    assert!(!home.path("request-2").exists());
    disk.empty();
    assert_eq!(stdout(&on_disk(&["balance"])), before);
    let output = on_disk(&["submit", "answer"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

fn limited_file_size(home: &Home) {
    let before = stdout(&home.run(&["balance"]));
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {DCRCOLD} \"$@\"");
    let mut shell = Command::new("sh");
    shell.current_dir(home.path("")).args(["-c", &script, "sh", "--wallet", "wallet.db", "--source", "sim:net"]);
    let output = shell.args(["buy", "1", "--out", "request-2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&home.run(&["balance"])), before);
}

/// What dcrd answers first; `network` is its magic number.
fn dcrd(network: &'static str) -> Running {
    Server::default().answer(move |request| match request.method.as_str() {
        "getcurrentnet" => result(request.id, network),
        "version" => {
            result(request.id, r#"{"dcrdjsonrpcapi":{"versionstring":"8.3.0","major":8,"minor":3,"patch":0}}"#)
        }
        other => panic!("{other} was not expected"),
    })
}

/// A home in which dcrctl would find this dcrd.
fn with_dcrd(home: &Home, server: &Running) {
    let folder = home.0.path().join(".dcrd");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(server::file("p256", "cert"), folder.join("rpc.cert")).unwrap();
    let port = server.port;
    let conf = format!("simnet=1\nrpclisten=127.0.0.1:{port}\nrpcuser={USER}\nrpcpass={PASSWORD}\n");
    fs::write(folder.join("dcrd.conf"), conf).unwrap();
}

#[test]
fn a_dcrd_that_runs_here_is_offered_and_not_asked() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    with_dcrd(&home, &server);
    let offer = format!("hint: a dcrd of yours answers at 127.0.0.1:{}: --source dcrd asks it", server.port);
    let run = |args: &[&str]| {
        let output = home.command(&["--wallet", "wallet.db"]).args(args).output().unwrap();
        (output.status.code(), stderr(&output))
    };
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(2), "no peer is named: {said}");
    assert!(said.starts_with(&offer), "{said}");
    assert_eq!(said.matches("--source dcrd").count(), 1);
    for named in
        [&["--source", "spv", "sync"][..], &["--source", "sim:net", "sync"], &["--peer", "127.0.0.1:1", "sync"]]
    {
        let (_, said) = run(named);
        assert!(!said.contains("a dcrd of yours"), "{named:?}: {said}");
    }
    // Another network's is none of this wallet's.
    let other = dcrd("3652452601");
    with_dcrd(&home, &other);
    let (code, said) = run(&["sync"]);
    assert_eq!((code, said.contains("a dcrd of yours")), (Some(2), false), "{said}");
    assert_eq!((server.connections(), other.connections()), (1, 1));
}

fn over_dcrd(home: &Home, server: &Running, certificate: &str, password: &str) -> Output {
    fs::write(home.path("password"), password).unwrap();
    let certificate = server::file(certificate, "cert");
    let address = format!("localhost:{}", server.port);
    let mut command = home.command(&["--wallet", "wallet.db", "--dcrd", &address, "--dcrd-user", USER]);
    command.args(["--dcrd-password-file", "password", "--dcrd-cert"]).arg(certificate);
    command.arg("sync").output().unwrap()
}

#[test]
fn another_certificate_than_the_pinned_one_is_named() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    let output = over_dcrd(&home, &server, "p384", PASSWORD);
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.starts_with("error: the certificate of localhost:"), "{said}");
    assert!(said.contains(" is not the pinned one: found SHA-256 "), "{said}");
    assert!(said.contains("\nhint: name the file rpc.cert of this dcrd with --dcrd-cert"), "{said}");
}

#[test]
fn a_wrong_login_is_named() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    let output = over_dcrd(&home, &server, "p256", "battery staple");
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.starts_with("error: localhost:") && said.contains(" refuses the login "), "{said}");
    assert!(!said.contains("battery"), "{said}");
    assert!(said.contains("\nhint: check --dcrd-user and --dcrd-password-file"), "{said}");
}

#[test]
fn a_dcrd_of_another_network_is_named() {
    // The magic number of mainnet.
    let (home, server) = (Home::new(), dcrd("3652452601"));
    let output = over_dcrd(&home, &server, "p256", PASSWORD);
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.contains("mainnet") && said.contains("simnet"), "{said}");
    assert!(said.contains("\nhint: start dcrd for the wallet's network"), "{said}");
}

/// Signs the request in a file as the cold side does, into a file beside it.
fn sign(home: &Home, name: &str) {
    let request = fs::read(home.path(name)).unwrap();
    let id = *Container::parse(&request).unwrap().id();
    let answer = files::sign(&request, &id).to_container(Network::Simnet).unwrap();
    fs::write(home.path(&format!("{name}.answer")), answer.encode()).unwrap();
}

/// What an answer that is late leads to, command by command.
#[test]
fn a_late_answer_is_told_what_to_do() {
    let home = Home::new();
    let facts = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&stdout(&home.run(&[&["--json"], args].concat()))).unwrap()
    };
    let late = facts(&["cancel"])[0]["id"].as_str().unwrap().to_owned();
    let mine = |blocks: &str| assert!(home.run(&["demo", "mine", "net", blocks]).status.success());
    mine("14");
    let refused = home.run(&["submit", "answer"]);
    assert_eq!(refused.status.code(), Some(1));
    let hint = format!("dcrcold buy --again {late} --out FILE");
    assert!(
        stderr(&refused).starts_with("error: the tickets expire at height 256") && stderr(&refused).contains(&hint)
    );

    let again = home.run(&["buy", "--again", &late, "--out", "again"]);
    assert!(again.status.success(), "{}", stderr(&again));
    assert!(stdout(&again).contains(&format!("instead of   {late}")));
    let replaced = home.run(&["submit", "answer"]);
    assert!(stderr(&replaced).contains("has taken the place of request"), "{}", stderr(&replaced));
    sign(&home, "again");
    assert!(home.run(&["submit", "again.answer"]).status.success());
    mine("2");
    assert!(home.run(&["sync"]).status.success());
    let requests = facts(&["cancel"]);
    let state = |id: &str| {
        let found = requests.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
        (found["state"].as_str().unwrap().to_owned(), found["mined"].as_u64().unwrap())
    };
    assert_eq!(state(&late), ("cancelled".to_owned(), 0));
    assert_eq!(state(requests[0]["id"].as_str().unwrap()), ("tickets-sent".to_owned(), 2));
    assert!(stderr(&home.run(&["submit", "answer"])).contains("was cancelled"));
}

/// A signed request whose coins are sent home.
#[test]
fn an_answer_is_made_worthless_by_name() {
    let home = Home::new();
    let late = stdout(&home.run(&["cancel"])).lines().last().unwrap().to_owned();
    let spend = home.run(&["cancel", &late, "--spend", "back"]);
    assert!(stdout(&spend).contains("returns      59.99997830 DCR"), "{}", stdout(&spend));
    sign(&home, "back");
    assert!(home.run(&["submit", "back.answer"]).status.success());
    assert!(home.run(&["demo", "mine", "net", "1"]).status.success());
    assert!(home.run(&["sync"]).status.success());
    let refused = home.run(&["submit", "answer"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains(&format!("request {late} was cancelled")), "{}", stderr(&refused));
}

/// A standing order is kept, shown, and sent by `sync` when its price comes.
#[test]
fn a_standing_order_waits_for_its_price() {
    let home = Home::new();
    let buy = home.run(&["buy", "1", "--amount", "25.5", "--windows", "40", "--out", "order"]);
    assert!(stdout(&buy).contains("the tickets wait until the price is 25.50000000 DCR or less"), "{}", stdout(&buy));
    sign(&home, "order");
    let refused = home.run(&["submit", "order.answer"]);
    assert!(stderr(&refused).contains("the same command with --when-price-fits"), "{}", stderr(&refused));
    let kept = home.run(&["submit", "order.answer", "--when-price-fits"]);
    assert!(stdout(&kept).starts_with("kept as a standing order"), "{}{}", stdout(&kept), stderr(&kept));
    assert!(stdout(&home.run(&["tickets"])).contains("standing order"));
    assert!(stdout(&home.run(&["coins"])).contains("order "));
    let mut blocks = 0;
    while !stdout(&home.run(&["sync"])).contains("sent: its price came") {
        assert!(home.run(&["demo", "mine", "net", "1"]).status.success());
        blocks += 1;
        assert!(blocks < 20, "the price never came");
    }
    assert!(home.run(&["demo", "mine", "net", "2"]).status.success() && blocks > 0);
    assert!(home.run(&["sync"]).status.success());
    assert!(stdout(&home.run(&["tickets"])).contains("immature"));
    assert!(!stdout(&home.run(&["tickets"])).contains("standing order"));
}

/// Tickets under a voter whose keys are nowhere could not be voted by anybody here.
#[test]
fn a_voter_whose_keys_cannot_be_kept_is_not_in_the_wallet() {
    let home = Home::new();
    let voters = || stdout(&home.run(&["--json", "voter", "list"]));
    let before = voters();
    fs::write(home.path("voters"), "no folder").unwrap();
    let new =
        ["voter", "new", "--name", "box", "--out", "new.pub", "--passphrase-file", "passphrase", "--kdf-memory", "8"];
    let failed = home.run(&new);
    assert_eq!(failed.status.code(), Some(1), "{}", stderr(&failed));
    fs::remove_file(home.path("voters")).unwrap();
    assert_eq!(voters(), before);
    assert!(home.run(&new).status.success());
    assert_ne!(voters(), before);
}
