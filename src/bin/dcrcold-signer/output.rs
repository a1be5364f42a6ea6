//! Facts go to standard output, as lines or as JSON; everything for people goes to standard error.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use dcrcold_signer::cli::{self, Failure, FailureKind, Stop};
use dcrcold_signer::file::{self, Readers};
use zeroize::Zeroizing;

use crate::facts::Facts;
use crate::input::is_stdio;

/// Where a command prints, and in which form.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(crate) const fn json(&self) -> bool {
        self.json
    }

    /// Prints facts, as lines or as a JSON object.
    pub(crate) fn facts(&self, facts: &Facts) -> Result<(), Stop> {
        let text = if self.json { facts.to_json() + "\n" } else { facts.to_string() };
        stdout(text.as_bytes())
    }

    /// Prints a list of facts, a line each or as a JSON array.
    pub(crate) fn list(&self, list: &[Facts]) -> Result<(), Stop> {
        if self.json {
            let items: Vec<_> = list.iter().map(Facts::to_json).collect();
            return print_line(format_args!("[{}]", items.join(",")));
        }
        list.iter().try_for_each(|facts| print_line(facts.line()))
    }
}

/// Prints a line.
pub(crate) fn print_line(line: impl fmt::Display) -> Result<(), Stop> {
    stdout(format!("{line}\n").as_bytes())
}

/// Prints a line with a secret in it that must not be lost: a closed pipe is a failure here.
pub(crate) fn must_reach(parts: &[&str]) -> Result<(), Stop> {
    let line = Zeroizing::new([parts, &["\n"]].concat().concat());
    stdout(line.as_bytes()).map_err(|stop| match stop {
        Stop::ClosedPipe => {
            Failure::new(FailureKind::Failed, "cannot write to standard output: nobody reads it").into()
        }
        stop @ Stop::Failure(_) => stop,
    })
}

/// Prints bytes as they are.
pub(crate) fn stdout(bytes: &[u8]) -> Result<(), Stop> {
    cli::Output::unbuffered()?.bytes(bytes)
}

/// Tells the person something; whether anybody listens does not matter.
pub(crate) fn tell(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a new file, or standard output for `-`.
pub(crate) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Stop> {
    if is_stdio(path) { stdout(bytes) } else { Ok(file::write_new(path, bytes, readers)?) }
}

/// Sees early that a file can be made, before a person has read pages for nothing.
pub(crate) fn must_be_new(path: &Path) -> Result<(), Failure> {
    if is_stdio(path) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let message = format!("cannot write {}: there is no folder {}", path.display(), folder.display());
        return Err(Failure::new(FailureKind::Failed, message));
    }
    Ok(file::must_be_new(path)?)
}
