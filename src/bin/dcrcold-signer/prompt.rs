//! Reviews, and questions to the person at the terminal. They go to the terminal itself, whatever standard input is.

use std::fs::File;
use std::io::{self, Read, Write};

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind, no_terminal};
use dcrcold_signer::screens::{Approval as Words, Sheet, Verdict};
use dcrcold_signer::show;
use dcrcold_signer::terminal::can_draw;
use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};

use crate::output::tell;
use crate::ui;

/// The longest line that is read from a terminal.
const MAX_LINE: usize = 1024;
/// The size of a terminal that does not know it.
const USUAL_SIZE: (usize, usize) = (80, 24);

/// Something to be reviewed and approved.
pub(crate) struct Review<'a> {
    /// What is about to happen, in a few words.
    pub(crate) title: &'static str,
    /// All that there is to know about it.
    pub(crate) sheets: Vec<Sheet>,
    /// What is approved.
    pub(crate) id: &'a TransferId,
}

/// How somebody approved what was shown.
pub(crate) enum Approval {
    /// A script named an id.
    Id(TransferId),
    /// A person typed the check words.
    Words([String; 4]),
}

impl Review<'_> {
    /// Shows everything and gets the approval: the id that a script gave, or the check words typed at the terminal.
    ///
    /// Whether the approval is for the right thing is for its taker to check; here a person may only mistype.
    pub(crate) fn approval(self, given: Option<TransferId>, plain: bool) -> Result<Approval, Failure> {
        let Self { title, sheets, id } = self;
        if let Some(given) = given {
            tell_all(&sheets, id);
            return Ok(Approval::Id(given));
        }
        let mut terminal = match Terminal::open() {
            Ok(terminal) => terminal,
            Err(failure) => {
                tell_all(&sheets, id);
                return Err(failure.hint("give --approve ID"));
            }
        };
        let words = if in_lines(plain) { terminal.review(&sheets, id)? } else { ui::review::run(title, sheets, id)? };
        words.map(Approval::Words).ok_or_else(declined)
    }
}

fn declined() -> Failure {
    Failure::new(FailureKind::Declined, "not approved: nothing was signed or changed")
}

/// The failure of an approval that belongs to something else.
pub(crate) fn other_id(given: &TransferId, id: &TransferId) -> Failure {
    let message = format!("--approve is {given}, but this file has the id {id}");
    Failure::new(FailureKind::Declined, message).hint("inspect the file and approve the id that it has")
}

fn tell_all(sheets: &[Sheet], id: &TransferId) {
    Sheet::plain(sheets).iter().for_each(tell);
    tell(format_args!("\nId: {id}"));
}

/// Whether the terminal cannot do more than print lines, or shall not.
pub(crate) fn in_lines(plain: bool) -> bool {
    plain || !can_draw()
}

/// Sees early that there is a terminal to show codes on.
pub(crate) fn needs_screen(plain: bool) -> Result<(), Failure> {
    if plain {
        return Err(Failure::new(FailureKind::Usage, "codes take the whole terminal, and --plain leaves it alone"));
    }
    show::needs_screen()
}

/// Asks whether to show an answer as codes, where that can be.
pub(crate) fn offers_codes(plain: bool) -> Result<bool, Failure> {
    if in_lines(plain) {
        return Ok(false);
    }
    let line = Terminal::open()?.ask("Show the answer as QR codes? y and Enter, or Enter alone: ")?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// The terminal, line by line.
struct Terminal(File);

impl Terminal {
    fn open() -> Result<Self, Failure> {
        let file = File::options().read(true).write(true).open("/dev/tty");
        file.map(Self).map_err(|error| no_terminal(&error))
    }

    /// Shows everything, a screen at a time, and gets the check words; `None` when the person declines.
    fn review(&mut self, sheets: &[Sheet], id: &TransferId) -> Result<Option<[String; 4]>, Failure> {
        let mut lines = Sheet::plain(sheets);
        let words = check_words(id);
        lines.extend([String::new(), format!("Id: {id}"), format!("Check words: {}", words.join(" "))]);
        let mut above = 0;
        for line in lines {
            let (columns, rows) = self.size();
            let height = line.len().div_ceil(columns).max(1);
            // The question takes the last row.
            if above > 0 && above + height >= rows {
                if self.ask("-- Enter: more, q: decline -- ")?.trim().eq_ignore_ascii_case("q") {
                    return Ok(None);
                }
                above = 0;
            }
            self.write(&format!("{line}\n"))?;
            above += height;
        }
        self.words(Words::new("", id.to_string(), words))
    }

    fn words(&mut self, mut approval: Words) -> Result<Option<[String; 4]>, Failure> {
        loop {
            let line = self.ask("Type the four check words to approve, or nothing to decline: ")?;
            if line.trim().is_empty() {
                return Ok(None);
            }
            line.chars().for_each(|character| approval.put(character));
            match approval.enter() {
                Verdict::Approved(words) => return Ok(Some(words)),
                Verdict::Open => self.write("These are not the check words of what is shown.\n")?,
                Verdict::Declined => return Ok(None),
            }
        }
    }

    fn size(&self) -> (usize, usize) {
        match tcgetwinsize(&self.0) {
            Ok(size) if size.ws_col > 0 && size.ws_row > 1 => (size.ws_col.into(), size.ws_row.into()),
            _ => USUAL_SIZE,
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        self.0.write_all(text.as_bytes()).map_err(|error| broken(&error))
    }

    /// Asks for a line. What was typed before the question was not meant for it.
    fn ask(&mut self, question: &str) -> Result<String, Failure> {
        tcflush(&self.0, QueueSelector::IFlush).map_err(|error| broken(&error.into()))?;
        self.write(question)?;
        let mut line = Vec::new();
        let mut byte = [0];
        while self.0.read(&mut byte).map_err(|error| broken(&error))? == 1 && byte != *b"\n" {
            // The rest of an endless line is read and dropped.
            if line.len() < MAX_LINE {
                line.extend(byte);
            }
        }
        Ok(String::from_utf8_lossy(&line).into_owned())
    }
}

fn broken(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("cannot use the terminal: {error}"))
}
