//! The terminal as a screen of its own: opened and left in order, drawn to as a grid, read key by key.
//!
//! It is the terminal of whoever started the program, `/dev/tty`, whatever standard input and output are. What is shown
//! stands on the alternate screen and in no scrollback, and nothing is echoed. There is no thread and no handler of
//! size changes: the size is looked at several times a second, which needs no call that the box refuses.

mod hidden;
mod keyboard;
mod keys;
mod lines;
mod paint;
mod signals;
mod taken;

use std::env;
use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use crate::cli::{Failure, FailureKind, no_terminal};
use crate::screens::SMALLEST;
use crate::swap;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect, Size};
use ratatui_core::style::Style;
use rustix::termios::tcgetwinsize;
use termion::{clear, style};

pub use self::hidden::ask_hidden;
use self::keyboard::{Keyboard, TICK};
pub use self::keys::Key;
pub use self::lines::Lines;
use self::paint::{Palette, Pen, wipe};
use self::taken::{Purpose, Taken};

/// Has a terminal show nothing until all of it is there; those that do not know it ignore it.
/// Source: the synchronized output of many terminals, mode 2026.
const TOGETHER: &str = "\x1b[?2026h";
/// Everything is there.
const DRAWN: &str = "\x1b[?2026l";

/// Whether the terminal can do more than print lines, as far as it says so.
#[must_use]
pub fn can_draw() -> bool {
    env::var_os("TERM").is_some_and(|name| !name.is_empty() && name != "dumb")
}

/// What happened at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// The terminal has another size: everything is to be drawn again.
    Resized,
}

/// A terminal that shows nothing but this program. Dropping it, a panic, and a signal that ends the program leave it as
/// it was.
pub struct Screen {
    keyboard: Keyboard,
    pen: Pen<File>,
    shown: Buffer,
    next: Buffer,
    taken: Option<Taken>,
}

impl Screen {
    /// Takes the terminal over. There is one at a time.
    ///
    /// # Errors
    /// There is no terminal, or it cannot be used.
    pub fn open() -> Result<Self, Failure> {
        let tty = open()?;
        let [colorterm, term] = ["COLORTERM", "TERM"].map(|name| env::var(name).unwrap_or_default());
        let pen = Pen::new(tty.try_clone().map_err(broken)?, Palette::detect(&colorterm, &term));
        let [shown, next] = [Rect::default(); 2].map(Buffer::empty);
        let mut screen = Self { keyboard: Keyboard::new(tty), pen, shown, next, taken: None };
        signals::hold().map_err(broken)?;
        screen.taken = Some(Taken::new(screen.keyboard.tty(), Purpose::Screen).map_err(broken)?);
        screen.fit()?;
        Ok(screen)
    }

    /// The size of the terminal when it was drawn on last.
    #[must_use]
    pub const fn size(&self) -> Size {
        Size { width: self.shown.area.width, height: self.shown.area.height }
    }

    /// Whether the terminal is too small to draw on.
    fn too_small(&self) -> bool {
        self.size().width < SMALLEST.width || self.size().height < SMALLEST.height
    }

    /// Draws a whole screen on an empty grid; the answer of `render` is where the cursor stands, if it is seen.
    ///
    /// A terminal that is too small says so instead, and `render` is not called.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Buffer) -> Option<Position>) -> Result<(), Failure> {
        self.fit()?;
        wipe(&mut self.next);
        self.next.reset();
        let cursor = if self.too_small() { self.ask_for_room() } else { render(&mut self.next) };
        self.pen.put(TOGETHER);
        self.pen.changes(&self.shown, &self.next);
        self.pen.cursor(cursor);
        self.pen.put(DRAWN);
        std::mem::swap(&mut self.shown, &mut self.next);
        self.pen.flush().map_err(broken)
    }

    fn ask_for_room(&mut self) -> Option<Position> {
        let Size { width, height } = self.size();
        let room = format!("{width} x {height}, needed");
        let least = format!("{} x {}", SMALLEST.width, SMALLEST.height);
        for (row, line) in (0..height).zip(["Too small:", &room, &least, "Ctrl-C ends"]) {
            self.next.set_stringn(0, row, line, usize::from(width), Style::new());
        }
        None
    }

    /// Waits for a key or another size.
    ///
    /// # Errors
    /// The terminal is gone, or a signal came that ends the program.
    pub fn event(&mut self) -> Result<Event, Failure> {
        loop {
            if let Some(event) = self.event_until(Instant::now() + Duration::from_secs(60))? {
                return Ok(event);
            }
        }
    }

    /// Waits for a key or another size, and not longer than until a time.
    ///
    /// # Errors
    /// As [`Screen::event`].
    pub fn event_until(&mut self, end: Instant) -> Result<Option<Event>, Failure> {
        loop {
            if signals::ended() {
                return Err(Failure::new(FailureKind::Failed, "ended by a signal"));
            }
            if self.window()? != self.size() {
                if self.too_small() {
                    self.forget_typed()?;
                }
                return Ok(Some(Event::Resized));
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.keyboard.key(TICK.min(left))? {
                Some(key) if self.answers(key) => return Ok(Some(Event::Key(key))),
                None if left.is_zero() => return Ok(None),
                _ => {}
            }
        }
    }

    /// Nobody answers what cannot be read.
    fn answers(&self, key: Key) -> bool {
        !self.too_small() || key == Key::Control('c')
    }

    /// Forgets keys that were pressed before what is shown next is shown. A key that is still held down is waited for.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn forget_typed(&mut self) -> Result<(), Failure> {
        self.keyboard.forget()
    }

    fn window(&self) -> Result<Size, Failure> {
        let window = tcgetwinsize(self.keyboard.tty()).map_err(broken)?;
        // A line that knows no size, a serial one for example, has the usual one.
        if window.ws_col == 0 || window.ws_row == 0 {
            return Ok(Size::new(80, 24));
        }
        Ok(Size::new(window.ws_col, window.ws_row))
    }

    /// Makes the grids as large as the terminal. Another size starts from an empty screen.
    fn fit(&mut self) -> Result<(), Failure> {
        let size = self.window()?;
        if size != self.size() {
            for grid in [&mut self.shown, &mut self.next] {
                // Before it grows, which leaves a copy.
                wipe(grid);
                *grid = Buffer::empty(Rect::new(0, 0, size.width, size.height));
                swap::keep(&grid.content);
            }
            self.pen.put(style::Reset);
            self.pen.put(clear::All);
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        wipe(&mut self.shown);
        wipe(&mut self.next);
        self.taken = None;
        signals::release();
    }
}

/// The terminal of whoever started the program.
fn open() -> Result<File, Failure> {
    File::options().read(true).write(true).open("/dev/tty").map_err(|error| no_terminal(&error))
}

fn broken(error: impl Into<io::Error>) -> Failure {
    let error = error.into();
    Failure::new(FailureKind::Failed, format!("cannot use the terminal: {error}"))
}
