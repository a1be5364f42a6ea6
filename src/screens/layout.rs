//! Sheets on screens of one size.

use ratatui_core::layout::Size;

use super::sheet::{Entry, Sheet};

/// The smallest terminal that a review is shown on.
pub const SMALLEST: Size = Size::new(40, 12);

/// The rows above the text: the title, the heading, an empty one.
pub(super) const ABOVE: u16 = 3;
/// The rows below the text: an empty one, the keys.
const BELOW: u16 = 2;
/// From this height on there is room for empty rows.
pub(super) const ROOMY: u16 = 16;
/// The column of labels. What stands left of it belongs to the tone.
pub(super) const LABEL: u16 = 2;
/// The column of values.
pub(super) const VALUE: u16 = 4;
/// The column in which a line goes on that was too long.
pub(super) const REST: u16 = 6;

/// Where a row's text comes from; rows are in this order whatever the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    sheet: usize,
    entry: usize,
    /// 0 for the label, then the lines.
    line: usize,
    byte: usize,
}

/// A row of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    pub(super) column: u16,
    pub(super) text: String,
}

impl Row {
    /// Whether it belongs to a label and not to a value.
    pub(super) const fn is_label(&self) -> bool {
        self.place.line == 0
    }
}

/// What is seen at once. An empty row separates entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    pub(super) sheet: usize,
    pub(super) rows: Vec<Option<Row>>,
}

impl Screen {
    pub(super) fn first(&self) -> Option<Place> {
        self.rows.iter().flatten().next().map(|row| row.place)
    }

    pub(super) fn last(&self) -> Option<Place> {
        self.rows.iter().flatten().next_back().map(|row| row.place)
    }
}

/// Puts sheets on screens. Each sheet begins a screen; an entry stays whole when a screen has room for it.
pub(super) fn screens(sheets: &[Sheet], size: Size) -> Vec<Screen> {
    let room = usize::from(size.height.saturating_sub(ABOVE + BELOW)).max(1);
    let mut screens = Vec::new();
    for (number, sheet) in sheets.iter().enumerate() {
        let mut screen = Screen { sheet: number, rows: Vec::new() };
        for (entry, content) in sheet.entries.iter().enumerate() {
            let rows = rows(content, Place { sheet: number, entry, line: 0, byte: 0 }, size.width);
            let gap = usize::from(!screen.rows.is_empty());
            if gap + rows.len() <= room - screen.rows.len() {
                screen.rows.extend((0..gap).map(|_| None));
            } else if gap > 0 {
                screens.push(std::mem::replace(&mut screen, Screen { sheet: number, rows: Vec::new() }));
            }
            for row in rows {
                if screen.rows.len() == room {
                    screens.push(std::mem::replace(&mut screen, Screen { sheet: number, rows: Vec::new() }));
                }
                screen.rows.push(Some(row));
            }
        }
        screens.push(screen);
    }
    screens
}

fn rows(entry: &Entry, place: Place, width: u16) -> Vec<Row> {
    let lines = std::iter::once((LABEL, &entry.label)).chain(entry.lines.iter().map(|line| (VALUE, line)));
    let mut rows = Vec::new();
    for (number, (column, text)) in lines.enumerate() {
        let mut byte = 0;
        for piece in pieces(text, width.saturating_sub(column), width.saturating_sub(REST)) {
            let column = if byte == 0 { column } else { REST };
            rows.push(Row { place: Place { line: number, byte, ..place }, column, text: piece.to_owned() });
            byte += piece.len();
        }
    }
    rows
}

/// Cuts a line into pieces that together are the line: behind a space where there is one, else anywhere.
pub(super) fn pieces(line: &str, first: u16, rest: u16) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut left, mut width) = (line, usize::from(first).max(1));
    while let Some((end, _)) = left.char_indices().nth(width) {
        let at = left[..end].rfind(' ').map_or(end, |space| space + 1);
        let (piece, rest_of_line) = left.split_at(at);
        pieces.push(piece);
        (left, width) = (rest_of_line, usize::from(rest).max(1));
    }
    pieces.push(left);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_line_and_none_is_too_long() {
        let mut cases = 0;
        for line in ["", "word", "a few words in a row", &"0123456789abcdef".repeat(4), "a  b   ", "    x", "ä ö ü ß"]
        {
            for (first, rest) in (1..70).flat_map(|first| (1..70).map(move |rest| (first, rest))) {
                let pieces = pieces(line, first, rest);
                assert_eq!(pieces.concat(), line);
                assert!(pieces[0].chars().count() <= usize::from(first));
                assert!(pieces[1..].iter().all(|piece| piece.chars().count() <= usize::from(rest)));
                cases += 1;
            }
        }
        println!("pieces: {cases} cases");
        assert_eq!(cases, 7 * 69 * 69);
    }

    #[test]
    fn lines_break_behind_words() {
        assert_eq!(pieces("what these keys signed", 12, 10), ["what these ", "keys ", "signed"]);
        assert_eq!(pieces("0123456789", 4, 3), ["0123", "456", "789"]);
    }

    #[test]
    fn an_entry_stays_whole_where_it_can() {
        let entry = |lines: usize| Entry::new("label", vec!["line"; lines].join("\n"));
        let plain = super::super::sheet::Tone::Plain;
        let sheet = |lines: &[usize]| Sheet {
            heading: "heading".to_owned(),
            tone: plain,
            entries: lines.iter().copied().map(entry).collect(),
        };
        let rows = |lines: &[usize]| {
            let screens = screens(&[sheet(lines)], Size::new(40, 12));
            screens.iter().map(|screen| screen.rows.len()).collect::<Vec<_>>()
        };
        // Seven rows of room.
        assert_eq!(rows(&[1, 3]), [7]);
        assert_eq!(rows(&[1, 4]), [2, 5]);
        assert_eq!(rows(&[8]), [7, 2]);
        assert_eq!(rows(&[1, 8, 1]), [2, 7, 5]);
    }
}
