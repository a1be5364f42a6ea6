//! A question whose answer is not shown while it is typed.
//!
//! Read here, key by key: the answer stays in room that is locked, wiped and never grows, the terminal is given back
//! before anything ends the program, and what is no text is told instead of replaced. ADR 15.

use std::io::Write;

use zeroize::{Zeroize, Zeroizing};

use super::keyboard::{Keyboard, TICK};
use super::keys::Key;
use super::taken::{Purpose, Taken};
use super::{broken, open};
use crate::cli::{Failure, FailureKind};
use crate::swap;

/// The longest answer in bytes: more than the words of any seed.
const LONGEST: usize = 4096;

/// Asks for something that is not shown while it is typed.
///
/// Backspace, Ctrl-U and Ctrl-W take back; arrows and the like are nothing. What was typed before the question was not meant
/// for it, and the rest of what is pasted is forgotten.
///
/// # Errors
/// There is no terminal to ask at, or it is gone. [`FailureKind::Declined`] when the person presses Ctrl-C, or Ctrl-D on an
/// empty line; [`FailureKind::Malformed`] for an answer that is too long, or not in UTF-8. None says anything of the answer.
pub fn ask_hidden(question: &str) -> Result<Zeroizing<String>, Failure> {
    let tty = open().map_err(|failure| {
        failure.hint("without a terminal, name a file that holds the answer, or - for standard input")
    })?;
    let mut keyboard = Keyboard::new(tty);
    let taken = Taken::new(keyboard.tty(), Purpose::Question).map_err(broken)?;
    keyboard.tty().write_all(question.as_bytes()).map_err(broken)?;
    let mut line = Line::new();
    let answer = loop {
        if let Some(key) = keyboard.key(TICK)?
            && let Some(end) = line.press(key)
        {
            break end;
        }
    };
    // Behind an answer too: the next lines of what is pasted are no answers to what is asked next.
    keyboard.forget_more()?;
    drop(taken);
    answer.map(|()| line.text)
}

/// What is typed, up to Enter.
struct Line {
    text: Zeroizing<String>,
    /// Why the line is no answer, until all of it is taken back.
    wrong: Option<&'static str>,
}

impl Line {
    fn new() -> Self {
        Self { text: swap::text(LONGEST), wrong: None }
    }

    /// Takes a key; the end, when there is one.
    fn press(&mut self, key: Key) -> Option<Result<(), Failure>> {
        match key {
            Key::Enter => return Some(self.end()),
            Key::Control('c') => return Some(Err(given_up())),
            Key::Control('d') if self.text.is_empty() => return Some(Err(given_up())),
            Key::Control('u') => {
                self.text.zeroize();
                self.wrong = None;
            }
            Key::Control('w') => {
                let before = self.text.trim_end().rfind(' ').map_or(0, |space| space + 1);
                self.text.truncate(before);
            }
            Key::Backspace => drop(self.text.pop()),
            Key::NoText => self.wrong = Some("what was typed is not UTF-8 text"),
            Key::Char(character) if self.text.len() + character.len_utf8() > LONGEST => {
                self.wrong = Some("what was typed is too long");
            }
            Key::Char(character) if !character.is_control() => self.text.push(character),
            _ => {}
        }
        None
    }

    fn end(&self) -> Result<(), Failure> {
        let Some(wrong) = self.wrong else { return Ok(()) };
        let failure = Failure::new(FailureKind::Malformed, wrong);
        Err(failure.hint("run the same command again"))
    }
}

/// What is asked in between may come late, so this does not say that nothing was done before.
fn given_up() -> Failure {
    Failure::new(FailureKind::Declined, "given up: the question was not answered")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: impl IntoIterator<Item = Key>) -> Result<String, FailureKind> {
        let mut line = Line::new();
        let end = keys.into_iter().find_map(|key| line.press(key)).expect("the keys end the line");
        end.map(|()| line.text.to_string()).map_err(|failure| failure.kind())
    }

    fn keys(text: &str) -> Vec<Key> {
        let key = |letter| match letter {
            '\n' => Key::Enter,
            '<' => Key::Backspace,
            '^' => Key::Control('u'),
            '/' => Key::Control('w'),
            '!' => Key::Control('c'),
            '.' => Key::Control('d'),
            '>' => Key::Right,
            '?' => Key::NoText,
            letter => Key::Char(letter),
        };
        text.chars().map(key).collect()
    }

    #[test]
    fn every_key_edits_ends_or_does_nothing() {
        let cases = [
            ("one\n", Ok("one")),
            ("\n", Ok("")),
            ("  a b \n", Ok("  a b ")),
            ("onf<e\n", Ok("one")),
            ("<<<x\n", Ok("x")),
            ("äß<\n", Ok("ä")),
            ("wrong^right\n", Ok("right")),
            ("one two  /three\n", Ok("one three")),
            ("one/\n", Ok("")),
            (">o>ne>\n", Ok("one")),
            ("o\u{85}ne\n", Ok("one")),
            ("one.\n", Ok("one")),
            (".", Err(FailureKind::Declined)),
            ("one<<<.", Err(FailureKind::Declined)),
            ("one!", Err(FailureKind::Declined)),
            ("!", Err(FailureKind::Declined)),
            ("gr?n\n", Err(FailureKind::Malformed)),
            ("gr?n<<<<\n", Err(FailureKind::Malformed)),
            ("gr?n^one\n", Ok("one")),
        ];
        for (text, expected) in cases {
            assert_eq!(typed(keys(text)), expected.map(str::to_owned), "{text:?}");
        }
        println!("lines that are not shown: {} cases", cases.len());
        assert_eq!(cases.len(), 19);
    }

    #[test]
    fn an_answer_that_is_too_long_is_no_answer_and_moves_nothing() {
        let mut line = Line::new();
        let room = line.text.as_ptr();
        for _ in 0..100_000 {
            assert!(line.press(Key::Char('x')).is_none());
        }
        assert_eq!((line.text.len(), line.text.as_ptr()), (LONGEST, room));
        assert_eq!(line.end().unwrap_err().kind(), FailureKind::Malformed);
        assert_eq!(typed(keys(&("ß".repeat(LONGEST / 2) + "\n"))), Ok("ß".repeat(LONGEST / 2)));
    }
}
