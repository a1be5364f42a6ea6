//! Questions to the person at the terminal. They go to the terminal itself, whatever standard input is.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::sealed::Passphrase;
use zeroize::Zeroizing;

use crate::failure::{Failure, Status};
use crate::input;

/// How often a person may mistype the check words.
const TRIES: u32 = 3;
/// The longest line that is read from a terminal.
const MAX_LINE: usize = 1024;

/// Gets a passphrase that exists: from a file, or typed without echo.
pub(crate) fn passphrase(file: Option<&Path>, what: &str, option: &str) -> Result<Passphrase, Failure> {
    let text = match file {
        Some(file) => input::secret(file)?,
        None => hidden(&format!("Passphrase of {what}: "), option)?,
    };
    Ok(Passphrase::new(text)?)
}

/// Gets a new passphrase; typed, it is asked for twice.
pub(crate) fn new_passphrase(file: Option<&Path>, what: &str, option: &str) -> Result<Passphrase, Failure> {
    let passphrase = passphrase(file, what, option)?;
    if file.is_none() {
        let again = Passphrase::new(hidden("The same again: ", option)?)?;
        if !passphrase.matches(&again) {
            return Err(
                Failure::new(Status::Declined, "the two passphrases differ").hint("nothing was written; try again")
            );
        }
    }
    Ok(passphrase)
}

/// Asks for something that is not shown while it is typed.
pub(crate) fn hidden(question: &str, option: &str) -> Result<Zeroizing<String>, Failure> {
    let answer = rpassword::prompt_password(question).map(Zeroizing::new);
    answer.map_err(|error| no_terminal(&error).hint(format!("give {option}")))
}

/// Gets the approval of what was just shown: by its id, or by its check words typed at the terminal.
pub(crate) fn approval(id: &TransferId, given: Option<&TransferId>) -> Result<(), Failure> {
    match given {
        Some(given) if given == id => Ok(()),
        Some(given) => {
            let message = format!("--approve is {given}, but this file has the id {id}");
            Err(Failure::new(Status::Declined, message).hint("inspect the file and approve the id that it has"))
        }
        None => type_check_words(id),
    }
}

fn type_check_words(id: &TransferId) -> Result<(), Failure> {
    let expected = check_words(id);
    crate::output::tell(format_args!("Check words: {}", expected.join(" ")));
    for _ in 0..TRIES {
        let line = ask("Type the four check words to approve, or nothing to decline: ")?;
        let typed: Vec<&str> = line.split_whitespace().collect();
        if typed.is_empty() {
            break;
        }
        if typed.len() == expected.len() && typed.iter().zip(expected).all(|(a, b)| a.eq_ignore_ascii_case(b)) {
            return Ok(());
        }
        crate::output::tell("These are not the check words of what is shown.");
    }
    Err(Failure::new(Status::Declined, "not approved: nothing was signed or changed"))
}

/// Asks for a line.
pub(crate) fn ask(question: &str) -> Result<String, Failure> {
    let mut terminal = File::options()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .map_err(|error| no_terminal(&error).hint("give --approve ID"))?;
    let failed = |error: io::Error| Failure::new(Status::Failed, format!("cannot use the terminal: {error}"));
    terminal.write_all(question.as_bytes()).map_err(failed)?;
    // Byte by byte: what was typed ahead belongs to the next question.
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < MAX_LINE && terminal.read(&mut byte).map_err(failed)? == 1 && byte != *b"\n" {
        line.extend(byte);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

fn no_terminal(error: &io::Error) -> Failure {
    Failure::new(Status::Usage, format!("there is no terminal to ask at: {error}"))
}
