//! Hierarchical keys: BIP-32 with Decred's hashes, and with Decred's own rule for keys that begin with zero bytes.
//!
//! Source: BIP-32, dcrd `hdkeychain/extendedkey.go`.

mod private;
mod public;
mod text;

use dcrcold_core::net::Network;
use dcrcold_core::path::HARDENED;
use hmac::{Hmac, KeyInit, Mac};
use secp256k1::Scalar;
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

pub use self::private::{ExtendedPrivateKey, ExtendedSecretData};
pub use self::public::{ExtendedKeyData, ExtendedPublicKey};
use self::text::{ENCODED, MAX_TEXT};
use crate::base58::Base58Error;
use crate::key::{KeyError, PublicKey};

/// How a hardened child is made from a private key that begins with zero bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Derivation {
    /// As dcrwallet does: leading zero bytes of a derived key are dropped and what is left is written left-aligned.
    Decred,
    /// As BIP-32 says and hardware wallets do: always 32 bytes.
    Strict,
}

impl Derivation {
    /// The code in files: 0 or 1.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Decred => 0,
            Self::Strict => 1,
        }
    }

    /// The derivation with a code.
    #[must_use]
    pub const fn from_code(code: u64) -> Option<Self> {
        match code {
            0 => Some(Self::Decred),
            1 => Some(Self::Strict),
            _ => None,
        }
    }
}

/// The number of a child, with the bit that makes it hardened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChildNumber(u32);

impl ChildNumber {
    /// Takes the number as it is serialised, hardened bit included.
    #[must_use]
    pub const fn from_raw(number: u32) -> Self {
        Self(number)
    }

    /// The hardened child `index`, whose own highest bit does not matter.
    #[must_use]
    pub const fn hardened(index: u32) -> Self {
        Self(index | HARDENED)
    }

    /// The number as it is serialised.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// Whether only the private key can make this child.
    #[must_use]
    pub const fn is_hardened(self) -> bool {
        self.0 & HARDENED != 0
    }
}

/// Where an extended key stands in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Steps from the master key.
    pub depth: u8,
    /// The first four bytes of the parent's key hash; zero for the master key.
    pub parent_fingerprint: [u8; 4],
    /// The child's number under its parent; zero for the master key.
    pub child_number: ChildNumber,
}

impl Position {
    const MASTER: Self = Self { depth: 0, parent_fingerprint: [0; 4], child_number: ChildNumber(0) };

    fn child(&self, parent: &PublicKey, number: ChildNumber) -> Result<Self, HdError> {
        let depth = self.depth.checked_add(1).ok_or(HdError::TooDeep)?;
        let [a, b, c, d, ..] = *parent.hash().as_bytes();
        Ok(Self { depth, parent_fingerprint: [a, b, c, d], child_number: number })
    }
}

/// A tweak that is wiped when dropped.
struct TweakGuard(Scalar);

impl TweakGuard {
    fn new(bytes: &[u8; 32]) -> Option<Self> {
        Scalar::from_be_bytes(*bytes).ok().map(Self)
    }
}

impl Drop for TweakGuard {
    fn drop(&mut self) {
        self.0.non_secure_erase();
    }
}

/// HMAC-SHA-512 over `parts`, as left and right half.
fn hmac_sha512(key: &[u8], parts: &[&[u8]]) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        mac.update(part);
    }
    let mut output = mac.finalize().into_bytes();
    let (mut left, mut right) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    left.copy_from_slice(&output[..32]);
    right.copy_from_slice(&output[32..]);
    output.as_mut_slice().zeroize();
    (left, right)
}

/// As [`hmac_sha512`], for parts that are secret: the hash function's own copies of them are overwritten afterwards.
fn hmac_sha512_of_secret(key: &[u8], parts: &[&[u8]]) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
    #[inline(never)]
    fn inner(key: &[u8], parts: &[&[u8]]) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
        hmac_sha512(key, parts)
    }
    let halves = inner(key, parts);
    wipe_stack();
    halves
}

/// Overwrites the stack below the caller, where the functions that it has called kept what they moved.
#[inline(never)]
pub(crate) fn wipe_stack() {
    let mut room = [0_u64; 512];
    room.zeroize();
    std::hint::black_box(&mut room);
}

/// Why a key cannot be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HdError {
    /// A seed that is too short or too long.
    #[error("seed has {found} bytes, expected 16 to 64")]
    SeedLength {
        /// Its length.
        found: usize,
    },
    /// One of the 2^-127 of seeds that give no key.
    #[error("seed gives no valid key, make another one")]
    UnusableSeed,
    /// One of the 2^-127 of children that do not exist.
    #[error("child {} gives no valid key, take the next one", number.raw())]
    UnusableChild {
        /// Its number.
        number: ChildNumber,
    },
    /// The 256th level.
    #[error("key is at level 255 already and has no children")]
    TooDeep,
    /// A hardened child of a public key.
    #[error("child {} is hardened and needs the private key", number.raw())]
    HardenedFromPublic {
        /// Its number.
        number: ChildNumber,
    },
    /// Longer than any extended key.
    #[error("extended key has {found} characters, at most {MAX_TEXT} expected")]
    TextTooLong {
        /// The number of characters.
        found: usize,
    },
    /// Not base58, or mistyped.
    #[error("extended key is not valid base58")]
    Base58(#[from] Base58Error),
    /// Not the length of an extended key.
    #[error("extended key has {found} bytes with its checksum, expected {}", ENCODED + 4)]
    KeyLength {
        /// Its length.
        found: usize,
    },
    /// The version of no Decred network.
    #[error("extended key has the version {found:02x?}, which belongs to none of mainnet, testnet3 and simnet")]
    UnknownVersion {
        /// The version bytes.
        found: [u8; 4],
    },
    /// The version of another network.
    #[error("extended key belongs to {found}, expected {expected}")]
    OtherNetwork {
        /// Its network.
        found: Network,
        /// The wanted network.
        expected: Network,
    },
    /// A private key where a public one is wanted, or the other way round, by its version or by its bytes.
    #[error("extended key is private where a public one is expected, or public where a private one is expected")]
    KeyKind,
    /// A key at level 0 that claims to have a parent.
    #[error("extended key is at level 0 but names a parent")]
    MasterWithParent,
    /// The key in it is none.
    #[error("extended key holds no valid key")]
    Key(#[from] KeyError),
}
