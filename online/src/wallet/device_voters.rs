//! Voters that were approved on the device which holds the account's keys. A device keeps no list: it gives out a mark on
//! what it showed, and wants it back with every request that names the voter.

use dcrcold_signer::device::Mac;
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{OptionalExtension, params};

use super::db::column::Column;
use super::{Clock, Wallet, WalletError};

impl Wallet {
    /// The device's mark on a voter, if the person approved it under this name.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn device_mark(&self, voter: &VoterKeys) -> Result<Option<Mac>, WalletError> {
        let sql = "SELECT mac FROM device_voters WHERE fingerprint = ?1 AND name = ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let fingerprint = voter.fingerprint(self.network());
        Ok(query.query_row(params![Column(fingerprint), voter.name.as_str()], |row| row.get(0)).optional()?)
    }

    /// Keeps the device's mark on a voter, in the place of an earlier one.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn keep_device_mark(&mut self, voter: &VoterKeys, mac: &Mac, clock: &dyn Clock) -> Result<(), WalletError> {
        let sql = "INSERT OR REPLACE INTO device_voters (fingerprint, name, mac, added) VALUES (?1, ?2, ?3, ?4)";
        let fingerprint = Column(voter.fingerprint(self.network()));
        self.db.execute(sql, params![fingerprint, voter.name.as_str(), mac, clock.now().0])?;
        Ok(())
    }
}
