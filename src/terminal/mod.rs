//! The terminal as a screen of its own: opened and left in order, drawn to as a grid, read key by key.
//!
//! It is the terminal of whoever started the program, `/dev/tty`, whatever standard input and output are. What is shown
//! stands on the alternate screen and in no scrollback, and nothing is echoed. There is no thread and no handler of
//! size changes: the size is looked at several times a second, which needs no call that the box refuses.

mod keys;
mod paint;
mod signals;

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use crate::cli::{Failure, FailureKind, no_terminal};
use crate::scan::contain::is_contained;
use crate::screens::SMALLEST;
use crate::swap;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::{Position, Rect, Size};
use ratatui_core::style::Style;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetwinsize, tcsetattr};
use termion::screen::{ToAlternateScreen, ToMainScreen};
use termion::{clear, cursor, style};

pub use self::keys::Key;
use self::keys::Typed;
use self::paint::{Palette, Pen, wipe};

/// How long to wait before looking at the size and for signals again.
const TICK: Duration = Duration::from_millis(100);
/// How long the rest of a key may take: Escape alone is a key, and starts others.
const REST_OF_KEY: Duration = Duration::from_millis(30);

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
    tty: File,
    pen: Pen<File>,
    shown: Buffer,
    next: Buffer,
    typed: Typed,
}

impl Screen {
    /// Takes the terminal over. There is one at a time.
    ///
    /// # Errors
    /// There is no terminal, or it cannot be used.
    pub fn open() -> Result<Self, Failure> {
        let tty = File::options().read(true).write(true).open("/dev/tty").map_err(|error| no_terminal(&error))?;
        let [colorterm, term] = ["COLORTERM", "TERM"].map(|name| env::var(name).unwrap_or_default());
        let pen = Pen::new(tty.try_clone().map_err(broken)?, Palette::detect(&colorterm, &term));
        signals::hold().map_err(broken)?;
        take_over(&tty).map_err(broken)?;
        let size = Rect::default();
        let mut screen = Self { tty, pen, shown: Buffer::empty(size), next: Buffer::empty(size), typed: Typed::new() };
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
            match self.typed.key() {
                Some(key) if self.answers(key) => return Ok(Some(Event::Key(key))),
                Some(_) => {}
                None if self.typed.is_empty() => {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Ok(None);
                    }
                    self.read(TICK.min(left))?;
                }
                None => {
                    if !self.read(REST_OF_KEY)? {
                        let key = self.typed.give_up();
                        if self.answers(key) {
                            return Ok(Some(Event::Key(key)));
                        }
                    }
                }
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
        tcflush(&self.tty, QueueSelector::IFlush).map_err(broken)?;
        self.typed.clear();
        while self.read(TICK)? && !signals::ended() {
            self.typed.clear();
        }
        Ok(())
    }

    /// Reads what comes within a time below a second, and says whether anything came.
    fn read(&mut self, wait: Duration) -> Result<bool, Failure> {
        let wait = Timespec { tv_sec: 0, tv_nsec: wait.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.tty, PollFlags::IN)], Some(&wait)) {
            Ok(0) | Err(Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(broken(error)),
        }
        match self.typed.read(&self.tty) {
            Ok(0) => Err(broken(io::ErrorKind::UnexpectedEof)),
            Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(broken(error)),
            _ => Ok(true),
        }
    }

    fn window(&self) -> Result<Size, Failure> {
        let window = tcgetwinsize(&self.tty).map_err(broken)?;
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
        give_back();
        signals::release();
    }
}

fn broken(error: impl Into<io::Error>) -> Failure {
    let error = error.into();
    Failure::new(FailureKind::Failed, format!("cannot use the terminal: {error}"))
}

/// The terminal as it was found, for as long as it is taken over.
static FOUND: Mutex<Option<(File, Termios)>> = Mutex::new(None);

fn take_over(tty: &File) -> io::Result<()> {
    static ON_PANIC: Once = Once::new();
    ON_PANIC.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            // What went wrong is to be read on a terminal in order; what is caught ends nothing.
            if !is_contained() {
                give_back();
                report(what);
            }
        }));
    });
    let found = tcgetattr(tty)?;
    let mut raw = found.clone();
    raw.make_raw();
    *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some((tty.try_clone()?, found));
    // From here on giving back is due, whatever fails.
    let taken = tcsetattr(tty, OptionalActions::Flush, &raw).map_err(io::Error::from);
    let taken = taken.and_then(|()| write!(&*tty, "{ToAlternateScreen}{}{}", clear::All, cursor::Hide));
    taken.inspect_err(|_| give_back())
}

/// Leaves the terminal as it was found. Does nothing the second time.
fn give_back() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((mut tty, found)) = found {
        // A terminal that is gone cannot be put in order.
        let _ = write!(tty, "{}{}{}{ToMainScreen}", style::Reset, clear::All, cursor::Show);
        let _ = tcsetattr(&tty, OptionalActions::Flush, &found);
    }
}
