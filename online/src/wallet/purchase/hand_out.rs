//! From a request that is made to one that somebody has.
//!
//! A request locks its coins when it is made, and only then is it written to a file. A process that is killed in between
//! leaves coins locked for a request that nobody has: the next one that makes requests gives it up. So that it does not
//! take one for lost that another process is about to write, both hold a lock beside the wallet's file; the system
//! lets go of it when a process ends, however it ends.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use dcrcold_core::hash::TransferId;
use dcrcold_signer::file;
use dcrcold_signer::transfer::Container;
use rusqlite::Connection;

use super::super::db::column::Column;
use super::super::{Clock, Wallet, WalletError, db};
use super::{PurchaseError, PurchaseState, store};

/// What follows the name of the wallet's file.
const SUFFIX: &str = "-requests.lock";
/// The detail of the step "prepared" while nobody was given the request.
pub(super) const KEPT: &str = "nobody has it yet";
/// The step before a request is written to a file; the detail names it.
const WRITING: &str = "writing";
/// The step after it was.
const HANDED_OUT: &str = "handed out";
/// More than any request has.
const LARGEST: usize = 2 << 20;

/// Keeps other processes from making requests until it is dropped.
#[derive(Debug)]
pub struct RequestLock {
    _file: File,
    /// What became of requests whose makers were stopped.
    pub leftovers: Vec<Leftover>,
}

/// What became of a request whose maker was stopped before it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// The request.
    pub id: TransferId,
    /// The file that it was found in; none means that it was in none and was given up.
    pub file: Option<PathBuf>,
}

impl Wallet {
    /// Waits until no other process makes a request, and gives up those that were made and never reached a file.
    ///
    /// Held from before a request is made until [`Self::handed_out`].
    ///
    /// # Errors
    /// When the lock or the wallet file cannot be written.
    pub fn lock_requests(&mut self, clock: &dyn Clock) -> Result<RequestLock, PurchaseError> {
        let path = self.lock_file()?;
        let failed = |source| WalletError::File { path: path.clone(), source };
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(failed)?;
        file.lock().map_err(failed)?;
        let tx = db::begin(&mut self.db)?;
        let mut leftovers = Vec::new();
        for (id, written) in unfinished(&tx)? {
            let file = written.filter(|path| holds(path, &id));
            if let Some(file) = &file {
                store::step(&tx, &id, HANDED_OUT, Some(&file.to_string_lossy()), clock)?;
            } else {
                store::set_state(&tx, &id, PurchaseState::Cancelled)?;
                store::step(&tx, &id, "cancelled", Some("nobody had it"), clock)?;
            }
            leftovers.push(Leftover { id, file });
        }
        tx.commit().map_err(WalletError::from)?;
        Ok(RequestLock { _file: file, leftovers })
    }

    /// Notes that a request is about to be written to `path`.
    ///
    /// # Errors
    /// As [`Self::handed_out`].
    pub fn writing(&mut self, id: &TransferId, path: &Path, clock: &dyn Clock) -> Result<(), PurchaseError> {
        // From another folder the same name would be another file.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.note(id, WRITING, &path.to_string_lossy(), clock)
    }

    /// Notes that somebody has a request, so that only a person gives it up.
    ///
    /// # Errors
    /// [`PurchaseError::Cancelled`], [`PurchaseError::UnknownRequest`], or when the wallet file cannot be written.
    pub fn handed_out(&mut self, id: &TransferId, to: &Path, clock: &dyn Clock) -> Result<(), PurchaseError> {
        self.note(id, HANDED_OUT, &to.to_string_lossy(), clock)
    }

    fn note(&mut self, id: &TransferId, step: &str, detail: &str, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        match store::state(&tx, id)? {
            None => return Err(PurchaseError::UnknownRequest { id: *id }),
            Some(PurchaseState::Cancelled) => return Err(PurchaseError::Cancelled { id: *id }),
            Some(PurchaseState::Prepared) => store::step(&tx, id, step, Some(detail), clock)?,
            // Its answer is here already.
            Some(_) => {}
        }
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// Requests that were made and, as far as is written down, reached nobody.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn unfinished_requests(&self) -> Result<Vec<TransferId>, WalletError> {
        Ok(unfinished(&self.db)?.into_iter().map(|(id, _)| id).collect())
    }

    fn lock_file(&self) -> Result<PathBuf, WalletError> {
        let path = self.db.path().filter(|path| !path.is_empty());
        let path = path.ok_or_else(|| WalletError::Damaged { what: "it has no name".into() })?;
        Ok(format!("{path}{SUFFIX}").into())
    }
}

/// Prepared requests whose last step is not that somebody got them, with the file that they were meant for. Those of a
/// rule are not among them: whoever follows it next writes what is missing.
fn unfinished(db: &Connection) -> Result<Vec<(TransferId, Option<PathBuf>)>, WalletError> {
    let sql = "SELECT id, step, detail FROM purchases JOIN purchase_steps ON purchase = id
        WHERE state = 1 AND id NOT IN (SELECT request FROM auto_requests) AND number = (SELECT MAX(number) FROM purchase_steps WHERE purchase = id)
        AND (step = ?1 OR (step = ?2 AND detail = ?3)) ORDER BY number";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([WRITING, store::PREPARED, KEPT], |row| {
        let (Column(id), step, detail): (_, String, Option<String>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok((id, detail.filter(|_| step == WRITING).map(PathBuf::from)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a file is the request of this id.
fn holds(path: &Path, id: &TransferId) -> bool {
    let bytes = file::read(path, LARGEST).ok();
    bytes.and_then(|bytes| Container::parse(&bytes).ok()).is_some_and(|container| container.id() == id)
}
