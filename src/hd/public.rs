//! Extended public keys.

use std::fmt;

use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::KeyPath;

use super::text::{Fields, KeyKind, decode, join};
use super::{ChildNumber, HdError, Position, TweakGuard, hmac_sha512};
use crate::base58;
use crate::key::PublicKey;

/// A public key and a chain code: all that is needed to make children, without network or position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct ExtendedKeyData {
    key: PublicKey,
    chain_code: [u8; 32],
}

impl ExtendedKeyData {
    /// Puts a key and a chain code together.
    #[must_use]
    pub const fn new(key: PublicKey, chain_code: [u8; 32]) -> Self {
        Self { key, chain_code }
    }

    /// Puts a compressed public key and a chain code together.
    ///
    /// # Errors
    /// [`HdError::Key`] if the key is not a point.
    pub fn from_bytes(key: &[u8; 33], chain_code: &[u8; 32]) -> Result<Self, HdError> {
        Ok(Self { key: PublicKey::from_bytes(key)?, chain_code: *chain_code })
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The chain code.
    #[must_use]
    pub const fn chain_code(&self) -> &[u8; 32] {
        &self.chain_code
    }

    /// Makes a child that is not hardened.
    ///
    /// # Errors
    /// [`HdError::HardenedFromPublic`], or [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn child(&self, number: ChildNumber) -> Result<Self, HdError> {
        if number.is_hardened() {
            return Err(HdError::HardenedFromPublic { number });
        }
        let (tweak, chain_code) = hmac_sha512(&self.chain_code, &[&self.key.to_bytes(), &number.raw().to_be_bytes()]);
        let tweak = TweakGuard::new(&tweak).ok_or(HdError::UnusableChild { number })?;
        let key = self.key.inner().add_exp_tweak(&tweak.0).map_err(|_| HdError::UnusableChild { number })?;
        Ok(Self { key: PublicKey::from_inner(key), chain_code: *chain_code })
    }

    /// Makes the public key of an address; `self` is an account.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn address_key(&self, path: KeyPath) -> Result<PublicKey, HdError> {
        let branch = self.child(ChildNumber::from_raw(path.branch.number()))?;
        Ok(branch.child(ChildNumber::from_raw(path.index.number()))?.key)
    }

    /// The hash of [`Self::address_key`].
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn address_hash(&self, path: KeyPath) -> Result<Hash160, HdError> {
        Ok(self.address_key(path)?.hash())
    }
}

/// An extended public key with its network and its position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExtendedPublicKey {
    network: Network,
    position: Position,
    node: ExtendedKeyData,
}

impl ExtendedPublicKey {
    /// Puts the parts together.
    #[must_use]
    pub const fn new(network: Network, position: Position, node: ExtendedKeyData) -> Self {
        Self { network, position, node }
    }

    /// Makes a child that is not hardened.
    ///
    /// # Errors
    /// As [`ExtendedKeyData::child`], and [`HdError::TooDeep`].
    pub fn child(&self, number: ChildNumber) -> Result<Self, HdError> {
        let position = self.position.child(&self.node.key, number)?;
        Ok(Self { network: self.network, position, node: self.node.child(number)? })
    }

    /// Reads a public key of `network`, all 82 bytes of it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, network: Network) -> Result<Self, HdError> {
        let bytes = decode(text)?;
        let fields = Fields::split(&bytes)?;
        fields.check_version(network, KeyKind::Public)?;
        let node = ExtendedKeyData::from_bytes(fields.key, fields.chain_code)?;
        Ok(Self { network, position: fields.position, node })
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Where the key stands in its tree.
    #[must_use]
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// Key and chain code.
    #[must_use]
    pub const fn node(&self) -> &ExtendedKeyData {
        &self.node
    }
}

/// Prints `dpub...` on mainnet, `tpub...` and `spub...` elsewhere.
impl fmt::Display for ExtendedPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.network.params().extended_public;
        let bytes = join(version, &self.position, &self.node.chain_code, &self.node.key.to_bytes());
        f.write_str(&base58::encode_check(&bytes))
    }
}
