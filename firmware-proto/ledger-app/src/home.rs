//! What is on the screen while nobody is asked anything.

use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};

use dcrcold_core::apdu::{CLA, Status};
use ledger_device_sdk::nbgl::{NbglHomeAndSettings, NbglSpinner};
use ledger_device_sdk::sys;

use crate::screen::GLYPH;

/// The instructions of docs/ledger-protocol.md that a person sees something of.
const ACCOUNT: u8 = 1;
const ADDRESS: u8 = 2;
const REGISTER: u8 = 3;
const BEGIN: u8 = 5;
const APPROVE: u8 = 7;
const ABORT: u8 = 10;

/// A small screen has no room for the name besides.
const TAGLINE: &str = if cfg!(any(target_os = "nanosplus", target_os = "nanox")) {
    "Decred Staking\nis ready"
} else {
    "Buys Decred tickets with keys\nthat never leave this device."
};

/// That a message was read, or was long enough on the screen.
static READ: AtomicBool = AtomicBool::new(false);

/// The screen between two questions.
pub struct Home {
    home: NbglHomeAndSettings,
    work: NbglSpinner,
    /// The screen says that something is being done.
    busy: bool,
}

impl Home {
    /// Nothing is drawn yet.
    pub fn new() -> Self {
        let home = NbglHomeAndSettings::new().glyph(&GLYPH).tagline(TAGLINE).infos(
            "Decred Staking",
            env!("CARGO_PKG_VERSION"),
            "dcrcold",
        );
        Self { home, work: NbglSpinner::new(), busy: false }
    }

    /// Draws the first screen.
    pub fn show(&mut self) {
        self.busy = false;
        self.home.show_and_return();
    }

    /// Says what takes long, before it is done.
    pub fn before(&mut self, command: &[u8]) {
        let text = match *command {
            [CLA, REGISTER, ..] => "Comparing the voter with your accounts",
            [CLA, BEGIN, ..] => "Reading the request",
            _ => return,
        };
        self.busy = true;
        self.work.show(text);
    }

    /// Says how it ended. `asked` tells whether the screen has a question on it that has been answered.
    pub fn after(&mut self, command: &[u8], status: u16, asked: bool) {
        let instruction = command.get(1).copied().unwrap_or_default();
        if status == Status::Declined.code() {
            self.tell(c"Declined", false);
        } else if status != Status::Done.code() {
            if self.busy || asked {
                self.tell(c"Refused", false);
            }
        } else if asked {
            self.tell(
                match instruction {
                    ACCOUNT => c"Account shown",
                    ADDRESS => c"Address confirmed",
                    REGISTER => c"Voter registered",
                    APPROVE => c"Approved",
                    _ => c"Done",
                },
                true,
            );
        } else if instruction == ABORT && self.busy {
            self.show();
        }
    }

    /// A message for three seconds, or until it is dismissed. Commands are taken meanwhile.
    fn tell(&mut self, message: &'static CStr, good: bool) {
        self.busy = false;
        READ.store(false, Ordering::Relaxed);
        // SAFETY: the text ends with a zero byte and is never changed.
        unsafe { sys::nbgl_useCaseStatus(message.as_ptr(), good, Some(read)) };
    }

    /// Goes back to the first screen after a message.
    pub fn tidy(&mut self) {
        if READ.load(Ordering::Relaxed) {
            READ.store(false, Ordering::Relaxed);
            self.show();
        }
    }
}

/// Called by NBGL.
unsafe extern "C" fn read() {
    READ.store(true, Ordering::Relaxed);
}
