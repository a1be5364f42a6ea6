//! A program that is interrupted at any of its calls: killed before the call is made, or told that it failed.
//!
//! `strace` does it. It counts calls by name and thread, so that a place in a program is a name and a number. Reading
//! what others sent is a call as well: killed there, a question has arrived and its answer is lost.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use crate::trace::{Call, STRACE, parse};

/// Calls that change files, or wait until they have changed.
pub const CHANGES: [&str; 17] = [
    "openat",
    "open",
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "flock",
];
/// Calls that speak to somebody.
const TALK: [&str; 5] = ["connect", "sendto", "sendmsg", "recvfrom", "recvmsg"];
/// The signal that cannot be caught.
const KILL: i32 = 9;
/// Set to 1, it has every place tried and not a sample of them.
const WHOLE: &str = "DCRCOLD_WHOLE_SWEEPS";

/// A call that a program makes: its name, and which one of that name in its thread.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    pub name: String,
    pub number: usize,
}

/// A tracer that writes to `file` which calls a program makes that changes something or speaks to somebody.
pub fn tracing(file: &str) -> Command {
    let mut strace = Command::new(STRACE);
    let trace = format!("trace={}", [&CHANGES[..], &TALK].concat().join(","));
    strace.args(["-f", "-y", "-o", file, "-e", &trace]);
    strace
}

impl Point {
    /// A tracer that kills a program here.
    pub fn killing(&self) -> Command {
        self.injecting("signal=KILL")
    }

    /// A tracer that lets this call fail with an error.
    pub fn failing(&self, error: &str) -> Command {
        self.injecting(&format!("error={error}"))
    }

    fn injecting(&self, how: &str) -> Command {
        let Self { name, number } = self;
        let mut strace = Command::new(STRACE);
        let (trace, inject) = (format!("trace={name}"), format!("inject={name}:{how}:when={number}"));
        strace.args(["-f", "-o", "/dev/null", "-e", &trace, "-e", &inject]);
        strace
    }
}

/// Whether a program was killed.
pub fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(KILL) || status.code() == Some(128 + KILL)
}

/// All places of a trace, in their order.
pub fn all(trace: &str) -> Vec<Point> {
    points(trace, |call| call.name != "openat" && call.name != "open" || makes_a_file(call))
}

/// The places of a trace where files in `folder` change.
pub fn changes(trace: &str, folder: &str) -> Vec<Point> {
    let in_folder = |call: &Call| call.arguments.split_once('>').is_some_and(|(file, _)| file.contains(folder));
    points(trace, |call| match &*call.name {
        "openat" | "open" => makes_a_file(call),
        "write" | "pwrite64" | "writev" | "pwritev" | "fsync" | "fdatasync" | "ftruncate" | "flock" => in_folder(call),
        name => CHANGES.contains(&name),
    })
}

fn makes_a_file(call: &Call) -> bool {
    call.arguments.contains("O_CREAT") || call.arguments.contains("O_APPEND")
}

fn points(trace: &str, wanted: impl Fn(&Call) -> bool) -> Vec<Point> {
    let (mut counts, mut seen, mut points) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for call in parse(trace) {
        let count: &mut usize = counts.entry((call.process, call.name.clone())).or_default();
        *count += 1;
        let point = Point { name: call.name.clone(), number: *count };
        // Two threads have the same place when each makes so many calls of a name: the first to come is interrupted.
        if wanted(&call) && seen.insert(point.clone()) {
            points.push(point);
        }
    }
    points
}

/// At most so many of the places, spread evenly; all of them when the whole is asked for.
pub fn sample(points: &[Point], most: usize) -> Vec<Point> {
    let whole = env::var_os(WHOLE).is_some_and(|value| value == "1");
    let step = if whole { 1 } else { points.len().div_ceil(most).max(1) };
    points.iter().step_by(step).cloned().collect()
}
