//! The screen: 128 by 64 pixels, eight rows of 16 characters.

use core::fmt::{self, Write};

use dcrcold_core::apdu::Prompt;
use dcrcold_core::screen::{Screen, Size};
use font8x8::legacy::BASIC_LEGACY;

use super::os;

/// Characters of a row.
const COLUMNS: usize = 16;
/// A row.
type Row = [u8; COLUMNS];

/// Shows a screen of a prompt: its title, its rows, and what the buttons do.
pub(crate) fn show(screen: &Screen<'_>) {
    let goes_on = screen.goes_on() || matches!(screen.prompt(), Prompt::Page { .. });
    os::clear();
    draw(0, screen, true);
    for number in 0..Size::NANO.rows() {
        draw(number.saturating_add(1), &screen.row(number).as_str(), false);
    }
    draw(7, if goes_on { &"<  both: no    >" } else { &"<  both: no  yes" }, false);
    os::refresh();
}

/// Shows that nothing is to be done.
pub(crate) fn home() {
    os::clear();
    draw(0, &"Decred Staking", true);
    draw(2, &"Runs in Speculos", false);
    draw(3, &"for tests only.", false);
    draw(7, &"     ready", false);
    os::refresh();
}

struct Line {
    row: Row,
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            // No row is longer: `Size::NANO` says so to who breaks the lines.
            if let Some(place) = self.row.get_mut(self.length) {
                *place = byte;
                self.length = self.length.saturating_add(1);
            }
        }
        Ok(())
    }
}

fn draw(number: usize, text: &dyn fmt::Display, inverse: bool) {
    let mut line = Line { row: [b' '; COLUMNS], length: 0 };
    // Writing to memory does not fail.
    let _ = write!(line, "{text}");
    let mut columns = [0; 128];
    // The rightmost column comes first.
    for (cell, byte) in columns.rchunks_exact_mut(8).zip(&line.row) {
        let glyph = BASIC_LEGACY.get(usize::from(*byte)).unwrap_or(&[0; 8]);
        for (column, place) in cell.iter_mut().rev().enumerate() {
            let bits = glyph.iter().fold(0, |bits, row| (bits << 1) | ((row >> column) & 1));
            *place = if inverse { !bits } else { bits };
        }
    }
    let top = u8::try_from(number.saturating_mul(8)).unwrap_or_default();
    os::draw(top, &columns);
    if line.length > 0 {
        os::tell(top, &line.row);
    }
}
