//! What the command lines of both programs share: failures with exit codes and hints, output that survives a closed
//! pipe, and passphrases from a file, a pipe or a person.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use zeroize::Zeroizing;

use crate::sealed::{Passphrase, SealedError};

/// The argument that stands for standard input or output.
pub const STDIO: &str = "-";
/// The longest first line that is read as a secret.
const LONGEST_SECRET: u64 = 4096;

/// Why a program ends; the number is its exit code, documented and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FailureKind {
    /// Something failed that has no code of its own.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A rule refuses the request.
    Refused = 3,
    /// A person said no.
    Declined = 4,
    /// A device or its connection failed.
    Device = 5,
    /// A network or a server failed.
    Network = 6,
    /// Input is not what it should be.
    Malformed = 7,
}

/// What a program says when it ends without success: one `error:` line and a `hint:` line for each thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: FailureKind,
    message: String,
    hints: Vec<String>,
}

impl Failure {
    /// A failure that names what was found and what was expected, in lower case and without a full stop.
    #[must_use]
    pub fn new(kind: FailureKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), hints: Vec::new() }
    }

    /// Adds what the person can do.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Writes the lines; a closed standard error is nobody's business any more.
    fn report(&self, mut to: impl Write) {
        let mut lines = format!("error: {}\n", self.message);
        for hint in &self.hints {
            lines.push_str(&format!("hint: {hint}\n"));
        }
        let _ = to.write_all(lines.as_bytes());
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// How a command ends early.
#[derive(Debug)]
pub enum Stop {
    /// It failed.
    Failure(Failure),
    /// Nobody reads the output any more, which is no failure.
    ClosedPipe,
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Runs a program's commands and turns their end into an exit code.
pub fn exit_code(result: Result<(), Stop>) -> ExitCode {
    match result {
        Ok(()) | Err(Stop::ClosedPipe) => ExitCode::SUCCESS,
        Err(Stop::Failure(failure)) => {
            failure.report(io::stderr().lock());
            ExitCode::from(failure.kind as u8)
        }
    }
}

/// Standard output, where facts go; everything for people goes to standard error.
#[derive(Debug)]
pub struct Output<W> {
    to: W,
}

impl Output<io::StdoutLock<'static>> {
    /// The program's standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self { to: io::stdout().lock() }
    }
}

impl<W: Write> Output<W> {
    /// Any other writer, for tests.
    pub const fn new(to: W) -> Self {
        Self { to }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`Stop::ClosedPipe`], or a failure that names the system's reason, a full disk for example.
    pub fn line(&mut self, line: impl fmt::Display) -> Result<(), Stop> {
        self.bytes(format!("{line}\n").as_bytes())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        let written = self.to.write_all(bytes).and_then(|()| self.to.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::ClosedPipe,
            _ => Failure::new(FailureKind::Failed, format!("cannot write to standard output: {error}")).into(),
        })
    }
}

/// Reads the first line of a file, or of standard input for `-`, as a secret.
///
/// # Errors
/// A failure that names the file, never its content.
pub fn secret_line(source: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed =
        |error: io::Error| Failure::new(FailureKind::Failed, format!("cannot read {}: {error}", source.display()));
    let mut line = Zeroizing::new(String::with_capacity(256));
    if source.as_os_str() == STDIO {
        first_line(io::stdin().lock(), &mut line).map_err(failed)?;
    } else {
        first_line(BufReader::new(File::open(source).map_err(failed)?), &mut line).map_err(failed)?;
    }
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

fn first_line(from: impl BufRead, line: &mut String) -> io::Result<usize> {
    from.take(LONGEST_SECRET).read_line(line)
}

/// Where a passphrase comes from.
#[derive(Clone, Copy, Debug)]
pub enum PassphraseFrom<'a> {
    /// The first line of a file, or of standard input for `-`.
    File(&'a Path),
    /// A person at the terminal, without an echo.
    Person,
}

impl<'a> PassphraseFrom<'a> {
    /// The file if one is named, else the person.
    #[must_use]
    pub fn new(file: Option<&'a Path>) -> Self {
        file.map_or(Self::Person, Self::File)
    }

    /// Gets a passphrase that opens something.
    ///
    /// # Errors
    /// A failure; it never says anything about the passphrase itself.
    pub fn existing(self, prompt: &str) -> Result<Passphrase, Failure> {
        let text = match self {
            Self::File(file) => secret_line(file)?,
            Self::Person => ask(prompt)?,
        };
        Passphrase::new(text).map_err(unusable)
    }

    /// Gets a passphrase for something new; a person types it twice.
    ///
    /// # Errors
    /// As [`Self::existing`], and when both are not the same.
    pub fn chosen(self, prompt: &str) -> Result<Passphrase, Failure> {
        let first = self.existing(prompt)?;
        if matches!(self, Self::Person) && !first.matches(&self.existing("Once more: ")?) {
            return Err(Failure::new(FailureKind::Declined, "the two passphrases are not the same"));
        }
        Ok(first)
    }
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|error| {
        Failure::new(FailureKind::Failed, format!("cannot ask for a passphrase: {error}"))
            .hint("without a terminal, name a file with --passphrase-file, or - for standard input")
    })
}

fn unusable(error: SealedError) -> Failure {
    Failure::new(FailureKind::Usage, error)
}

/// Ends this process when the one that started it ends; `parent` is that one's process id.
///
/// # Errors
/// A failure when the parent is another one, for example because it has ended already.
pub fn die_with_parent(parent: u32) -> Result<(), Failure> {
    let failed = |message: String| Failure::new(FailureKind::Failed, message);
    set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(|error| failed(format!("cannot be tied to process {parent}: {error}")))?;
    // It may have ended before the signal was asked for; then there is another parent by now.
    let found = getppid().map_or(0, |found| found.as_raw_nonzero().get().unsigned_abs());
    if found == parent { Ok(()) } else { Err(failed(format!("started by process {found}, expected {parent}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is_one() {
        assert!(matches!(Output::new(Broken(io::ErrorKind::BrokenPipe)).line("x"), Err(Stop::ClosedPipe)));
        let full = Output::new(Broken(io::ErrorKind::StorageFull)).line("x");
        assert!(matches!(full, Err(Stop::Failure(failure)) if failure.kind() == FailureKind::Failed));
    }

    #[test]
    fn a_failure_is_one_error_line_and_its_hints() {
        let mut text = Vec::new();
        Failure::new(FailureKind::Refused, "no").hint("do this").hint("or that").report(&mut text);
        assert_eq!(String::from_utf8(text).unwrap(), "error: no\nhint: do this\nhint: or that\n");
    }

    #[test]
    fn a_secret_is_the_first_line_without_its_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"correct horse \r\nsecond line\n").unwrap();
        assert_eq!(*secret_line(file.path()).unwrap(), "correct horse ");
    }
}
