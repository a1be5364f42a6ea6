//! What is on the screen while nobody is asked anything.

use core::sync::atomic::{AtomicBool, Ordering};

use dcrcold_core::apdu::{Failure, Instruction, Status};
use ledger_device_sdk::nbgl::{NbglHomeAndSettings, NbglSpinner};
use ledger_device_sdk::sys;

use crate::screen::GLYPH;
use crate::sheet::Text;

/// A small screen has no room for the name besides.
const TAGLINE: &str = if cfg!(any(target_os = "nanosplus", target_os = "nanox")) {
    "Decred Staking\nis ready"
} else {
    "Buys Decred tickets with keys\nthat never leave this device."
};

/// A host that says nothing for so many tenths of a second in the middle of a request is gone.
const PATIENCE: u16 = 300;

/// That a message was read, or was long enough on the screen.
static READ: AtomicBool = AtomicBool::new(false);

/// The screen between two questions.
pub struct Home {
    home: NbglHomeAndSettings,
    work: NbglSpinner,
    /// The screen says that something is being done.
    busy: bool,
    /// Tenths of a second since the last command.
    quiet: u16,
    message: Text<64>,
}

/// What is said when a person agreed.
const fn done(instruction: Option<Instruction>) -> &'static str {
    match instruction {
        Some(Instruction::Account) => "Account shared",
        Some(Instruction::Address) => "Address confirmed",
        Some(Instruction::Register) => "Voter registered",
        Some(Instruction::Approve) => "Approved",
        _ => "Done",
    }
}

impl Home {
    /// Nothing is drawn yet.
    pub fn new() -> Self {
        let home = NbglHomeAndSettings::new().glyph(&GLYPH).tagline(TAGLINE).infos(
            "Decred Staking",
            env!("CARGO_PKG_VERSION"),
            "dcrcold",
        );
        Self { home, work: NbglSpinner::new(), busy: false, quiet: 0, message: Text::new() }
    }

    /// Draws the first screen.
    pub fn show(&mut self) {
        self.busy = false;
        self.home.show_and_return();
    }

    /// Says what takes long, before it is done.
    pub fn before(&mut self, command: &[u8]) {
        self.quiet = 0;
        let text = match Instruction::of(command) {
            Some(Instruction::Register) => "Comparing the voter with your accounts",
            Some(Instruction::Begin) => "Reading the request",
            _ => return,
        };
        self.busy = true;
        self.work.show(text);
    }

    /// Says how it ended. `asked` tells whether the screen has a question on it that has been answered.
    pub fn after(&mut self, command: &[u8], outcome: Result<&[u8], Failure>, asked: bool) {
        let instruction = Instruction::of(command);
        match outcome {
            Ok(_) if asked => self.tell(done(instruction), "", true),
            Ok(_) if instruction == Some(Instruction::Abort) && self.busy => self.show(),
            Ok(_) => {}
            Err(Failure::Status(Status::Declined)) => self.tell("Declined", "", false),
            Err(Failure::Refused(refusal)) if self.busy || asked => self.tell("Refused", refusal.rule.name(), false),
            Err(_) if self.busy || asked => self.tell("Failed", "", false),
            Err(_) => {}
        }
    }

    /// A message for three seconds, or until it is dismissed. Commands are taken meanwhile.
    fn tell(&mut self, message: &str, detail: &str, good: bool) {
        self.busy = false;
        READ.store(false, Ordering::Relaxed);
        // The longest name of a rule fits.
        let _ = self.message.set(format_args!("{message}{}{detail}", if detail.is_empty() { "" } else { "\n" }));
        // SAFETY: the text ends with a zero byte, and lives where it is as long as the app.
        unsafe { sys::nbgl_useCaseStatus(self.message.as_ptr(), good, Some(read)) };
    }

    /// Called ten times a second: goes back to the first screen after a message, or when a host does not go on.
    pub fn tick(&mut self) {
        self.quiet = self.quiet.saturating_add(1);
        if was_read() || (self.busy && self.quiet > PATIENCE) {
            self.show();
        }
    }
}

/// Not one operation, which the smallest processor lacks: nothing comes in between.
fn was_read() -> bool {
    let read = READ.load(Ordering::Relaxed);
    READ.store(false, Ordering::Relaxed);
    read
}

/// Called by NBGL.
unsafe extern "C" fn read() {
    READ.store(true, Ordering::Relaxed);
}
