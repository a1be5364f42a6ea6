//! `self-test`: tries what the box forbids, outside of it and inside.

mod probes;
mod sockets;

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{self, Command};

use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::sandbox::{self, Condition, FileRules, RefusedCall};
use serde_json::{Value, json};

use self::probes::{Probe, Tried, inherited_socket, probes};
use crate::cli::{Cli, SelfTestArgs};
use crate::grants;
use crate::output::{Output, print_line};

/// This program, wherever it lies.
const THIS_PROGRAM: &str = "/proc/self/exe";
/// An argument that no command has: should the program start where it must not, it fails.
const BROKEN_OUT: &str = "--broken-out-of-the-box";

/// The longest line of names.
const LINE: usize = 78;

/// What one probe showed.
struct Row {
    probe: &'static str,
    outside: Tried,
    inside: Tried,
    holds: bool,
}

pub(crate) fn run(cli: &Cli, args: &SelfTestArgs, output: &Output) -> Result<(), Stop> {
    let started = if args.started_again { Ok("started") } else { Err(start_again()) };
    let probes = probes();
    let outside: Vec<_> = probes.iter().map(Probe::run).collect();
    let (without, with) = inherited_socket();
    let rules = sandbox::enter(&grants::prepare(cli)?.grants)?;
    let inside = probes.iter().map(Probe::run);
    let mut rows: Vec<_> =
        probes.iter().zip(outside).zip(inside).map(|((probe, outside), inside)| row(probe, outside, inside)).collect();
    rows.insert(0, must_be_refused("start without and with an inherited socket", without, with));
    rows.insert(1, must_be_refused("start a program", started, Err(start(&[BROKEN_OUT.into()]))));
    report(&rows, &rules, output)?;
    verdict(&rows, &rules)
}

/// Becomes this program once more, which shows that starting programs works here. Returns only when it does not.
fn start_again() -> io::Error {
    let arguments: Vec<_> = env::args_os().skip(1).chain(["--started-again".into()]).collect();
    start(&arguments)
}

fn start(arguments: &[std::ffi::OsString]) -> io::Error {
    Command::new(THIS_PROGRAM).args(arguments).exec()
}

fn row(probe: &Probe, outside: Tried, inside: Tried) -> Row {
    let holds = probe.holds(&outside, &inside);
    Row { probe: probe.name, outside, inside, holds }
}

fn must_be_refused(probe: &'static str, outside: Tried, inside: Tried) -> Row {
    let holds = outside.is_ok() && probes::is_refused(&inside);
    Row { probe, outside, inside, holds }
}

fn report(rows: &[Row], rules: &FileRules, output: &Output) -> Result<(), Stop> {
    let calls = sandbox::refused_calls(process::id());
    if output.json() {
        return print_line(json(rows, rules, &calls)?);
    }
    let width = rows.iter().map(|row| row.probe.len()).max().unwrap_or_default();
    let column = rows.iter().map(|row| told(&row.outside).len()).max().unwrap_or_default();
    let line = |probe: &str, outside: &str, verdict: &str, inside: &str| {
        print_line(format_args!("{probe:width$}  {outside:column$}  {verdict:7}  {inside}"))
    };
    line("tried", "outside", "verdict", "inside")?;
    for row in rows {
        let verdict = if row.holds { "holds" } else { "FAILS" };
        line(row.probe, &told(&row.outside), verdict, &told(&row.inside))?;
    }
    print_line(format_args!("\nfiles: {}", files(rules)))?;
    print_line("system calls refused, those in brackets by their arguments, and all that have an x32 number:")?;
    wrapped(&calls).iter().try_for_each(print_line)
}

/// The names of the refused calls, in lines that fit a terminal.
fn wrapped(calls: &[RefusedCall]) -> Vec<String> {
    let mut names: Vec<_> = calls
        .iter()
        .map(|call| match call.condition {
            Condition::Always => call.name.to_owned(),
            _ => format!("[{}]", call.name),
        })
        .collect();
    names.dedup();
    let mut lines = vec![String::new()];
    for name in names {
        if lines.last().is_some_and(|line| line.len() + name.len() >= LINE) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(&format!(" {name}"));
        }
    }
    lines
}

/// Everything, with the filter as the kernel took it: an auditor can load it elsewhere and try every call.
fn json(rows: &[Row], rules: &FileRules, calls: &[RefusedCall]) -> Result<Value, Failure> {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({ "probe": row.probe, "outside": told(&row.outside), "inside": told(&row.inside), "holds": row.holds })
        })
        .collect();
    let always = |call: &RefusedCall| call.condition == Condition::Always;
    let calls: Vec<_> =
        calls.iter().map(|call| json!({ "name": call.name, "number": call.number, "always": always(call) })).collect();
    let filter = sandbox::programs()?.map(|program| {
        let instructions = program.iter().map(|step| json!([step.code, step.jt, step.jf, step.k]));
        Value::from(instructions.collect::<Vec<_>>())
    });
    Ok(json!({ "probes": rows, "files": files(rules), "refused_calls": calls, "filter": filter }))
}

fn files(rules: &FileRules) -> String {
    match rules {
        FileRules::Enforced { version } => format!("only those named can be opened (Landlock {version})"),
        FileRules::Missing { reason } => format!("all can be opened: {reason}"),
    }
}

fn told(tried: &Tried) -> String {
    match tried {
        Ok(done) => (*done).to_owned(),
        Err(error) => error.to_string(),
    }
}

fn verdict(rows: &[Row], rules: &FileRules) -> Result<(), Stop> {
    let failed = rows.iter().filter(|row| !row.holds).count();
    if failed == 0 {
        return Ok(());
    }
    let failure = Failure::new(FailureKind::Failed, format!("{failed} of {} probes failed", rows.len()));
    Err(match rules {
        FileRules::Enforced { .. } => failure.hint("do not use keys on this machine"),
        FileRules::Missing { reason } => failure.hint(reason),
    }
    .into())
}
