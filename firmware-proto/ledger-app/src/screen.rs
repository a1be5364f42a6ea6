//! One sheet on the screen, and what is done about it.
//!
//! The SDK's reviews cannot go back from one part of a long review to the part before, cut long labels on small screens,
//! and let them decline at the end only. So a sheet is drawn with the layer below: NBGL's step, or its page.

#[cfg(any(target_os = "nanosplus", target_os = "nanox"))]
#[path = "screen/buttons.rs"]
mod device;
#[cfg(any(target_os = "stax", target_os = "flex"))]
#[path = "screen/touch.rs"]
mod device;

use core::sync::atomic::{AtomicU8, Ordering};

use ledger_device_sdk::io::Comm;

pub use device::{Canvas, GLYPH, SAYS_NO};

/// What a person does about a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Move {
    /// Goes on.
    Forward = 1,
    /// Goes back.
    Back = 2,
    /// Does what the sheet is for.
    Choose = 3,
    /// Wants out.
    Decline = 4,
}

/// What was done since the sheet was drawn; 0 is nothing. Written by the functions that the C code calls.
static DONE: AtomicU8 = AtomicU8::new(0);

fn done(next: Move) {
    DONE.store(next as u8, Ordering::Relaxed);
}

/// Waits until the person has done something. Commands that come meanwhile are refused by the SDK.
pub fn wait(comm: &mut Comm) -> Move {
    DONE.store(0, Ordering::Relaxed);
    loop {
        // Calls `done` for what a person does.
        comm.next_event();
        match DONE.load(Ordering::Relaxed) {
            1 => return Move::Forward,
            2 => return Move::Back,
            3 => return Move::Choose,
            4 => return Move::Decline,
            _ => {}
        }
    }
}
