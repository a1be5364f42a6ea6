//! The demonstration from outside: it ends well, fits the terminal, and leaves nothing behind, however it ends.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// Who holds the spending keys: an option, and the program that it names.
#[derive(Clone, Copy, Debug)]
struct Cold(&'static str, &'static str);

const SIGNER: Cold = Cold("--signer", "dcrcold-signer");
const DEVICE: Cold = Cold("--device", "dcrcold-simulator");

/// A program that Cargo builds beside the online one for the whole workspace only.
fn beside(program: &str) -> PathBuf {
    let program = Path::new(DCRCOLD).with_file_name(program);
    assert!(program.exists(), "{} is missing: build the workspace", program.display());
    program
}

/// The demonstration with a folder of its own for temporary files.
fn demo(folder: &Path, Cold(option, program): Cold, args: &[&str]) -> Command {
    let mut command = Command::new(DCRCOLD);
    command.arg("demo").arg(option).arg(beside(program)).args(args).env("TMPDIR", folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What the demonstration prints when it ends well, fits the terminal and leaves nothing.
fn told(cold: Cold) -> String {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let output = demo(folder.path(), cold, &[]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    println!("demo {}: {} lines in {} s", cold.0, stdout.lines().count(), started.elapsed().as_secs());
    let wide: Vec<_> = stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "wider than 80 columns: {wide:#?}");
    let last = |what: &str| {
        let line = stdout.lines().rfind(|line| line.trim_start().starts_with(what)).unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    assert_eq!(last("makes"), last("the wallet has"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    stdout
}

#[test]
fn the_demonstration_ends_well_and_leaves_nothing() {
    let stdout = told(SIGNER);
    for expected in ["3 tickets", "Id: ", "voter run", "matured-back", "own voter of demo"] {
        assert!(stdout.contains(expected), "{expected}");
    }
}

#[test]
fn the_demonstration_with_a_device_shows_its_screens() {
    let stdout = told(DEVICE);
    for expected in ["|3 tickets ", "|Voter (1/2) ", "|Sign all of it? ", "voter run", "matured-back"] {
        assert!(stdout.contains(expected), "{expected}");
    }
    assert_eq!(stdout.matches("|Approve? ").count(), 1, "one review for everything");
}

#[test]
fn the_demonstration_ends_in_facts_for_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), SIGNER, &["--json"]).output().unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let atoms = |key: &str| facts[key].as_u64().unwrap();
    assert_eq!(atoms("balance"), atoms("received") - atoms("split_fee") - atoms("ticket_fees") + atoms("rewards"));
    assert_eq!(atoms("votes") + atoms("revocations"), 3);
}

/// The processes that a demonstration with this process id started and that are still there.
fn alive(demo: u32) -> Vec<String> {
    let tie = format!("--die-with\0{demo}\0");
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let command_line = |process: &PathBuf| fs::read(process.join("cmdline")).unwrap_or_default();
    let ours = processes.filter(|process| String::from_utf8_lossy(&command_line(process)).contains(&tie));
    ours.map(|process| process.display().to_string()).collect()
}

#[test]
fn a_killed_demonstration_leaves_its_folder_and_no_process() {
    let mut killed = 0;
    for (milliseconds, cold) in (50..3000).step_by(150).zip([SIGNER, DEVICE].into_iter().cycle()) {
        let folder = tempfile::tempdir().unwrap();
        let mut child = demo(folder.path(), cold, &[]).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        // The kernel tells the children at once; a moment for them to be gone.
        let patience = Instant::now();
        while !alive(child.id()).is_empty() && patience.elapsed() < Duration::from_secs(5) {
            sleep(Duration::from_millis(10));
        }
        assert_eq!(alive(child.id()), Vec::<String>::new(), "after {milliseconds} ms, {cold:?}");
        assert!(fs::read_dir(folder.path()).unwrap().count() <= 1, "after {milliseconds} ms, {cold:?}");
    }
    println!("{killed} demonstrations killed");
    assert!(killed > 0);
}
