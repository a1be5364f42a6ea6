//! The bytes of a journal.
//!
//! `DCRCOLDJ` · version u8 = 1 · records. A record: length of the sealed part u32 · number u64 · tag of the record
//! before it 16 · nonce 24 · sealed part, whose last 16 bytes are the tag. Integers are little endian; the associated
//! data is the file's first 9 bytes and all of the record before the sealed part.

use std::ops::Range;

use dcrcold_core::hash::TransferId;

use super::history::Head;
use super::key::{JournalKey, NONCE, TAG};
use super::record::Record;

/// The first bytes of every journal: magic and version.
pub const START: [u8; 9] = *b"DCRCOLDJ\x01";
/// The length of a record's clear part.
const CLEAR: usize = 4 + 8 + TAG + NONCE;
/// The longest sealed part: 256 inputs and the outputs of a split for 100 tickets take less than 15,000 bytes.
const LONGEST: usize = 1 << 14;

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number and tag.
    pub head: Head,
    /// The tag of the record that came before it.
    pub previous: [u8; TAG],
    /// What it says.
    pub record: Record,
    pub(super) range: Range<usize>,
}

/// What is wrong with a journal's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ends within a record, as after a crash while that was written.
    Cut,
    /// Something in it was not sealed with the key of this seed, or stands in the wrong place.
    Damaged,
}

/// All that can be read of a journal.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) entries: Vec<Entry>,
    pub(super) flaw: Option<Flaw>,
}

impl Content {
    /// Reads what can be read: every record that is authentic and has a higher number than those before it.
    pub(super) fn read(bytes: &[u8], key: &JournalKey) -> Self {
        let mut content = Self::default();
        if !bytes.starts_with(&START) {
            content.flaw = Some(if START.starts_with(bytes) { Flaw::Cut } else { Flaw::Damaged });
            return content;
        }
        let mut at = START.len();
        while at < bytes.len() {
            let Some(range) = frame(bytes, at) else {
                content.found(if bytes.len() - at < CLEAR + LONGEST { Flaw::Cut } else { Flaw::Damaged });
                break;
            };
            at = range.end;
            match open(bytes, range, key) {
                Some(entry) if content.entries.last().is_none_or(|last| last.head.number < entry.head.number) => {
                    content.entries.push(entry);
                }
                _ => content.found(Flaw::Damaged),
            }
        }
        content
    }

    /// Notes a flaw; damage outweighs a cut.
    fn found(&mut self, flaw: Flaw) {
        if self.flaw != Some(Flaw::Damaged) {
            self.flaw = Some(flaw);
        }
    }
}

/// The bytes of the record that begins at `at`, if they are all there.
fn frame(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let length = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
    let sealed = usize::try_from(length).ok().filter(|length| (TAG..=LONGEST).contains(length))?;
    let end = at + CLEAR + sealed;
    (end <= bytes.len()).then_some(at..end)
}

fn open(bytes: &[u8], range: Range<usize>, key: &JournalKey) -> Option<Entry> {
    let (clear, sealed) = bytes.get(range.clone())?.split_at_checked(CLEAR)?;
    let (_, rest) = clear.split_first_chunk::<4>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (previous, nonce) = rest.split_first_chunk::<TAG>()?;
    let plain = key.open(nonce.try_into().ok()?, &[&START, clear].concat(), sealed)?;
    let head = Head { number: u64::from_le_bytes(*number), tag: *sealed.last_chunk()? };
    Some(Entry { head, previous: *previous, record: Record::decode(&plain).ok()?, range })
}

/// Seals a record; its bytes and its head come back. A nonce must never be used twice with a key.
#[must_use]
pub fn seal(
    record: &Record,
    number: u64,
    previous: &[u8; TAG],
    nonce: &[u8; NONCE],
    key: &JournalKey,
) -> (Vec<u8>, Head) {
    let plain = record.encode();
    let length = u32::try_from(plain.len() + TAG).expect("a record is shorter than LONGEST");
    let mut bytes = Vec::with_capacity(CLEAR + plain.len() + TAG);
    bytes.extend(length.to_le_bytes());
    bytes.extend(number.to_le_bytes());
    bytes.extend(previous);
    bytes.extend(nonce);
    let sealed = key.seal(nonce, &[&START[..], &bytes].concat(), &plain);
    let tag = *sealed.last_chunk().expect("the tag ends the sealed part");
    bytes.extend(sealed);
    (bytes, Head { number, tag })
}

/// Finds the record of a request, the latest one first.
pub(super) fn find<'a>(entries: &'a [Entry], request: &TransferId) -> Option<&'a Entry> {
    entries.iter().rev().find(|entry| entry.record.request.request == *request)
}
