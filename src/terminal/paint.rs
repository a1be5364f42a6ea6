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
    palette: Palette,
    bytes: Zeroizing<Vec<u8>>,
    failed: io::Result<()>,
}

/// How a terminal is told a colour that is no name of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Palette {
    /// By its red, green and blue.
    Direct,
    /// By the nearest one of the cube of 6 x 6 x 6 colours: what does not know direct ones takes them for styles.
    Cube,
}

impl Palette {
    /// What the terminal's environment says that it can: `COLORTERM`, and `TERM` for the console of Linux.
    pub(super) fn detect(colorterm: &str, term: &str) -> Self {
        let direct = matches!(colorterm, "truecolor" | "24bit") || term == "linux" || term.ends_with("-direct");
        if direct { Self::Direct } else { Self::Cube }
    }
}

impl<W: io::Write> Pen<W> {
    const ROOM: usize = 4096;

    pub(super) fn new(to: W, palette: Palette) -> Self {
        Self { to, palette, bytes: Zeroizing::new(Vec::with_capacity(Self::ROOM)), failed: Ok(()) }
    }

    /// Writes every cell that is not the same in both grids, which have the same size.
    pub(super) fn changes(&mut self, shown: &Buffer, next: &Buffer) {
        let mut before: Option<(u16, u16, &Cell)> = None;
        for (x, y, cell) in shown.diff_iter(next) {
            if before.is_none_or(|(column, row, _)| (column + 1, row) != (x, y)) {
                self.put(cursor::Goto(x + 1, y + 1));
            }
            self.style(before.map(|(_, _, before)| before), cell);
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

    /// Goes over from the style of one cell to that of another.
    fn style(&mut self, before: Option<&Cell>, cell: &Cell) {
        let modifier = cell.modifier;
        // Colours of one kind replace each other; anything else starts from nothing.
        let replaced = |before: &&Cell| {
            before.modifier == modifier && is_direct(cell.fg) && is_direct(cell.bg)
                || (before.fg, before.bg, before.modifier) == (cell.fg, cell.bg, modifier)
        };
        let before = before.filter(replaced);
        if before.is_none() {
            self.put(style::Reset);
            for (wanted, sequence) in [
                (Modifier::BOLD, &style::Bold as &dyn fmt::Display),
                (Modifier::DIM, &style::Faint),
                (Modifier::REVERSED, &style::Invert),
            ] {
                if modifier.contains(wanted) {
                    self.put(sequence);
                }
            }
        }
        if before.is_none_or(|before| before.fg != cell.fg) {
            self.foreground(cell.fg);
        }
        if before.is_none_or(|before| before.bg != cell.bg) {
            self.background(cell.bg);
        }
    }

    fn foreground(&mut self, color: Color) {
        // Few names, and nothing that only a colour says.
        match color {
            Color::Red => self.put(color::Fg(color::Red)),
            Color::Yellow => self.put(color::Fg(color::Yellow)),
            Color::Green => self.put(color::Fg(color::Green)),
            // Codes and pictures are made of them, so they are there with `NO_COLOR` too: a code in the colours of a theme is none.
            Color::Rgb(red, green, blue) => match self.palette {
                Palette::Direct => self.put(color::Rgb(red, green, blue).fg_string()),
                Palette::Cube => self.put(cube(red, green, blue).fg_string()),
            },
            _ => {}
        }
    }

    fn background(&mut self, color: Color) {
        if let Color::Rgb(red, green, blue) = color {
            match self.palette {
                Palette::Direct => self.put(color::Rgb(red, green, blue).bg_string()),
                Palette::Cube => self.put(cube(red, green, blue).bg_string()),
            }
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

const fn is_direct(color: Color) -> bool {
    matches!(color, Color::Rgb(..))
}

/// The nearest colour of the cube, whose steps are 0, 95, 135, 175, 215 and 255.
fn cube(red: u8, green: u8, blue: u8) -> color::AnsiValue {
    let step = |value: u8| if value < 115 { u8::from(value >= 48) } else { (value - 35) / 40 };
    color::AnsiValue::rgb(step(red), step(green), step(blue))
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
        painted_with(Palette::Cube, shown, next)
    }

    fn painted_with(palette: Palette, shown: &Buffer, next: &Buffer) -> String {
        let mut bytes = Vec::new();
        let mut pen = Pen::new(&mut bytes, palette);
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
    fn only_the_colour_that_changes_is_written() {
        let (black, white) = (Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255));
        let shown = Buffer::empty(Rect::new(0, 0, 5, 1));
        let mut next = shown.clone();
        for (x, bg) in [(0, white), (1, white), (2, black), (3, white)] {
            next.set_string(x, 0, "x", Style::new().fg(black).bg(bg));
        }
        next.set_string(4, 0, "y", Style::new());
        let (light, dark) = ("\x1b[48;5;231m", "\x1b[48;5;16m");
        let cube = format!("\x1b[1;1H\x1b[m\x1b[38;5;16m{light}xx{dark}x{light}x\x1b[my\x1b[m");
        assert_eq!(painted(&shown, &next), cube);
        let direct = cube.replace("38;5;16m", "38;2;0;0;0m").replace("48;5;16m", "48;2;0;0;0m");
        let direct = direct.replace("48;5;231m", "48;2;255;255;255m");
        assert_eq!(painted_with(Palette::Direct, &shown, &next), direct);
    }

    #[test]
    fn every_grey_has_the_nearest_one_of_the_cube() {
        let steps = [0_u8, 95, 135, 175, 215, 255];
        for value in 0..=255_u8 {
            let color::AnsiValue(found) = cube(value, value, value);
            let level = usize::from((found - 16) / 43);
            let nearest = steps.iter().map(|step| step.abs_diff(value)).min();
            assert_eq!(Some(steps[level].abs_diff(value)), nearest, "{value}");
        }
    }

    #[test]
    fn direct_colours_are_for_those_who_say_that_they_know_them() {
        for (colorterm, term, palette) in [
            ("truecolor", "xterm-256color", Palette::Direct),
            ("24bit", "foot", Palette::Direct),
            ("", "linux", Palette::Direct),
            ("", "xterm-direct", Palette::Direct),
            ("", "xterm-256color", Palette::Cube),
            ("yes", "screen", Palette::Cube),
        ] {
            assert_eq!(Palette::detect(colorterm, term), palette, "{colorterm} {term}");
        }
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
