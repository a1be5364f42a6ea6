//! What happened on the network, written down as it happens, one record after the other.
//!
//! State is nothing but the sum of these records, so several processes share one network by reading on where they left
//! off. A record cut short by a crash never happened.
//!
//! File: `DCRCOLDSIM`, version u8 = 1, seed u64 LE, start time u32 LE; then records: kind u8, length u32 LE, that many
//! bytes, and the first four bytes of BLAKE-256 over all before them in the record.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use blake256::blake256;
use dcrcold_core::amount::Height;

use super::{Settings, SimError};

/// The file in the network's folder.
const FILE: &str = "network.journal";
const MAGIC: &[u8; 10] = b"DCRCOLDSIM";
const VERSION: u8 = 1;
const HEAD: usize = 10 + 1 + 8 + 4;
const RECORD_HEAD: usize = 1 + 4;
const CHECK: usize = 4;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A block became the tip; its serialisation.
    Block(Vec<u8>),
    /// A transaction was accepted; its serialisation.
    Sent(Vec<u8>),
    /// All blocks above a height were undone.
    Undone(Height),
}

impl Event {
    fn encode(&self) -> Vec<u8> {
        let (kind, payload) = match self {
            Self::Block(bytes) => (1, bytes.clone()),
            Self::Sent(bytes) => (2, bytes.clone()),
            Self::Undone(height) => (3, height.0.to_le_bytes().to_vec()),
        };
        let length = u32::try_from(payload.len()).expect("blocks and transactions have far fewer than 2^32 bytes");
        let mut record = vec![kind];
        record.extend(length.to_le_bytes());
        record.extend(payload);
        let hash = blake256(&record);
        record.extend(&hash[..CHECK]);
        record
    }

    /// Reads a record from the front of `bytes`, with its length; `None` when it is cut short or damaged.
    fn decode(bytes: &[u8]) -> Option<(Self, usize)> {
        let length = u32::from_le_bytes(*bytes.get(1..)?.first_chunk()?);
        let end = RECORD_HEAD + usize::try_from(length).ok()?;
        let (record, check) = (bytes.get(..end)?, bytes.get(end..end + CHECK)?);
        let payload = record.get(RECORD_HEAD..)?.to_vec();
        let event = match record.first()? {
            1 => Self::Block(payload),
            2 => Self::Sent(payload),
            3 => Self::Undone(Height(u32::from_le_bytes(payload.try_into().ok()?))),
            _ => return None,
        };
        (blake256(record).get(..CHECK)? == check).then_some((event, end + CHECK))
    }
}

/// The journal of a network in a folder.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// How far the file was read.
    read: u64,
}

impl Journal {
    /// Writes the journal of a new network into `folder`, which may exist but holds no network.
    pub(super) fn create(folder: &Path, settings: Settings) -> Result<Self, SimError> {
        let path = folder.join(FILE);
        std::fs::create_dir_all(folder).map_err(|error| SimError::io(folder, error))?;
        let file = OpenOptions::new().read(true).append(true).create_new(true).open(&path);
        let mut file = file.map_err(|error| SimError::io(&path, error))?;
        let mut head = MAGIC.to_vec();
        head.push(VERSION);
        head.extend(settings.seed.to_le_bytes());
        head.extend(settings.start.to_le_bytes());
        file.write_all(&head).map_err(|error| SimError::io(&path, error))?;
        Ok(Self { path, file, read: HEAD as u64 })
    }

    /// Opens the journal in `folder`.
    pub(super) fn open(folder: &Path) -> Result<(Self, Settings), SimError> {
        let path = folder.join(FILE);
        let file = OpenOptions::new().read(true).append(true).open(&path);
        let mut file = file.map_err(|error| SimError::io(&path, error))?;
        let mut head = [0; HEAD];
        let read = file.read_exact(&mut head);
        read.map_err(|_| SimError::NotANetwork { path: path.clone() })?;
        let settings = read_head(&head).ok_or_else(|| SimError::NotANetwork { path: path.clone() })?;
        Ok((Self { path, file, read: HEAD as u64 }, settings))
    }

    /// Keeps other processes out until [`Self::unlock`], and gives what they did meanwhile.
    pub(super) fn lock(&mut self) -> Result<Vec<Event>, SimError> {
        self.file.lock().map_err(|error| self.io(error))?;
        let (events, end) = self.read_on()?;
        // What follows the last whole record is of a process that did not get further.
        self.file.set_len(end).map_err(|error| self.io(error))?;
        self.read = end;
        Ok(events)
    }

    /// Lets other processes in again.
    pub(super) fn unlock(&mut self) -> Result<(), SimError> {
        self.file.unlock().map_err(|error| self.io(error))
    }

    /// Writes records down. The journal must be locked.
    pub(super) fn append(&mut self, events: &[Event]) -> Result<(), SimError> {
        let records: Vec<u8> = events.iter().flat_map(Event::encode).collect();
        self.file.write_all(&records).map_err(|error| self.io(error))?;
        self.read += records.len() as u64;
        Ok(())
    }

    /// The whole records after what was read, and where they end.
    fn read_on(&mut self) -> Result<(Vec<Event>, u64), SimError> {
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(self.read)).and_then(|_| self.file.read_to_end(&mut bytes));
        read.map_err(|error| self.io(error))?;
        let (mut events, mut rest) = (Vec::new(), bytes.as_slice());
        while let Some((event, length)) = Event::decode(rest) {
            events.push(event);
            rest = rest.get(length..).unwrap_or_default();
        }
        let end = self.read + (bytes.len() - rest.len()) as u64;
        Ok((events, end))
    }

    fn io(&self, error: io::Error) -> SimError {
        SimError::io(&self.path, error)
    }
}

fn read_head(head: &[u8; HEAD]) -> Option<Settings> {
    let rest = head.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_first()?;
    let (seed, start) = rest.split_first_chunk::<8>()?;
    let start = u32::from_le_bytes(start.try_into().ok()?);
    (*version == VERSION).then(|| Settings { seed: u64::from_le_bytes(*seed), start })
}
