//! Writes what changed between two grids to a terminal.
//!
//! Not by the backend of the library, which puts the text of a screen together in memory that nobody wipes: a screen
//! may hold the words of a seed.

use std::fmt::{self, Write as _};
use std::io;

use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Position;
use ratatui_core::style::{Color, Modifier};
use termion::{color, cursor, style};
use zeroize::Zeroizing;

/// Bytes on the way to the terminal, in room that does not move and is wiped.
pub(super) struct Pen<W> {
    to: W,
    bytes: Zeroizing<Vec<u8>>,
    failed: io::Result<()>,
}

impl<W: io::Write> Pen<W> {
    const ROOM: usize = 4096;

    pub(super) fn new(to: W) -> Self {
        Self { to, bytes: Zeroizing::new(Vec::with_capacity(Self::ROOM)), failed: Ok(()) }
    }

    /// Writes every cell that is not the same in both grids, which have the same size.
    pub(super) fn changes(&mut self, shown: &Buffer, next: &Buffer) {
        let mut before: Option<(u16, u16, &Cell)> = None;
        for (x, y, cell) in shown.diff_iter(next) {
            if before.is_none_or(|(column, row, _)| (column + 1, row) != (x, y)) {
                self.put(cursor::Goto(x + 1, y + 1));
            }
            if before.is_none_or(|(_, _, before)| before.style() != cell.style()) {
                self.style(cell);
            }
            self.put(cell.symbol());
            before = Some((x, y, cell));
        }
        self.put(style::Reset);
    }

    /// Shows the cursor at a place, or hides it.
    pub(super) fn cursor(&mut self, place: Option<Position>) {
        match place {
            Some(Position { x, y }) => {
                self.put(cursor::Goto(x + 1, y + 1));
                self.put(cursor::Show);
            }
            None => self.put(cursor::Hide),
        }
    }

    fn style(&mut self, cell: &Cell) {
        self.put(style::Reset);
        let modifier = cell.modifier;
        if modifier.contains(Modifier::BOLD) {
            self.put(style::Bold);
        }
        if modifier.contains(Modifier::DIM) {
            self.put(style::Faint);
        }
        if modifier.contains(Modifier::REVERSED) {
            self.put(style::Invert);
        }
        // Few colours, and nothing that only a colour says.
        match cell.fg {
            Color::Red => self.put(color::Fg(color::Red)),
            Color::Yellow => self.put(color::Fg(color::Yellow)),
            Color::Green => self.put(color::Fg(color::Green)),
            _ => {}
        }
    }

    /// Puts something in line.
    pub(super) fn put(&mut self, what: impl fmt::Display) {
        // A failure is kept and told by `flush`.
        let _ = write!(self, "{what}");
    }

    /// Sends everything off.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.send();
        std::mem::replace(&mut self.failed, Ok(())).and_then(|()| self.to.flush())
    }

    fn send(&mut self) {
        if self.failed.is_ok() {
            self.failed = self.to.write_all(&self.bytes);
        }
        self.bytes.clear();
    }
}

impl<W: io::Write> fmt::Write for Pen<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.as_bytes().chunks(Self::ROOM) {
            if self.bytes.len() + piece.len() > Self::ROOM {
                self.send();
            }
            self.bytes.extend_from_slice(piece);
        }
        Ok(())
    }
}

/// Overwrites every character of a grid.
pub(super) fn wipe(grid: &mut Buffer) {
    for cell in &mut grid.content {
        // Not `reset`, which marks the cell as empty and leaves the character in place.
        cell.set_symbol(" ");
    }
    std::hint::black_box(&grid.content);
}

#[cfg(test)]
mod tests {
    use ratatui_core::layout::Rect;
    use ratatui_core::style::Style;

    use super::*;

    fn painted(shown: &Buffer, next: &Buffer) -> String {
        let mut bytes = Vec::new();
        let mut pen = Pen::new(&mut bytes);
        pen.changes(shown, next);
        pen.flush().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_what_changed_is_written() {
        let shown = Buffer::with_lines(["abc", "def"]);
        assert_eq!(painted(&shown, &Buffer::with_lines(["abc", "dXf"])), "\x1b[2;2H\x1b[mX\x1b[m");
        assert_eq!(painted(&shown, &shown), "\x1b[m");
    }

    #[test]
    fn neighbours_are_written_without_a_jump_and_styles_once() {
        let shown = Buffer::empty(Rect::new(0, 0, 3, 1));
        let mut next = shown.clone();
        next.set_string(0, 0, "abc", Style::new().add_modifier(Modifier::BOLD).fg(Color::Red));
        assert_eq!(painted(&shown, &next), "\x1b[1;1H\x1b[m\x1b[1m\x1b[38;5;1mabc\x1b[m");
    }

    #[test]
    fn more_than_the_room_is_written_whole() {
        let shown = Buffer::empty(Rect::new(0, 0, 200, 60));
        let mut next = shown.clone();
        for row in 0..60 {
            next.set_string(0, row, "x".repeat(200), Style::new());
        }
        assert_eq!(painted(&shown, &next).matches('x').count(), 200 * 60);
    }

    #[test]
    fn a_wiped_grid_has_no_characters() {
        let mut grid = Buffer::with_lines(["secret"]);
        wipe(&mut grid);
        assert!(grid.content.iter().all(|cell| cell.symbol() == " "));
    }
}
