//! The box around `dcrcold-signer`, from outside: what it lets through, and what stops the program from starting.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::disallowed_types, reason = "the tests hand sockets to the program, which has to refuse them")]

mod common;
#[path = "common/offline.rs"]
mod offline;
#[path = "common/skip.rs"]
mod skip;

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::{list, text};
use offline::{Cold, PYTHON, SIGNER, has_landlock, is_missing, stderr};
use serde_json::Value;

/// The user and group that own nothing.
const NOBODY: u32 = 65534;
/// The lines of the self-test.
const PROBES: usize = 13;

/// Starts a command that waits for its passphrase, with the box closed.
fn waiting(cold: &Cold, args: &[&str]) -> Child {
    let mut command = cold.command(&*SIGNER);
    command.args(["--store", "keystore", "--passphrase-file", "-"]).args(args).stdin(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_for_box(&child);
    child
}

/// Waits until both filters are loaded, beside those that hold for this test already.
fn wait_for_box(child: &Child) {
    let filters = |process| status(process, "Seccomp_filters").unwrap().parse::<u32>().unwrap();
    let own = filters(std::process::id());
    for _ in 0..1000 {
        if filters(child.id()) == own + 2 {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("the box was not closed within 10 s");
}

/// A line of `/proc/PID/status`.
fn status(process: u32, name: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim));
    line.map(str::to_owned)
}

fn finish(mut child: Child, passphrase: &[u8]) -> Output {
    child.stdin.take().unwrap().write_all(passphrase).unwrap();
    child.wait_with_output().unwrap()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// A copy that every user can start, wherever the target folder lies.
fn public_copy(folder: &Path) -> PathBuf {
    let copy = folder.join("dcrcold-signer");
    fs::copy(&*SIGNER, &copy).unwrap();
    for path in [folder, &copy] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    copy
}

fn check_self_test(who: &str, output: &Output) {
    assert!(output.status.success(), "{who}: {}", stderr(output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let probes = list(&report["probes"]);
    assert_eq!(probes.len(), PROBES);
    for probe in probes {
        println!("{who}: {}: {} / {}", text(&probe["probe"]), text(&probe["outside"]), text(&probe["inside"]));
        assert_eq!(probe["holds"], true, "{probe}");
    }
}

#[test]
fn the_self_test_holds_for_every_user() {
    if !has_landlock() {
        return;
    }
    let output = Command::new(&*SIGNER).args(["--json", "self-test"]).output().unwrap();
    check_self_test(if is_root() { "root" } else { "ordinary user" }, &output);
    let table = Command::new(&*SIGNER).arg("self-test").output().unwrap();
    assert!(table.status.success());
    let table = String::from_utf8(table.stdout).unwrap();
    assert_eq!(table.matches("  holds  ").count(), PROBES, "{table}");
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut nobody = Command::new(public_copy(folder.path()));
    nobody.uid(NOBODY).gid(NOBODY).args(["--json", "self-test"]).current_dir("/").env("TMPDIR", "/tmp");
    check_self_test("nobody", &nobody.output().unwrap());
}

/// Loads the filter that the program prints into another process and makes every refused call there.
#[test]
fn the_kernel_refuses_every_call_of_the_list() {
    if is_missing(PYTHON) {
        return;
    }
    let report = Command::new(&*SIGNER).args(["--json", "self-test"]).output().unwrap();
    let mut python = Command::new(PYTHON);
    python.arg(common::folder("sandbox").join("filter.py")).arg("try").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.stderr(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(&report.stdout).unwrap();
    let output = python.wait_with_output().unwrap();
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn the_kernel_says_of_a_waiting_signer_that_it_is_boxed() {
    let cold = Cold::new();
    let child = waiting(&cold, &["sign", "request", "--out", "answer", "--approve", &cold.id]);
    for (name, expected) in [("NoNewPrivs", "1"), ("Seccomp", "2"), ("Threads", "1")] {
        assert_eq!(status(child.id(), name).as_deref(), Some(expected), "{name}");
    }
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"]);
    let output = finish(child, b"correct horse\n");
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read(cold.path("answer")).unwrap(), cold.answer);
}

/// What belongs to a process that cannot be dumped belongs to root, so that nobody else looks into its memory.
#[test]
fn other_processes_of_the_same_user_cannot_look_in() {
    let cold = Cold::new();
    let mut command = cold.command(if is_root() { public_copy(cold.folder.path()) } else { PathBuf::from(&*SIGNER) });
    if is_root() {
        fs::set_permissions(cold.path("keystore"), fs::Permissions::from_mode(0o644)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(["--store", "keystore", "--passphrase-file", "-", "address"]).stdin(Stdio::piped());
    let child = command.spawn().unwrap();
    wait_for_box(&child);
    let environment = format!("/proc/{}/environ", child.id());
    assert_eq!(fs::metadata(&environment).unwrap().uid(), 0);
    if !is_root() {
        assert!(fs::read(&environment).is_err());
    }
    let output = finish(child, b"correct horse\n");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_folder_that_was_swapped_after_the_start_is_not_written_to() {
    if !has_landlock() {
        return;
    }
    let cold = Cold::new();
    for folder in ["stick", "elsewhere"] {
        fs::create_dir(cold.path(folder)).unwrap();
    }
    symlink("stick", cold.path("link")).unwrap();
    let export = ["export", "watch", "--out", "link/watch"];
    let child = waiting(&cold, &export);
    fs::remove_file(cold.path("link")).unwrap();
    symlink("elsewhere", cold.path("link")).unwrap();
    let output = finish(child, b"correct horse\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write link/watch: Permission denied"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(cold.path("elsewhere")).unwrap().count(), 0);

    let output = finish(waiting(&cold, &export), b"correct horse\n");
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(cold.path("elsewhere/watch").exists());
}

#[test]
fn a_key_store_behind_a_link_can_be_changed() {
    let cold = Cold::new();
    fs::create_dir(cold.path("safe")).unwrap();
    fs::rename(cold.path("keystore"), cold.path("safe/keystore")).unwrap();
    symlink("safe/keystore", cold.path("keystore")).unwrap();
    let before = fs::read(cold.path("safe/keystore")).unwrap();
    let output = cold.signer(&*SIGNER, &["export", "voter", "--generation", "1", "--out", "voter"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_ne!(fs::read(cold.path("safe/keystore")).unwrap(), before);
}

/// An address of this machine that accepts connections while it lives.
fn connected() -> (TcpListener, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener, stream)
}

fn is_refused_for(descriptor: u32, protocol: &str, output: &Output) {
    assert_eq!(output.status.code(), Some(1), "{}", stderr(output));
    let expected = format!(
        "error: descriptor {descriptor} is a socket ({protocol}), expected none\n\
         hint: start the program with descriptor {descriptor} closed; in a shell: {descriptor}>&-\n"
    );
    assert_eq!(stderr(output), expected);
}

#[test]
fn a_socket_as_descriptor_3_is_refused() {
    if is_missing("bash") {
        return;
    }
    let cold = Cold::new();
    let (listener, _stream) = connected();
    let port = listener.local_addr().unwrap().port();
    let mut bash = cold.command("bash");
    bash.arg("-c").arg(format!("exec 3<>/dev/tcp/127.0.0.1/{port}; exec {} \"$@\"", *SIGNER)).arg("bash");
    is_refused_for(3, "TCP", &bash.args(cold.sign()).output().unwrap());
    assert!(!cold.path("answer").exists());
}

#[test]
fn a_standard_descriptor_may_be_a_socket_of_this_machine_and_of_no_other() {
    let cold = Cold::new();
    let (_listener, stream) = connected();
    let mut signer = cold.command(&*SIGNER);
    is_refused_for(0, "TCP", &signer.args(cold.sign()).stdin(OwnedFd::from(stream)).output().unwrap());

    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut signer = cold.command(&*SIGNER);
    signer.args(cold.sign()).stdin(OwnedFd::from(theirs));
    let output = signer.output().unwrap();
    drop(ours);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read(cold.path("answer")).unwrap(), cold.answer);
}

/// A kernel that answers one system call with an error, as one without the feature does.
fn kernel_without(cold: &Cold, call: libc::c_long, error: libc::c_int) -> Output {
    let mut python = cold.command(PYTHON);
    python.arg(common::folder("sandbox").join("filter.py")).arg("without").arg(call.to_string());
    python.arg(error.to_string()).arg(&*SIGNER).args(cold.sign()).output().unwrap()
}

#[test]
fn without_a_filter_of_system_calls_nothing_is_signed() {
    if is_missing(PYTHON) {
        return;
    }
    let cold = Cold::new();
    let output = kernel_without(&cold, libc::SYS_seccomp, libc::ENOSYS);
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: cannot load the system call filter: Function not implemented (os error 38)\n\
        hint: keys are used only where the kernel lets a program give up its rights (seccomp)\n";
    assert_eq!(stderr(&output), expected);
    assert!(!cold.path("answer").exists());
}

#[test]
fn without_rules_for_files_there_is_one_line_of_warning() {
    if is_missing(PYTHON) {
        return;
    }
    let cold = Cold::new();
    let output = kernel_without(&cold, libc::SYS_landlock_create_ruleset, libc::ENOSYS);
    assert!(output.status.success(), "{}", stderr(&output));
    let warning = "warning: files are open to this program beyond those that you named: this kernel has no Landlock\n";
    assert!(stderr(&output).starts_with(warning), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("warning").count(), 1);
    assert_eq!(fs::read(cold.path("answer")).unwrap(), cold.answer);
}
