//! Single secp256k1 keys: what signs, and what checks signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_core::hash::{Hash160, MessageHash, SignatureHash};
use secp256k1::ecdsa::{self, RecoverableSignature};
use secp256k1::{Message, SecretKey};
use zeroize::Zeroizing;

/// The header of a message signature by a compressed key, before the recovery code is added; dcrd
/// `dcrec/secp256k1/ecdsa/signature.go`.
const COMPRESSED_HEADER: u8 = 31;

/// A private key, wiped from memory when dropped.
///
/// It lies on the heap: what is moved on the stack leaves copies behind that nobody wipes.
pub struct PrivateKey(Box<Zeroizing<[u8; 32]>>);

impl PrivateKey {
    /// Accepts a big-endian number from 1 to the group order less one.
    ///
    /// # Errors
    /// [`KeyError::PrivateOutOfRange`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let mut key = SecretKey::from_secret_bytes(*bytes).map_err(|_| KeyError::PrivateOutOfRange)?;
        key.non_secure_erase();
        let mut own = Self(Box::default());
        own.0.copy_from_slice(bytes);
        Ok(own)
    }

    /// The key's bytes, for encodings that carry them.
    #[must_use]
    pub fn secret_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.with(secp256k1::PublicKey::from_secret_key))
    }

    /// Signs the digest of a transaction: RFC 6979 nonce, low S, the same bytes as dcrd.
    #[must_use]
    pub fn sign(&self, digest: &SignatureHash) -> Signature {
        let digest = Message::from_digest(*digest.as_bytes());
        Signature(self.with(|key| ecdsa::sign(digest, key)).serialize_compact())
    }

    /// Signs the digest of a message in the form from which the public key can be recovered.
    #[must_use]
    pub fn sign_message(&self, digest: &MessageHash) -> MessageSignature {
        let digest = Message::from_digest(*digest.as_bytes());
        let signature = self.with(|key| RecoverableSignature::sign_ecdsa_recoverable(digest, key));
        let (code, rs) = signature.serialize_compact();
        let mut bytes = [COMPRESSED_HEADER + code.to_u8(); 65];
        bytes[1..].copy_from_slice(&rs);
        MessageSignature(bytes)
    }

    /// Lends the key in the library's own type, which does not wipe itself.
    pub(crate) fn with<T>(&self, use_key: impl FnOnce(&SecretKey) -> T) -> T {
        let mut key = SecretKey::from_secret_bytes(**self.0).expect("checked when the key was made");
        let result = use_key(&key);
        key.non_secure_erase();
        result
    }
}

/// Blinds the multiplications of this thread with randomness of the operating system, against observers of the machine.
///
/// # Errors
/// [`KeyError::NoRandomness`].
pub fn blind_signing() -> Result<(), KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).map_err(|_| KeyError::NoRandomness)?;
    secp256k1::rerandomize_global_context(&seed);
    Ok(())
}

/// A public key: a point of the curve.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(secp256k1::PublicKey);

impl PublicKey {
    /// Reads the compressed form, 33 bytes starting with 2 or 3.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`].
    pub fn from_bytes(bytes: &[u8; 33]) -> Result<Self, KeyError> {
        let key = secp256k1::PublicKey::from_byte_array_compressed(*bytes).map_err(|_| KeyError::NotAPoint)?;
        Ok(Self(key))
    }

    /// Reads the uncompressed form, 65 bytes starting with 4.
    ///
    /// # Errors
    /// [`KeyError::NotAPoint`].
    pub fn from_uncompressed(bytes: &[u8; 65]) -> Result<Self, KeyError> {
        let [4, ..] = bytes else { return Err(KeyError::NotAPoint) };
        let key = secp256k1::PublicKey::from_byte_array_uncompressed(*bytes).map_err(|_| KeyError::NotAPoint)?;
        Ok(Self(key))
    }

    pub(crate) fn from_inner(key: secp256k1::PublicKey) -> Self {
        Self(key)
    }

    pub(crate) fn inner(&self) -> &secp256k1::PublicKey {
        &self.0
    }

    /// The compressed form.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 33] {
        self.0.serialize()
    }

    /// The hash that addresses carry, of the compressed form.
    #[must_use]
    pub fn hash(&self) -> Hash160 {
        Hash160::of(&self.to_bytes())
    }

    /// Checks a signature over the digest of a transaction; one with high S is wrong.
    ///
    /// # Errors
    /// [`KeyError::WrongSignature`].
    pub fn verify(&self, digest: &SignatureHash, signature: &Signature) -> Result<(), KeyError> {
        let signature = ecdsa::Signature::from_compact(&signature.0).map_err(|_| KeyError::WrongSignature)?;
        let digest = Message::from_digest(*digest.as_bytes());
        ecdsa::verify(&signature, digest, &self.0).map_err(|_| KeyError::WrongSignature)
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.to_bytes()))
    }
}

/// A transaction signature: r and s, 32 bytes each, big-endian.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Takes the bytes; whether they sign anything is found by [`PublicKey::verify`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The same signature with the lower of its two s; `None` when r or s is out of range.
    #[must_use]
    pub fn with_low_s(&self) -> Option<Self> {
        let mut signature = ecdsa::Signature::from_compact(&self.0).ok()?;
        signature.normalize_s();
        Some(Self(signature.serialize_compact()))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

/// A message signature: a header byte with the recovery code, then r and s.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MessageSignature([u8; 65]);

impl MessageSignature {
    /// Takes the bytes; whose signature they are is found by [`crate::message::recover`].
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 65]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// Whether s is at most half the order, as signers make it; the other s is the same signature in a second form.
    pub(crate) fn has_low_s(&self) -> bool {
        let [_, rs @ ..] = &self.0;
        let Ok(given) = ecdsa::Signature::from_compact(rs) else { return false };
        let mut low = given;
        low.normalize_s();
        low == given
    }

    /// Reads standard base64 with padding.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

/// Prints standard base64 with padding, as wallets and VSPs exchange it.
impl std::fmt::Display for MessageSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl std::fmt::Debug for MessageSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// What is wrong with a key or a signature. No variant carries secret bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Zero, or at or above the group order.
    #[error("private key is not a number from 1 to the order of the curve")]
    PrivateOutOfRange,
    /// Not the compressed form of a point.
    #[error("public key is not a compressed point of the curve")]
    NotAPoint,
    /// The signature is not of this key, or not over this digest, or its S is high.
    #[error("signature does not fit the key and the digest")]
    WrongSignature,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}
