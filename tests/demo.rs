//! The demonstration from outside: it ends well, fits the terminal, and leaves nothing behind, however it ends.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// The offline program, which Cargo builds beside the online one for the whole workspace only.
fn signer() -> PathBuf {
    let signer = Path::new(DCRCOLD).with_file_name("dcrcold-signer");
    assert!(signer.exists(), "{} is missing: build the workspace", signer.display());
    signer
}

/// The demonstration with a folder of its own for temporary files.
fn demo(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(DCRCOLD);
    command.arg("demo").arg("--signer").arg(signer()).args(args).env("TMPDIR", folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn the_demonstration_ends_well_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let output = demo(folder.path(), &[]).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
    println!("demo: {} lines in {} s", stdout.lines().count(), started.elapsed().as_secs());
    let wide: Vec<_> = stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "wider than 80 columns: {wide:#?}");
    let last = |what: &str| {
        let line = stdout.lines().rfind(|line| line.trim_start().starts_with(what)).unwrap();
        line.split_whitespace().last().unwrap().to_owned()
    };
    assert_eq!(last("makes"), last("the wallet has"));
    for expected in ["3 tickets", "Id: ", "voter run", "matured-back", "own voter of demo"] {
        assert!(stdout.contains(expected), "{expected}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_demonstration_ends_in_facts_for_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path(), &["--json"]).output().unwrap();
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
    for milliseconds in (50..3000).step_by(150) {
        let folder = tempfile::tempdir().unwrap();
        let mut child = demo(folder.path(), &[]).stdout(Stdio::null()).spawn().unwrap();
        sleep(Duration::from_millis(milliseconds));
        killed += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        // The kernel tells the children at once; a moment for them to be gone.
        let patience = Instant::now();
        while !alive(child.id()).is_empty() && patience.elapsed() < Duration::from_secs(5) {
            sleep(Duration::from_millis(10));
        }
        assert_eq!(alive(child.id()), Vec::<String>::new(), "after {milliseconds} ms");
        assert!(fs::read_dir(folder.path()).unwrap().count() <= 1, "after {milliseconds} ms");
    }
    println!("{killed} demonstrations killed");
    assert!(killed > 0);
}
