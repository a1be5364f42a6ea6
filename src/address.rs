//! Addresses of all kinds on the three networks.
//!
//! An address is base58 with a checksum: two prefix bytes that say network and kind, then a hash or a public key.
//! Source: dcrd `txscript/stdaddr/addressv0.go`.

use std::fmt;
use std::str::FromStr;

use dcrcold_core::hash::Hash160;
use dcrcold_core::net::{Network, Prefix};
use dcrcold_core::script::{Payee, Payment};

use crate::base58::{self, Base58Error};
use crate::key::PublicKey;

/// The longest text of an address, that of a public key.
const MAX_TEXT: usize = 53;

/// The signature algorithm that an address or a private key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureType {
    /// ECDSA over secp256k1, what everybody uses.
    Ecdsa,
    /// Ed25519.
    Ed25519,
    /// Schnorr over secp256k1, Decred's own EC-Schnorr-DCRv0.
    Schnorr,
}

impl SignatureType {
    /// All types, in the order of their codes.
    pub const ALL: [Self; 3] = [Self::Ecdsa, Self::Ed25519, Self::Schnorr];

    /// The code in encodings and in alternative signature scripts: 0, 1, 2.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ecdsa => 0,
            Self::Ed25519 => 1,
            Self::Schnorr => 2,
        }
    }

    /// The type with a code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// What an address says apart from its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// The hash of a public key.
    KeyHash(SignatureType, Hash160),
    /// The hash of a redeem script.
    ScriptHash(Hash160),
    /// A public key for ECDSA.
    EcdsaKey(PublicKey),
    /// A public key for Ed25519, not checked to be a point.
    Ed25519Key([u8; 32]),
    /// A public key for Schnorr signatures.
    SchnorrKey(PublicKey),
}

/// An address: a payload on a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    network: Network,
    payload: Payload,
}

impl Address {
    /// Puts a payload on a network.
    #[must_use]
    pub const fn new(network: Network, payload: Payload) -> Self {
        Self { network, payload }
    }

    /// The address of an ECDSA key hash, the ordinary kind.
    #[must_use]
    pub const fn of_key_hash(network: Network, hash: Hash160) -> Self {
        Self::new(network, Payload::KeyHash(SignatureType::Ecdsa, hash))
    }

    /// The address of a payee.
    #[must_use]
    pub const fn of_payee(network: Network, payee: &Payee) -> Self {
        match payee {
            Payee::KeyHash(hash) => Self::of_key_hash(network, *hash),
            Payee::ScriptHash(hash) => Self::new(network, Payload::ScriptHash(*hash)),
        }
    }

    /// Reads an address of a known network.
    ///
    /// # Errors
    /// As [`Address::from_str`], and [`AddressError::OtherNetwork`].
    pub fn parse(text: &str, network: Network) -> Result<Self, AddressError> {
        let address: Self = text.parse()?;
        if address.network == network {
            Ok(address)
        } else {
            Err(AddressError::OtherNetwork { found: address.network, expected: network })
        }
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// What the address says apart from its network.
    #[must_use]
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// Whom the address pays, when it is of one of the two kinds that tickets and our own outputs can pay.
    ///
    /// An address that is a public key is `None`: take [`Address::key_hash`] first.
    #[must_use]
    pub fn payee(&self) -> Option<Payee> {
        match self.payload {
            Payload::KeyHash(SignatureType::Ecdsa, hash) => Some(Payee::KeyHash(hash)),
            Payload::ScriptHash(hash) => Some(Payee::ScriptHash(hash)),
            _ => None,
        }
    }

    /// The key hash address of the same key; a script hash has none.
    #[must_use]
    pub fn key_hash(&self) -> Option<Self> {
        let (kind, hash) = match &self.payload {
            Payload::KeyHash(kind, hash) => (*kind, *hash),
            Payload::EcdsaKey(key) => (SignatureType::Ecdsa, key.hash()),
            Payload::Ed25519Key(key) => (SignatureType::Ed25519, Hash160::of(key)),
            Payload::SchnorrKey(key) => (SignatureType::Schnorr, key.hash()),
            Payload::ScriptHash(_) => return None,
        };
        Some(Self::new(self.network, Payload::KeyHash(kind, hash)))
    }

    /// The version 0 script that pays the address.
    #[must_use]
    pub fn script(&self) -> Vec<u8> {
        const OP_CHECKSIG: u8 = 0xac;
        const OP_CHECKSIGALT: u8 = 0xbe;
        const OP_1: u8 = 0x51;
        const OP_2: u8 = 0x52;
        match &self.payload {
            Payload::KeyHash(SignatureType::Ecdsa, hash) => {
                Payment { tag: None, payee: Payee::KeyHash(*hash) }.script().as_bytes().to_vec()
            }
            Payload::ScriptHash(hash) => {
                Payment { tag: None, payee: Payee::ScriptHash(*hash) }.script().as_bytes().to_vec()
            }
            Payload::KeyHash(kind, hash) => {
                let kind = if *kind == SignatureType::Ed25519 { OP_1 } else { OP_2 };
                [&[0x76, 0xa9, 0x14], hash.as_bytes().as_slice(), &[0x88, kind, OP_CHECKSIGALT]].concat()
            }
            Payload::EcdsaKey(key) => [&[33], key.to_bytes().as_slice(), &[OP_CHECKSIG]].concat(),
            Payload::Ed25519Key(key) => [&[32], key.as_slice(), &[OP_1, OP_CHECKSIGALT]].concat(),
            Payload::SchnorrKey(key) => [&[33], key.to_bytes().as_slice(), &[OP_2, OP_CHECKSIGALT]].concat(),
        }
    }

    fn prefix(&self) -> Prefix {
        let params = self.network.params();
        match self.payload {
            Payload::KeyHash(SignatureType::Ecdsa, _) => params.key_hash,
            Payload::KeyHash(SignatureType::Ed25519, _) => params.key_hash_ed25519,
            Payload::KeyHash(SignatureType::Schnorr, _) => params.key_hash_schnorr,
            Payload::ScriptHash(_) => params.script_hash,
            Payload::EcdsaKey(_) | Payload::Ed25519Key(_) | Payload::SchnorrKey(_) => params.public_key,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.prefix().to_vec();
        match &self.payload {
            Payload::KeyHash(_, hash) | Payload::ScriptHash(hash) => bytes.extend(hash.as_bytes()),
            Payload::EcdsaKey(key) => bytes.extend(key_payload(SignatureType::Ecdsa, key)),
            Payload::SchnorrKey(key) => bytes.extend(key_payload(SignatureType::Schnorr, key)),
            Payload::Ed25519Key(key) => {
                bytes.push(SignatureType::Ed25519.code());
                bytes.extend(key);
            }
        }
        f.write_str(&base58::encode_check(&bytes))
    }
}

/// The bit of a public key's first byte that says that Y is odd; the other bits are the signature type.
const ODD: u8 = 0x80;

fn key_payload(kind: SignatureType, key: &PublicKey) -> [u8; 33] {
    let mut bytes = key.to_bytes();
    bytes[0] = kind.code() | if bytes[0] == 3 { ODD } else { 0 };
    bytes
}

/// Reads an address of any network; the prefix says which.
impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_TEXT {
            return Err(AddressError::TooLong { found: text.len() });
        }
        let bytes = base58::decode_check(text)?;
        let (prefix, payload) = bytes.split_first_chunk::<2>().ok_or(Base58Error::TooShort)?;
        let (network, kind) = find_kind(*prefix).ok_or(AddressError::UnknownPrefix { found: *prefix })?;
        let hash = || match payload.try_into() {
            Ok(hash) => Ok(Hash160::from_bytes(hash)),
            Err(_) => Err(AddressError::PayloadLength { found: payload.len(), expected: 20 }),
        };
        let payload = match kind {
            Kind::KeyHash(kind) => Payload::KeyHash(kind, hash()?),
            Kind::ScriptHash => Payload::ScriptHash(hash()?),
            Kind::PublicKey => parse_key(payload)?,
        };
        Ok(Self { network, payload })
    }
}

enum Kind {
    KeyHash(SignatureType),
    ScriptHash,
    PublicKey,
}

fn find_kind(prefix: Prefix) -> Option<(Network, Kind)> {
    Network::ALL.into_iter().find_map(|network| {
        let params = network.params();
        let kinds = [
            (params.key_hash, Kind::KeyHash(SignatureType::Ecdsa)),
            (params.key_hash_ed25519, Kind::KeyHash(SignatureType::Ed25519)),
            (params.key_hash_schnorr, Kind::KeyHash(SignatureType::Schnorr)),
            (params.script_hash, Kind::ScriptHash),
            (params.public_key, Kind::PublicKey),
        ];
        kinds.into_iter().find_map(|(candidate, kind)| (candidate == prefix).then_some((network, kind)))
    })
}

fn parse_key(payload: &[u8]) -> Result<Payload, AddressError> {
    let bytes: &[u8; 33] =
        payload.try_into().map_err(|_| AddressError::PayloadLength { found: payload.len(), expected: 33 })?;
    let [first, x @ ..] = *bytes;
    let unknown = AddressError::UnknownSignatureType { found: first };
    let kind = SignatureType::from_code(first & !ODD).ok_or(unknown)?;
    if kind == SignatureType::Ed25519 {
        // The sign of an Ed25519 key is inside its 32 bytes.
        return if first & ODD == 0 { Ok(Payload::Ed25519Key(x)) } else { Err(unknown) };
    }
    let mut compressed = *bytes;
    compressed[0] = if first & ODD == 0 { 2 } else { 3 };
    let key = PublicKey::from_bytes(&compressed).map_err(|_| AddressError::NotAPoint)?;
    Ok(if kind == SignatureType::Ecdsa { Payload::EcdsaKey(key) } else { Payload::SchnorrKey(key) })
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Longer than any address.
    #[error("address has {found} characters, at most {MAX_TEXT} expected")]
    TooLong {
        /// The number of characters.
        found: usize,
    },
    /// Not base58, or mistyped.
    #[error("address is not valid base58")]
    Base58(#[from] Base58Error),
    /// No network of Decred has this prefix.
    #[error("address starts with the bytes {found:02x?}, which no kind of address on mainnet, testnet3 or simnet has")]
    UnknownPrefix {
        /// The prefix.
        found: Prefix,
    },
    /// A hash or key of the wrong length.
    #[error("address holds {found} bytes after its prefix, expected {expected}")]
    PayloadLength {
        /// The bytes found.
        found: usize,
        /// The bytes that this kind has.
        expected: usize,
    },
    /// A public key of an unknown signature type.
    #[error("address holds a public key of the unknown signature type {found:#04x}")]
    UnknownSignatureType {
        /// The first byte of the key.
        found: u8,
    },
    /// A public key that is not on the curve.
    #[error("address holds a public key that is not a point of the curve")]
    NotAPoint,
    /// An address of another network.
    #[error("address belongs to {found}, expected {expected}")]
    OtherNetwork {
        /// Its network.
        found: Network,
        /// The wanted network.
        expected: Network,
    },
}
