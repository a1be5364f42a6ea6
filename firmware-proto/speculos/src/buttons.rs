//! Two buttons: the left one goes back, the right one on, and both together say no.

use dcrcold_core::apdu::{Status, Turn};

use super::os::{self, Event, Packet};

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const BOTH: u8 = LEFT | RIGHT;

/// Answered to a command that comes while a person is asked, as Ledger's SDK does for an app.
const BUSY: [u8; 2] = Status::OutOfOrder.code().to_be_bytes();

/// Waits until buttons were pressed and let go again: nobody presses two at exactly the same time.
pub(crate) fn wait(packet: &mut Packet) -> Turn {
    let mut pressed = 0;
    loop {
        match os::receive(packet) {
            Event::Command { channel, .. } => os::answer(channel, &BUSY),
            Event::Buttons(0) => match pressed {
                LEFT => return Turn::Back,
                RIGHT => return Turn::Next,
                BOTH => return Turn::Decline,
                _ => {}
            },
            Event::Buttons(now) => pressed |= now,
            Event::Other => {}
        }
    }
}
