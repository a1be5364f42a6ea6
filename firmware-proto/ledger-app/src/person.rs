//! The person in front of the screen: every prompt is a row of sheets, gone through forwards and backwards.

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};
use ledger_device_sdk::io::Comm;
use ledger_device_sdk::nbgl::NbglChoice;

use crate::screen::{self, Move};
use crate::sheet::{self, Kind, LABEL, Sheet, Text, VALUE};

/// The operating system, and the screen.
///
/// It lives as long as the app, and with it the texts: the screen's C code reads them whenever it draws.
pub struct Platform<'a> {
    /// Where events come from.
    pub comm: &'a mut Comm,
    label: Text<LABEL>,
    value: Text<VALUE>,
    canvas: screen::Canvas,
    /// How many pages the review at hand has.
    pages: u32,
    /// The person came from a later prompt.
    backwards: bool,
    /// Something was shown since the last call of [`Self::was_shown`].
    shown: bool,
}

impl<'a> Platform<'a> {
    /// A platform that shows nothing yet.
    pub fn new(comm: &'a mut Comm) -> Self {
        Self {
            comm,
            label: Text::new(),
            value: Text::new(),
            canvas: screen::Canvas::new(),
            pages: 0,
            backwards: false,
            shown: false,
        }
    }

    /// Whether a person was asked anything since the last call.
    pub const fn was_shown(&mut self) -> bool {
        core::mem::replace(&mut self.shown, false)
    }

    /// Shows a sheet and waits for what is done about it.
    fn show(&mut self, prompt: &Prompt<'_>, number: u32, backwards: bool) -> Result<(Sheet, Move), Fault> {
        let written = sheet::write(prompt, number, self.pages, &mut self.label, &mut self.value);
        let sheet = written.map_err(|_| Fault::Failed)?;
        self.canvas.draw(&sheet, &self.label, &self.value, backwards)?;
        Ok((sheet, screen::wait(self.comm)))
    }

    fn declines(&mut self) -> bool {
        NbglChoice::new().show(self.comm, "Decline?", "", "Yes, decline", "Go back")
    }
}

impl User for Platform<'_> {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        self.shown = true;
        if let Prompt::Page { count, .. } = prompt {
            self.pages = *count;
        }
        let count = sheet::count(prompt, screen::SAYS_NO);
        let mut backwards = core::mem::replace(&mut self.backwards, false);
        let mut number = if backwards { count.saturating_sub(1) } else { 0 };
        loop {
            let (sheet, next) = self.show(prompt, number, backwards)?;
            backwards = false;
            match (sheet.kind, next) {
                (Kind::Yes, Move::Choose) => return Ok(Turn::Next),
                (Kind::No, Move::Choose) => return Ok(Turn::Decline),
                (_, Move::Forward) if number.saturating_add(1) < count => number = number.saturating_add(1),
                (Kind::Read, Move::Forward) => return Ok(Turn::Next),
                (_, Move::Back) if number > 0 => (number, backwards) = (number.saturating_sub(1), true),
                // Nothing is before the first sheet of all.
                (_, Move::Back) if sheet.place > 0 => {
                    self.backwards = true;
                    return Ok(Turn::Back);
                }
                (Kind::Read, Move::Choose) | (_, Move::Decline) if self.declines() => return Ok(Turn::Decline),
                _ => {}
            }
        }
    }
}
