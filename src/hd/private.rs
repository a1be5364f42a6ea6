//! Extended private keys.

use std::sync::OnceLock;

use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, CoinType, KeyPath};
use zeroize::Zeroizing;

use super::text::{Fields, KeyKind, decode, join};
use super::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPublicKey, HdError, Position, TweakGuard};
use super::{hmac_sha512, hmac_sha512_of_secret};
use crate::base58;
use crate::key::{PrivateKey, PublicKey};

/// The level of a BIP-44 purpose.
const PURPOSE: ChildNumber = ChildNumber::hardened(44);

/// A private key and a chain code: all that is needed to make children that are not hardened. Wiped when dropped.
pub struct ExtendedSecretData {
    key: PrivateKey,
    chain_code: Zeroizing<[u8; 32]>,
    /// The public key, once it was asked for: all children that are not hardened need it.
    public: OnceLock<PublicKey>,
}

impl ExtendedSecretData {
    const fn new(key: PrivateKey, chain_code: Zeroizing<[u8; 32]>) -> Self {
        Self { key, chain_code, public: OnceLock::new() }
    }

    /// Puts a private key and a chain code together.
    ///
    /// # Errors
    /// [`HdError::Key`] if the key is none.
    pub fn from_bytes(key: &[u8; 32], chain_code: &[u8; 32]) -> Result<Self, HdError> {
        Ok(Self::new(PrivateKey::from_bytes(key)?, Zeroizing::new(*chain_code)))
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The chain code.
    #[must_use]
    pub fn chain_code(&self) -> &[u8; 32] {
        &self.chain_code
    }

    /// The public side.
    #[must_use]
    pub fn public(&self) -> ExtendedKeyData {
        ExtendedKeyData::new(*self.public_key(), *self.chain_code)
    }

    /// Makes the private key of an address; `self` is an account.
    ///
    /// # Errors
    /// [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn address_key(&self, path: KeyPath) -> Result<PrivateKey, HdError> {
        let branch = self.plain_child(ChildNumber::from_raw(path.branch.number()))?;
        branch.child_key(ChildNumber::from_raw(path.index.number()))
    }

    /// Makes the key of a child that is not hardened; `self` is a branch.
    ///
    /// # Errors
    /// [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn child_key(&self, number: ChildNumber) -> Result<PrivateKey, HdError> {
        Ok(self.plain_child(number)?.key)
    }

    fn public_key(&self) -> &PublicKey {
        self.public.get_or_init(|| self.key.public_key())
    }

    /// Makes a child that is not hardened.
    fn plain_child(&self, number: ChildNumber) -> Result<Self, HdError> {
        let public = self.public_key().to_bytes();
        self.tweaked(number, &hmac_sha512(&*self.chain_code, &[&public, &number.raw().to_be_bytes()]))
    }

    /// Adds the left half of an HMAC to the key; the right half is the child's chain code.
    fn tweaked(
        &self,
        number: ChildNumber,
        (tweak, chain_code): &(Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>),
    ) -> Result<Self, HdError> {
        let unusable = HdError::UnusableChild { number };
        let tweak = TweakGuard::new(tweak).ok_or(unusable)?;
        let mut sum = self.key.with(|key| key.add_tweak(&tweak.0)).map_err(|_| unusable)?;
        let bytes = Zeroizing::new(sum.to_secret_bytes());
        sum.non_secure_erase();
        Ok(Self::new(PrivateKey::from_bytes(&bytes).map_err(|_| unusable)?, chain_code.clone()))
    }
}

impl From<ExtendedPrivateKey> for ExtendedSecretData {
    fn from(key: ExtendedPrivateKey) -> Self {
        key.node
    }
}

/// An extended private key, wiped from memory when dropped.
pub struct ExtendedPrivateKey {
    network: Network,
    derivation: Derivation,
    position: Position,
    node: ExtendedSecretData,
    /// Leading zero bytes that Decred's rule leaves out of the next hardened step.
    dropped: usize,
}

impl ExtendedPrivateKey {
    /// Makes the master key of a seed of 16 to 64 bytes.
    ///
    /// # Errors
    /// [`HdError::SeedLength`], or [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn master(seed: &[u8], network: Network, derivation: Derivation) -> Result<Self, HdError> {
        if !(16..=64).contains(&seed.len()) {
            return Err(HdError::SeedLength { found: seed.len() });
        }
        let (left, chain_code) = hmac_sha512_of_secret(b"Bitcoin seed", &[seed]);
        let key = PrivateKey::from_bytes(&left).map_err(|_| HdError::UnusableSeed)?;
        let node = ExtendedSecretData::new(key, chain_code);
        Ok(Self { network, derivation, position: Position::MASTER, node, dropped: 0 })
    }

    /// Makes a child.
    ///
    /// # Errors
    /// [`HdError::TooDeep`], or [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn child(&self, number: ChildNumber) -> Result<Self, HdError> {
        let position = self.position.child(self.node.public_key(), number)?;
        let node = if number.is_hardened() { self.hardened_child(number)? } else { self.node.plain_child(number)? };
        let dropped = match self.derivation {
            Derivation::Decred => node.key.secret_bytes().iter().take_while(|byte| **byte == 0).count(),
            Derivation::Strict => 0,
        };
        Ok(Self { network: self.network, derivation: self.derivation, position, node, dropped })
    }

    fn hardened_child(&self, number: ChildNumber) -> Result<ExtendedSecretData, HdError> {
        // Under Decred's rule the zero bytes end up behind the rest of the key instead of in front of it.
        let (dropped, rest) = self.node.key.secret_bytes().split_at(self.dropped);
        let parts: [&[u8]; 4] = [&[0], rest, dropped, &number.raw().to_be_bytes()];
        self.node.tweaked(number, &hmac_sha512_of_secret(&*self.node.chain_code, &parts))
    }

    /// Makes the key of a spending account, `m/44'/coin'/account'`; `self` is the master key.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn account(&self, path: AccountPath) -> Result<Self, HdError> {
        self.numbered_account(path.coin_type, path.account.number())
    }

    /// Makes the key of any account, those of own voters included; `self` is the master key.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn numbered_account(&self, coin_type: CoinType, number: u32) -> Result<Self, HdError> {
        self.child(PURPOSE)?.child(ChildNumber::hardened(coin_type.number()))?.child(ChildNumber::hardened(number))
    }

    /// Makes the private key of an address; `self` is the key of an account.
    ///
    /// # Errors
    /// As [`Self::child`].
    pub fn address_key(&self, path: KeyPath) -> Result<PrivateKey, HdError> {
        self.node.address_key(path)
    }

    /// Reads a private key of `network`, all 82 bytes of it.
    ///
    /// Stricter than dcrd, which takes public and private versions for either kind of key.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, network: Network, derivation: Derivation) -> Result<Self, HdError> {
        let bytes = decode(text)?;
        let fields = Fields::split(&bytes)?;
        fields.check_version(network, KeyKind::Private)?;
        let [0, key @ ..] = fields.key else { return Err(HdError::KeyKind) };
        let node = ExtendedSecretData::from_bytes(key, fields.chain_code)?;
        Ok(Self { network, derivation, position: fields.position, node, dropped: 0 })
    }

    /// Writes the key as text, `dprv...` on mainnet.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new([0; 33]);
        key[1..].copy_from_slice(self.node.key.secret_bytes());
        let version = self.network.params().extended_private;
        let bytes = Zeroizing::new(join(version, &self.position, &self.node.chain_code, &key));
        Zeroizing::new(base58::encode_check(&bytes))
    }

    /// The extended public key.
    #[must_use]
    pub fn public(&self) -> ExtendedPublicKey {
        ExtendedPublicKey::new(self.network, self.position, self.node.public())
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.node.key
    }

    /// Where the key stands in its tree.
    #[must_use]
    pub const fn position(&self) -> &Position {
        &self.position
    }
}
