//! What the machine needs from outside: keys, and the voters that a signer knows.

use crate::hash::{Fingerprint, Hash160, MessageHash, SignatureHash};
use crate::net::Network;
use crate::path::{AccountPath, Index, KeyPath, VoterAccount};
use crate::request::Label;
use crate::rule::Refusal;

/// The keys of a spending account, or at least their public side.
pub trait Keys {
    /// Why a key could not be used; never says anything about the key itself.
    type Error;

    /// Chooses the spending account that all later calls mean.
    ///
    /// # Errors
    /// [`NetworkMismatch`](crate::rule::Rule::NetworkMismatch), [`AccountUnknown`](crate::rule::Rule::AccountUnknown).
    fn select(&mut self, network: Network, account: AccountPath) -> Result<(), Refusal>;

    /// The hash of the public key at a path below the account.
    ///
    /// # Errors
    /// When the key cannot be derived.
    fn own_hash(&mut self, path: KeyPath) -> Result<Hash160, Self::Error>;
}

/// Keys that sign.
pub trait Sign: Keys {
    /// Signs a transaction digest: r and s, RFC 6979 without extra data, low S.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign(&mut self, path: KeyPath, digest: &SignatureHash) -> Result<[u8; 64], Self::Error>;

    /// Signs a message digest: 27 + 4 + recovery id, r and s.
    ///
    /// # Errors
    /// When the key cannot be used.
    fn sign_message(&mut self, path: KeyPath, digest: &MessageHash) -> Result<[u8; 65], Self::Error>;
}

/// The voters that were registered with a signer, and its own ones.
pub trait Voters {
    /// Why a key could not be derived.
    type Error;

    /// Finds a voter and checks that none of its accounts is a spending account.
    ///
    /// # Errors
    /// The rules whose names begin with `voter-`.
    fn select(&mut self, account: AccountPath, fingerprint: &Fingerprint) -> Result<VoterName, Refusal>;

    /// The hash of the public key `0/index` of an account of the selected voter.
    ///
    /// # Errors
    /// When the key cannot be derived.
    fn voter_hash(&mut self, account: VoterAccount, index: Index) -> Result<Hash160, Self::Error>;
}

/// The name that a voter was registered under.
pub type VoterName = Label;
