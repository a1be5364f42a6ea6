//! A thread that reads and decodes, so that keys are answered meanwhile.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Input;
use super::input::Opened;
use crate::cli::{Failure, FailureKind};
use crate::scan::image::Luma;
use crate::scan::reader::Reader;
use crate::scan::source::{Source, SourceError};

use crate::screens::Preview;

/// Looks that wait: with more, what is shown would lag behind what is seen.
const WAITING: usize = 2;
/// A camera or film that fails so often in a row will not get better. Pictures in files have an end.
const FAILURES: usize = 32;
/// Bytes of a line that are kept; what is longer is no code, and its rest is dropped.
pub(super) const LONGEST_LINE: usize = 8_192;

/// What the thread found.
pub(super) enum Look {
    /// A picture, and the codes in it.
    Picture(Preview, Vec<String>),
    /// A line.
    Line(Vec<u8>),
    /// A picture that is none, or nothing that could be read at all.
    Broken(SourceError),
    /// Nothing follows.
    End,
}

/// The thread. Dropping it ends it within a moment.
pub(super) struct Worker {
    looks: Option<Receiver<Look>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start(input: Input) -> Result<Self, Failure> {
        let stop = Arc::<AtomicBool>::default();
        let (to, looks) = sync_channel(WAITING);
        let told = Arc::clone(&stop);
        let thread = thread::Builder::new().name("scan".to_owned()).spawn(move || run(input, &to, &told));
        let thread = thread.map_err(|error| {
            Failure::new(FailureKind::Failed, format!("cannot start a thread to read pictures: {error}"))
        })?;
        Ok(Self { looks: Some(looks), stop, thread: Some(thread) })
    }

    /// What was found next, if anything was within a time. A thread that is gone has found its end.
    pub(super) fn look(&self, wait: Duration) -> Option<Look> {
        match self.looks.as_ref()?.recv_timeout(wait) {
            Ok(look) => Some(look),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Look::End),
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // It may wait for room.
        self.looks = None;
        if let Some(thread) = self.thread.take() {
            // A panic was reported when it happened.
            let _ = thread.join();
        }
    }
}

fn run(input: Input, to: &SyncSender<Look>, stop: &Arc<AtomicBool>) {
    let mut reader = Reader::new();
    match input.open(stop) {
        Ok(Opened::Film(mut film)) => pictures(film.as_mut(), FAILURES, to, stop, |picture| reader.read(picture)),
        Ok(Opened::Stills(mut stills)) => {
            pictures(&mut stills, usize::MAX, to, stop, |picture| reader.read_still(picture));
        }
        Ok(Opened::Lines(mut from)) => lines(&mut from, to),
        // Nobody may be listening any more, here and below.
        Err(error) => drop(to.send(Look::Broken(error))),
    }
    let _ = to.send(Look::End);
}

fn pictures(
    source: &mut dyn Source,
    most_failures: usize,
    to: &SyncSender<Look>,
    stop: &AtomicBool,
    mut read: impl FnMut(&Luma) -> Vec<String>,
) {
    let mut failures = 0;
    while !stop.load(Ordering::Relaxed) && failures < most_failures {
        let look = match source.next() {
            Ok(Some(picture)) => {
                failures = 0;
                let texts = read(&picture);
                Look::Picture(Preview::of(&picture), texts)
            }
            Ok(None) => return,
            Err(error) => {
                failures += 1;
                Look::Broken(error)
            }
        };
        if to.send(look).is_err() {
            return;
        }
    }
}

fn lines(from: &mut impl BufRead, to: &SyncSender<Look>) {
    while let Some(line) = line(from) {
        if !line.is_empty() && to.send(Look::Line(line)).is_err() {
            return;
        }
    }
}

/// The next line without its end, however it ends. A space may be its last character: base45 has one.
fn line(from: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    loop {
        let bytes = from.fill_buf().ok()?;
        if bytes.is_empty() {
            return (!line.is_empty()).then_some(line);
        }
        let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let part = &bytes[..end.unwrap_or(bytes.len())];
        line.extend(&part[..part.len().min(LONGEST_LINE - line.len())]);
        let read = part.len() + usize::from(end.is_some());
        from.consume(read);
        if end.is_some() {
            return Some(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn lines_end_in_many_ways_and_never_grow_beyond_their_bound() {
        let text = [&b"one\ntwo \r\n\rthree\n\n"[..], &vec![b'x'; 1 << 20], b"\nlast"].concat();
        for room in [1, 2, 7, 4096] {
            let mut from = BufReader::with_capacity(room, &text[..]);
            let lines: Vec<_> = std::iter::from_fn(|| line(&mut from)).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.len(), 5);
            assert_eq!([&lines[0][..], &lines[1], &lines[2], &lines[4]], [&b"one"[..], b"two ", b"three", b"last"]);
            assert_eq!(lines[3].len(), LONGEST_LINE);
        }
    }
}
