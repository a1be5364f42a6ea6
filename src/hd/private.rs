//! Extended private keys.

use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, CoinType, KeyPath};
use zeroize::Zeroizing;

use super::text::{Fields, KeyKind, decode, join};
use super::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPublicKey, HdError, Position, TweakGuard, hmac_sha512};
use crate::base58;
use crate::key::PrivateKey;

/// The level of a BIP-44 purpose.
const PURPOSE: ChildNumber = ChildNumber::hardened(44);

/// An extended private key, wiped from memory when dropped.
pub struct ExtendedPrivateKey {
    network: Network,
    derivation: Derivation,
    position: Position,
    chain_code: Zeroizing<[u8; 32]>,
    key: PrivateKey,
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
        let (left, chain_code) = hmac_sha512(b"Bitcoin seed", &[seed]);
        let key = PrivateKey::from_bytes(&left).map_err(|_| HdError::UnusableSeed)?;
        Ok(Self { network, derivation, position: Position::MASTER, chain_code, key, dropped: 0 })
    }

    /// Makes a child.
    ///
    /// # Errors
    /// [`HdError::TooDeep`], or [`HdError::UnusableChild`] with a probability of 2^-127.
    pub fn child(&self, number: ChildNumber) -> Result<Self, HdError> {
        let public = self.key.public_key();
        let position = self.position.child(&public, number)?;
        let (tweak, chain_code) = if number.is_hardened() {
            let key = self.key.secret_bytes();
            let (dropped, rest) = key.split_at(self.dropped);
            hmac_sha512(&*self.chain_code, &[&[0], rest, dropped, &number.raw().to_be_bytes()])
        } else {
            hmac_sha512(&*self.chain_code, &[&public.to_bytes(), &number.raw().to_be_bytes()])
        };
        let tweak = TweakGuard::new(&tweak).ok_or(HdError::UnusableChild { number })?;
        let mut sum = self.key.with(|key| key.add_tweak(&tweak.0)).map_err(|_| HdError::UnusableChild { number })?;
        let bytes = Zeroizing::new(sum.to_secret_bytes());
        sum.non_secure_erase();
        let key = PrivateKey::from_bytes(&bytes).map_err(|_| HdError::UnusableChild { number })?;
        let dropped = match self.derivation {
            Derivation::Decred => bytes.iter().take_while(|byte| **byte == 0).count(),
            Derivation::Strict => 0,
        };
        Ok(Self { network: self.network, derivation: self.derivation, position, chain_code, key, dropped })
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
        let branch = self.child(ChildNumber::from_raw(path.branch.number()))?;
        Ok(branch.child(ChildNumber::from_raw(path.index.number()))?.key)
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
        let key = PrivateKey::from_bytes(key)?;
        let chain_code = Zeroizing::new(*fields.chain_code);
        Ok(Self { network, derivation, position: fields.position, chain_code, key, dropped: 0 })
    }

    /// Writes the key as text, `dprv...` on mainnet.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut key = Zeroizing::new([0; 33]);
        key[1..].copy_from_slice(self.key.secret_bytes());
        let version = self.network.params().extended_private;
        let bytes = Zeroizing::new(join(version, &self.position, &self.chain_code, &key));
        Zeroizing::new(base58::encode_check(&bytes))
    }

    /// The extended public key.
    #[must_use]
    pub fn public(&self) -> ExtendedPublicKey {
        let node = ExtendedKeyData::new(self.key.public_key(), *self.chain_code);
        ExtendedPublicKey::new(self.network, self.position, node)
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The chain code.
    #[must_use]
    pub fn chain_code(&self) -> &[u8; 32] {
        &self.chain_code
    }

    /// Where the key stands in its tree.
    #[must_use]
    pub const fn position(&self) -> &Position {
        &self.position
    }
}
