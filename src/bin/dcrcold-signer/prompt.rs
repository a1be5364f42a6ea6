//! Questions to the person at the terminal. They go to the terminal itself, whatever standard input is.

use std::fs::File;
use std::io::{self, Read, Write};

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind, no_terminal};

use crate::output::tell;

/// How often a person may mistype the check words.
const TRIES: u32 = 3;
/// The longest line that is read from a terminal.
const MAX_LINE: usize = 1024;

/// How somebody approved what was shown.
pub(crate) enum Approval {
    /// A script named an id.
    Id(TransferId),
    /// A person typed the check words.
    Words([String; 4]),
}

/// Gets the approval of what was just shown: the id that a script gave, or the check words typed at the terminal.
///
/// Whether the approval is for the right thing is for its taker to check; here a person may only mistype.
pub(crate) fn approval(id: &TransferId, given: Option<TransferId>) -> Result<Approval, Failure> {
    if let Some(given) = given {
        return Ok(Approval::Id(given));
    }
    let expected = check_words(id);
    tell(format_args!("Check words: {}", expected.join(" ")));
    for _ in 0..TRIES {
        let line = ask("Type the four check words to approve, or nothing to decline: ")?;
        let typed: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        match <[String; 4]>::try_from(typed) {
            Ok(words) if words.iter().zip(expected).all(|(a, b)| a.eq_ignore_ascii_case(b)) => {
                return Ok(Approval::Words(words));
            }
            Err(words) if words.is_empty() => break,
            _ => tell("These are not the check words of what is shown."),
        }
    }
    Err(Failure::new(FailureKind::Declined, "not approved: nothing was signed or changed"))
}

/// The failure of an approval that belongs to something else.
pub(crate) fn other_id(given: &TransferId, id: &TransferId) -> Failure {
    let message = format!("--approve is {given}, but this file has the id {id}");
    Failure::new(FailureKind::Declined, message).hint("inspect the file and approve the id that it has")
}

/// Asks for a line.
pub(crate) fn ask(question: &str) -> Result<String, Failure> {
    let mut terminal = File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|error| no_terminal(&error).hint("give --approve ID"))?;
    let failed = |error: io::Error| Failure::new(FailureKind::Failed, format!("cannot use the terminal: {error}"));
    terminal.write_all(question.as_bytes()).map_err(failed)?;
    // Byte by byte: what was typed ahead belongs to the next question.
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < MAX_LINE && terminal.read(&mut byte).map_err(failed)? == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}
