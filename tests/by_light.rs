//! A whole purchase by light only: request and answer pass between the two built programs as codes, and nothing else does.
//! And what the online side does with codes that do not belong to it.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/codes.rs"]
mod codes;
#[path = "cmd/online.rs"]
mod files;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dcrcold_core::net::Network;
use dcrcold_signer::qr::Density;
use dcrcold_signer::transfer::{Container, Kind};
use tempfile::TempDir;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// A wallet with its network, and on the other side of the room a key store.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        files::fill(&world.path("online"));
        fs::create_dir(world.path("offline")).unwrap();
        fs::write(world.path("offline/passphrase"), "correct horse\n").unwrap();
        fs::write(world.path("offline/seed"), "07".repeat(32)).unwrap();
        ok(world.offline(&["restore", "--network", "simnet", "--kdf-memory", "8", "--seed-file", "seed"], b""));
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn online(&self, args: &[&str], input: &[u8]) -> Output {
        self.wallet("wallet.db", args, input)
    }

    fn wallet(&self, wallet: &str, args: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(DCRCOLD);
        command.args(["--wallet", wallet, "--source", "sim:net"]).env("HOME", self.folder.path());
        run(command.args(args).current_dir(self.path("online")), input)
    }

    fn offline(&self, args: &[&str], input: &[u8]) -> Output {
        let signer = Path::new(DCRCOLD).with_file_name("dcrcold-signer");
        assert!(signer.exists(), "{} is missing: build the workspace", signer.display());
        let mut command = Command::new(signer);
        command.args(["--store", "keystore", "--passphrase-file", "passphrase"]);
        run(command.args(args).current_dir(self.path("offline")), input)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }
}

fn run(command: &mut Command, input: &[u8]) -> Output {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who has enough stops reading.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn ok(output: Output) -> Output {
    assert!(output.status.success(), "{}", stderr(&output));
    output
}

/// A film of a file as it is shown: deflated when that is shorter, every third frame missed.
fn film(file: &[u8], density: Density) -> Vec<u8> {
    let deflated = Container::parse(file).unwrap().encode_deflated();
    let shown = if deflated.len() < file.len() { &deflated } else { file };
    let frames = codes::frames(shown, density, 2 * codes::needed(shown, density) + 2);
    let seen: Vec<_> = frames.into_iter().enumerate().filter(|(number, _)| number % 3 != 1).map(|(_, it)| it).collect();
    codes::film(&seen, density)
}

#[test]
fn a_purchase_by_light_is_the_purchase_by_files() {
    let world = World::new();
    ok(world.online(&["buy", "2", "--out", "bought"], b""));
    let request = world.bytes("online/bought");
    let id = Container::parse(&request).unwrap().id().to_string();
    // By light, both ways.
    let sign = ["sign", "--scan", "--frames", "-", "--out", "by-light", "--approve", &id];
    let signed = ok(world.offline(&sign, &film(&request, Density::V6)));
    assert!(stderr(&signed).contains("Scanned a purchase request for simnet, "), "{}", stderr(&signed));
    let answer = world.bytes("offline/by-light");
    let scanned = ok(world.online(&["scan", "--frames", "-", "--out", "scanned"], &film(&answer, Density::V10)));
    assert!(stderr(&scanned).contains("Scanned an answer for simnet, "), "{}", stderr(&scanned));
    let told = String::from_utf8(scanned.stdout).unwrap();
    assert!(
        told.contains(&format!("to request   {id}\n")) && told.contains("send it with dcrcold submit scanned"),
        "{told}"
    );
    // By files, to compare with.
    fs::write(world.path("offline/request"), &request).unwrap();
    ok(world.offline(&["sign", "request", "--out", "by-file", "--approve", &id], b""));
    assert_eq!(answer, world.bytes("offline/by-file"));
    assert_eq!(world.bytes("online/scanned"), answer);
    let sent = ok(world.online(&["submit", "scanned"], b""));
    let sent = String::from_utf8(sent.stdout).unwrap();
    assert_eq!(sent.matches("ticket  ").count(), 2, "{sent}");
    assert!(sent.contains("3 transactions sent, 0 were known before"), "{sent}");
    println!("by light: a request of {} bytes, an answer of {}", request.len(), answer.len());
    // Nothing that was kept on the way is left.
    for side in ["online", "offline"] {
        let names = fs::read_dir(world.path(side)).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!names.into_iter().any(|name| name.to_string_lossy().starts_with("scan-")));
    }
}

/// A wallet begins with an account's public keys, and a voter of the online side ends in the key store.
#[test]
fn public_keys_come_by_light_where_they_are_asked_for() {
    let world = World::new();
    ok(world.offline(&["export", "watch", "--out", "watch"], b""));
    let watch = world.bytes("offline/watch");
    let import = ["wallet", "import", "--scan", "--frames", "-"];
    let imported = ok(world.wallet("new.db", &import, &film(&watch, Density::V10)));
    assert!(stderr(&imported).contains("Scanned a watch export for simnet, "), "{}", stderr(&imported));
    fs::write(world.path("online/watch-of-file"), &watch).unwrap();
    let of_file = ok(world.wallet("file.db", &["wallet", "import", "watch-of-file"], b""));
    let lines = |output: &Output| String::from_utf8_lossy(&output.stdout).replace("new.db", "file.db");
    assert_eq!(lines(&imported), lines(&of_file));
    // The other way round.
    let voter = world.bytes("online/voter");
    let id = Container::parse(&voter).unwrap().id().to_string();
    let add = ["voter", "add", "--scan", "--frames", "-", "--approve", &id];
    let added = ok(world.offline(&add, &film(&voter, Density::V10)));
    assert!(stderr(&added).contains("Requests may name the voter box"), "{}", stderr(&added));
    // Nothing else comes where these are wanted.
    let answer = world.bytes("online/answer");
    let other = world.wallet("third.db", &import, &film(&answer, Density::V10));
    assert_eq!(other.status.code(), Some(7));
    assert!(stderr(&other).contains("error: scanned an answer for simnet, "), "{}", stderr(&other));
    assert!(!world.path("online/third.db").exists());
    let other = world.offline(&add, &film(&watch, Density::V10));
    assert_eq!(other.status.code(), Some(7));
    assert!(
        stderr(&other).contains(", expected a voter export\nhint: it is for `dcrcold wallet import --scan`"),
        "{}",
        stderr(&other)
    );
}

/// Scans lines that must not be taken; returns what was told.
fn refused(world: &World, texts: &[String], status: i32) -> String {
    let output = world.online(&["scan", "--text", "--out", "scanned"], texts.join("\n").as_bytes());
    assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
    assert!(!world.path("online/scanned").exists());
    stderr(&output)
}

fn texts(transfer: &[u8]) -> Vec<String> {
    codes::texts(transfer, Density::V6, codes::needed(transfer, Density::V6))
}

#[test]
fn only_answers_come_back() {
    let world = World::new();
    let told = refused(&world, &texts(&world.bytes("online/request")), 7);
    assert!(told.contains("error: scanned a purchase request for simnet, "), "{told}");
    assert!(told.contains(", expected an answer\nhint: it is for `dcrcold-signer sign --scan`, offline\n"), "{told}");
    let mut cases = 1;
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Answer) {
        let transfer = Container::new(kind, Network::Simnet, vec![0xa0; 200]).unwrap();
        let told = refused(&world, &texts(&transfer.encode()), if kind == Kind::HotKeys { 3 } else { 7 });
        assert!(told.contains(&format!("error: scanned {kind}")), "{told}");
        cases += 1;
    }
    println!("not answers: {cases} cases");
    assert_eq!(cases, 7);
}

#[test]
fn an_answer_that_is_not_this_wallets_is_told_before_it_is_written() {
    let world = World::new();
    let told = refused(&world, &texts(&world.bytes("online/answer-mainnet")), 7);
    assert!(told.contains("error: scanned an answer for mainnet, "), "{told}");
    assert!(told.contains(", expected one for simnet\nhint: choose the right wallet"), "{told}");
    // Whose body is none.
    let hollow = Container::new(Kind::Answer, Network::Simnet, vec![0x5a; 200]).unwrap();
    refused(&world, &texts(&hollow.encode()), 7);
}

#[test]
fn a_broken_off_scan_is_gone_on_with_beside_the_wallet() {
    let world = World::new();
    let answer = world.bytes("online/answer");
    let texts = texts(&answer);
    let told = refused(&world, &texts[..3], 1);
    assert!(told.contains("with 3 of ") && told.contains("hint: they are kept; run the same command again"), "{told}");
    let again = ["--json", "scan", "--text", "--out", "scanned"];
    let output = ok(world.online(&again, texts[3..].join("\n").as_bytes()));
    assert!(stderr(&output).contains("Goes on with 3 symbols of before."), "{}", stderr(&output));
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&facts["kind"], &facts["network"]), (&"an answer".into(), &"simnet".into()));
    assert_eq!(world.bytes("online/scanned"), answer);
}
