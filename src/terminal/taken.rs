//! The terminal, taken over and given back as it was found, whatever happens in between.

use std::fs::File;
use std::io::{self, Write};
use std::panic;
use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use termion::screen::{ToAlternateScreen, ToMainScreen};
use termion::{clear, cursor, style};

use crate::scan::contain::is_contained;

/// What the terminal is taken over for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// All of it shows nothing else.
    Screen,
    /// A line is typed and not shown.
    Question,
}

/// A terminal that sends keys as they are pressed and shows none of them. Dropping it, and a panic, give it back.
pub(super) struct Taken(());

struct Found {
    tty: File,
    modes: Termios,
    purpose: Purpose,
}

/// The terminal as it was found, for as long as it is taken over.
static FOUND: Mutex<Option<Found>> = Mutex::new(None);

impl Taken {
    /// Takes a terminal over. There is one at a time.
    pub(super) fn new(tty: &File, purpose: Purpose) -> io::Result<Self> {
        give_back_on_panic();
        let modes = tcgetattr(tty)?;
        let mut raw = modes.clone();
        raw.make_raw();
        let found = Found { tty: tty.try_clone()?, modes, purpose };
        *FOUND.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        // From here on giving back is due, whatever fails.
        let taken = Self(());
        tcsetattr(tty, OptionalActions::Flush, &raw)?;
        if purpose == Purpose::Screen {
            write!(&*tty, "{ToAlternateScreen}{}{}", clear::All, cursor::Hide)?;
        }
        Ok(taken)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back_on_panic() {
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
}

/// Leaves the terminal as it was found, and drops what was typed and not read. Does nothing the second time.
fn give_back() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(Found { mut tty, modes, purpose }) = found {
        // A terminal that is gone cannot be put in order.
        if purpose == Purpose::Screen {
            let _ = write!(tty, "{}{}{}{ToMainScreen}", style::Reset, clear::All, cursor::Show);
        }
        let _ = tcsetattr(&tty, OptionalActions::Flush, &modes);
        if purpose == Purpose::Question {
            let _ = tty.write_all(b"\n");
        }
    }
}
