//! Every system call of every command, as `strace` saw it: none for a network, none that is not on a short list once the
//! box is closed, and rules for no file that the command does without.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/codes.rs"]
mod codes;
mod common;
#[path = "common/offline.rs"]
mod offline;
#[path = "common/skip.rs"]
mod skip;
#[path = "common/terminal.rs"]
mod terminal;
#[path = "common/trace.rs"]
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use dcrcold_signer::qr::Density;
use offline::{Cold, PYTHON, SIGNER, has_landlock, is_missing, stderr};
use terminal::Terminal;
use trace::{Call, STRACE, parse};

/// Calls that no command may even try, wherever they come from: C libraries ask name services behind a program's back.
const NETWORK: &str = "socket socketpair connect bind listen accept accept4 shutdown getsockname getpeername getsockopt
    setsockopt sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg";

/// What commands need once the box is closed. The filter lets more through, lest another C library stops a signer half-way;
/// this list says what there is to be let through.
const INSIDE: [&str; 3] = [
    // Memory, signals, and what a thread asks of itself.
    "brk mmap munmap mremap madvise mprotect mlock mlock2 munlock futex sigaltstack rt_sigaction rt_sigprocmask rt_sigreturn
    getpid gettid geteuid sched_yield sched_getaffinity",
    // Files that were named or opened before, and a folder that is there already.
    "open openat close read readv pread64 write writev lseek fcntl flock fsync fdatasync ftruncate stat fstat lstat
    newfstatat statx getcwd readlink readlinkat getdents64 rename renameat renameat2 link linkat unlink unlinkat fchmod mkdir",
    // The terminal, randomness, the clock, the end.
    "ioctl poll ppoll getrandom clock_gettime clock_nanosleep nanosleep exit exit_group",
];

/// What a thread takes that reads pictures, beside what the program takes that starts it.
const THREAD: &str = "clone clone3 set_robust_list rseq prctl";

fn holds(list: &str, name: &str) -> bool {
    list.split_whitespace().any(|known| known == name)
}

/// What a command may do with a path; folders with all that is below them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum May {
    Use,
    Read,
    List,
    Replace,
    Empty,
}

/// A command with the folders that it works in, and what it may open beside the terminal and randomness.
struct Case {
    arguments: &'static [&'static str],
    opens: &'static [(&'static str, May)],
}

const fn case(arguments: &'static [&'static str], opens: &'static [(&'static str, May)]) -> Case {
    Case { arguments, opens }
}

/// `ID` stands for the id of the request, `VOTER` for that of the voter.
const CASES: [Case; 22] = [
    case(&["--store", "new/keystore", "new", "--kdf-memory", "8"], &[("new", May::Replace)]),
    case(
        &["--store", "other/keystore", "restore", "--kdf-memory", "8", "--seed-file", "seed"],
        &[("other", May::Replace)],
    ),
    // Folders that are made for it may be taken away again.
    case(
        &["--store", "made/below/keystore", "new", "--kdf-memory", "8", "--mix", "text", "--mix-file", "hot"],
        &[("made/below", May::Replace), ("", May::Empty)],
    ),
    case(
        &["backup", "--out", "out/backup", "--backup-passphrase-file", "hot", "--kdf-memory", "8"],
        &[("store", May::List), ("out", May::Replace)],
    ),
    case(&["backup"], &[("store", May::List)]),
    case(
        &["--store", "other/second", "restore", "--backup", "out/backup", "--backup-passphrase-file", "hot"],
        &[("other", May::Replace), ("out/backup", May::Read)],
    ),
    case(&["passphrase", "--new-passphrase-file", "passphrase-again"], &[("store", May::Replace)]),
    case(&["export", "watch", "--out", "out/watch"], &[("store", May::List), ("out", May::Replace)]),
    case(&["export", "voter", "--out", "out/voter"], &[("store", May::List), ("out", May::Replace)]),
    case(
        &["export", "hot", "--out", "out/hot", "--hot-passphrase-file", "hot", "--kdf-memory", "8"],
        &[("store", May::List), ("out", May::Replace)],
    ),
    // A generation may have to be noted.
    case(
        &["export", "voter", "--generation", "1", "--out", "out/voter1"],
        &[("store", May::Replace), ("out", May::Replace)],
    ),
    case(&["completions", "bash"], &[]),
    case(&["voter", "list"], &[("store", May::List)]),
    case(&["voter", "add", "voter", "--approve", "VOTER"], &[("store", May::Replace), ("voter", May::Read)]),
    case(
        &["--store", "other/keystore", "voter", "add", "--scan", "--frames", "codes", "--approve", "VOTER"],
        &[("other", May::Replace), ("codes", May::List)],
    ),
    case(&["inspect", "request"], &[("request", May::Read)]),
    case(&["inspect", "request", "--review"], &[("store", May::List), ("request", May::Read)]),
    case(
        &["sign", "request", "--out", "out/answer", "--approve", "ID"],
        &[("store", May::Replace), ("request", May::Read), ("out", May::Replace)],
    ),
    // A film of codes; a camera is opened before the box is closed, and has no rule.
    case(
        &["sign", "--scan", "--frames", "film", "--out", "out/scanned", "--approve", "ID"],
        &[("store", May::Replace), ("film", May::Read), ("out", May::Replace)],
    ),
    case(&["limits"], &[("store", May::List)]),
    case(&["limits", "--tickets", "3"], &[("store", May::Replace)]),
    case(&["address", "--count", "3"], &[("store", May::List)]),
];

/// Folders of their own for all that is written, so that each rule says what it is for.
struct Bench {
    cold: Cold,
    voter: String,
}

impl Bench {
    fn new() -> Self {
        let cold = Cold::new();
        for folder in ["store", "out", "new", "other"] {
            fs::create_dir(cold.path(folder)).unwrap();
        }
        fs::rename(cold.path("keystore"), cold.path("store/keystore")).unwrap();
        fs::write(cold.path("hot"), "another passphrase\n").unwrap();
        fs::copy(cold.path("passphrase"), cold.path("passphrase-again")).unwrap();
        let request = fs::read(cold.path("request")).unwrap();
        let frames = codes::frames(&request, Density::V6, codes::needed(&request, Density::V6));
        fs::write(cold.path("film"), codes::film(&frames, Density::V6)).unwrap();
        // A voter of other keys than the store's.
        let mut made = cold.command(&*SIGNER);
        fs::write(cold.path("voter-seed"), "07".repeat(32)).unwrap();
        let restore = ["--store", "foreign", "--passphrase-file", "hot", "restore", "--kdf-memory", "8", "--seed-file"];
        assert!(made.args(restore).arg("voter-seed").output().unwrap().status.success());
        let export = ["--store", "foreign", "--passphrase-file", "hot", "export", "voter", "--out", "voter"];
        assert!(cold.command(&*SIGNER).args(export).output().unwrap().status.success());
        let inspected = cold.command(&*SIGNER).args(["--json", "inspect", "voter"]).output().unwrap();
        let facts: serde_json::Value = serde_json::from_slice(&inspected.stdout).unwrap();
        let voter = fs::read(cold.path("voter")).unwrap();
        let frames = codes::frames(&voter, Density::V10, codes::needed(&voter, Density::V10));
        fs::create_dir(cold.path("codes")).unwrap();
        codes::pictures(&cold.path("codes"), &frames, Density::V10);
        Self { voter: common::text(&facts["id"]).to_owned(), cold }
    }

    fn run(&self, case: &Case) -> Vec<Call> {
        let mut strace = self.cold.command(STRACE);
        strace.args(["-f", "-y", "-o", "trace", &*SIGNER, "--passphrase-file", "passphrase"]);
        if !case.arguments.contains(&"--store") {
            strace.args(["--store", "store/keystore"]);
        }
        strace.args(case.arguments.iter().map(|argument| match *argument {
            "ID" => &self.cold.id,
            "VOTER" => &self.voter,
            other => other,
        }));
        let output = strace.output().unwrap();
        assert!(output.status.success(), "{:?}: {}", case.arguments, stderr(&output));
        parse(&fs::read_to_string(self.cold.path("trace")).unwrap())
    }

    /// The rules for files as the kernel took them, by paths below the folder.
    fn rules(&self, calls: &[Call]) -> BTreeMap<String, May> {
        let folder = fs::canonicalize(self.cold.folder.path()).unwrap();
        let mut rules = BTreeMap::new();
        for call in calls.iter().filter(|call| call.name == "landlock_add_rule") {
            let (_, path) = call.arguments.rsplit_once('<').unwrap();
            let path = path.split_once('>').unwrap().0;
            let path = path.strip_prefix(folder.to_str().unwrap()).map_or(path, |path| path.trim_start_matches('/'));
            let before = rules.insert(path.to_owned(), may(&call.arguments));
            assert!(before.is_none_or(|before| before == rules[path]), "two rules for {path}");
        }
        rules
    }
}

/// An older `strace` prints the newest right as a number: of the terminal, control; of a folder, cutting files short.
fn may(rule: &str) -> May {
    let rights = rule.split_once("allowed_access=").unwrap().1.split_once(", ").unwrap().0;
    let mut rights: Vec<_> = rights.split('|').map(|right| right.trim_start_matches("LANDLOCK_ACCESS_FS_")).collect();
    rights.sort_unstable();
    match rights[..] {
        [_, "READ_FILE", "WRITE_FILE"] => May::Use,
        ["READ_FILE"] => May::Read,
        ["REMOVE_DIR"] => May::Empty,
        ["READ_DIR", "READ_FILE"] => May::List,
        [_, "MAKE_REG", "READ_DIR", "READ_FILE", "REMOVE_FILE", "WRITE_FILE"]
        | ["MAKE_REG", "READ_DIR", "READ_FILE", "REMOVE_FILE", _, "WRITE_FILE"] => May::Replace,
        _ => panic!("a rule of another kind: {rule}"),
    }
}

/// What holds for every command; returns where its box is closed.
fn check(what: &str, calls: &[Call]) -> usize {
    let network: Vec<_> = calls.iter().filter(|call| holds(NETWORK, &call.name)).collect();
    assert!(network.is_empty(), "{what}: {network:?}");
    let programs = calls.iter().filter(|call| call.name.starts_with("execve")).count();
    assert_eq!(programs, 1, "{what}: only the start itself");
    let processes: BTreeSet<_> = calls.iter().map(|call| call.process).collect();
    let scans = what.contains("--scan");
    assert_eq!(
        processes.len(),
        1 + usize::from(scans),
        "{what}: one process of one thread, and one that reads pictures"
    );
    let closed = calls.iter().rposition(|call| call.name == "seccomp").unwrap() + 1;
    let first = calls[0].process;
    assert!(
        calls[..closed].iter().all(|call| call.process == first),
        "{what}: the box is closed before there is another"
    );
    for call in &calls[closed..] {
        let known = INSIDE.iter().any(|list| holds(list, &call.name)) || scans && holds(THREAD, &call.name);
        assert!(known, "{what}: {call:?}");
    }
    closed
}

/// The signer at a terminal of its own, with every call written down.
fn traced_at_a_terminal(cold: &Cold, args: &[&str]) -> Terminal {
    let args = [&["-f", "-y", "-o", "trace", &*SIGNER, "--store", "keystore"], args].concat();
    Terminal::start(STRACE, &args, cold.folder.path(), (80, 24), "xterm")
}

/// Codes follow each other on the screen by the clock, and it is looked at for keys between them.
#[test]
fn codes_on_a_terminal_take_no_other_calls() {
    if trace::is_missing() {
        return;
    }
    let cold = Cold::new();
    let sign = ["--passphrase-file", "passphrase", "sign", "request", "--approve", &cold.id, "--show"];
    let mut terminal = traced_at_a_terminal(&cold, &sign);
    for (keys, shown) in [("", 5), ("f", 6), ("f", 7), ("- +><", 12)] {
        terminal.type_keys(keys);
        terminal.wait(&format!("{shown} codes"), |terminal| terminal.transcript.matches("?2026h").count() >= shown);
    }
    terminal.type_keys("q");
    assert_eq!(terminal.end().0, Some(0));
    let calls = parse(&fs::read_to_string(cold.path("trace")).unwrap());
    let inside = &calls[check("codes on a terminal", &calls)..];
    let kinds: BTreeSet<_> = inside.iter().map(|call| &*call.name).collect();
    println!(
        "strace of codes on a terminal: {} calls of {} kinds inside the box: {kinds:?}",
        inside.len(),
        kinds.len()
    );
    assert!(kinds.contains("ioctl") && kinds.contains("write"));
}

/// A person reads, looks around and then leaves: whatever the screen looks like, these are its calls.
#[test]
fn a_terminal_takes_no_other_calls() {
    if trace::is_missing() {
        return;
    }
    let cold = Cold::new();
    let mut terminal = traced_at_a_terminal(&cold, &["sign", "request", "--out", "answer"]);
    terminal.wait_for("assphrase");
    terminal.type_keys("correct horse\n");
    terminal.wait_for("page 1 of ");
    terminal.type_keys("\x1b[B");
    terminal.wait_for("page 2 of ");
    terminal.type_keys("\x03");
    assert_ne!(terminal.end().0, Some(0), "nobody approved");
    let calls = parse(&fs::read_to_string(cold.path("trace")).unwrap());
    let inside = &calls[check("sign at a terminal", &calls)..];
    let kinds: BTreeSet<_> = inside.iter().map(|call| &*call.name).collect();
    println!("strace of sign at a terminal: {} calls of {} kinds inside the box: {kinds:?}", inside.len(), kinds.len());
    assert!(kinds.contains("ioctl") && inside.iter().any(|call| call.arguments.contains("keystore.journal")));
    assert!(!cold.path("answer").exists(), "nobody approved");
}

#[test]
fn no_command_tries_a_network_call_and_each_keeps_to_its_list_and_its_files() {
    if trace::is_missing() || !has_landlock() {
        return;
    }
    let bench = Bench::new();
    let (mut all, mut inside) = (0, BTreeMap::<String, usize>::new());
    for case in &CASES {
        let calls = bench.run(case);
        let what = case.arguments.join(" ");
        let closed = check(&what, &calls);
        for call in &calls[closed..] {
            *inside.entry(call.name.clone()).or_default() += 1;
        }
        assert_eq!(calls.last().unwrap().name, "exit_group", "{what}");
        // A file is named to the kernel without opening it: a pipe would wait for its writer, and take what it wrote.
        let start = calls.iter().position(|call| call.name == "landlock_create_ruleset").unwrap();
        let end = calls.iter().position(|call| call.name == "landlock_restrict_self").unwrap();
        let opened = |call: &&Call| call.name.starts_with("open") && !call.arguments.contains("O_PATH");
        assert!(calls[start..end].iter().find(opened).is_none(), "{what}: {:?}", calls[start..end].iter().find(opened));
        let mut rules = bench.rules(&calls[..closed]);
        assert_eq!((rules.remove("/dev/urandom"), rules.remove("/dev/tty")), (Some(May::Read), Some(May::Use)));
        assert_eq!(rules, case.opens.iter().map(|(path, may)| ((*path).to_owned(), *may)).collect(), "{what}");
        all += calls.len();
    }
    let (made, kinds) = (inside.values().sum::<usize>(), inside.len());
    println!(
        "strace of {} commands: {all} calls, {made} of {kinds} kinds inside the box, 0 for a network",
        CASES.len()
    );
    println!("kinds: {}", inside.keys().map(String::as_str).collect::<Vec<_>>().join(" "));
    // A parser that saw nothing would be content with anything.
    for seen in ["read", "write", "fsync", "flock", "getrandom"] {
        assert!(inside.contains_key(seen), "{seen}");
    }
}

/// A command without a row in the table would go unwatched.
#[test]
fn every_command_is_watched() {
    let help = Command::new(&*SIGNER).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let names: BTreeSet<_> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let watched = |name: &&&str| CASES.iter().any(|case| case.arguments.contains(name));
    let left: Vec<_> = names.iter().filter(|name| !watched(name)).copied().collect();
    // The first does what the others must not, to show that it cannot; the second is no command.
    assert_eq!(left, ["help", "self-test"]);
}

/// The same search finds what it looks for in a program that makes such calls.
#[test]
fn the_search_finds_network_calls_where_they_are() {
    if trace::is_missing() || is_missing(PYTHON) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = "import socket, threading
def attempt():
    try: socket.create_connection(('127.0.0.1', 1), 1)
    except OSError: pass
thread = threading.Thread(target=attempt)
thread.start(); thread.join(); socket.socketpair()";
    let mut strace = Command::new(STRACE);
    strace.current_dir(folder.path()).args(["-f", "-y", "-o", "trace", PYTHON, "-c", program]);
    assert!(strace.output().unwrap().status.success());
    let calls = parse(&fs::read_to_string(folder.path().join("trace")).unwrap());
    let found: BTreeSet<_> = calls.iter().map(|call| &*call.name).filter(|name| holds(NETWORK, name)).collect();
    println!("strace of a program that connects: {found:?}");
    assert!(found.is_superset(&["socket", "connect", "socketpair"].into()), "{found:?}");
    let processes: BTreeSet<_> = calls.iter().map(|call| call.process).collect();
    assert!(processes.len() > 1, "its threads are followed");
}
