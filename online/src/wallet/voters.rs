//! The voters that the account may name, and which of their keys are in use.

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::machine::Voters;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Generation, Index, VoterAccount};
use dcrcold_signer::hd::HdError;
use dcrcold_signer::rebuild::KnownVoters;
use dcrcold_signer::transfer::{Container, Content, Encode, OwnVoter, WatchExport};
use dcrcold_signer::voter::VoterKeys;
use rusqlite::{Connection, OptionalExtension, params};

use super::account::AccountKeys;
use super::db::column::Column;
use super::purchase::PurchaseError;
use super::{Clock, GAP_LIMIT, Wallet, WalletError, db};

/// The public keys that a wallet derives addresses from.
#[derive(Clone, Debug)]
pub(crate) struct WalletKeys {
    /// The spending account.
    pub(crate) account: AccountKeys,
    /// The voter of the account's own seed.
    pub(crate) own_voter: Option<VoterKeys>,
}

impl WalletKeys {
    /// The keys of a watch export.
    pub(crate) fn new(network: Network, export: &WatchExport) -> Result<Self, HdError> {
        let own = export.own_voter.as_ref();
        Ok(Self {
            account: AccountKeys::new(network, export.account, &export.key)?,
            own_voter: own.map(|own| VoterKeys { name: export.name.clone(), accounts: own.accounts }),
        })
    }
}

/// All voters known in a wallet file, the own one first.
pub(crate) fn known(db: &Connection, keys: &WalletKeys) -> Result<Vec<VoterKeys>, WalletError> {
    let mut voters: Vec<_> = keys.own_voter.iter().cloned().collect();
    voters.extend(imported(db)?);
    Ok(voters)
}

impl Wallet {
    /// The voter of the account's own seed.
    #[must_use]
    pub fn own_voter(&self) -> Option<VoterKeys> {
        self.keys.own_voter.clone()
    }

    /// All voters known here, the own one first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn voters(&self) -> Result<Vec<VoterKeys>, WalletError> {
        known(&self.db, &self.keys)
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
        self.check_voter(voter, &fingerprint)?;
        let tx = db::begin(&mut self.db)?;
        insert(&tx, network, voter, clock)?;
        tx.commit()?;
        Ok(fingerprint)
    }

    /// Makes a later generation of the own voter the one that purchases name. The one before stays known.
    ///
    /// # Errors
    /// [`WalletError::GenerationNotNewer`], and those of [`Self::add_voter`].
    pub fn rotate_own_voter(
        &mut self,
        generation: Generation,
        voter: &VoterKeys,
        clock: &dyn Clock,
    ) -> Result<Fingerprint, WalletError> {
        let network = self.network();
        let fingerprint = voter.fingerprint(network);
        let own = self.export.own_voter.as_ref().map(|own| own.generation);
        if own.is_some_and(|own| generation.number() <= own.number()) {
            return Err(WalletError::GenerationNotNewer { found: generation, own: own.unwrap_or_default() });
        }
        self.check_voter(voter, &fingerprint)?;
        let mut export = self.export.clone();
        export.own_voter = Some(OwnVoter { generation, accounts: voter.accounts });
        let bytes = export.to_container(network)?.encode();
        let before = self.own_voter();
        let tx = db::begin(&mut self.db)?;
        if let Some(before) = before {
            insert(&tx, network, &before, clock)?;
        }
        tx.execute("UPDATE wallet SET export = ?1", [bytes])?;
        tx.commit()?;
        self.keys = WalletKeys::new(network, &export)?;
        self.export = export;
        Ok(fingerprint)
    }

    /// Takes up what another process made of the own voter, so that one that runs for long names the right one.
    pub(super) fn take_up_rotation(&mut self) -> Result<(), WalletError> {
        let bytes: Vec<u8> = self.db.query_row("SELECT export FROM wallet", [], |row| row.get(0))?;
        let export = WatchExport::from_container(&Container::parse(&bytes)?)?;
        if export.own_voter != self.export.own_voter {
            self.keys = WalletKeys::new(self.network(), &export)?;
            self.export = export;
        }
        Ok(())
    }

    /// Refuses a voter with a key that can spend.
    fn check_voter(&self, voter: &VoterKeys, fingerprint: &Fingerprint) -> Result<(), WalletError> {
        KnownVoters::new(self.network(), &self.export.key, std::slice::from_ref(voter))
            .select(self.export.account, fingerprint)
            .map_err(|refusal| WalletError::VoterRefused { refusal })
            .map(drop)
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
    ///
    /// # Errors
    /// [`PurchaseError::UnknownVoter`], [`PurchaseError::NoVoter`], or when the wallet file cannot be read.
    pub fn find_voter(&self, fingerprint: Option<Fingerprint>) -> Result<VoterKeys, PurchaseError> {
        let Some(fingerprint) = fingerprint else { return self.own_voter().ok_or(PurchaseError::NoVoter) };
        let network = self.network();
        let known = self.voters()?.into_iter().find(|voter| voter.fingerprint(network) == fingerprint);
        known.ok_or(PurchaseError::UnknownVoter { fingerprint })
    }
}

fn insert(db: &Connection, network: Network, voter: &VoterKeys, clock: &dyn Clock) -> Result<(), WalletError> {
    let export = voter.to_container(network)?.encode();
    let sql = "INSERT OR REPLACE INTO voters (fingerprint, export, added) VALUES (?1, ?2, ?3)";
    db.execute(sql, params![Column(voter.fingerprint(network)), export, clock.now().0])?;
    Ok(())
}

fn imported(db: &Connection) -> Result<Vec<VoterKeys>, WalletError> {
    let mut query = db.prepare_cached("SELECT export FROM voters ORDER BY added, fingerprint")?;
    let exports = query.query_map([], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
    let voters = exports.iter().map(|bytes| Ok(VoterKeys::from_container(&Container::parse(bytes)?)?));
    voters.collect()
}

/// The first index of a voter that neither a purchase, a signed registration nor a ticket uses.
///
/// Tickets on the chain count too, since requests are forgotten when a wallet is made anew.
pub(crate) fn first_free(db: &Connection, voter: &VoterKeys, fingerprint: Fingerprint) -> Result<u32, WalletError> {
    let sql = "SELECT MAX(
        IFNULL((SELECT MAX(first_voter + tickets) FROM purchases WHERE voter = ?1 AND state <> 0), 0),
        IFNULL((SELECT MAX(first_voter + tickets) FROM registration_requests WHERE voter = ?1 AND answered = 1), 0))";
    let mut free: u32 = db.query_row(sql, [Column(fingerprint)], |row| row.get(0))?;
    let sql = "SELECT 1 FROM tickets WHERE voting_hash = ?1 LIMIT 1";
    let mut query = db.prepare_cached(sql)?;
    let mut looked_at = free;
    while looked_at < free.saturating_add(GAP_LIMIT) {
        let Some(index) = Index::new(looked_at.into()) else { break };
        let hash: Hash160 = voter.hash(VoterAccount::Voting, index)?;
        looked_at += 1;
        if query.query_row([Column(hash)], |_| Ok(())).optional()?.is_some() {
            free = looked_at;
        }
    }
    Ok(free)
}

/// The first index for messages that name this voter for tickets of others: beyond requests that wait for their answers
/// too, but never so far that a signer, which has not seen those, would refuse it.
pub(crate) fn next_registered(
    db: &Connection,
    voter: &VoterKeys,
    fingerprint: Fingerprint,
) -> Result<u32, WalletError> {
    let free = first_free(db, voter, fingerprint)?;
    let sql =
        "SELECT IFNULL(MAX(first_voter + tickets), 0) FROM registration_requests WHERE voter = ?1 AND answered = 0";
    let asked: u32 = db.query_row(sql, [Column(fingerprint)], |row| row.get(0))?;
    Ok(asked.clamp(free, free.saturating_add(GAP_LIMIT - 1)))
}
