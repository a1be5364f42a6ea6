//! A person at a keyboard, who sees the device's screens one by one.

use std::io::{BufRead, Write};

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};
use dcrcold_core::screen::{Screen, ask};

use crate::display::Model;

/// What can be typed.
const HELP: &str = "Enter: right button    b Enter: left button    n Enter: both, which means no";

/// Shows screens and reads a line for each of them.
pub struct Keyboard<R, W> {
    from: R,
    to: W,
    model: Model,
}

impl<R: BufRead, W: Write> Keyboard<R, W> {
    /// Reads from `from` and draws on `to`.
    pub const fn new(from: R, to: W, model: Model) -> Self {
        Self { from, to, model }
    }

    /// Shows a screen until the line means something; the end of the input means no.
    fn show(&mut self, screen: &Screen<'_>) -> std::io::Result<Turn> {
        loop {
            writeln!(self.to, "{}{HELP}", self.model.draw(screen))?;
            self.to.flush()?;
            let mut line = String::new();
            if self.from.read_line(&mut line)? == 0 {
                return Ok(Turn::Decline);
            }
            match line.trim() {
                "" => return Ok(Turn::Next),
                "b" => return Ok(Turn::Back),
                "n" => return Ok(Turn::Decline),
                _ => {}
            }
        }
    }
}

impl<R: BufRead, W: Write> User for Keyboard<R, W> {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        ask(prompt, self.model.size(), |screen| self.show(screen).map_err(|_| Fault::Failed))
    }
}
