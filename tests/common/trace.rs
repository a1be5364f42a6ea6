//! What `strace -f -o FILE` writes.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::process::{Command, Stdio};

use crate::skip::skipped;

/// The tracer.
pub const STRACE: &str = "strace";

/// Whether there is no tracer, or the system does not let it trace, which is counted as skipped.
pub fn is_missing() -> bool {
    let mut strace = Command::new(STRACE);
    strace.args(["-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    let missing = match strace.status() {
        Ok(status) if status.success() => return false,
        Ok(_) => "strace may not trace here",
        Err(_) => "strace not found",
    };
    skipped(missing);
    true
}

/// A system call.
#[derive(Debug)]
pub struct Call {
    /// The thread that made it.
    pub process: u32,
    /// Its name.
    pub name: String,
    /// All that follows: the arguments and the result.
    pub arguments: String,
}

/// Reads a trace: `PID name(arguments) = result`. A call that another thread interrupted is written in two lines, of which
/// the second, `<... name resumed>`, is no call; nor are signals (`---`) and ends (`+++`).
pub fn parse(trace: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for line in trace.lines() {
        let (process, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no process: {line}"));
        let process = process.parse().unwrap_or_else(|_| panic!("no process: {line}"));
        let rest = rest.trim_start();
        if ["<... ", "--- ", "+++ "].iter().any(|start| rest.starts_with(start)) {
            continue;
        }
        let (name, arguments) = rest.split_once('(').unwrap_or_else(|| panic!("no call: {line}"));
        calls.push(Call { process, name: name.to_owned(), arguments: arguments.to_owned() });
    }
    calls
}
