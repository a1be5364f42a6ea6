//! What the command lines of both programs share: failures with exit codes and hints, output that survives a closed
//! pipe, passphrases from a file, a pipe or a person, and completions for shells.

mod completions;
mod explain;
mod secret;

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use zeroize::Zeroizing;

pub use self::completions::completions;
pub use self::secret::SecretFile;
use crate::sealed::Passphrase;

/// The argument that stands for standard input or output.
pub const STDIO: &str = "-";
/// How the words stand out that begin a failure and what can be done.
const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();

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

    /// A failure that an error and all that led to it explain.
    #[must_use]
    pub fn caused(kind: FailureKind, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            message = format!("{message}: {error}");
            source = error.source();
        }
        Self::new(kind, message)
    }

    /// The same failure, naming the file that it is about.
    #[must_use]
    pub fn about(self, file: &Path) -> Self {
        Self { message: format!("{}: {}", file.display(), self.message), ..self }
    }

    /// The same failure, its kind and its hints, in other words.
    #[must_use]
    pub fn said(self, message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), ..self }
    }

    /// What the person can do.
    #[must_use]
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> FailureKind {
        self.kind
    }

    /// Writes the lines, in colours that the writer may leave out; a closed standard error is nobody's business any more.
    fn report(&self, mut to: impl Write) {
        let mut lines = format!("{ERROR}error:{ERROR:#} {}\n", printable(&self.message));
        for hint in &self.hints {
            lines.push_str(&format!("{HINT}hint:{HINT:#} {}\n", printable(hint)));
        }
        let _ = to.write_all(lines.as_bytes());
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {}

/// Replaces control characters, and those that turn text around or cannot be seen: a file name on a foreign disk must
/// neither command the terminal nor look like another one.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |character: char| if character.is_control() || is_format(character) { '\u{fffd}' } else { character };
    text.chars().map(shown).collect()
}

/// Characters of the categories Cf, Zl and Zp that fonts draw nothing for.
const fn is_format(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// How a command ends early.
#[derive(Debug)]
pub enum Stop {
    /// It failed.
    Failure(Failure),
    /// Nobody reads the output any more, which is no failure.
    ClosedPipe,
}

impl<E: Into<Failure>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failure(error.into())
    }
}

/// Reports what is wrong with a command line, in the form of all failures; help and version are none.
#[must_use]
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let mut failure = Failure::new(FailureKind::Usage, message.strip_prefix("error: ").unwrap_or(&message));
    for paragraph in paragraphs.filter(|paragraph| !paragraph.is_empty()) {
        let hint = paragraph.strip_prefix("tip: ").unwrap_or(&paragraph).trim_end_matches('.');
        failure = failure.hint(hint.replacen("Usage", "usage", 1).replacen("For more", "for more", 1));
    }
    exit_code(Err(failure.into()))
}

/// Runs a program's commands and turns their end into an exit code.
pub fn exit_code(result: Result<(), Stop>) -> ExitCode {
    match result {
        Ok(()) | Err(Stop::ClosedPipe) => ExitCode::SUCCESS,
        Err(Stop::Failure(failure)) => {
            // In one piece, so that nothing of another program comes between.
            let mut lines = AutoStream::new(Vec::new(), AutoStream::choice(&io::stderr()));
            failure.report(&mut lines);
            let _ = io::stderr().write_all(&lines.into_inner());
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

impl Output<File> {
    /// The program's standard output, past the buffer of the standard library: for what may be a secret.
    ///
    /// # Errors
    /// A failure when it is closed.
    pub fn unbuffered() -> Result<Self, Failure> {
        let descriptor = io::stdout().as_fd().try_clone_to_owned();
        Ok(Self { to: descriptor.map_err(|error| cannot_write(&error))?.into() })
    }
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("cannot write to standard output: {error}"))
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
            _ => cannot_write(&error).into(),
        })
    }
}

/// Where a passphrase comes from.
#[derive(Clone, Copy, Debug)]
pub enum PassphraseFrom<'a> {
    /// The first line of a file, or of standard input for `-`.
    File(&'a SecretFile),
    /// A person at the terminal, without an echo.
    Person,
}

impl<'a> PassphraseFrom<'a> {
    /// The file if one is named, else the person.
    #[must_use]
    pub fn new(file: Option<&'a SecretFile>) -> Self {
        file.map_or(Self::Person, Self::File)
    }

    /// Gets a passphrase that opens something.
    ///
    /// # Errors
    /// A failure; it never says anything about the passphrase itself.
    pub fn existing(self, prompt: &str) -> Result<Passphrase, Failure> {
        let text = match self {
            Self::File(file) => file.line()?,
            Self::Person => ask_hidden(prompt)?,
        };
        Ok(Passphrase::new(text)?)
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

/// Asks for something that is not shown while it is typed.
///
/// # Errors
/// A failure when there is no terminal to ask at.
pub fn ask_hidden(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let typed = rpassword::prompt_password(prompt).map(Zeroizing::new);
    typed.map_err(|error| {
        no_terminal(&error).hint("without a terminal, name a file that holds the answer, or - for standard input")
    })
}

/// The failure of a question that nobody can be asked.
#[must_use]
pub fn no_terminal(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("there is no terminal to ask at: {error}"))
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
    use anstream::StripStream;

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
        Failure::new(FailureKind::Refused, "no").hint("do this").hint("or that").report(StripStream::new(&mut text));
        assert_eq!(String::from_utf8(text).unwrap(), "error: no\nhint: do this\nhint: or that\n");
    }

    #[test]
    fn a_failure_commands_no_terminal() {
        let mut text = Vec::new();
        Failure::new(FailureKind::Failed, "no").about(Path::new("\x1b[2J")).report(StripStream::new(&mut text));
        assert_eq!(String::from_utf8(text).unwrap(), "error: \u{fffd}[2J: no\n");
    }
}
