//! The voters that a purchase may name, and which of their keys are in use.

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::Voters;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_signer::rebuild::KnownVoters;
use dcrcold_signer::transfer::{Container, Content, Encode};
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::db::column::Column;
use super::super::{Clock, Wallet, WalletError, db, watch};
use super::PurchaseError;

impl Wallet {
    /// The voter of the account's own seed.
    #[must_use]
    pub fn own_voter(&self) -> Option<VoterKeys> {
        let own = self.export.own_voter.as_ref()?;
        Some(VoterKeys { name: self.export.name.clone(), accounts: own.accounts })
    }

    /// All voters known here, the own one first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn voters(&self) -> Result<Vec<VoterKeys>, WalletError> {
        let mut voters: Vec<_> = self.own_voter().into_iter().collect();
        voters.extend(imported(&self.db)?);
        Ok(voters)
    }

    /// Makes a voter known by its public keys; doing it again changes nothing.
    ///
    /// # Errors
    /// [`WalletError::VoterRefused`] for a voter with a key that can spend, or when the wallet file cannot be written.
    pub fn add_voter(&mut self, voter: &VoterKeys, clock: &dyn Clock) -> Result<Fingerprint, WalletError> {
        let network = self.network();
        let fingerprint = voter.fingerprint(network);
        if self.own_voter().is_some_and(|own| own.fingerprint(network) == fingerprint) {
            return Ok(fingerprint);
        }
        let known = [voter.clone()];
        KnownVoters::new(network, &self.export.key, &known)
            .select(self.export.account, &fingerprint)
            .map_err(|refusal| WalletError::VoterRefused { refusal })?;
        let export = voter.to_container(network)?.encode();
        let tx = db::begin(&mut self.db)?;
        let sql = "INSERT OR REPLACE INTO voters (fingerprint, export, added) VALUES (?1, ?2, ?3)";
        tx.execute(sql, params![Column(fingerprint), export, clock.now().0])?;
        tx.commit()?;
        Ok(fingerprint)
    }

    /// The highest index of a voter that a request or a ticket uses, or the first index.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn highest_voter_index(&self, voter: &VoterKeys) -> Result<Index, WalletError> {
        let free = first_free(&self.db, voter, voter.fingerprint(self.network()))?;
        Ok(Index::new(free.saturating_sub(1).into()).unwrap_or_default())
    }

    /// Finds a voter by its fingerprint; without one, takes the own voter.
    pub(super) fn find_voter(&self, fingerprint: Option<Fingerprint>) -> Result<VoterKeys, PurchaseError> {
        let Some(fingerprint) = fingerprint else { return self.own_voter().ok_or(PurchaseError::NoVoter) };
        let network = self.network();
        let known = self.voters()?.into_iter().find(|voter| voter.fingerprint(network) == fingerprint);
        known.ok_or(PurchaseError::UnknownVoter { fingerprint })
    }
}

fn imported(db: &Connection) -> Result<Vec<VoterKeys>, WalletError> {
    let mut query = db.prepare_cached("SELECT export FROM voters ORDER BY added, fingerprint")?;
    let exports = query.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let voters = exports.iter().map(|bytes| Ok(VoterKeys::from_container(&Container::parse(bytes)?)?));
    voters.collect()
}

/// The first index of a voter that neither a request nor a ticket uses.
///
/// Tickets on the chain count too, since requests are forgotten when a wallet is made anew.
pub(super) fn first_free(db: &Connection, voter: &VoterKeys, fingerprint: Fingerprint) -> Result<u32, WalletError> {
    let sql = "SELECT IFNULL(MAX(first_voter + tickets), 0) FROM purchases WHERE voter = ?1 AND state <> 0";
    let mut free: u32 = db.query_row(sql, [Column(fingerprint)], |row| row.get(0))?;
    let sql = "SELECT 1 FROM tickets WHERE voting_hash = ?1 LIMIT 1";
    let mut query = db.prepare_cached(sql)?;
    let mut looked_at = free;
    while looked_at < free.saturating_add(watch::GAP_LIMIT) {
        let Some(index) = Index::new(looked_at.into()) else { break };
        let hash: Hash160 = voter.hash(VoterAccount::Voting, index)?;
        looked_at += 1;
        if query.query_row([Column(hash)], |_| Ok(())).optional()?.is_some() {
            free = looked_at;
        }
    }
    Ok(free)
}
