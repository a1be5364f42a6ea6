//! What the command lines of both programs share: failures with exit codes and hints, output that survives a closed
//! pipe, files with secrets, and completions for shells.

mod completions;
mod explain;
mod failure;
mod output;
mod secret;
mod wrap;

use std::io::{self, Write};
use std::process::ExitCode;

use anstream::AutoStream;
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

pub use self::completions::completions;
pub use self::failure::{Failure, FailureKind, given_up, no_terminal, printable};
pub use self::output::Output;
pub use self::secret::SecretFile;
pub use self::wrap::{columns, wrapped};

/// The argument that stands for standard input or output.
pub const STDIO: &str = "-";

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
            failure.report(&mut lines, columns(&io::stderr()));
            let _ = io::stderr().write_all(&lines.into_inner());
            ExitCode::from(failure.kind() as u8)
        }
    }
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
