//! What the key store itself remembers: the last record of the journal, and the highest indexes.
//!
//! `[since, number, tag, accounts, voters]`: the first record that must be there, or 0 when nothing was signed before the
//! first one · number and tag of the last record · array of `[account, one above the highest internal index]` · array
//! of `[voter, one above its highest voting index, one above its highest purse index]`, both ascending.

use std::collections::BTreeMap;

use dcrcold_core::cbor::{CborError, Reader, Writer};
use dcrcold_core::hash::{Fingerprint, Sink};
use dcrcold_core::machine::{Run, Uses};
use dcrcold_core::path::Account;

use super::content::Entry;
use super::key::TAG;
use crate::transfer::{BodyError, read_account};

/// The place of a record in its journal, and its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; the first one has 1.
    pub number: u64,
    /// What authenticates it.
    pub tag: [u8; TAG],
}

impl Head {
    /// Before the first record.
    pub const START: Self = Self { number: 0, tag: [0; TAG] };
}

/// How far the keys of a voter were used: one above the highest index, 0 when none was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VoterMarks {
    /// Of voting and alt-sign keys.
    pub voting: u32,
    /// Of purse keys.
    pub purse: u32,
}

/// How far indexes of approved requests have come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    internal: BTreeMap<Account, u32>,
    voters: BTreeMap<Fingerprint, VoterMarks>,
}

impl Marks {
    /// One above the highest internal index of an account.
    #[must_use]
    pub fn internal(&self, account: Account) -> Option<u32> {
        self.internal.get(&account).copied()
    }

    /// The marks of a voter.
    #[must_use]
    pub fn voter(&self, voter: &Fingerprint) -> VoterMarks {
        self.voters.get(voter).copied().unwrap_or_default()
    }

    /// Takes over what a request uses; a mark never falls.
    pub fn raise(&mut self, account: Account, uses: &Uses) {
        let lift = |mark: &mut u32, run: Run| *mark = (*mark).max(run.end());
        if let Some(run) = uses.internal {
            lift(self.internal.entry(account).or_default(), run);
        }
        let Some(voter) = uses.voter else { return };
        let marks = self.voters.entry(voter).or_default();
        if let Some(run) = uses.voting {
            lift(&mut marks.voting, run);
        }
        if let Some(run) = uses.purse {
            lift(&mut marks.purse, run);
        }
    }
}

/// What a key store remembers of the requests that it approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The first record that must be in the journal; 0 when the history is that of the keys from their first day.
    pub since: u64,
    /// The last record.
    pub head: Head,
    /// The highest indexes.
    pub marks: Marks,
}

impl History {
    /// The history of keys that have signed nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { since: 0, head: Head::START, marks: Marks::default() }
    }

    /// Whether a journal holds every record that it must, each following the one before it.
    #[must_use]
    pub fn is_complete(&self, entries: &[Entry]) -> bool {
        let mut expected = self.since.max(1);
        let mut before: Option<&Entry> = None;
        for entry in entries.iter().filter(|entry| entry.head.number >= self.since) {
            let follows = before.is_none_or(|before| before.head.tag == entry.previous);
            let known = entry.head.number != self.head.number || entry.head.tag == self.head.tag;
            if entry.head.number != expected || !follows || !known {
                return false;
            }
            expected += 1;
            before = Some(entry);
        }
        expected > self.head.number
    }

    pub(crate) fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        writer.array(5).uint(self.since).uint(self.head.number).bytes(&self.head.tag);
        writer.array(self.marks.internal.len() as u64);
        for (account, mark) in &self.marks.internal {
            writer.array(2).uint(u64::from(account.number())).uint(u64::from(*mark));
        }
        writer.array(self.marks.voters.len() as u64);
        for (voter, marks) in &self.marks.voters {
            writer.array(3).bytes(voter.as_bytes()).uint(u64::from(marks.voting)).uint(u64::from(marks.purse));
        }
    }

    /// Reads what was written. Entries out of order are found by writing again, as in every body.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, BodyError> {
        reader.array_of(5)?;
        let since = reader.uint()?;
        let head = Head { number: reader.uint()?, tag: reader.array_of_bytes()? };
        let mut marks = Marks::default();
        for _ in 0..reader.array()? {
            reader.array_of(2)?;
            marks.internal.insert(read_account(reader)?, mark(reader)?);
        }
        for _ in 0..reader.array()? {
            reader.array_of(3)?;
            let voter = Fingerprint::from_bytes(reader.array_of_bytes()?);
            marks.voters.insert(voter, VoterMarks { voting: mark(reader)?, purse: mark(reader)? });
        }
        Ok(Self { since, head, marks })
    }
}

impl Default for History {
    fn default() -> Self {
        Self::new()
    }
}

fn mark(reader: &mut Reader<'_>) -> Result<u32, BodyError> {
    u32::try_from(reader.uint()?).map_err(|_| CborError::Unexpected.into())
}
