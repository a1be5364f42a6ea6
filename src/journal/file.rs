//! The file of a journal: read as far as it is authentic, appended to, never rewritten without keeping a copy.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use dcrcold_core::hash::TransferId;

use super::content::{Content, Entry, Flaw, START, find, seal};
use super::history::{Head, History};
use super::key::{JournalKey, NONCE};
use super::record::Record;
use crate::file::{self, FileError, Readers};

/// The largest journal: some forty thousand requests of the usual size.
const MAX_FILE: usize = 1 << 24;
/// How many damaged journals are kept beside the good one.
const MAX_COPIES: u32 = 100;

/// A journal as it was found. Only who holds the lock of the key store may append.
pub struct Journal {
    path: PathBuf,
    key: JournalKey,
    bytes: Vec<u8>,
    there: bool,
    content: Content,
}

impl Journal {
    /// The journal that belongs to a key store.
    #[must_use]
    pub fn path_of(store: &Path) -> PathBuf {
        beside(store, ".journal")
    }

    /// Reads a journal; one that is not there is an empty one, and what is damaged in it is passed over.
    ///
    /// # Errors
    /// [`FileError::Io`] when there is a file that cannot be read.
    pub fn read(path: PathBuf, key: JournalKey) -> Result<Self, JournalError> {
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, key, bytes: Vec::new(), there: false, content: Content::default() });
            }
            Err(error) => return Err(FileError::io("read", &path)(error).into()),
        };
        let bytes = file::read_from(file, &path, MAX_FILE)?;
        let content = Content::read(&bytes, &key);
        Ok(Self { path, key, bytes, there: true, content })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        self.there
    }

    /// What is wrong with its bytes.
    #[must_use]
    pub const fn flaw(&self) -> Option<Flaw> {
        self.content.flaw
    }

    /// The records, by their numbers.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.content.entries
    }

    /// The record of a request.
    #[must_use]
    pub fn find(&self, request: &TransferId) -> Option<&Entry> {
        find(&self.content.entries, request)
    }

    /// The last record.
    #[must_use]
    pub fn last(&self) -> Option<&Entry> {
        self.content.entries.last()
    }

    /// Appends a record, durably; after an error the journal is as before, or ends within a record that nobody reads.
    ///
    /// It follows the last record, or what the key store remembers where the two do not agree: then the break stays
    /// visible for ever.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn append(&mut self, record: Record, history: Option<&History>) -> Result<(), JournalError> {
        let complete = history.is_none_or(|history| history.is_complete(self.entries()));
        let last = self.last().map_or(Head::START, |entry| entry.head);
        let head = history.map_or(Head::START, |history| history.head);
        let previous = if complete { last.tag } else { head.tag };
        let number = last.number.max(head.number).checked_add(1).ok_or(JournalError::Full { most: MAX_FILE })?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| JournalError::NoRandomness)?;
        let (bytes, head) = seal(&record, number, &previous, &nonce, &self.key);
        if self.bytes.len().max(START.len()) + bytes.len() > MAX_FILE {
            return Err(JournalError::Full { most: MAX_FILE });
        }
        if let Some(flaw) = self.content.flaw {
            self.mend(flaw == Flaw::Damaged || !complete)?;
        }
        self.write(&bytes)?;
        let range = self.bytes.len() - bytes.len()..self.bytes.len();
        self.content.entries.push(Entry { head, previous, record, range });
        Ok(())
    }

    /// Takes out what cannot be read, so that what is appended can be; `keep` saves the file as it was found.
    fn mend(&mut self, keep: bool) -> Result<(), JournalError> {
        if keep {
            self.keep_copy()?;
        }
        let mut bytes = START.to_vec();
        for entry in &mut self.content.entries {
            let at = bytes.len();
            bytes.extend(&self.bytes[entry.range.clone()]);
            entry.range = at..bytes.len();
        }
        file::replace(&self.path, &bytes, Readers::Owner)?;
        self.bytes = bytes;
        self.content.flaw = None;
        Ok(())
    }

    fn keep_copy(&self) -> Result<(), JournalError> {
        let mut result = Ok(());
        for number in 1..=MAX_COPIES {
            result = file::write_new(&beside(&self.path, &format!(".damaged-{number}")), &self.bytes, Readers::Owner);
            if !matches!(result, Err(FileError::Exists { .. })) {
                break;
            }
        }
        Ok(result?)
    }

    fn write(&mut self, record: &[u8]) -> Result<(), JournalError> {
        if !self.there {
            let bytes = [&START, record].concat();
            file::write_new(&self.path, &bytes, Readers::Owner)?;
            (self.bytes, self.there) = (bytes, true);
            return Ok(());
        }
        let error = FileError::io("write", &self.path);
        let mut file = File::options().append(true).open(&self.path).map_err(&error)?;
        let length = file.metadata().map_err(&error)?.len();
        if length != self.bytes.len() as u64 {
            return Err(JournalError::Changed { path: self.path.clone() });
        }
        if let Err(failed) = file.write_all(record).and_then(|()| file.sync_all()) {
            // Whether this works or not: a record without its end is no record.
            let _ = file.set_len(length);
            return Err(error(failed).into());
        }
        self.bytes.extend(record);
        Ok(())
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no room for another record.
    #[error("journal has no room for another request, it may have {most} bytes")]
    Full {
        /// The bound.
        most: usize,
    },
    /// Somebody wrote to it who does not hold the lock.
    #[error("journal {} was changed by another program", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}
