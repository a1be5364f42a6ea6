//! What a key store and its journal remember, as the core's machine wants it; and remembering one more request.

use std::fs;

use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::machine::{Counter, Earlier, Mark, Memory, NoMemory, Outpoint, Recall};
use dcrcold_core::path::Index;

use crate::file::FileError;
use crate::journal::{Flaw, History, Journal, JournalError, Marks, Record};
use crate::keystore::{Access, Contents, KeyStore, KeyStoreError};
use crate::rebuild::HostReviewable;

/// Remembers a request that was approved, before anything signed leaves.
pub trait Remember {
    /// Writes it down, durably.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be signed.
    fn remember(&mut self, request: &HostReviewable) -> Result<(), RememberError>;
}

impl Remember for NoMemory {
    fn remember(&mut self, _: &HostReviewable) -> Result<(), RememberError> {
        Ok(())
    }
}

/// The memory of a key store.
pub struct StoreMemory {
    journal: Journal,
    history: Option<History>,
    /// Marks of the key store, and of what was approved since it was written.
    marks: Marks,
    registered: Vec<Fingerprint>,
}

/// What a person should know of the journal itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalState {
    /// All is there.
    Good,
    /// Its last record was cut off while it was written, so that what it was for never left.
    CutShort,
    /// The key store knows of requests, and there is no journal.
    Missing,
    /// Records cannot be read.
    Damaged,
    /// It ends before the last request that the key store knows, or is the journal of another copy of the key store.
    Older,
}

impl StoreMemory {
    /// Reads the journal that lies beside a key store.
    ///
    /// # Errors
    /// When there is a journal that the system does not let this process read.
    pub fn open(store: &KeyStore) -> Result<Self, JournalError> {
        let (contents, path) = (store.contents(), store.path());
        // One key store has one journal, whatever link leads to it.
        let path = fs::canonicalize(path).map_err(FileError::io("find", path))?;
        Ok(Self::new(contents, Journal::read(Journal::path_of(&path), contents.journal_key())?))
    }

    /// Puts together what a key store and a journal remember.
    #[must_use]
    pub fn new(contents: &Contents, journal: Journal) -> Self {
        let history = contents.history().cloned();
        let mut marks = Marks::default();
        if let Some(history) = &history {
            marks = history.marks.clone();
            for entry in journal.entries().iter().filter(|entry| entry.head.number > history.head.number) {
                marks.raise(entry.record.account, &entry.record.uses);
            }
        }
        let registered = contents.voters().iter().map(|voter| voter.fingerprint(contents.network())).collect();
        Self { journal, history, marks, registered }
    }

    /// The journal.
    #[must_use]
    pub const fn journal(&self) -> &Journal {
        &self.journal
    }

    /// What a person should know of the journal.
    #[must_use]
    pub fn state(&self) -> JournalState {
        let complete = self.history.as_ref().is_none_or(|history| history.is_complete(self.journal.entries()));
        match (complete, self.journal.flaw()) {
            (true, None) => JournalState::Good,
            (true, Some(Flaw::Cut)) => JournalState::CutShort,
            (_, Some(Flaw::Damaged)) | (false, Some(Flaw::Cut)) => JournalState::Damaged,
            (false, None) if self.journal.is_there() => JournalState::Older,
            (false, None) => JournalState::Missing,
        }
    }

    /// Lets a key store that is open for [`Access::Write`] remember a request.
    pub const fn with<'a>(&'a mut self, store: &'a mut KeyStore) -> OpenMemory<'a> {
        OpenMemory { memory: self, store }
    }

    /// The mark below which all are, when the history of the keys is known from their first day.
    fn mark_of(&self, mark: u32, whole: bool) -> Mark {
        match (mark, &self.history) {
            (0, Some(History { since: 0, .. })) if whole => Mark::Below(0),
            (0, _) => Mark::Unknown,
            (mark, _) => Mark::Below(mark),
        }
    }
}

impl Memory for StoreMemory {
    fn recall(&mut self) -> Recall {
        match &self.history {
            None => Recall::Empty,
            Some(history) if history.is_complete(self.journal.entries()) => Recall::Whole,
            Some(_) => Recall::Incomplete,
        }
    }

    fn mark(&mut self, counter: Counter) -> Mark {
        // A registered voter may have served others before.
        match counter {
            Counter::Internal(path) => self.mark_of(self.marks.internal(path.account).unwrap_or_default(), true),
            Counter::Voter(voter) => self.mark_of(self.marks.voter(&voter).voting, !self.registered.contains(&voter)),
            Counter::Purse(voter) => self.mark_of(self.marks.voter(&voter).purse, !self.registered.contains(&voter)),
        }
    }

    fn spent_by(&mut self, coin: &Outpoint, but: &TransferId, number: u32) -> Option<Earlier> {
        self.nth(but, number, |record| record.spends(coin))
    }

    fn named_by(&mut self, voter: &Fingerprint, index: Index, but: &TransferId, number: u32) -> Option<Earlier> {
        self.nth(but, number, |record| record.names(voter, index))
    }
}

impl StoreMemory {
    /// The request of the `number`th record that fits, counted from the end.
    fn nth(&self, but: &TransferId, number: u32, fits: impl Fn(&Record) -> bool) -> Option<Earlier> {
        let records = self.journal.entries().iter().rev().map(|entry| &entry.record);
        let mut fitting = records.filter(|record| record.request.request != *but && fits(record));
        fitting.nth(usize::try_from(number).ok()?).map(|record| record.request)
    }
}

/// A memory together with the key store that it is written to.
pub struct OpenMemory<'a> {
    memory: &'a mut StoreMemory,
    store: &'a mut KeyStore,
}

impl Remember for OpenMemory<'_> {
    fn remember(&mut self, request: &HostReviewable) -> Result<(), RememberError> {
        let (memory, store) = (&mut *self.memory, &mut *self.store);
        if store.access() != Access::Write {
            return Err(KeyStoreError::OnlyRead { path: store.path().to_owned() }.into());
        }
        let record = Record::of(request);
        let (account, uses) = (record.account, record.uses);
        // The journal first: when the power fails between the two, the key store is behind and catches up.
        if memory.journal.find(request.id()).is_none() {
            memory.journal.append(record, memory.history.as_ref())?;
        }
        let last = memory.journal.last().map(|entry| entry.head);
        let own = memory.journal.find(request.id()).map_or(0, |entry| entry.head.number);
        memory.marks.raise(account, &uses);
        let mut history = memory.history.clone().unwrap_or(History { since: own, ..History::new() });
        if let Some(last) = last.filter(|last| last.number > history.head.number) {
            history.head = last;
        }
        history.marks = memory.marks.clone();
        if store.contents().history() != Some(&history) {
            let noted = history.clone();
            store.update(|contents| {
                contents.set_history(Some(noted));
                Ok::<_, KeyStoreError>(())
            })?;
        }
        memory.history = Some(history);
        Ok(())
    }
}

/// Why an approved request cannot be remembered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RememberError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The key store.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
}
