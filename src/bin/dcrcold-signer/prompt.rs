//! Reviews, and questions to the person at the terminal. They go to the terminal itself, whatever standard input is.

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::screens::{Approval as Words, Sheet, Verdict};
use dcrcold_signer::show;
use dcrcold_signer::terminal::{Lines, can_draw};

use crate::output::tell;
use crate::ui;

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
        let mut terminal = match Lines::open() {
            Ok(terminal) => terminal,
            Err(failure) => {
                tell_all(&sheets, id);
                return Err(failure.hint("give --approve ID"));
            }
        };
        let words =
            if in_lines(plain) { review(&mut terminal, &sheets, id)? } else { ui::review::run(title, sheets, id)? };
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
    let line = Lines::open()?.ask("Show the answer as QR codes? y and Enter, or Enter alone: ")?;
    Ok(line.is_some_and(|line| ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes))))
}

/// Shows everything, a screen at a time, and gets the check words; `None` when the person declines.
fn review(terminal: &mut Lines, sheets: &[Sheet], id: &TransferId) -> Result<Option<[String; 4]>, Failure> {
    let mut lines = Sheet::plain(sheets);
    let words = check_words(id);
    lines.extend([String::new(), format!("Id: {id}"), format!("Check words: {}", words.join(" "))]);
    let mut above = 0;
    for line in lines {
        let (columns, rows) = terminal.size();
        let height = line.len().div_ceil(columns).max(1);
        // The question takes the last row.
        if above > 0 && above + height >= rows {
            match terminal.ask("-- Enter: more, q: decline -- ")? {
                Some(answer) if !answer.trim().eq_ignore_ascii_case("q") => above = 0,
                _ => return Ok(None),
            }
        }
        terminal.write(&format!("{line}\n"))?;
        above += height;
    }
    type_words(terminal, Words::new("", id.to_string(), words))
}

fn type_words(terminal: &mut Lines, mut approval: Words) -> Result<Option<[String; 4]>, Failure> {
    loop {
        let line = terminal.ask("Type the four check words to approve, or nothing to decline: ")?;
        let Some(line) = line.filter(|line| !line.trim().is_empty()) else { return Ok(None) };
        match approval.enter_line(&line) {
            Verdict::Approved(words) => return Ok(Some(words)),
            Verdict::Open => terminal.write("These are not the check words of what is shown.\n")?,
            Verdict::Declined => return Ok(None),
        }
    }
}
