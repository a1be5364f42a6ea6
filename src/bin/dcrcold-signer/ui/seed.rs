//! Seed words on the screen: shown in columns, and typed in with completion.

use dcrcold_signer::cli::{Failure, given_up};
use dcrcold_signer::seed::entry::{self, Hint, Refusal, Step};
use dcrcold_signer::seed::{SeedError, WordEntry, WordList};
use dcrcold_signer::terminal::{Event, Key, Screen};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Size};
use ratatui_core::style::{Modifier, Style};

/// A number of two digits, two spaces, the longest word and a gap.
const COLUMN: u16 = 19;
/// Title, a line below it, two lines of messages and one of keys with one above them.
const AROUND: u16 = 6;
/// Where everything starts.
const MARGIN: u16 = 2;

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const FAINT: Style = Style::new().add_modifier(Modifier::DIM);

/// How typing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// All words are there.
    Whole,
    /// The person wants to see them once more.
    ShowAgain,
}

/// Shows words until the person has gone through all of them.
pub(crate) fn show(screen: &mut Screen, title: &str, done: &str, words: &str) -> Result<(), Failure> {
    let words: Vec<&str> = words.split(' ').collect();
    let (mut first, mut per_page, mut seen) = (0, 1, 0);
    loop {
        screen.draw(|grid| {
            line(grid, 0, title, BOLD);
            // The terminal may have another size by now, and each word must have been seen all the same.
            let columns = Columns::of(size(grid), words.len());
            per_page = columns.per_page();
            first = first.min(seen) / per_page * per_page;
            seen = seen.max(first + per_page).min(words.len());
            columns.put(grid, first, words.iter().copied());
            let enter = if seen == words.len() { done } else { "more words" };
            let left = if first > 0 { "Left: words before   " } else { "" };
            bottom(grid, &format!("Enter: {enter}   {left}Ctrl-C: give up"));
            None
        })?;
        match screen.event()? {
            Event::Key(Key::Control('c')) => return Err(given_up()),
            Event::Key(Key::Enter) if seen == words.len() => return Ok(()),
            Event::Key(Key::Enter | Key::Right | Key::PageDown) if first + per_page < words.len() => first += per_page,
            Event::Key(Key::Left | Key::PageUp) => first = first.saturating_sub(per_page),
            Event::Key(_) | Event::Resized => {}
        }
    }
}

/// Has the words typed again that were shown.
pub(crate) fn type_again(screen: &mut Screen, title: &str, entry: &mut WordEntry) -> Result<Typed, Failure> {
    type_in(screen, title, entry, None, true)
}

/// Has the words of a seed typed until `parse` takes them.
pub(crate) fn type_seed<T>(
    screen: &mut Screen,
    title: &str,
    list: WordList,
    parse: impl Fn(&str) -> Result<T, SeedError>,
) -> Result<T, Failure> {
    let mut entry = WordEntry::new(list);
    let mut wrong = None;
    loop {
        type_in(screen, title, &mut entry, wrong, false)?;
        match parse(&entry.text()) {
            Ok(seed) => return Ok(seed),
            // The person looks for the wrong word, with all of them at hand.
            Err(error) => wrong = Some(error.to_string()),
        }
    }
}

fn type_in(
    screen: &mut Screen,
    title: &str,
    entry: &mut WordEntry,
    mut refused: Option<String>,
    can_show: bool,
) -> Result<Typed, Failure> {
    loop {
        screen.draw(|grid| Some(draw_entry(grid, title, entry, refused.as_deref(), can_show)))?;
        let key = match screen.event()? {
            Event::Key(Key::Control('c')) => return Err(given_up()),
            Event::Key(Key::Escape) if can_show => return Ok(Typed::ShowAgain),
            Event::Key(Key::Char(' ') | Key::Tab) => entry::Key::Next,
            Event::Key(Key::Enter) => entry::Key::Enter,
            Event::Key(Key::Backspace) => entry::Key::Back,
            Event::Key(Key::Char(letter)) => entry::Key::Letter(letter),
            Event::Key(_) | Event::Resized => continue,
        };
        refused = match entry.press(key) {
            Step::Finished => return Ok(Typed::Whole),
            Step::Refused(why) => Some(refusal(why, entry)),
            Step::Typed | Step::Accepted => None,
        };
    }
}

fn draw_entry(grid: &mut Buffer, title: &str, entry: &WordEntry, refused: Option<&str>, can_show: bool) -> Position {
    line(grid, 0, title, BOLD);
    let (size, count) = (size(grid), entry.count());
    let columns = Columns::of(size, entry.expected_count().max(count + 1));
    // The page that holds the word being typed.
    let first = count - count % columns.per_page();
    columns.put(grid, first, (0..count).map(|position| entry.word(position)));
    let cursor = columns.put_letters(grid, first, count, entry);
    let hint = match (refused, entry.hint()) {
        (Some(why), _) => why.to_owned(),
        (None, Hint::OtherHalf) => refusal(Refusal::OtherHalf, entry),
        (None, Hint::Unknown) => refusal(Refusal::Unknown, entry),
        (None, Hint::Several(more)) => format!("Word {}: {more} words begin so", count + 1),
        (None, Hint::Word(_)) => format!("Word {}: Space takes it", count + 1),
        (None, Hint::Nothing) if entry.may_finish() => format!("{count} words. Enter: that is all of them"),
        (None, Hint::Nothing) => format!("Word {} of {}", count + 1, entry.expected_count()),
    };
    let row = size.height.saturating_sub(4);
    let style = if refused.is_some() { BOLD } else { Style::new() };
    for (below, part) in (0..2).zip(in_two(&hint, usize::from(size.width.saturating_sub(MARGIN)))) {
        line(grid, row + below, part, style);
    }
    let keys = if can_show { "Esc: see the words   Ctrl-C: give up" } else { "Ctrl-C: give up" };
    bottom(grid, &format!("Space: next   Backspace: back   {keys}"));
    cursor
}

/// What is wrong with a word, by its number.
fn refusal(why: Refusal, entry: &WordEntry) -> String {
    let number = entry.count() + 1;
    match why {
        Refusal::Ambiguous => format!("Word {number}: several words begin so, type more of it"),
        Refusal::Unknown => format!("Word {number}: no word of the list begins so"),
        Refusal::OtherHalf => {
            let [this, other] = if number % 2 == 1 { ["odd", "even"] } else { ["even", "odd"] };
            format!("Word {number}: a word for {other} places, this one is {this}; is one missing before?")
        }
        Refusal::Different => format!("Word {number}: not the word that was shown; look at your paper"),
        Refusal::Count => format!("{} words: no seed has so many; expected {}", entry.count(), entry.expected_count()),
    }
}

/// Words in columns, read downwards.
struct Columns {
    rows: u16,
    across: u16,
}

impl Columns {
    /// As many columns as all words need, if there is room.
    fn of(size: Size, words: usize) -> Self {
        let most = size.height.saturating_sub(AROUND).max(1);
        let across = (size.width.saturating_sub(MARGIN) / COLUMN).max(1);
        let needed = u16::try_from(words.div_ceil(usize::from(most))).unwrap_or(u16::MAX).clamp(1, across);
        // Even columns, and three at least where there is room: easier to compare with a paper.
        let columns = needed.max(across.min(3));
        let rows = u16::try_from(words.div_ceil(usize::from(columns))).unwrap_or(most).clamp(1, most);
        Self { rows, across: columns }
    }

    fn per_page(&self) -> usize {
        usize::from(self.rows) * usize::from(self.across)
    }

    fn place(&self, first: usize, position: usize) -> Option<Position> {
        let on_page = position.checked_sub(first).filter(|on_page| *on_page < self.per_page())?;
        let (column, row) = (on_page / usize::from(self.rows), on_page % usize::from(self.rows));
        let [column, row] = [u16::try_from(column).ok()?, u16::try_from(row).ok()?];
        Some(Position::new(MARGIN + column * COLUMN, 2 + row))
    }

    fn put<'a>(&self, grid: &mut Buffer, first: usize, words: impl Iterator<Item = &'a str>) {
        for (position, word) in words.enumerate() {
            if let Some(at) = self.place(first, position) {
                number(grid, at, position);
                grid.set_stringn(at.x + 4, at.y, word, usize::from(COLUMN - 4), Style::new());
            }
        }
    }

    /// The word that is being typed and what it can become; the answer is where the cursor stands.
    fn put_letters(&self, grid: &mut Buffer, first: usize, position: usize, entry: &WordEntry) -> Position {
        let at = self.place(first, position).unwrap_or_default();
        number(grid, at, position);
        let letters = entry.letters();
        let end = u16::try_from(letters.len()).unwrap_or(COLUMN).min(COLUMN - 5);
        grid.set_stringn(at.x + 4, at.y, letters, usize::from(COLUMN - 4), BOLD);
        if let Hint::Word(word) = entry.hint() {
            grid.set_stringn(at.x + 4 + end, at.y, word.get(letters.len()..).unwrap_or_default(), 12, FAINT);
        }
        Position::new(at.x + 4 + end, at.y)
    }
}

fn number(grid: &mut Buffer, at: Position, position: usize) {
    grid.set_stringn(at.x, at.y, format!("{:>2}", position + 1), 3, FAINT);
}

/// A message in two lines, where it is too long for one.
fn in_two(text: &str, width: usize) -> [&str; 2] {
    let cut = match text.get(..=width.min(text.len())) {
        Some(start) if text.len() > width => start.rfind(' '),
        _ => None,
    };
    cut.map_or([text, ""], |cut| [&text[..cut], &text[cut + 1..]])
}

pub(super) fn size(grid: &Buffer) -> Size {
    Size::new(grid.area.width, grid.area.height)
}

pub(super) fn line(grid: &mut Buffer, row: u16, text: &str, style: Style) {
    let room = usize::from(grid.area.width.saturating_sub(MARGIN));
    grid.set_stringn(MARGIN, row.min(grid.area.height.saturating_sub(1)), text, room, style);
}

/// The keys, on the last line.
pub(super) fn bottom(grid: &mut Buffer, keys: &str) {
    line(grid, grid.area.height.saturating_sub(1), keys, FAINT);
}
