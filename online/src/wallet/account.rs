//! The public side of the spending account that a wallet watches.

use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, Branch, KeyPath};
use dcrcold_signer::hd::{ChildNumber, ExtendedKeyData, HdError};
use dcrcold_signer::key::PublicKey;

/// The keys of an account's addresses, public.
#[derive(Clone, Debug)]
pub struct AccountKeys {
    network: Network,
    path: AccountPath,
    branches: [ExtendedKeyData; 2],
}

impl AccountKeys {
    /// Derives the two branches of an account.
    ///
    /// # Errors
    /// When a branch has no key, with a probability of 2^-127.
    pub fn new(network: Network, path: AccountPath, account: &ExtendedKeyData) -> Result<Self, HdError> {
        let [external, internal] = Branch::ALL.map(|branch| account.child(ChildNumber::from_raw(branch.number())));
        Ok(Self { network, path, branches: [external?, internal?] })
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The account.
    #[must_use]
    pub const fn path(&self) -> AccountPath {
        self.path
    }

    /// The public key at a path.
    ///
    /// # Errors
    /// When there is no such key, with a probability of 2^-127.
    pub fn key(&self, path: KeyPath) -> Result<PublicKey, HdError> {
        let [external, internal] = &self.branches;
        let branch = match path.branch {
            Branch::External => external,
            Branch::Internal => internal,
        };
        Ok(*branch.child(ChildNumber::from_raw(path.index.number()))?.key())
    }

    /// The hash that the address at a path carries.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub fn hash(&self, path: KeyPath) -> Result<Hash160, HdError> {
        self.key(path).map(|key| key.hash())
    }
}
