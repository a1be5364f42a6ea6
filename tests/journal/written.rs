//! A journal of three records, to break and to ask.

use std::fs;
use std::path::PathBuf;

use dcrcold_core::machine::{Counter, Mark, Memory};
use dcrcold_core::path::Account;
use dcrcold_signer::journal::{Entry, Flaw, History, Journal, Marks};
use dcrcold_signer::keystore::Contents;
use dcrcold_signer::signer::{JournalState, StoreMemory};
use tempfile::TempDir;

use crate::cold::{self, Cold, encoded};
use crate::{key, record, three_requests};

/// Magic and version.
pub(crate) const START: usize = 9;

/// A journal of three records, its bytes, and what the key store remembered before the first and after each.
pub(crate) struct Written {
    pub(crate) cold: Cold,
    pub(crate) folder: TempDir,
    pub(crate) bytes: Vec<u8>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) histories: [History; 4],
}

impl Written {
    pub(crate) fn new() -> Self {
        let (cold, folder) = (Cold::new(), tempfile::tempdir().unwrap());
        let path = folder.path().join("keystore.journal");
        let mut journal = Journal::read(path.clone(), key(&cold)).unwrap();
        let mut histories = [const { None }; 4];
        histories[0] = Some(History::new());
        for (number, request) in three_requests(&cold).iter().enumerate() {
            let mut history = histories[number].clone().unwrap();
            let record = record(&cold, request);
            history.marks.raise(record.account, &record.uses);
            journal.append(record, histories[number].as_ref()).unwrap();
            history.head = journal.last().unwrap().head;
            histories[number + 1] = Some(history);
        }
        let bytes = fs::read(&path).unwrap();
        let entries = journal.entries().to_vec();
        Self { cold, folder, bytes, entries, histories: histories.map(Option::unwrap) }
    }

    /// Where each record ends, the start of the file first.
    pub(crate) fn ends(&self) -> Vec<usize> {
        let mut ends = vec![START];
        while let Some(length) = self.bytes.get(*ends.last().unwrap()..).and_then(|rest| rest.first_chunk()) {
            ends.push(ends.last().unwrap() + 52 + u32::from_le_bytes(*length) as usize);
        }
        ends
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("keystore.journal")
    }

    /// Reads a journal of these bytes, next to a key store with this history.
    pub(crate) fn with(&self, bytes: &[u8], history: Option<&History>) -> StoreMemory {
        fs::write(self.path(), bytes).unwrap();
        self.reread(history)
    }

    pub(crate) fn reread(&self, history: Option<&History>) -> StoreMemory {
        let mut contents = self.contents();
        contents.set_history(history.cloned());
        StoreMemory::new(&contents, Journal::read(self.path(), key(&self.cold)).unwrap())
    }

    pub(crate) fn contents(&self) -> Contents {
        Contents::decode(&self.cold.contents.encode()).unwrap()
    }

    pub(crate) fn copies(&self) -> usize {
        let files = fs::read_dir(self.folder.path()).unwrap();
        files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains(".damaged-")).count()
    }

    /// Appends one more record, as the next approval does, and reads again: what was lost stays lost and is told.
    pub(crate) fn goes_on(&self, history: &History) {
        let mut journal = Journal::read(self.path(), key(&self.cold)).unwrap();
        let (known, complete) = (journal.entries().len(), history.is_complete(journal.entries()));
        let keeps = journal.flaw() == Some(Flaw::Damaged) || (journal.flaw().is_some() && !complete);
        let before = (fs::read(self.path()).unwrap_or_default(), self.copies());
        let another = record(&self.cold, &encoded(&self.cold.purchase(1)));
        journal.append(another.clone(), Some(history)).unwrap();
        let mut next = history.clone();
        next.head = journal.last().unwrap().head;
        let memory = self.reread(Some(&next));
        let entries = memory.journal().entries();
        assert_eq!((entries.len(), memory.journal().flaw()), (known + 1, None));
        assert_eq!(entries.last().unwrap().record, another);
        assert_eq!(memory.state(), if complete { JournalState::Good } else { JournalState::Older });
        assert_eq!(self.copies(), before.1 + usize::from(keeps));
        if keeps {
            let copy = self.folder.path().join("keystore.journal.damaged-1");
            assert_eq!(fs::read(&copy).unwrap(), before.0);
            fs::remove_file(copy).unwrap();
        }
    }
}

pub(crate) fn counters(cold: &Cold) -> [Counter; 3] {
    let voter = cold.voter().fingerprint(cold::NETWORK);
    [Counter::Internal(cold.path()), Counter::Voter(voter), Counter::Purse(voter)]
}

pub(crate) fn marks(memory: &mut StoreMemory, cold: &Cold) -> [Mark; 3] {
    counters(cold).map(|counter| memory.mark(counter))
}

pub(crate) fn marks_of(marks: &Marks, cold: &Cold) -> [Mark; 3] {
    let voter = marks.voter(&cold.voter().fingerprint(cold::NETWORK));
    let registered = |mark| if mark == 0 { Mark::Unknown } else { Mark::Below(mark) };
    let internal = Mark::Below(marks.internal(Account::FIRST).unwrap_or_default());
    [internal, registered(voter.voting), registered(voter.purse)]
}
