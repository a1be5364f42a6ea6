//! Standard output. On a terminal, lines that are too long for it break between words.

use std::fmt::Display;
use std::io::{IsTerminal, StdoutLock, stdout};

use dcrcold_signer::cli::{Output, Stop};
use rustix::termios::tcgetwinsize;

/// Where facts are printed.
pub(crate) struct Screen {
    out: Output<StdoutLock<'static>>,
    /// The columns of the terminal; none for files and pipes, whose lines are as long as they are.
    columns: Option<usize>,
}

impl Screen {
    pub(crate) fn stdout() -> Self {
        Self { out: Output::stdout(), columns: columns() }
    }

    /// Writes a line for people.
    pub(crate) fn line(&mut self, line: impl Display) -> Result<(), Stop> {
        match self.columns {
            Some(columns) => broken(&line.to_string(), columns).iter().try_for_each(|line| self.out.line(line)),
            None => self.out.line(line),
        }
    }

    /// Writes a line for programs, or one to be copied.
    pub(crate) fn whole(&mut self, line: impl Display) -> Result<(), Stop> {
        self.out.line(line)
    }

    /// Writes bytes.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.out.bytes(bytes)
    }
}

/// How many columns the terminal has, if there is one.
pub(crate) fn columns() -> Option<usize> {
    let terminal = stdout();
    let size = terminal.is_terminal().then(|| tcgetwinsize(&terminal).ok())??;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Breaks a line between words; what follows stands below what it belongs to. An id that is longer than a line stays whole,
/// to be copied, and so does a line with colours.
fn broken(line: &str, columns: usize) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    if width(line) <= columns || line.contains('\x1b') {
        return vec![line.to_owned()];
    }
    let (indent, text) = (" ".repeat(indent(line, columns)), line.trim_start());
    let mut lines = Vec::new();
    let mut current = line[..line.len() - text.len()].to_owned();
    for word in text.split_inclusive(' ') {
        if width(&current) + width(word.trim_end()) > columns && !current.trim().is_empty() {
            let fits = width(&indent) + width(word.trim_end()) <= columns;
            lines.push(std::mem::replace(&mut current, if fits { indent.clone() } else { String::new() }));
        }
        current.push_str(word);
    }
    lines.push(current);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Where the text begins that stands behind a name and two spaces, or else a step to the right.
fn indent(line: &str, columns: usize) -> usize {
    let start = line.len() - line.trim_start().len();
    let gap = line[start..].find("  ").map(|gap| start + gap);
    let behind = gap.map(|gap| line[..gap].chars().count() + line[gap..].len() - line[gap..].trim_start().len());
    match behind {
        Some(column) if column <= columns / 2 => column,
        None if start > 2 && start <= columns / 2 => start,
        _ => (start + 2).min(columns / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::broken;

    #[test]
    fn lines_break_between_words_and_go_on_below_their_text() {
        let line = "answer       before block 246, about noon";
        assert_eq!(broken(line, 41), [line]);
        assert_eq!(broken(line, 40), ["answer       before block 246, about", "             noon"]);
        assert_eq!(
            broken("             as much again and more", 28),
            ["             as much again", "             and more"]
        );
        assert_eq!(broken("a sentence of words", 12), ["a sentence", "  of words"]);
    }

    #[test]
    fn what_has_no_spaces_stays_whole() {
        let id = "1".repeat(64);
        assert_eq!(broken(&id, 40), [id.as_str()]);
        assert_eq!(broken(&format!("id           {id}"), 40), ["id", &id]);
        assert_eq!(broken(&format!("request {id} waits"), 40), ["request", &id, "  waits"]);
        let bold = format!("\x1b[1m{}\x1b[0m", "head ".repeat(9));
        assert_eq!(broken(&bold, 40), [bold]);
    }
}
