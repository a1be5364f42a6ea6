//! Prompts on screens of so many characters: the same words in the same order on every device, wrapped and never cut,
//! on as many screens as that takes. An amount or an address is on one screen where it fits on one at all.
//!
//! Nothing is kept: a row is found by writing the text once more, so a device needs room for a line and a row.

use core::fmt;

use crate::apdu::{Fault, Prompt, Turn};
use crate::review::Origin;

/// The most columns that a [`Size`] has.
pub const MAX_COLUMNS: usize = 64;
/// The longest line that is wrapped as one; a line of a page has 64 characters at most, and those of questions fewer.
const MAX_LINE: usize = 128;
/// Stands above what the online computer says.
const NOT_CHECKED: &str = "(not checked)";
/// Stands above what the device's memory says.
const WARNING: &str = "(warning)";

/// How much text fits below the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    /// 128 x 64 pixels in characters of 8 x 8: 8 rows, of which one is the title and one names the buttons.
    pub const NANO: Self = Self { columns: 16, rows: 6 };

    /// So many columns and rows; `None` when that is less than 16 or more than [`MAX_COLUMNS`], or fewer than two rows.
    #[must_use]
    pub const fn new(columns: usize, rows: usize) -> Option<Self> {
        if columns < 16 || columns > MAX_COLUMNS || rows < 2 { None } else { Some(Self { columns, rows }) }
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
        let mut layout = Layout::new(size, mark(prompt), usize::MAX);
        layout.write(prompt);
        // Not `div_ceil`: it would panic if there were no rows, which the compiler cannot rule out.
        let whole = layout.rows.saturating_add(layout.per_screen.saturating_sub(1));
        let count = whole.checked_div(layout.per_screen).unwrap_or(1).max(1);
        (number < count).then_some(Self { prompt, size, number, count })
    }

    /// What stands in row `row` below the title, counted from 0; nothing below the last row.
    #[must_use]
    pub fn row(&self, row: usize) -> Row {
        let mark = mark(self.prompt);
        let row = match (row, mark) {
            (0, Some(mark)) => return Row::of(mark.as_bytes()),
            (_, Some(_)) => row.saturating_sub(1),
            (_, None) => row,
        };
        let mut layout = Layout::new(self.size, mark, 0);
        if row >= layout.per_screen {
            return Row::of(&[]);
        }
        layout.wanted = self.number.saturating_mul(layout.per_screen).saturating_add(row);
        layout.write(self.prompt);
        layout.found
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

/// What stands above every screen of something that was not computed or checked here.
const fn mark(prompt: &Prompt<'_>) -> Option<&'static str> {
    let Prompt::Page { page, .. } = prompt else { return None };
    match page.origin {
        Origin::Checked => None,
        Origin::Warned(_) => Some(WARNING),
        Origin::Claimed => Some(NOT_CHECKED),
    }
}

/// Writes all that a person is told.
fn write_text(prompt: &Prompt<'_>, f: &mut impl fmt::Write) -> fmt::Result {
    match prompt {
        Prompt::Page { page, .. } => write!(f, "{}:\n{}", page.label, page.value),
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

/// A row of a screen.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    bytes: [u8; MAX_COLUMNS],
    length: usize,
}

impl Row {
    fn of(text: &[u8]) -> Self {
        let mut bytes = [0; MAX_COLUMNS];
        let length = bytes.iter_mut().zip(text).map(|(to, from)| *to = *from).count();
        Self { bytes, length }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Puts lines into rows and rows onto screens.
struct Layout {
    columns: usize,
    per_screen: usize,
    /// The row to be found, counted over all screens.
    wanted: usize,
    found: Row,
    rows: usize,
    line: [u8; MAX_LINE],
    length: usize,
}

impl Layout {
    fn new(size: Size, mark: Option<&str>, wanted: usize) -> Self {
        let per_screen = if mark.is_some() { size.rows.saturating_sub(1) } else { size.rows };
        let (columns, found) = (size.columns, Row::of(&[]));
        Self { columns, per_screen, wanted, found, rows: 0, line: [0; MAX_LINE], length: 0 }
    }

    fn write(&mut self, prompt: &Prompt<'_>) {
        // Neither the writer nor what is written ever fails.
        let _ = write_text(prompt, self);
        self.end_line();
    }

    fn put(&mut self, byte: u8) {
        if byte == b'\n' {
            return self.end_line();
        }
        if self.length == MAX_LINE {
            self.end_line();
        }
        if let Some(place) = self.line.get_mut(self.length) {
            *place = if byte == b' ' || byte.is_ascii_graphic() { byte } else { b'?' };
            self.length = self.length.saturating_add(1);
        }
    }

    /// Places a line, on the next screen if it fits there whole and here not.
    fn end_line(&mut self) {
        let line = self.line.get(..self.length).unwrap_or(&[]);
        let height = Rows { left: Some(line), columns: self.columns }.count();
        let used = self.rows.checked_rem(self.per_screen).unwrap_or(0);
        let left = self.per_screen.saturating_sub(used);
        if height > left && height <= self.per_screen {
            self.rows = self.rows.saturating_add(left);
        }
        for row in (Rows { left: Some(line), columns: self.columns }) {
            if self.rows == self.wanted {
                self.found = Row::of(row);
            }
            self.rows = self.rows.saturating_add(1);
        }
        self.length = 0;
    }
}

impl fmt::Write for Layout {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.put(byte));
        Ok(())
    }
}

/// Cuts a line into rows: at the last space that leaves a row, or where the row ends when there is none.
struct Rows<'a> {
    left: Option<&'a [u8]>,
    columns: usize,
}

impl<'a> Iterator for Rows<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.left.take()?;
        let Some((row, rest)) = line.split_at_checked(self.columns).filter(|(_, rest)| !rest.is_empty()) else {
            return Some(line);
        };
        if let Some(rest) = rest.strip_prefix(b" ") {
            self.left = Some(rest);
            return Some(row);
        }
        // The space is between what is here and what is below.
        let space = row.iter().rposition(|byte| *byte == b' ').filter(|space| *space > 0);
        let (row, rest) = match space.and_then(|space| line.split_at_checked(space)) {
            Some((row, rest)) => (row, rest.get(1..).unwrap_or(&[])),
            None => (row, rest),
        };
        self.left = Some(rest);
        Some(row)
    }
}
