//! Private keys as text, the wallet import format.
//!
//! Source: dcrd `dcrutil/wif.go`. The checksum is a single BLAKE-256, unlike that of addresses.

use blake256::blake256;
use dcrcold_core::net::{Network, Prefix};
use zeroize::Zeroizing;

use crate::address::SignatureType;
use crate::base58::{self, Base58Error};
use crate::key::{KeyError, PrivateKey, PublicKey};

/// Prefix, signature type, key, checksum.
const ENCODED: usize = 2 + 1 + 32 + 4;
/// The length of the text of every such key.
const MAX_TEXT: usize = 53;

/// The order of the Ed25519 group, big-endian, which bounds the private keys of that type.
const ED25519_ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12,
    0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

/// A private key with the network and the signature type that it is meant for; wiped from memory when dropped.
pub struct Wif {
    network: Network,
    kind: SignatureType,
    key: Zeroizing<[u8; 32]>,
}

impl Wif {
    /// Makes the text form's content of an ordinary key.
    #[must_use]
    pub fn new(network: Network, key: &PrivateKey) -> Self {
        Self { network, kind: SignatureType::Ecdsa, key: Zeroizing::new(*key.secret_bytes()) }
    }

    /// Reads a key of `network`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, network: Network) -> Result<Self, WifError> {
        if text.len() > MAX_TEXT {
            return Err(WifError::TextTooLong { found: text.len() });
        }
        let bytes = Zeroizing::new(base58::decode(text)?);
        let length = WifError::Length { found: bytes.len() };
        let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(length)?;
        let (prefix, rest) = body.split_first_chunk::<2>().ok_or(length)?;
        let (code, key) = rest.split_first().ok_or(length)?;
        let key: &[u8; 32] = key.try_into().map_err(|_| length)?;
        if blake256(body)[..4] != *checksum {
            return Err(WifError::Checksum);
        }
        Self::check_network(*prefix, network)?;
        let kind = SignatureType::from_code(*code).ok_or(WifError::UnknownSignatureType { found: *code })?;
        match kind {
            SignatureType::Ecdsa | SignatureType::Schnorr => drop(PrivateKey::from_bytes(key)?),
            SignatureType::Ed25519 if *key >= ED25519_ORDER => return Err(WifError::Key(KeyError::PrivateOutOfRange)),
            SignatureType::Ed25519 => {}
        }
        Ok(Self { network, kind, key: Zeroizing::new(*key) })
    }

    fn check_network(found: Prefix, expected: Network) -> Result<(), WifError> {
        match Network::ALL.into_iter().find(|network| network.params().wif == found) {
            None => Err(WifError::UnknownPrefix { found }),
            Some(found) if found != expected => Err(WifError::OtherNetwork { found, expected }),
            Some(_) => Ok(()),
        }
    }

    /// Writes the key as text.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(ENCODED));
        bytes.extend(self.network.params().wif);
        bytes.push(self.kind.code());
        bytes.extend(*self.key);
        let checksum = blake256(&bytes);
        bytes.extend(&checksum[..4]);
        Zeroizing::new(base58::encode(&bytes))
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The signature type.
    #[must_use]
    pub const fn signature_type(&self) -> SignatureType {
        self.kind
    }

    /// The key, when it is one for ECDSA.
    #[must_use]
    pub fn ecdsa_key(&self) -> Option<PrivateKey> {
        let key = (self.kind == SignatureType::Ecdsa).then(|| PrivateKey::from_bytes(&self.key))?;
        Some(key.expect("checked when it was read"))
    }

    /// The public key, when it is a point of secp256k1.
    #[must_use]
    pub fn public_key(&self) -> Option<PublicKey> {
        let on_curve = self.kind != SignatureType::Ed25519;
        let key = on_curve.then(|| PrivateKey::from_bytes(&self.key))?;
        Some(key.expect("checked when it was read").public_key())
    }
}

/// Why a text is not a private key. No variant carries any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WifError {
    /// Longer than any private key.
    #[error("private key has {found} characters, expected {MAX_TEXT}")]
    TextTooLong {
        /// The number of characters.
        found: usize,
    },
    /// Not base58.
    #[error("private key is not valid base58")]
    Base58(#[from] Base58Error),
    /// Not the length of a private key.
    #[error("private key has {found} bytes, expected {ENCODED}")]
    Length {
        /// Its length.
        found: usize,
    },
    /// Mistyped.
    #[error("the checksum of the private key does not fit: a character is wrong")]
    Checksum,
    /// No network of Decred has this prefix.
    #[error("private key starts with the bytes {found:02x?}, which belong to none of mainnet, testnet3 and simnet")]
    UnknownPrefix {
        /// The prefix.
        found: Prefix,
    },
    /// The key of another network.
    #[error("private key belongs to {found}, expected {expected}")]
    OtherNetwork {
        /// Its network.
        found: Network,
        /// The wanted network.
        expected: Network,
    },
    /// No such signature type.
    #[error("private key is for the unknown signature type {found}")]
    UnknownSignatureType {
        /// Its code.
        found: u8,
    },
    /// Not a number that can be a key.
    #[error(transparent)]
    Key(#[from] KeyError),
}
