//! An answer from pictures of a camera: the page sends grey pictures, the terminal's own reader and scan take them.
//!
//! There is one scan for all pages: a page that is loaded again goes on where it was, two cameras help each other, and
//! what is sent in the end is what every page shows.

use std::sync::{Arc, Mutex};

use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::receive::{Counts, Keeper, Notice, ReceiveError, Seen, Session, Wanted};
use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::transfer::Container;
use serde::Serialize;
use serde_json::Value;

use super::desk::lock;

/// The longest side of a picture that is taken, and the most pixels: 1280 x 720, lying or standing.
const LONGEST_SIDE: u32 = 1280;
const MOST_PIXELS: usize = 1280 * 720;
/// What a picture begins with: both sides, little-endian.
const SIDES: usize = 4;
/// The longest body with a picture.
pub(super) const LONGEST: usize = SIDES + MOST_PIXELS;
/// Readers, so that two cameras do not wait for each other.
const READERS: usize = 2;

/// The scan.
pub(super) struct Scan {
    readers: [Mutex<Reader>; READERS],
    state: Mutex<State>,
    network: Network,
    keeper: Option<Keeper>,
}

struct State {
    session: Session,
    last: &'static str,
    note: Option<String>,
    end: End,
}

/// How a scan ended, if it did.
enum End {
    NotYet,
    Refused(Failure),
    Whole(Arc<Container>),
    Checked(Arc<Container>, Value),
}

/// What the page is told.
#[derive(Serialize)]
pub(super) struct Report {
    /// What the last code was good for.
    last: &'static str,
    symbols: usize,
    needed: usize,
    stream: Option<String>,
    other: Option<String>,
    frames: u64,
    of_use: u64,
    known: u64,
    note: Option<String>,
    refused: Option<Refused>,
    answer: Option<Value>,
}

#[derive(Serialize)]
struct Refused {
    error: String,
    hints: Vec<String>,
}

impl Scan {
    /// A scan for answers of a network, whose frames are kept over a break by a keeper.
    pub(super) fn new(network: Network, keeper: Option<Keeper>) -> Self {
        let state = State::new(keeper.clone());
        Self { readers: Default::default(), state: Mutex::new(state), network, keeper }
    }

    /// Forgets what was received and begins anew.
    pub(super) fn restart(&self) {
        let mut state = lock(&self.state);
        state.session.forget();
        *state = State::new(self.keeper.clone());
    }

    /// Forgets the frames of an answer that was put to use, unless the scan has moved on.
    pub(super) fn done(&self, answer: &Arc<Container>) {
        let mut state = lock(&self.state);
        if matches!(&state.end, End::Checked(held, _) if Arc::ptr_eq(held, answer)) {
            state.session.forget();
        }
    }

    /// Leaves the transfer at hand for the other one that was seen, even if it is whole or was refused by now.
    pub(super) fn turn(&self) {
        let mut state = lock(&self.state);
        let seen = state.session.turn();
        if let Some(seen) = seen.transpose() {
            (state.end, state.note) = (End::NotYet, None);
            state.take(seen, self.network);
        }
    }

    /// Reads the codes of a picture: its sides as two little-endian bytes each, then a byte a pixel.
    ///
    /// # Errors
    /// It is no such picture.
    pub(super) fn look(&self, body: Vec<u8>) -> Result<(), Failure> {
        let picture = picture(body)?;
        let free = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let texts = free.unwrap_or_else(|| lock(&self.readers[0])).read(&picture);
        let mut state = lock(&self.state);
        if texts.is_empty() {
            state.last = "nothing";
        }
        for text in texts {
            if state.is_open() {
                let seen = state.session.take(text.as_bytes());
                state.take(seen, self.network);
            }
        }
        Ok(())
    }

    /// An answer that is whole and was not checked yet.
    pub(super) fn unchecked(&self) -> Option<Arc<Container>> {
        match &lock(&self.state).end {
            End::Whole(answer) => Some(Arc::clone(answer)),
            _ => None,
        }
    }

    /// Notes what the desk says of an answer, unless the scan has moved on.
    pub(super) fn checked(&self, answer: &Arc<Container>, verdict: Result<Value, Failure>) {
        let mut state = lock(&self.state);
        if matches!(&state.end, End::Whole(held) if Arc::ptr_eq(held, answer)) {
            state.end = match verdict {
                Ok(about) => End::Checked(Arc::clone(answer), about),
                Err(failure) => End::Refused(failure),
            };
        }
    }

    /// The checked answer with this id.
    pub(super) fn answer(&self, id: &str) -> Option<Arc<Container>> {
        match &lock(&self.state).end {
            End::Checked(answer, _) if answer.id().to_string() == id => Some(Arc::clone(answer)),
            _ => None,
        }
    }

    pub(super) fn report(&self) -> Report {
        lock(&self.state).report()
    }
}

impl State {
    fn new(keeper: Option<Keeper>) -> Self {
        Self { session: Session::new(keeper), last: "nothing", note: None, end: End::NotYet }
    }

    const fn is_open(&self) -> bool {
        matches!(self.end, End::NotYet)
    }

    fn take(&mut self, seen: Result<Seen, ReceiveError>, network: Network) {
        match seen {
            Ok(Seen::Complete(transfer)) => {
                self.last = "new";
                self.end = match Wanted::Answer.check(&transfer, Some(network)) {
                    Ok(()) => End::Whole(Arc::new(transfer)),
                    Err(error) => {
                        self.session.forget();
                        End::Refused(refusal(&error))
                    }
                };
            }
            Ok(seen) => self.last = word(&seen),
            Err(error) => self.end = End::Refused(refusal(&error)),
        }
        if let Some(notice) = self.session.notice() {
            self.note = Some(note(&notice));
        }
    }

    fn report(&self) -> Report {
        let whole = matches!(self.end, End::Whole(_) | End::Checked(..));
        let (symbols, needed) = match self.session.progress() {
            Some(progress) => (progress.symbols, progress.needed),
            None => (usize::from(whole), usize::from(whole)),
        };
        let Counts { frames, of_use, known, .. } = self.session.counts();
        let refused = match &self.end {
            End::Refused(failure) => Some(Refused { error: failure.to_string(), hints: failure.hints().to_vec() }),
            _ => None,
        };
        let answer = match &self.end {
            End::Checked(_, about) => Some(about.clone()),
            _ => None,
        };
        Report {
            last: self.last,
            symbols,
            needed,
            stream: self.session.stream().map(|stream| stream.to_string()),
            other: self.session.other().map(|stream| stream.to_string()),
            frames,
            of_use,
            known,
            note: self.note.clone(),
            refused,
            answer,
        }
    }
}

/// Takes a picture out of a body.
fn picture(mut body: Vec<u8>) -> Result<Luma, Failure> {
    let malformed = |message: String| Failure::new(FailureKind::Malformed, message);
    let Some([a, b, c, d]) = body.first_chunk::<SIDES>().copied() else {
        return Err(malformed(format!("picture has {} bytes, expected its sides first", body.len())));
    };
    let (width, height) = (u32::from(u16::from_le_bytes([a, b])), u32::from(u16::from_le_bytes([c, d])));
    if width.max(height) > LONGEST_SIDE {
        return Err(malformed(format!(
            "picture has {width} x {height} pixels, no side may have more than {LONGEST_SIDE}"
        )));
    }
    body.drain(..SIDES);
    Luma::new(width, height, body).map_err(|error| malformed(error.to_string()))
}

const fn word(seen: &Seen) -> &'static str {
    match seen {
        Seen::Same => "same",
        Seen::New | Seen::Complete(_) => "new",
        Seen::Known => "known",
        Seen::Other(_) => "other",
        Seen::Damaged(_) => "damaged",
        Seen::Foreign(_) => "foreign",
    }
}

fn note(notice: &Notice) -> String {
    match notice {
        Notice::Resumed(symbols) => format!("{symbols} symbols were received before a break and are kept"),
        Notice::KeptWrong => "what was kept before does not belong to this answer; it was dropped".to_owned(),
        Notice::NotKept(error) => format!("frames are not kept over a break: {error}"),
    }
}

fn refusal(error: &ReceiveError) -> Failure {
    let failure = |kind| Failure::caused(kind, error);
    match error {
        ReceiveError::Stream(_) => failure(FailureKind::Malformed).hint("begin anew, and show the answer alone"),
        ReceiveError::Network { .. } => {
            failure(FailureKind::Refused).hint("start dcrcold web with the wallet of that network")
        }
        _ => failure(FailureKind::Refused).hint("have the signer show its answer, then begin anew"),
    }
}
