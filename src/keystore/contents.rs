//! What is inside of a key store.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation};
use dcrcold_core::policy::Limits;
use zeroize::Zeroizing;

use super::body;
use crate::hd::{Derivation, ExtendedPrivateKey, HdError};
use crate::journal::{History, JournalKey};
use crate::name::Name;
use crate::seed::Seed;
use crate::swap;
use crate::transfer::{BodyError, decode, exact};
use crate::voter::VoterKeys;

/// What the names of own voters begin with in reviews, and those of registered voters never.
pub(crate) const OWN_VOTER: &str = "own voter";

/// A spending account that the signer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEntry {
    /// Its number.
    pub account: Account,
    /// What people call it.
    pub name: Name,
}

/// The content of a key store.
pub struct Contents {
    pub(super) seed: Seed,
    pub(super) network: Network,
    pub(super) coin_type: CoinType,
    pub(super) derivation: Derivation,
    pub(super) accounts: Vec<AccountEntry>,
    pub(super) limits: Limits,
    pub(super) voters: Vec<VoterKeys>,
    pub(super) generations: Vec<Generation>,
    pub(super) birthday: Option<Height>,
    pub(super) history: Option<History>,
}

impl Contents {
    /// Starts a key store with one account, the default limits and the own voter of generation 0; what its keys signed
    /// before is not known.
    #[must_use]
    pub fn new(
        seed: Seed,
        network: Network,
        coin_type: CoinType,
        derivation: Derivation,
        account: AccountEntry,
        birthday: Option<Height>,
    ) -> Self {
        Self {
            seed,
            network,
            coin_type,
            derivation,
            accounts: vec![account],
            limits: Limits::DEFAULT,
            voters: Vec::new(),
            generations: vec![Generation::FIRST],
            birthday,
            history: None,
        }
    }

    /// Reads the plain content of a key store.
    ///
    /// # Errors
    /// What is malformed.
    pub fn decode(plain: &[u8]) -> Result<Self, BodyError> {
        decode(plain, body::read, body::write)
    }

    /// Writes the plain content.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let plain = Zeroizing::new(exact(|writer| body::write(self, writer)));
        swap::keep(&plain);
        plain
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Makes the master key.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn master(&self) -> Result<ExtendedPrivateKey, HdError> {
        ExtendedPrivateKey::master(self.seed.as_bytes(), self.network, self.derivation)
    }

    /// The network that the keys are for.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The coin type of all accounts.
    #[must_use]
    pub const fn coin_type(&self) -> CoinType {
        self.coin_type
    }

    /// How keys are derived.
    #[must_use]
    pub const fn derivation(&self) -> Derivation {
        self.derivation
    }

    /// The spending accounts, at least one, by their numbers.
    #[must_use]
    pub fn accounts(&self) -> &[AccountEntry] {
        &self.accounts
    }

    /// The path of an account, if the store holds it.
    #[must_use]
    pub fn find_account(&self, account: Account) -> Option<&AccountEntry> {
        self.accounts.iter().find(|entry| entry.account == account)
    }

    /// The path of one of the accounts.
    #[must_use]
    pub const fn path(&self, account: Account) -> AccountPath {
        AccountPath { coin_type: self.coin_type, account }
    }

    /// What the signer allows at most.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The registered voters, in the order of their registration.
    #[must_use]
    pub fn voters(&self) -> &[VoterKeys] {
        &self.voters
    }

    /// The registered voter with a fingerprint.
    #[must_use]
    pub fn find_voter(&self, fingerprint: &Fingerprint) -> Option<&VoterKeys> {
        self.voters.iter().find(|voter| voter.fingerprint(self.network) == *fingerprint)
    }

    /// The generations of own voters in use, 0 among them.
    #[must_use]
    pub fn generations(&self) -> &[Generation] {
        &self.generations
    }

    /// A height below which the accounts were not used.
    #[must_use]
    pub const fn birthday(&self) -> Option<Height> {
        self.birthday
    }

    /// What was signed before; `None` when that is not known, as after a restore.
    #[must_use]
    pub const fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// The key of the journal.
    #[must_use]
    pub fn journal_key(&self) -> JournalKey {
        JournalKey::derive(&self.seed, self.network, self.derivation, self.coin_type)
    }

    /// Notes what was signed before, or that it is not known.
    pub fn set_history(&mut self, history: Option<History>) {
        self.history = history;
    }

    /// Changes what the signer allows at most.
    pub const fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Adds a spending account.
    ///
    /// # Errors
    /// [`ContentsError::AccountExists`].
    pub fn add_account(&mut self, entry: AccountEntry) -> Result<(), ContentsError> {
        match self.accounts.binary_search_by_key(&entry.account, |entry| entry.account) {
            Ok(_) => Err(ContentsError::AccountExists { account: entry.account }),
            Err(place) => {
                self.accounts.insert(place, entry);
                Ok(())
            }
        }
    }

    /// Registers a voter. Whether its accounts may be registered is for the caller to check first.
    ///
    /// # Errors
    /// [`ContentsError::NameReserved`], [`ContentsError::VoterExists`], [`ContentsError::NameTaken`].
    pub fn add_voter(&mut self, voter: VoterKeys) -> Result<(), ContentsError> {
        if passes_for_own(&voter.name) {
            return Err(ContentsError::NameReserved { name: voter.name });
        }
        let fingerprint = voter.fingerprint(self.network);
        if let Some(known) = self.find_voter(&fingerprint) {
            return Err(ContentsError::VoterExists { fingerprint, name: known.name.clone() });
        }
        if let Some(known) = self.voters.iter().find(|known| look_alike(&known.name, &voter.name)) {
            return Err(ContentsError::NameTaken { name: known.name.clone() });
        }
        self.voters.push(voter);
        Ok(())
    }

    /// Notes that a generation of own voters is in use.
    ///
    /// Returns whether it is new.
    pub fn add_generation(&mut self, generation: Generation) -> bool {
        match self.generations.binary_search(&generation) {
            Ok(_) => false,
            Err(place) => {
                self.generations.insert(place, generation);
                true
            }
        }
    }
}

/// What is seen of a name at a glance: neither case nor spaces.
fn glance(name: &str) -> String {
    name.to_ascii_lowercase().replace(' ', "")
}

/// Whether a review that names the voter could be taken for one that names an own voter.
fn passes_for_own(name: &Name) -> bool {
    glance(name.as_str()).starts_with(&glance(OWN_VOTER))
}

/// Whether two names could be taken for each other.
fn look_alike(one: &Name, other: &Name) -> bool {
    glance(one.as_str()) == glance(other.as_str())
}

/// Why a key store does not take something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsError {
    /// The account is there already.
    #[error("account {account} is in the key store already")]
    AccountExists {
        /// Its number.
        account: Account,
    },
    /// The voter is there already.
    #[error("voter {fingerprint} is registered already, as {name:?}")]
    VoterExists {
        /// Its fingerprint.
        fingerprint: Fingerprint,
        /// The name that it was registered under.
        name: Name,
    },
    /// Reviews call the own voters so.
    #[error("name of the voter is {name:?}, but names that begin with {OWN_VOTER:?} are those of own voters")]
    NameReserved {
        /// The name.
        name: Name,
    },
    /// Another voter has the name.
    #[error("another voter is registered as {name:?}")]
    NameTaken {
        /// The name.
        name: Name,
    },
}
