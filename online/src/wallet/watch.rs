//! What the wallet looks for on the chain: the key hashes of both branches, those of the purses of its voters, and where
//! its tickets pay others.

use std::collections::HashMap;

use dcrcold_core::hash::Fingerprint;
use dcrcold_core::path::{Branch, Index, KeyPath, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use rusqlite::{Connection, Row, params};

use super::db::column::{Column, optional_path, payee};
use super::purse;
use super::voters::{self, WalletKeys};
use super::{GAP_LIMIT, WalletError};

/// Addresses made beyond the gap, so that not every use of a new address makes the search go back.
const SPARE: u32 = 80;

/// Whose a watched script is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A key of the account.
    Account(KeyPath),
    /// A key of a voter's purse.
    Purse {
        /// The voter.
        voter: Fingerprint,
        /// The index of the key.
        index: Index,
    },
    /// Somebody else.
    Other,
}

/// The scripts watched, as a table in memory.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    payees: HashMap<Payee, Owner>,
    scripts: Vec<Vec<u8>>,
}

impl Watch {
    /// Everything watched.
    pub(crate) fn load(db: &Connection) -> Result<Self, WalletError> {
        Self::query(db, "SELECT hash, is_script, branch, idx, voter, purse FROM scripts")
    }

    /// What was added since filters were searched.
    pub(crate) fn load_untested(db: &Connection) -> Result<Self, WalletError> {
        Self::query(db, "SELECT hash, is_script, branch, idx, voter, purse FROM scripts WHERE tested = 0")
    }

    fn query(db: &Connection, sql: &str) -> Result<Self, WalletError> {
        let mut watch = Self::default();
        let mut query = db.prepare_cached(sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let payee = payee(row, 0)?;
            watch.scripts.push(Payment { tag: None, payee }.script().as_bytes().to_vec());
            watch.payees.insert(payee, owner(row)?);
        }
        Ok(watch)
    }

    /// The scripts as filters hold them, without stake opcodes.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &[u8]> {
        self.scripts.iter().map(Vec::as_slice)
    }

    /// Whose a payee is; none if it is not watched.
    pub(crate) fn owner(&self, payee: &Payee) -> Option<Owner> {
        self.payees.get(payee).copied()
    }

    /// The path of the account's key that a payee is, if it is one.
    pub(crate) fn path(&self, payee: &Payee) -> Option<KeyPath> {
        match self.owner(payee) {
            Some(Owner::Account(path)) => Some(path),
            _ => None,
        }
    }

    /// Whether this is still everything watched, and everybody's. What another process adds and tests meanwhile counts as
    /// tested up to the last block searched, and not in those that are about to be.
    pub(crate) fn is_all(&self, db: &Connection) -> Result<bool, WalletError> {
        let owned = self.payees.values().filter(|owner| **owner != Owner::Other).count();
        let sql = "SELECT COUNT(*), COUNT(branch) + COUNT(voter) FROM scripts";
        let now: (i64, i64) = db.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok((i64::try_from(self.payees.len()), i64::try_from(owned)) == (Ok(now.0), Ok(now.1)))
    }

    /// Whether nothing is watched.
    pub(crate) fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }
}

fn owner(row: &Row<'_>) -> Result<Owner, WalletError> {
    let voter: Option<Column<Fingerprint>> = row.get(4)?;
    let index: Option<Column<Index>> = row.get(5)?;
    Ok(match (optional_path(row, 2)?, voter.zip(index)) {
        (Some(path), _) => Owner::Account(path),
        (None, Some((Column(voter), Column(index)))) => Owner::Purse { voter, index },
        (None, None) => Owner::Other,
    })
}

/// Makes sure that both branches and the purses of all voters are watched up to the gap limit beyond everything used,
/// reserved or handed out.
///
/// `tested` says that no filter was searched yet, so that none has to be searched again.
pub(crate) fn extend(db: &Connection, keys: &WalletKeys, tested: bool) -> Result<(), WalletError> {
    for branch in Branch::ALL {
        for index in missing(next_watched(db, branch)?, first_free(db, branch)?) {
            let path = KeyPath { branch, index };
            insert(db, &Payee::KeyHash(keys.account.hash(path)?), Owner::Account(path), tested)?;
        }
    }
    extend_purses(db, keys, tested)
}

fn extend_purses(db: &Connection, keys: &WalletKeys, tested: bool) -> Result<(), WalletError> {
    for voter in voters::known(db, keys)? {
        let fingerprint = voter.fingerprint(keys.account.network());
        let sql = "SELECT IFNULL(MAX(purse) + 1, 0) FROM scripts WHERE voter = ?1";
        let have: u32 = db.prepare_cached(sql)?.query_row([Column(fingerprint)], |row| row.get(0))?;
        for index in missing(have, purse::first_free(db, &fingerprint)?) {
            let payee = Payee::KeyHash(voter.hash(VoterAccount::Purse, index)?);
            insert(db, &payee, Owner::Purse { voter: fingerprint, index }, tested)?;
        }
    }
    Ok(())
}

/// The indexes to watch besides the first `have`, so that the gap above those that were used is watched; when some are
/// missing, a few more at once.
fn missing(have: u32, first_free: u32) -> impl Iterator<Item = Index> {
    let wanted = first_free.saturating_add(GAP_LIMIT);
    let end = if wanted > have { wanted.saturating_add(SPARE) } else { have };
    // The last numbers of a branch are out of reach of any wallet's life.
    (have..end).map_while(|number| Index::new(number.into()))
}

/// Watches where a ticket of ours pays somebody else; `again` searches all filters for it even if it was watched before.
pub(crate) fn add_foreign(db: &Connection, payee: &Payee, again: bool) -> Result<(), WalletError> {
    insert(db, payee, Owner::Other, false)?;
    if again {
        let mut update = db.prepare_cached("UPDATE scripts SET tested = 0 WHERE hash = ?1 AND is_script = ?2")?;
        update.execute(params![Column(*payee.hash()), payee.is_script()])?;
    }
    Ok(())
}

/// Says that the filters were searched for everything in `searched`.
pub(crate) fn mark_tested(db: &Connection, searched: &Watch) -> Result<(), WalletError> {
    let mut update = db.prepare_cached("UPDATE scripts SET tested = 1 WHERE hash = ?1 AND is_script = ?2")?;
    for payee in searched.payees.keys() {
        update.execute(params![Column(*payee.hash()), payee.is_script()])?;
    }
    Ok(())
}

/// One above the highest index of a branch that the chain, a purchase or a person knows.
pub(crate) fn first_free(db: &Connection, branch: Branch) -> Result<u32, WalletError> {
    let sql = "SELECT MAX(
        IFNULL((SELECT MAX(idx) FROM coins WHERE branch = ?1), -1),
        IFNULL((SELECT MAX(idx) FROM commitments WHERE branch = ?1), -1),
        CASE ?1 WHEN 0 THEN IFNULL((SELECT MAX(idx) FROM issued), -1)
                ELSE IFNULL((SELECT MAX(last_internal) FROM purchases WHERE state <> 0), -1) END
    ) + 1";
    Ok(db.prepare_cached(sql)?.query_row([Column(branch)], |row| row.get(0))?)
}

/// One above the highest index of a branch that was ever used on the chain.
pub(crate) fn first_unused(db: &Connection, branch: Branch) -> Result<u32, WalletError> {
    let sql = "SELECT MAX(
        IFNULL((SELECT MAX(idx) FROM coins WHERE branch = ?1), -1),
        IFNULL((SELECT MAX(idx) FROM commitments WHERE branch = ?1), -1)
    ) + 1";
    Ok(db.prepare_cached(sql)?.query_row([Column(branch)], |row| row.get(0))?)
}

fn next_watched(db: &Connection, branch: Branch) -> Result<u32, WalletError> {
    let sql = "SELECT IFNULL(MAX(idx) + 1, 0) FROM scripts WHERE branch = ?1";
    Ok(db.prepare_cached(sql)?.query_row([Column(branch)], |row| row.get(0))?)
}

fn insert(db: &Connection, payee: &Payee, owner: Owner, tested: bool) -> Result<(), WalletError> {
    // A key that was watched as somebody else's turns out to be ours when its branch grows.
    let sql = "INSERT INTO scripts (hash, is_script, branch, idx, voter, purse, tested)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (hash, is_script) DO UPDATE SET branch = excluded.branch, idx = excluded.idx,
            voter = excluded.voter, purse = excluded.purse, tested = 0
        WHERE branch IS NULL AND voter IS NULL AND (excluded.branch IS NOT NULL OR excluded.voter IS NOT NULL)";
    let (path, purse) = match owner {
        Owner::Account(path) => (Some(path), None),
        Owner::Purse { voter, index } => (None, Some((voter, index))),
        Owner::Other => (None, None),
    };
    let (branch, index) = (path.map(|path| Column(path.branch)), path.map(|path| Column(path.index)));
    let (voter, key) = (purse.map(|(voter, _)| Column(voter)), purse.map(|(_, index)| Column(index)));
    let hash = Column(*payee.hash());
    let row = params![hash, payee.is_script(), branch, index, voter, key, tested];
    db.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
