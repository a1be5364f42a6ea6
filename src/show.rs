//! Shows a transfer as QR codes on the terminal until a person has enough.
//!
//! Light goes both ways, and each side shows what the other one waits for, nothing else: what is scanned is then never a
//! surprise. Secrets are not shown at all.

use std::fs::File;
use std::time::{Duration, Instant};

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;

use crate::cli::{Failure, FailureKind, no_terminal};
use crate::qr::Stream;
use crate::screens::{Caption, Codes};
use crate::sealed;
use crate::terminal::{Event, Key, Screen, can_draw};
use crate::transfer::{Container, Kind};

/// A code that stands still is looked at again so often, in case the window changes.
const STILL: Duration = Duration::from_secs(1);

/// Who shows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `dcrcold`: requests, and voters made on its side.
    Online,
    /// `dcrcold-signer`: answers, and exports of public keys.
    Offline,
}

/// A transfer that may be shown, and what is said about it.
#[derive(Clone, Debug)]
pub struct Shown {
    id: TransferId,
    stream: Stream,
    caption: Caption,
}

impl Shown {
    /// Reads the bytes of a file that is to be shown.
    ///
    /// # Errors
    /// It is no transfer, or [`Shown::new`].
    pub fn parse(bytes: &[u8], side: Side) -> Result<Self, Failure> {
        if bytes.starts_with(&sealed::MAGIC) {
            return Err(secret("a key store"));
        }
        Self::new(&Container::parse(bytes)?, side)
    }

    /// Takes a transfer, deflated where that makes it smaller.
    ///
    /// # Errors
    /// It is secret, or for the other side to show, or too large for codes.
    pub fn new(transfer: &Container, side: Side) -> Result<Self, Failure> {
        may_show(transfer.kind(), side)?;
        let (plain, deflated) = (transfer.encode(), transfer.encode_deflated());
        let bytes = plain.len();
        let sent = if deflated.len() < plain.len() { deflated } else { plain };
        let stream = Stream::new(sent).map_err(|error| Failure::new(FailureKind::Failed, error))?;
        let (kind, network, words) = (transfer.kind(), transfer.network(), check_words(transfer.id()));
        Ok(Self { id: *transfer.id(), stream, caption: Caption { kind, network, bytes, words } })
    }

    /// The transfer's id.
    #[must_use]
    pub const fn id(&self) -> &TransferId {
        &self.id
    }

    /// The frames.
    #[must_use]
    pub const fn stream(&self) -> &Stream {
        &self.stream
    }

    /// What is said about it.
    #[must_use]
    pub const fn caption(&self) -> &Caption {
        &self.caption
    }
}

/// Whether a side shows transfers of a kind.
///
/// # Errors
/// [`FailureKind::Refused`], by name.
pub fn may_show(kind: Kind, side: Side) -> Result<(), Failure> {
    match (kind, side) {
        (Kind::HotKeys, _) => Err(secret("hot keys").hint("carry the file, and delete it once it is imported")),
        (Kind::Purchase | Kind::Send | Kind::Register | Kind::VoterExport, Side::Online)
        | (Kind::Answer | Kind::WatchExport | Kind::VoterExport, Side::Offline) => Ok(()),
        (Kind::WatchExport, Side::Online) => {
            Err(other_side(kind, "the offline machine", "dcrcold-signer export watch --show"))
        }
        (_, Side::Online) => Err(other_side(kind, "the offline machine", "dcrcold-signer sign REQUEST --show")),
        (_, Side::Offline) => Err(other_side(kind, "the online machine", "dcrcold show")),
    }
}

fn secret(what: &str) -> Failure {
    let message = format!("{what} cannot be shown as codes: whoever films the screen would have the file");
    Failure::new(FailureKind::Refused, message)
}

fn other_side(kind: Kind, where_to: &str, program: &str) -> Failure {
    let message = format!("this is {kind}, which {where_to} shows and this one reads");
    Failure::new(FailureKind::Refused, message).hint(format!("show it there with `{program}`"))
}

/// Sees early that there is a terminal to show codes on.
///
/// # Errors
/// There is none, or it prints lines only.
pub fn needs_screen() -> Result<(), Failure> {
    File::options().read(true).write(true).open("/dev/tty").map_err(|error| no_terminal(&error))?;
    if !can_draw() {
        let message = "cannot show codes: by its TERM this terminal prints lines only";
        return Err(Failure::new(FailureKind::Failed, message));
    }
    Ok(())
}

/// Shows a transfer until a person has enough.
///
/// # Errors
/// There is no terminal, it is gone, or a signal came that ends the program.
pub fn codes(shown: Shown) -> Result<(), Failure> {
    needs_screen()?;
    let mut screen = Screen::open()?;
    let mut codes = Codes::new(shown.stream, shown.caption, screen.size());
    screen.forget_typed()?;
    let mut due = Instant::now() + codes.period().unwrap_or(STILL);
    loop {
        screen.draw(|grid| {
            codes.resize(grid.area.as_size());
            codes.show(grid);
            None
        })?;
        match screen.event_until(due)? {
            Some(Event::Key(Key::Escape | Key::Enter | Key::Char('q' | 'Q') | Key::Control('c' | 'd'))) => {
                return Ok(());
            }
            Some(Event::Key(key)) => press(&mut codes, key),
            Some(Event::Resized) | None => {}
        }
        let now = Instant::now();
        if now >= due {
            codes.advance();
            // From when it was due, so that the time it takes to draw does not add up.
            due = (due + codes.period().unwrap_or(STILL)).max(now);
        }
        // Faster, or on after a pause: from now on.
        due = due.min(now + codes.period().unwrap_or(STILL));
    }
}

fn press(codes: &mut Codes, key: Key) {
    match key {
        Key::Char(' ') => codes.pause(),
        Key::Char('+' | '=') | Key::Up => codes.larger(),
        Key::Char('-') | Key::Down => codes.smaller(),
        Key::Char('>' | '.') | Key::Right => codes.faster(),
        Key::Char('<' | ',') | Key::Left => codes.slower(),
        Key::Char('f' | 'F') => codes.switch_cells(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Kind; 7] =
        [Kind::Purchase, Kind::Send, Kind::Register, Kind::Answer, Kind::WatchExport, Kind::VoterExport, Kind::HotKeys];

    #[test]
    fn each_side_shows_what_the_other_one_reads() {
        let shown = |side| KINDS.map(|kind| may_show(kind, side).is_ok());
        assert_eq!(shown(Side::Online), [true, true, true, false, false, true, false]);
        assert_eq!(shown(Side::Offline), [false, false, false, true, true, true, false]);
        for side in [Side::Online, Side::Offline] {
            for kind in KINDS {
                let Err(failure) = may_show(kind, side) else { continue };
                let name = kind.to_string();
                assert_eq!(failure.kind(), FailureKind::Refused);
                assert!(failure.to_string().contains(&name), "{failure}");
            }
        }
    }

    #[test]
    fn a_sealed_file_is_refused_by_name() {
        for side in [Side::Online, Side::Offline] {
            let failure = Shown::parse(b"DCRCOLDK\x01rest", side).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Refused);
            assert!(failure.to_string().starts_with("a key store cannot be shown"));
        }
    }
}
