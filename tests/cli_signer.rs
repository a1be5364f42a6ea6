//! `dcrcold-signer` from outside: case files, every builder vector, and what only a running system can show.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "cmd/fixtures.rs"]
mod fixtures;
#[path = "common/small_disk.rs"]
mod small_disk;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Vectors, hex, list, number, text};
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::NoMemory;
use dcrcold_signer::journal::{Journal, Record};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::Container;
use serde_json::Value;
use small_disk::SmallDisk;
use tempfile::TempDir;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");

/// Runs every `*.toml` of `tests/cmd/signer`, each in its own copy of `files`.
#[test]
fn case_files() {
    let cases = fs::read_dir(common::folder("cmd/signer")).unwrap();
    let count = cases.filter(|case| case.as_ref().unwrap().path().extension().is_some_and(|it| it == "toml")).count();
    trycmd::TestCases::new().case("tests/cmd/signer/*.toml").run();
    println!("tests/cmd/signer: {count} cases");
    assert_eq!(count, CASE_FILES);
}

/// The number of case files; a case that is lost is noticed.
const CASE_FILES: usize = 110;

#[test]
fn files_of_the_cases_come_from_the_vectors() {
    let folder = common::folder("cmd/signer/files");
    if std::env::var_os("DCRCOLD_WRITE_CASES").is_some() {
        fixtures::write(&folder);
    }
    let expected = fixtures::files();
    for (name, bytes) in &expected {
        assert_eq!(fs::read(folder.join(name)).ok().as_deref(), Some(bytes.as_slice()), "{name}");
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), expected.len());
}

/// A folder with a key store for one case of the builder's vectors.
struct Box {
    folder: TempDir,
}

impl Box {
    fn new(case: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let this = Self { folder };
        fs::write(this.path("passphrase"), "correct horse\n").unwrap();
        let wallet = &case["wallet"];
        let (account, coin_type) = (number::<u32>(&wallet["account"]), number::<u32>(&wallet["coin_type"]));
        let mut child = this
            .command(&["restore", "--kdf-memory", "8", "--seed-file", "-", "--network", text(&wallet["network"])])
            .args(["--account", &account.to_string(), "--coin-type", &coin_type.to_string()])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text(&wallet["seed"]).as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(SIGNER);
        command.current_dir(self.folder.path()).args(["--store", "keystore", "--passphrase-file", "passphrase"]);
        command.args(args).stderr(Stdio::piped()).stdout(Stdio::piped()).stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn sign(&self, request: &[u8], id: &str) -> Output {
        fs::write(self.path("request"), request).unwrap();
        self.run(&["sign", "request", "--out", "answer", "--approve", id])
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn first_case() -> Value {
    list(Vectors::load("builder.json").get("cases"))[0].clone()
}

#[test]
fn a_second_process_is_told_to_wait() {
    let cold = Box::new(&first_case());
    let held = fs::File::open(cold.path("keystore")).unwrap();
    held.try_lock().unwrap();
    let output = cold.run(&["address"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: key store keystore is in use by another process\n\
        hint: close the other dcrcold-signer, or wait until it is done\n";
    assert_eq!(stderr(&output), expected);
    held.unlock().unwrap();
    assert!(cold.run(&["address"]).status.success());

    // Two that want to write at the same moment: both are done, or one is told; nothing is lost either way.
    let start = |generation: &str, out: &str| {
        cold.command(&["export", "voter", "--generation", generation, "--out", out]).spawn().unwrap()
    };
    let children = [start("1", "one"), start("2", "two")];
    let done: Vec<_> = children.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let succeeded: Vec<_> = done.iter().map(|output| output.status.success()).collect();
    assert!(succeeded.contains(&true));
    let list = String::from_utf8(cold.run(&["voter", "list"]).stdout).unwrap();
    assert_eq!(list.lines().count(), 1 + succeeded.iter().filter(|success| **success).count(), "{list}");
}

/// Nobody reads pages, writes words down or types them for a file that cannot be made. In /proc not even root makes one.
#[test]
fn a_folder_that_takes_no_files_is_told_before_anything_is_done() {
    let case = first_case();
    let cold = Box::new(&case);
    fs::write(cold.path("request"), hex(&case["transfer"]["request"])).unwrap();
    let (id, network) = (text(&case["transfer"]["id"]), text(&case["wallet"]["network"]));
    let commands: [&[&str]; 6] = [
        &["--store", "/proc/self/file", "new", "--network", network],
        &["--store", "/proc/self/file", "restore", "--network", network, "--seed-file", "missing"],
        &["sign", "request", "--out", "/proc/self/file", "--approve", id],
        &["export", "watch", "--out", "/proc/self/file"],
        &["export", "hot", "--out", "/proc/self/file", "--hot-passphrase-file", "missing"],
        &["backup", "--out", "/proc/self/file", "--backup-passphrase-file", "missing"],
    ];
    for args in commands {
        let mut command = Command::new(SIGNER);
        command.current_dir(cold.folder.path()).args(["--passphrase-file", "missing"]);
        if args[0] != "--store" {
            command.args(["--store", "keystore"]);
        }
        let output = command.args(args).stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(stderr(&output).starts_with("error: cannot write /proc/self/file: "), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    println!("folders that take no files: {} cases", commands.len());
}

/// The disk takes a part of a record: with an error, and with a signer that is killed at that moment.
#[test]
fn a_record_that_is_written_in_part_is_no_record_and_has_no_answer() {
    let case = first_case();
    let (id, request) = (text(&case["transfer"]["id"]), hex(&case["transfer"]["request"]));
    for (trap, killed) in [("trap '' XFSZ;", false), ("", true)] {
        let cold = Box::new(&case);
        fs::write(cold.path("request"), &request).unwrap();
        let earlier = earlier_records(&case, &cold.path("keystore.journal"), 10);
        let most = earlier + 100;
        let script = format!("{trap} exec prlimit --fsize={most} {SIGNER} \"$@\"");
        let mut shell = Command::new("sh");
        shell.current_dir(cold.folder.path()).args(["-c", &script, "sh", "--store", "keystore"]);
        shell.args(["--passphrase-file", "passphrase", "sign", "request", "--out", "answer", "--approve", id]);
        let output = shell.output().unwrap();
        assert_eq!(output.status.code(), (!killed).then_some(1), "{}", stderr(&output));
        assert!(!cold.path("answer").exists());
        let left = fs::metadata(cold.path("keystore.journal")).unwrap().len();
        assert_eq!(left, if killed { most } else { earlier }, "{}", stderr(&output));

        let output = cold.sign(&request, id);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(stderr(&output).contains("ends within a record"), killed, "{}", stderr(&output));
        assert_eq!(fs::read(cold.path("answer")).unwrap(), hex(&case["transfer"]["answer"]));
        let left = fs::metadata(cold.path("keystore.journal")).unwrap().len();
        assert_eq!(left, 9 + (earlier - 9) / 10 * 11);
    }
}

/// Writes a journal of other requests that spend as much; its length comes back.
fn earlier_records(case: &Value, path: &Path, count: u8) -> u64 {
    let contents = fixtures::contents(case);
    let reviewed = review(&hex(&case["transfer"]["request"]), &contents, &mut NoMemory).unwrap();
    let mut journal = Journal::read(path.to_owned(), contents.journal_key()).unwrap();
    for byte in 0..count {
        let mut record = Record::of(reviewed.request());
        record.request.request = TransferId::from_bytes([byte; 32]);
        journal.append(record, None).unwrap();
    }
    fs::metadata(path).unwrap().len()
}

/// Two that sign at the same moment: each is remembered before it answers, or is told to wait.
#[test]
fn two_that_sign_at_once_are_both_remembered() {
    let case = first_case();
    let cold = Box::new(&case);
    let (id, request) = (text(&case["transfer"]["id"]), hex(&case["transfer"]["request"]));
    let files = common::folder("cmd/signer/files");
    let again = fs::read(files.join("request-again")).unwrap();
    let again_id = Container::parse(&again).unwrap().id().to_string();
    fs::write(cold.path("first"), request).unwrap();
    fs::write(cold.path("second"), again).unwrap();
    let mut signed = [false; 2];
    let mut told = 0;
    while signed != [true; 2] {
        let children = [("first", id), ("second", again_id.as_str())].map(|(name, id)| {
            let out = format!("{name}-{told}");
            (name, cold.command(&["sign", name, "--out", &out, "--approve", id]).spawn().unwrap(), cold.path(&out))
        });
        for (done, (_, child, out)) in signed.iter_mut().zip(children) {
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.success(), out.exists());
            *done |= output.status.success();
            let waits = stderr(&output).contains("is in use by another process");
            assert!(output.status.success() || waits, "{}", stderr(&output));
        }
        told += 1;
    }
    // Both are remembered: each is told of when the other is asked for again.
    for (name, other) in [("first", again_id.as_str()), ("second", id)] {
        let review = cold.run(&["inspect", name, "--review"]);
        let pages = String::from_utf8(review.stdout).unwrap();
        assert!(pages.contains("Warning: coins signed before") && pages.contains(other), "{pages}");
        assert!(!pages.contains("memory is incomplete"), "{pages}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let cold = Box::new(&first_case());
    let mut child = cold.command(&["address", "--count", "1000"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(stderr(&output), "");
}

/// The words of a new seed must reach somebody: here a closed pipe is one, and no key store is made.
#[test]
fn a_new_seed_that_nobody_reads_is_not_used() {
    let cold = Box::new(&first_case());
    let mut child = Command::new(SIGNER);
    child.current_dir(cold.folder.path()).env("XDG_DATA_HOME", cold.folder.path()).stderr(Stdio::piped());
    child.args(["--passphrase-file", "-", "new", "--kdf-memory", "8"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(b"secret").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: cannot write to standard output: nobody reads it"), "{}", stderr(&output));
    assert!(!cold.path("dcrcold-signer/keystore").exists());
}

#[test]
fn without_a_terminal_nothing_is_approved() {
    let case = first_case();
    let cold = Box::new(&case);
    fs::write(cold.path("request"), hex(&case["transfer"]["request"])).unwrap();
    let mut command = Command::new("setsid");
    command.current_dir(cold.folder.path()).args(["--wait", SIGNER, "--store", "keystore"]);
    let output =
        command.args(["--passphrase-file", "passphrase", "sign", "request", "--out", "answer"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: there is no terminal to ask at"), "{}", stderr(&output));
    assert!(stderr(&output).ends_with("hint: give --approve ID\n"), "{}", stderr(&output));
    assert!(!cold.path("answer").exists());
}

#[test]
fn a_deflated_request_is_the_same_request() {
    let case = first_case();
    let cold = Box::new(&case);
    let request = Container::parse(&hex(&case["transfer"]["request"])).unwrap().encode_deflated();
    let output = cold.sign(&request, text(&case["transfer"]["id"]));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read(cold.path("answer")).unwrap(), hex(&case["transfer"]["answer"]));
}

/// What was reviewed is what is signed: the file may change while the person reads.
#[test]
fn a_request_is_read_once() {
    let case = first_case();
    let cold = Box::new(&case);
    let request = hex(&case["transfer"]["request"]);
    // A pipe gives its bytes once; a second reading would find nothing.
    let mut child = cold
        .command(&["sign", "-", "--out", "answer", "--approve", text(&case["transfer"]["id"])])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&request).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read(cold.path("answer")).unwrap(), hex(&case["transfer"]["answer"]));
}

#[test]
fn an_oversized_file_is_refused() {
    let case = first_case();
    let cold = Box::new(&case);
    let mut request = hex(&case["transfer"]["request"]);
    request.resize(3 << 20, 0);
    let output = cold.sign(&request, text(&case["transfer"]["id"]));
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(stderr(&output), "error: request has more than 1049647 bytes\n");
}

#[test]
fn a_full_disk_loses_nothing() {
    let case = first_case();
    let cold = Box::new(&case);
    let Some(disk) = SmallDisk::mount(cold.path("disk"), "64k") else {
        // Without the right to mount, a limit on the size of files stands in.
        println!("full disk: a limit on the size of files");
        return limited_file_size(&cold, &case);
    };
    println!("full disk: a tmpfs of 64 KiB");
    fs::copy(cold.path("keystore"), disk.folder().join("keystore")).unwrap();
    fs::write(cold.path("request"), hex(&case["transfer"]["request"])).unwrap();
    let id = text(&case["transfer"]["id"]);
    disk.fill();
    let before = fs::read(disk.folder().join("keystore")).unwrap();
    for args in [
        &["--store", "disk/keystore", "export", "voter", "--generation", "5", "--out", "voter"][..],
        &["--store", "disk/new", "new", "--kdf-memory", "8"],
        &["--store", "keystore", "export", "watch", "--out", "disk/watch"],
        &["--store", "disk/keystore", "limits", "--tickets", "1"],
        &["--store", "disk/keystore", "sign", "request", "--out", "answer", "--approve", id],
    ] {
        let output = Command::new(SIGNER)
            .current_dir(cold.folder.path())
            .args(["--passphrase-file", "passphrase"])
            .args(args)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(stderr(&output).contains("No space left on device"), "{}", stderr(&output));
        assert!(stderr(&output).contains("\nhint: no part of it was written"), "{}", stderr(&output));
    }
    assert_eq!(fs::read(disk.folder().join("keystore")).unwrap(), before);
    let mut names: Vec<_> = fs::read_dir(disk.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["filler", "keystore"]);
    assert!(!cold.path("voter").exists() && !cold.path("answer").exists());
    room_for_a_part(&cold, &case, &disk);
}

/// Room for a part of what must be written: whatever is cut off, no answer is made, and later one is.
fn room_for_a_part(cold: &Box, case: &Value, disk: &SmallDisk) {
    let id = text(&case["transfer"]["id"]);
    let args = ["--store", "disk/keystore", "sign", "request", "--out", "answer", "--approve", id];
    let sign = || {
        let mut command = Command::new(SIGNER);
        command.current_dir(cold.folder.path()).args(["--passphrase-file", "passphrase"]).args(args).output().unwrap()
    };
    // The journal fits before the key store does.
    let (mut failed, page) = (0, 4096);
    for pages in 1.. {
        let filler = fs::File::options().write(true).open(disk.filler()).unwrap();
        filler.set_len(filler.metadata().unwrap().len() - page).unwrap();
        let output = sign();
        if output.status.success() {
            break;
        }
        failed += 1;
        assert!(stderr(&output).contains("No space left on device"), "{} pages: {}", pages, stderr(&output));
        assert!(!cold.path("answer").exists(), "{pages} pages");
    }
    println!("full disk: {failed} approvals without an answer");
    assert!(failed > 0);
    assert_eq!(fs::read(cold.path("answer")).unwrap(), hex(&case["transfer"]["answer"]));
}

fn limited_file_size(cold: &Box, case: &Value) {
    fs::write(cold.path("request"), hex(&case["transfer"]["request"])).unwrap();
    let id = text(&case["transfer"]["id"]);
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {SIGNER} \"$@\" 2>/dev/null");
    let mut shell = Command::new("sh");
    shell.current_dir(cold.folder.path()).args([
        "-c",
        &script,
        "sh",
        "--store",
        "keystore",
        "--passphrase-file",
        "passphrase",
    ]);
    let status = shell.args(["sign", "request", "--out", "answer", "--approve", id]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(!cold.path("answer").exists());
}
