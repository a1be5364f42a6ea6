//! Addresses to be paid at.

use dcrcold_core::path::{Branch, Index, KeyPath};
use dcrcold_signer::address::Address;
use rusqlite::params;

use super::{Clock, GAP_LIMIT, Wallet, WalletError, db, watch};

/// Which address to hand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receive {
    /// The last one, as long as nobody paid it.
    Current,
    /// One that was never handed out.
    New,
}

impl Wallet {
    /// Hands out an address of the external branch that was never paid.
    ///
    /// # Errors
    /// [`WalletError::AddressGap`] when a restore from the seed would not find the next one.
    pub fn receive(&mut self, which: Receive, clock: &dyn Clock) -> Result<(KeyPath, Address), WalletError> {
        let tx = db::begin(&mut self.db)?;
        let unused = watch::first_unused(&tx, Branch::External)?;
        let issued: Option<u32> = tx.query_row("SELECT MAX(idx) FROM issued", [], |row| row.get(0))?;
        let current = issued.filter(|issued| *issued >= unused);
        let number = match (which, current) {
            (Receive::Current, Some(current)) => current,
            (Receive::New, Some(current)) => current.saturating_add(1),
            (_, None) => unused,
        };
        if number >= unused.saturating_add(GAP_LIMIT) {
            return Err(WalletError::AddressGap { limit: GAP_LIMIT });
        }
        let index = Index::new(number.into()).ok_or(WalletError::AddressGap { limit: GAP_LIMIT })?;
        tx.execute("INSERT OR IGNORE INTO issued (idx, at) VALUES (?1, ?2)", params![number, clock.now().0])?;
        watch::extend(&tx, &self.keys, false)?;
        tx.commit()?;
        let path = KeyPath::external(index);
        Ok((path, Address::of_key_hash(self.network(), self.keys.account.hash(path)?)))
    }
}
