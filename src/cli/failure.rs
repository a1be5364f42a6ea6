//! What a program says when it fails.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use super::wrap::wrapped;

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

    /// Writes the lines, in colours that the writer may leave out, for a terminal of so many columns if it is one; a closed
    /// standard error is nobody's business any more.
    pub(super) fn report(&self, mut to: impl Write, columns: Option<usize>) {
        let hints = self.hints.iter().map(|hint| (HINT, "hint:", hint));
        let mut lines = String::new();
        for (style, word, text) in std::iter::once((ERROR, "error:", &self.message)).chain(hints) {
            let line = format!("{word} {}", printable(text));
            let broken = columns.map_or_else(|| vec![line.clone()], |columns| wrapped(&line, columns));
            lines.push_str(&broken.join("\n").replacen(word, &format!("{style}{word}{style:#}"), 1));
            lines.push('\n');
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

/// The failure of a question that nobody can be asked.
#[must_use]
pub fn no_terminal(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Usage, format!("there is no terminal to ask at: {error}"))
}

/// The failure of a person who ended a command before it did anything.
#[must_use]
pub fn given_up() -> Failure {
    Failure::new(FailureKind::Declined, "given up: nothing was made or changed")
}

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

#[cfg(test)]
mod tests {
    use anstream::StripStream;

    use super::*;

    #[test]
    fn a_failure_is_one_error_line_and_its_hints() {
        let mut text = Vec::new();
        Failure::new(FailureKind::Refused, "no")
            .hint("do this")
            .hint("or that")
            .report(StripStream::new(&mut text), None);
        assert_eq!(String::from_utf8(text).unwrap(), "error: no\nhint: do this\nhint: or that\n");
    }

    #[test]
    fn a_failure_is_broken_between_words_on_a_terminal() {
        let failure = Failure::new(FailureKind::Refused, "an error: of many words").hint("do this");
        let mut text = Vec::new();
        failure.report(StripStream::new(&mut text), Some(20));
        assert_eq!(String::from_utf8(text).unwrap(), "error: an error: of\n  many words\nhint: do this\n");
        let mut coloured = Vec::new();
        failure.report(&mut coloured, Some(20));
        let coloured = String::from_utf8(coloured).unwrap();
        assert!(coloured.starts_with(&format!("{ERROR}error:{ERROR:#} an error: of\n  many")), "{coloured}");
    }

    #[test]
    fn a_failure_commands_no_terminal() {
        let mut text = Vec::new();
        Failure::new(FailureKind::Failed, "no").about(Path::new("\x1b[2J")).report(StripStream::new(&mut text), None);
        assert_eq!(String::from_utf8(text).unwrap(), "error: \u{fffd}[2J: no\n");
    }
}
