//! Two buttons and 128 by 64 dots: left goes back, right goes on, both do what the sheet is for.

use core::fmt::{self, Write};
use core::ptr;

use dcrcold_core::apdu::Fault;
use ledger_device_sdk::include_gif;
use ledger_device_sdk::nbgl::NbglGlyph;
use ledger_device_sdk::sys;

use super::{Move, done};
use crate::sheet::{Kind, LABEL, Sheet, Text, VALUE};

/// The app's own sign.
pub const GLYPH: NbglGlyph = NbglGlyph::from_include(include_gif!("icons/ticket_14x14.gif", NBGL));
/// The way out is a sheet after the last one.
pub const SAYS_NO: bool = true;

/// Marks where thick letters begin and end.
const THICK: char = '\u{8}';
/// What follows stands on the next screen.
const NEXT_SCREEN: char = '\u{c}';
/// Addresses and fingerprints are at least as long; they are compared, so they are not torn apart.
const ONE_PIECE: usize = 32;

/// The text on the screen: label and value in one, since a label alone would be cut to one line.
pub struct Canvas(Text<{ LABEL + VALUE + 16 }>);

impl Canvas {
    pub const fn new() -> Self {
        Self(Text::new())
    }

    fn read(&mut self, label: &str, value: &str) -> fmt::Result {
        self.0.set(format_args!("{THICK}{label}{THICK}\n"))?;
        let mut between = None;
        for part in value.split_inclusive([' ', '\n']) {
            let word = part.trim_end_matches([' ', '\n']);
            match between.replace(&part[word.len()..]) {
                Some(_) if word.len() >= ONE_PIECE => self.0.write_char(NEXT_SCREEN)?,
                Some(space) => self.0.write_str(space)?,
                None => {}
            }
            self.0.write_str(word)?;
        }
        Ok(())
    }

    /// Draws a sheet; its last part, where a person comes from behind.
    pub fn draw(
        &mut self,
        sheet: &Sheet,
        label: &Text<LABEL>,
        value: &Text<VALUE>,
        backwards: bool,
    ) -> Result<(), Fault> {
        let (label, value) = (label.as_str(), value.as_str());
        let written = match sheet.kind {
            Kind::Read => self.read(label, value),
            Kind::Yes | Kind::No => self.0.set(format_args!("{THICK}{label}{THICK}\nPress both buttons\nto {value}.")),
        };
        written.map_err(|_| Fault::Failed)?;
        let place = match (sheet.kind, sheet.place) {
            (Kind::No, _) => sys::LAST_STEP,
            (_, 0) => sys::FIRST_STEP,
            _ => sys::NEITHER_FIRST_NOR_LAST_STEP,
        };
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the constants are small, whatever types the bindings give them"
        )]
        let direction = (if backwards { sys::BACKWARD_DIRECTION } else { sys::FORWARD_DIRECTION }) as u8;
        // SAFETY: the text ends with a zero byte and lives in the platform, which is never dropped; the function is
        // one that lives for ever. NBGL copies everything else.
        unsafe {
            sys::nbgl_stepDrawText(
                place | direction,
                Some(pressed),
                ptr::null_mut(),
                self.0.as_ptr(),
                ptr::null(),
                sys::REGULAR_INFO,
                false,
            );
            sys::nbgl_refresh();
        }
        Ok(())
    }
}

/// Called by NBGL where a button does not lead to another part of the same sheet.
unsafe extern "C" fn pressed(_: sys::nbgl_step_t, event: sys::nbgl_buttonEvent_t) {
    match event {
        sys::BUTTON_LEFT_PRESSED => done(Move::Back),
        sys::BUTTON_RIGHT_PRESSED => done(Move::Forward),
        sys::BUTTON_BOTH_PRESSED => done(Move::Choose),
        _ => {}
    }
}
