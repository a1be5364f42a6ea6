//! A scan with a person in front of it: pictures or lines in, a transfer out, and what is told meanwhile.

mod input;
mod options;
mod patient;
mod person;
mod plain;
mod typing;
mod worker;

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use dcrcold_core::net::Network;

use crate::cli::{Failure, FailureKind};
use crate::receive::{Counts, Foreign, KeepError, Keeper, Kept, Notice, Scanned, Seen, Session, Wanted};
use crate::scan::source::SourceError;
use crate::screens::told;
use crate::terminal::can_draw;
use crate::transfer::Container;

pub use self::input::Input;
pub use self::options::SourceArgs;

/// How long no code may be seen before a person is told what helps.
const PATIENCE: Duration = Duration::from_secs(20);
/// What helps.
const HELP: &str = "No code is seen: turn the screen brighter, hold it at 20 to 50 cm, keep still until it is sharp.";

/// What a scan is for.
#[derive(Debug)]
pub struct Scan {
    /// The program and what it does, for the bar at the top.
    pub title: &'static str,
    /// What may come.
    pub wanted: Wanted,
    /// The network that it has to be for, if that is known by now.
    pub network: Option<Network>,
    /// Where frames are kept over a break, if they are.
    pub keeper: Option<Keeper>,
    /// Whether to tell in lines, and leave the rest of the terminal alone.
    pub plain: bool,
}

impl Scan {
    /// Scans until a transfer is whole, and says what it is before it is handed out.
    ///
    /// # Errors
    /// The pictures end or the person stops before, what comes does not belong here, or it is no transfer. Frames that were
    /// of use are kept then, where that makes sense.
    pub fn run(self, input: Input) -> Result<Arrived, Failure> {
        let plain = self.plain || !can_draw() || !io::stderr().is_terminal();
        let pictures = !matches!(input, Input::Text);
        let session = Session::new(self.keeper.clone());
        let run = Run {
            session,
            scan: self,
            code: pictures.then(Instant::now),
            helped: false,
            pictures: 0,
            broken: None,
            foreign: None,
            strange: false,
            telling: None,
        };
        if plain { plain::run(run, input) } else { person::run(run, input) }
    }
}

/// A transfer that was scanned.
///
/// Its frames stay kept until that for which it was scanned is done, so that a power cut before costs nobody the scan.
#[must_use]
pub struct Arrived {
    transfer: Container,
    kept: Option<Kept>,
}

impl Arrived {
    /// The transfer.
    #[must_use]
    pub const fn transfer(&self) -> &Container {
        &self.transfer
    }

    /// What it was scanned for is done: its frames are of use to nobody any more.
    pub fn done(self) {
        // A file that stays is read, checked and removed next time.
        let _ = self.kept.map(Kept::remove);
    }
}

/// A scan under way.
struct Run {
    session: Session,
    scan: Scan,
    /// When a code was seen last, in pictures.
    code: Option<Instant>,
    /// Whether the person was told what helps, and no code was seen since.
    helped: bool,
    /// Pictures that were looked at.
    pictures: u64,
    /// What was wrong with a picture last.
    broken: Option<SourceError>,
    /// What a code was last that is none of a transfer.
    foreign: Option<Foreign>,
    /// Whether that is what the person was told last.
    strange: bool,
    /// What is to be told of it: something, or that it is over.
    telling: Option<String>,
}

impl Run {
    /// Takes the text of a code. A transfer that is whole and may come is the end.
    fn take(&mut self, text: &[u8]) -> Result<Option<Container>, Failure> {
        self.code = self.code.map(|_| Instant::now());
        let seen = self.session.take(text)?;
        match &seen {
            // Told once: a poster in the picture comes again and again.
            Seen::Foreign(found) if self.foreign != Some(*found) => {
                (self.foreign, self.strange) = (Some(*found), true);
                self.telling = Some(format!("That was {found}, and no code of a transfer."));
            }
            Seen::New if self.strange => (self.strange, self.telling) = (false, Some(String::new())),
            _ => {}
        }
        self.checked(seen)
    }

    /// Turns to the other transfer.
    fn turn(&mut self) -> Result<Option<Container>, Failure> {
        match self.session.turn()? {
            Some(seen) => self.checked(seen),
            None => Ok(None),
        }
    }

    fn checked(&mut self, seen: Seen) -> Result<Option<Container>, Failure> {
        let Seen::Complete(transfer) = seen else { return Ok(None) };
        let checked = self.scan.wanted.check(&transfer, self.scan.network);
        checked.inspect_err(|_| self.session.forget())?;
        Ok(Some(transfer))
    }

    /// Hands the transfer out.
    fn arrived(self, transfer: Container) -> Arrived {
        Arrived { transfer, kept: self.session.into_kept() }
    }

    /// What the person should know now: of kept frames, or what helps when nothing is seen.
    fn note(&mut self) -> Option<String> {
        let notice = self.session.notice().map(|notice| match notice {
            Notice::Resumed(symbols) => format!("Goes on with {symbols} symbols of before."),
            Notice::KeptWrong => "What was kept does not belong to this; it was dropped.".to_owned(),
            Notice::NotKept(KeepError::InUse { .. }) => {
                "Another scan keeps this transfer; this one does not.".to_owned()
            }
            Notice::NotKept(error) => {
                format!("Not kept over a break: {}", Failure::caused(FailureKind::Failed, &error))
            }
        });
        let strange = self.telling.take();
        notice.or(strange).or_else(|| self.help())
    }

    /// What helps, when no code was seen for long; nothing to be read when one was seen again.
    fn help(&mut self) -> Option<String> {
        let waited = self.code.is_some_and(|code| code.elapsed() >= PATIENCE);
        if waited == self.helped {
            return None;
        }
        self.helped = waited;
        Some(if waited { HELP.to_owned() } else { String::new() })
    }

    /// Nothing follows.
    fn ended(&self) -> Failure {
        let why = self.broken.as_ref().map_or_else(|| "the codes ended".to_owned(), SourceError::to_string);
        self.unfinished(FailureKind::Failed, &why)
    }

    /// The person has enough.
    fn stopped(&self) -> Failure {
        self.unfinished(FailureKind::Declined, "the scan was stopped")
    }

    /// A scan that nothing came of; `why` says what ended it.
    fn unfinished(&self, kind: FailureKind, why: &str) -> Failure {
        let Counts { frames, foreign, .. } = self.session.counts();
        match self.session.progress() {
            Some(progress) => {
                let (symbols, needed) = (progress.symbols, progress.needed);
                let failure = Failure::new(kind, format!("{why} with {symbols} of {needed} symbols"));
                if self.session.is_kept() {
                    failure.hint("they are kept; run the same command again to go on")
                } else {
                    failure.hint("they are not kept; show all codes again")
                }
            }
            None if frames > 0 && frames == foreign => {
                let failure = Failure::new(kind, format!("{why}, and no code was of a transfer"));
                failure.hint("show codes with `dcrcold show` or `dcrcold-signer sign --show`")
            }
            None if frames > 0 => {
                Failure::new(kind, format!("{why}, and no code was read ({})", told(self.session.counts())))
            }
            None if self.pictures > 0 => {
                let pictures = if self.pictures == 1 { "the picture" } else { "the pictures" };
                let failure = Failure::new(kind, format!("{why}, and no code was found in {pictures}"));
                failure.hint("have the code fill half of a picture, straight, sharp and with its light margin")
            }
            None => Failure::new(kind, format!("{why}, and no code was read")),
        }
    }
}

/// What was scanned, in a line.
fn line(transfer: &Container) -> String {
    format!("Scanned {}.", Scanned::of(transfer))
}
