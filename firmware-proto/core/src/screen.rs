//! Prompts on screens of so many characters: the same words in the same order on every device, wrapped and never cut,
//! on as many screens as that takes.
//!
//! Nothing is kept: a row is found by writing the text once more, so a device needs room for two rows and no more.

use core::fmt;

use crate::apdu::{Fault, Prompt, Turn};
use crate::review::{Origin, Page};

/// The most columns that a [`Size`] has.
pub const MAX_COLUMNS: usize = 64;

/// How much text fits below the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    /// 128 x 64 pixels in characters of 8 x 8: 8 rows, of which one is the title and one names the buttons.
    pub const NANO: Self = Self { columns: 16, rows: 6 };

    /// So many columns and rows; `None` when there are none, or more columns than [`MAX_COLUMNS`].
    #[must_use]
    pub const fn new(columns: usize, rows: usize) -> Option<Self> {
        if columns == 0 || columns > MAX_COLUMNS || rows == 0 { None } else { Some(Self { columns, rows }) }
    }

    /// How many characters a row has.
    #[must_use]
    pub const fn columns(self) -> usize {
        self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(self) -> usize {
        self.rows
    }
}

/// One of the screens that a prompt takes. Prints as its title, for a row of its own; at most 16 characters.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    prompt: &'a Prompt<'a>,
    size: Size,
    number: usize,
    count: usize,
}

impl<'a> Screen<'a> {
    /// Screen `number` of a prompt, counted from 0; `None` after the last one.
    #[must_use]
    pub fn of(prompt: &'a Prompt<'a>, size: Size, number: usize) -> Option<Self> {
        let (_, rows) = wrap(prompt, size.columns, usize::MAX);
        // Not `div_ceil`: it would panic if there were no rows, which the compiler cannot rule out.
        let count = rows.saturating_add(size.rows.saturating_sub(1)).checked_div(size.rows).unwrap_or(1).max(1);
        (number < count).then_some(Self { prompt, size, number, count })
    }

    /// What stands in row `row` below the title, counted from 0; nothing below the last row.
    #[must_use]
    pub fn row(&self, row: usize) -> Row {
        if row >= self.size.rows {
            return Row::EMPTY;
        }
        let wanted = self.number.saturating_mul(self.size.rows).saturating_add(row);
        wrap(self.prompt, self.size.columns, wanted).0
    }

    /// The prompt.
    #[must_use]
    pub const fn prompt(&self) -> &Prompt<'a> {
        self.prompt
    }

    /// Whether another screen of the same prompt comes after this one, so that nothing is decided here.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        self.number.saturating_add(1) < self.count
    }
}

impl fmt::Display for Screen<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prompt {
            Prompt::Page { number, count, .. } => write!(f, "{}/{count}", number.saturating_add(1))?,
            Prompt::Approve { .. } => f.write_str("Approve?")?,
            Prompt::Account(_) => f.write_str("Account")?,
            Prompt::Address { .. } => f.write_str("Address")?,
            Prompt::Voter { .. } => f.write_str("Voter")?,
        }
        if self.count > 1 { write!(f, " ({}/{})", self.number.saturating_add(1), self.count) } else { Ok(()) }
    }
}

/// Shows all screens of a prompt with `show`, which waits for the person: yes is reached through the last one.
///
/// # Errors
/// What `show` answers.
pub fn ask(
    prompt: &Prompt<'_>,
    size: Size,
    mut show: impl FnMut(&Screen<'_>) -> Result<Turn, Fault>,
) -> Result<Turn, Fault> {
    let mut number = 0_usize;
    while let Some(screen) = Screen::of(prompt, size, number) {
        match show(&screen)? {
            Turn::Next => number = number.saturating_add(1),
            Turn::Back if number > 0 => number = number.saturating_sub(1),
            turn => return Ok(turn),
        }
    }
    Ok(Turn::Next)
}

/// Writes all that a person is told. What is only claimed and what is warned of says so on its own screens.
fn write_text(prompt: &Prompt<'_>, f: &mut impl fmt::Write) -> fmt::Result {
    match prompt {
        Prompt::Page { page, .. } => write_page(page, f),
        Prompt::Approve { words } => {
            f.write_str("Sign all of it?")?;
            words.iter().try_for_each(|word| write!(f, "\n{word}"))
        }
        Prompt::Account(of) => {
            let (network, account) = (of.network, of.account);
            write!(f, "Let the computer see all addresses of account\n{account}\non {network}?")
        }
        Prompt::Address { address, of, path } => write!(f, "{address}\n{}/{path}\n{}", of.account, of.network),
        Prompt::Voter { name, fingerprint, of } => {
            write!(f, "\"{name}\"\nfingerprint\n{fingerprint}\n")?;
            write!(f, "votes with all tickets of account\n{}\non {}?", of.account, of.network)
        }
    }
}

fn write_page(page: &Page<'_>, f: &mut impl fmt::Write) -> fmt::Result {
    if page.origin != Origin::Checked {
        writeln!(f, "({})", page.topic.heading())?;
    }
    write!(f, "{}:\n{}", page.label, page.value)
}

/// A row of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    bytes: [u8; MAX_COLUMNS],
    length: usize,
}

impl Row {
    const EMPTY: Self = Self { bytes: [0; MAX_COLUMNS], length: 0 };

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    fn put(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length = self.length.saturating_add(1);
        }
    }
}

/// Row `wanted` of a prompt's text, and how many rows there are.
fn wrap(prompt: &Prompt<'_>, columns: usize, wanted: usize) -> (Row, usize) {
    let mut wrap = Wrap { columns, wanted, rows: 0, row: Row::EMPTY, word: Row::EMPTY, found: Row::EMPTY };
    // Neither the writer nor what is written ever fails.
    let _ = write_text(prompt, &mut wrap);
    wrap.end_word();
    wrap.end_row();
    (wrap.found, wrap.rows)
}

/// Puts words into rows. A word that is longer than a row begins a new one and goes on below.
struct Wrap {
    columns: usize,
    wanted: usize,
    rows: usize,
    row: Row,
    word: Row,
    found: Row,
}

impl Wrap {
    fn end_word(&mut self) {
        if self.row.length.saturating_add(self.word.length) > self.columns {
            self.end_row();
        }
        self.word.as_bytes().iter().for_each(|byte| self.row.put(*byte));
        self.word = Row::EMPTY;
    }

    fn end_row(&mut self) {
        if self.rows == self.wanted {
            self.found = self.row;
        }
        self.rows = self.rows.saturating_add(1);
        self.row = Row::EMPTY;
    }

    fn put(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.end_word();
                self.end_row();
            }
            b' ' => {
                self.end_word();
                // The space between two words is not seen where a row ends.
                if self.row.length == self.columns { self.end_row() } else { self.row.put(b' ') }
            }
            _ => {
                if self.word.length == self.columns {
                    self.end_word();
                }
                self.word.put(if byte.is_ascii_graphic() { byte } else { b'?' });
            }
        }
    }
}

impl fmt::Write for Wrap {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.put(byte));
        Ok(())
    }
}
