//! The person in front of the screen: pages with arrows, yes on the last screen of a question, no from every screen.

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};
use dcrcold_core::screen::{self as screens, Size};

use super::buttons;
use super::os::Packet;
use super::screen;

/// The operating system and its person.
pub(crate) struct Platform {
    packet: Packet,
    asked: bool,
}

impl Platform {
    pub(crate) const fn new() -> Self {
        Self { packet: Packet::new(), asked: false }
    }

    /// Whether somebody was asked since the last time.
    pub(crate) fn asked(&mut self) -> bool {
        core::mem::take(&mut self.asked)
    }
}

impl User for Platform {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        self.asked = true;
        screens::ask(prompt, Size::NANO, |shown| {
            screen::show(shown);
            Ok(buttons::wait(&mut self.packet))
        })
    }
}
