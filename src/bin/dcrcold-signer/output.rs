//! Standard output for facts, standard error for people, and a closed pipe is the end and no failure.

use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use dcrcold_signer::file::{self, Readers};
use zeroize::Zeroizing;

use crate::facts::Facts;
use crate::failure::{Failure, Status};
use crate::input::is_stdin;

/// Where a command prints.
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
    pub(crate) fn facts(&self, facts: &Facts) -> Result<(), Failure> {
        let text = if self.json { facts.to_json() + "\n" } else { facts.to_string() };
        unless_closed(stdout(text.as_bytes()))
    }

    /// Prints a list of facts, a line each or as a JSON array.
    pub(crate) fn list(&self, list: &[Facts]) -> Result<(), Failure> {
        if self.json {
            let items: Vec<_> = list.iter().map(Facts::to_json).collect();
            return self.line(format_args!("[{}]", items.join(",")));
        }
        list.iter().try_for_each(|facts| self.line(facts.line()))
    }

    /// Prints a line.
    #[expect(clippy::unused_self, reason = "all printing of facts goes through the output")]
    pub(crate) fn line(&self, line: impl fmt::Display) -> Result<(), Failure> {
        unless_closed(stdout(format!("{line}\n").as_bytes()))
    }

    /// Prints a line with a secret in it that must not be lost: a closed pipe is a failure here.
    #[expect(clippy::unused_self, reason = "all printing of facts goes through the output")]
    pub(crate) fn must_reach(&self, parts: &[&str]) -> Result<(), Failure> {
        let line = Zeroizing::new([parts, &["\n"]].concat().concat());
        stdout(line.as_bytes()).map_err(|error| cannot_write(&error))
    }
}

/// Tells the person something; whether anybody listens does not matter.
pub(crate) fn tell(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a new file, or standard output for `-`.
pub(crate) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Failure> {
    if is_stdin(path) {
        stdout(bytes).map_err(|error| cannot_write(&error))
    } else {
        Ok(file::write_new(path, bytes, readers)?)
    }
}

/// Sees early that a file can be made, before a person has read pages for nothing.
pub(crate) fn must_be_new(path: &Path) -> Result<(), Failure> {
    if is_stdin(path) {
        return Ok(());
    }
    if path.symlink_metadata().is_ok() {
        return Err(file::FileError::Exists { path: path.to_owned() }.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        let message = format!("cannot write {}: there is no folder {}", path.display(), folder.display());
        return Err(Failure::new(Status::Failed, message));
    }
    Ok(())
}

fn stdout(bytes: &[u8]) -> io::Result<()> {
    // Not through the buffer of the standard library: what is printed may be a seed.
    File::from(io::stdout().as_fd().try_clone_to_owned()?).write_all(bytes)
}

/// Whoever closes the pipe has read enough.
fn unless_closed(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(cannot_write(&error)),
        _ => Ok(()),
    }
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::new(Status::Failed, format!("cannot write to standard output: {error}"))
}
