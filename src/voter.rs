//! Voters: three accounts that vote, sign messages to VSPs and pay VSP fees, and never hold the coins.

mod fresh;

use blake256::Blake256;
use blake256::digest::Digest;
use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation, Index, KeyPath, VoterAccount};

use crate::hd::{ExtendedKeyData, ExtendedPrivateKey, ExtendedSecretData, HdError};
use crate::key::{PrivateKey, PublicKey};
use crate::name::Name;

pub use fresh::{FreshVoter, FreshVoterError};

/// What precedes the keys in the hash that makes a fingerprint.
const FINGERPRINT_TAG: &[u8] = b"dcrcold voter";

/// The public side of a voter: what a signer registers and a purchase derives voting keys from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterKeys {
    /// What people call it.
    pub name: Name,
    /// The accounts, in the order of [`VoterAccount::ALL`].
    pub accounts: [ExtendedKeyData; 3],
}

impl VoterKeys {
    /// One of the accounts.
    #[must_use]
    pub const fn account(&self, account: VoterAccount) -> &ExtendedKeyData {
        let [voting, alt_sign, purse] = &self.accounts;
        match account {
            VoterAccount::Voting => voting,
            VoterAccount::AltSign => alt_sign,
            VoterAccount::Purse => purse,
        }
    }

    /// The key `0/index` of an account.
    ///
    /// # Errors
    /// [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn key(&self, account: VoterAccount, index: Index) -> Result<PublicKey, HdError> {
        self.account(account).address_key(KeyPath::external(index))
    }

    /// The hash of the key `0/index` of an account.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub fn hash(&self, account: VoterAccount, index: Index) -> Result<Hash160, HdError> {
        Ok(self.key(account, index)?.hash())
    }

    /// What names the voter on a network; the name is no part of it.
    #[must_use]
    pub fn fingerprint(&self, network: Network) -> Fingerprint {
        fingerprint(network, &self.accounts)
    }

    /// Whether no two accounts have the same key.
    #[must_use]
    pub fn accounts_are_distinct(&self) -> bool {
        let [voting, alt_sign, purse] = self.accounts.map(|account| *account.key());
        voting != alt_sign && voting != purse && alt_sign != purse
    }
}

/// What names a voter: the first 16 bytes of a BLAKE-256 over the network and all three keys and chain codes.
#[must_use]
pub fn fingerprint(network: Network, accounts: &[ExtendedKeyData; 3]) -> Fingerprint {
    let mut hasher = Blake256::new();
    hasher.update(FINGERPRINT_TAG);
    hasher.update([network.code()]);
    for account in accounts {
        hasher.update(account.key().to_bytes());
        hasher.update(account.chain_code());
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let (first, _) = digest.split_first_chunk::<16>().expect("a digest has 32 bytes");
    Fingerprint::from_bytes(*first)
}

/// Makes the accounts of an own voter; `master` is the master key of the seed.
///
/// # Errors
/// As [`ExtendedPrivateKey::child`].
pub fn own_accounts(
    master: &ExtendedPrivateKey,
    coin_type: CoinType,
    account: Account,
    generation: Generation,
) -> Result<[ExtendedPrivateKey; 3], HdError> {
    let make = |kind: VoterAccount| master.numbered_account(coin_type, kind.own_number(account, generation));
    Ok([make(VoterAccount::Voting)?, make(VoterAccount::AltSign)?, make(VoterAccount::Purse)?])
}

/// The private side of a voter: hot keys. With them one can vote, deal with VSPs and spend the purse, never the coins.
pub struct VoterSecrets {
    /// What people call it.
    pub name: Name,
    /// The accounts, in the order of [`VoterAccount::ALL`].
    pub accounts: [ExtendedSecretData; 3],
    /// The generation.
    pub generation: Generation,
    /// The coin type of the spending account that the voter belongs to.
    pub coin_type: CoinType,
    /// The spending account that the voter belongs to; for a foreign voter 0.
    pub account: Account,
}

impl VoterSecrets {
    /// Takes the hot half of an own voter out of a seed; `master` is the master key.
    ///
    /// # Errors
    /// As [`own_accounts`].
    pub fn derive(
        master: &ExtendedPrivateKey,
        coin_type: CoinType,
        account: Account,
        generation: Generation,
        name: Name,
    ) -> Result<Self, HdError> {
        let accounts = own_accounts(master, coin_type, account, generation)?.map(ExtendedSecretData::from);
        Ok(Self { name, accounts, generation, coin_type, account })
    }

    /// The public side.
    #[must_use]
    pub fn public(&self) -> VoterKeys {
        let [voting, alt_sign, purse] = &self.accounts;
        VoterKeys { name: self.name.clone(), accounts: [voting.public(), alt_sign.public(), purse.public()] }
    }

    /// The private key `0/index` of an account.
    ///
    /// # Errors
    /// [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn key(&self, account: VoterAccount, index: Index) -> Result<PrivateKey, HdError> {
        let [voting, alt_sign, purse] = &self.accounts;
        let account = match account {
            VoterAccount::Voting => voting,
            VoterAccount::AltSign => alt_sign,
            VoterAccount::Purse => purse,
        };
        account.address_key(KeyPath::external(index))
    }
}
