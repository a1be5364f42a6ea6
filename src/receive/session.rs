//! One scan: texts in, a transfer out.

use super::{Foreign, KeepError, Keeper, Kept, ReceiveError};
use crate::qr::{Assembly, Frame, FrameError, Part, Progress, StreamError, StreamId, Taken};
use crate::transfer::Container;

/// What a text was good for.
#[derive(Debug)]
pub enum Seen {
    /// The same text as just before: a code that still stands there. It is not counted.
    Same,
    /// A frame that was of use.
    New,
    /// A frame of which nothing was new.
    Known,
    /// A frame of another transfer than the one that is received; it was not looked at.
    Other(StreamId),
    /// A frame that was misread, or that is of no version that is known.
    Damaged(FrameError),
    /// A code of something else.
    Foreign(Foreign),
    /// The last frame that was missing. What is kept of the transfer stays so until [`Session::forget`].
    Complete(Container),
}

/// How many texts there were, by what they were good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them. A code that stands still is one.
    pub frames: u64,
    /// Frames that were of use.
    pub of_use: u64,
    /// Frames of which nothing was new.
    pub known: u64,
    /// Frames of other transfers.
    pub other: u64,
    /// Frames that were misread.
    pub damaged: u64,
    /// Codes of something else.
    pub foreign: u64,
}

/// What a person should know of kept frames.
#[derive(Debug)]
pub enum Notice {
    /// So many symbols were received before a break.
    Resumed(usize),
    /// What was kept does not belong to what is shown. It was dropped, and the scan began anew.
    KeptWrong,
    /// Nothing is kept from here on.
    NotKept(KeepError),
}

/// A scan. It keeps to the transfer of the first frame until a person turns to another.
pub struct Session {
    keeper: Option<Keeper>,
    received: Option<Received>,
    other: Option<Frame>,
    last: Vec<u8>,
    counts: Counts,
    notice: Option<Notice>,
}

/// What is there of one transfer.
struct Received {
    assembly: Assembly,
    kept: Option<Kept>,
    /// Whether some of it comes from a file.
    resumed: bool,
}

impl Session {
    /// Begins. With a keeper, frames are kept over a break.
    #[must_use]
    pub fn new(keeper: Option<Keeper>) -> Self {
        Self { keeper, received: None, other: None, last: Vec::new(), counts: Counts::default(), notice: None }
    }

    /// Takes the text of a code, or a typed line.
    ///
    /// # Errors
    /// [`ReceiveError::Stream`]: frames with right check sums do not give a transfer. Nothing tells which of them is wrong,
    /// so the scan has to begin anew, and what was kept is gone.
    pub fn take(&mut self, text: &[u8]) -> Result<Seen, ReceiveError> {
        if text == self.last {
            return Ok(Seen::Same);
        }
        self.last.clear();
        self.last.extend(&text[..text.len().min(LONGEST_REMEMBERED)]);
        self.counts.frames += 1;
        let seen = match Frame::parse(text) {
            Ok(frame) => self.take_frame(frame)?,
            Err(error) if Frame::is_meant(text) => Seen::Damaged(error),
            Err(_) => Seen::Foreign(Foreign::of(text)),
        };
        match &seen {
            Seen::Same => {}
            Seen::New | Seen::Complete(_) => self.counts.of_use += 1,
            Seen::Known => self.counts.known += 1,
            Seen::Other(_) => self.counts.other += 1,
            Seen::Damaged(_) => self.counts.damaged += 1,
            Seen::Foreign(_) => self.counts.foreign += 1,
        }
        Ok(seen)
    }

    /// Turns to the other transfer that was seen last, if one was. What was kept of the first stays kept.
    ///
    /// # Errors
    /// As [`Session::take`].
    pub fn turn(&mut self) -> Result<Option<Seen>, ReceiveError> {
        let Some(frame) = self.other.take() else { return Ok(None) };
        self.received = None;
        self.take_frame(frame).map(Some)
    }

    /// The transfer that is received.
    #[must_use]
    pub fn stream(&self) -> Option<StreamId> {
        self.received.as_ref().map(|received| received.assembly.stream())
    }

    /// The other transfer that was seen last.
    #[must_use]
    pub fn other(&self) -> Option<StreamId> {
        self.other.as_ref().map(stream_of)
    }

    /// How much of the transfer is there.
    #[must_use]
    pub fn progress(&self) -> Option<Progress> {
        self.received.as_ref().map(|received| received.assembly.progress())
    }

    /// Whether a later scan can go on with what was received.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.received.as_ref().is_some_and(|received| received.kept.is_some())
    }

    /// Removes what is kept of the transfer: it was put to use, or is of none.
    pub fn forget(&mut self) {
        if let Some(kept) = self.received.as_mut().and_then(|received| received.kept.take()) {
            // A file that stays is read, checked and removed next time.
            let _ = kept.remove();
        }
    }

    /// Ends the scan and hands out what is kept of the transfer, for whoever puts it to use.
    #[must_use]
    pub fn into_kept(self) -> Option<Kept> {
        self.received?.kept
    }

    /// How many texts there were.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// What a person should know, once.
    pub fn notice(&mut self) -> Option<Notice> {
        self.notice.take()
    }

    fn take_frame(&mut self, frame: Frame) -> Result<Seen, ReceiveError> {
        let stream = stream_of(&frame);
        if self.stream().is_some_and(|current| current != stream) {
            self.other = Some(frame);
            return Ok(Seen::Other(stream));
        }
        match frame {
            Frame::Whole(bytes) => {
                let transfer = Container::parse(&bytes).map_err(StreamError::from)?;
                Ok(Seen::Complete(transfer))
            }
            Frame::Part(part) => match self.take_part(&part) {
                // What was kept may be to blame, so it is tried without.
                Err(_) if self.received.as_ref().is_some_and(|received| received.resumed) => {
                    self.begin_anew(&part);
                    self.take_part(&part)
                }
                result => result,
            }
            // What will never be a transfer is not kept.
            .inspect_err(|_| self.forget()),
        }
    }

    fn take_part(&mut self, part: &Part) -> Result<Seen, ReceiveError> {
        let received = match &mut self.received {
            Some(received) => received,
            None => {
                let (received, notice) = Received::begin(part, self.keeper.as_ref());
                self.notice = notice.or(self.notice.take());
                self.received.insert(received)
            }
        };
        let taken = received.assembly.take(part)?;
        if let Some(transfer) = received.assembly.transfer() {
            let transfer = transfer?;
            if matches!(taken, Taken::New) {
                self.keep(part);
            }
            return Ok(Seen::Complete(transfer));
        }
        Ok(match taken {
            Taken::New => {
                self.keep(part);
                Seen::New
            }
            Taken::Known => Seen::Known,
            // The same id with another length.
            Taken::OtherStream => {
                self.other = Some(Frame::Part(part.clone()));
                Seen::Other(part.stream())
            }
        })
    }

    fn keep(&mut self, part: &Part) {
        let Some(received) = &mut self.received else { return };
        let Some(kept) = &mut received.kept else { return };
        if let Err(error) = kept.add(&Frame::Part(part.clone()).text()) {
            // Lines before this one are of use all the same.
            received.kept = None;
            self.notice = Some(Notice::NotKept(error));
        }
    }

    fn begin_anew(&mut self, part: &Part) {
        if let Some(received) = &mut self.received {
            received.assembly = Assembly::new(part);
            received.resumed = false;
            if let Some(kept) = &mut received.kept
                && let Err(error) = kept.clear()
            {
                received.kept = None;
                self.notice = Some(Notice::NotKept(error));
                return;
            }
            self.notice = Some(Notice::KeptWrong);
        }
    }
}

/// No code has a longer text; what is longer is no frame and need not be told from what follows it.
const LONGEST_REMEMBERED: usize = 8_192;

fn stream_of(frame: &Frame) -> StreamId {
    match frame {
        Frame::Whole(bytes) => StreamId::of(bytes),
        Frame::Part(part) => part.stream(),
    }
}

impl Received {
    /// Begins with the stream of a frame, and with what was kept of it.
    fn begin(part: &Part, keeper: Option<&Keeper>) -> (Self, Option<Notice>) {
        let mut received = Self { assembly: Assembly::new(part), kept: None, resumed: false };
        let (mut kept, lines) = match keeper.map(|keeper| keeper.open(part.stream())) {
            Some(Ok(opened)) => opened,
            Some(Err(error)) => return (received, Some(Notice::NotKept(error))),
            None => return (received, None),
        };
        let notice = match received.resume(&lines) {
            Ok(0) => None,
            Ok(symbols) => Some(Notice::Resumed(symbols)),
            Err(_) => {
                received.assembly = Assembly::new(part);
                received.resumed = false;
                match kept.clear() {
                    Ok(()) => Some(Notice::KeptWrong),
                    Err(error) => return (received, Some(Notice::NotKept(error))),
                }
            }
        };
        received.kept = Some(kept);
        (received, notice)
    }

    /// Takes kept frames, as if they were seen, and says how many symbols they gave.
    fn resume(&mut self, lines: &[String]) -> Result<usize, StreamError> {
        for line in lines {
            // A line that is no frame of this stream was not written here, and is not looked at.
            if let Ok(Frame::Part(part)) = Frame::parse(line.as_bytes()) {
                self.assembly.take(&part)?;
            }
        }
        let symbols = self.assembly.progress().symbols;
        self.resumed = symbols > 0;
        Ok(symbols)
    }
}
