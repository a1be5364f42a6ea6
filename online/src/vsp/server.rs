//! The key of a VSP, and what was signed with it.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

/// The Ed25519 key with which a VSP signs all its responses. It is made with the VSP's database and never changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    /// The 32 bytes of the key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for ServerKey {
    type Err = ServerKeyError;

    /// Reads standard base64, as `vspinfo` and the VSP's page show it. Keys of small order sign anything and are refused.
    fn from_str(text: &str) -> Result<Self, ServerKeyError> {
        let bytes = STANDARD.decode(text).map_err(|_| ServerKeyError::NotBase64)?;
        let found = bytes.len();
        let bytes = bytes.try_into().map_err(|_| ServerKeyError::Length { found })?;
        let point = VerifyingKey::from_bytes(&bytes).map_err(|_| ServerKeyError::NotAPoint)?;
        if point.is_weak() { Err(ServerKeyError::SmallOrder) } else { Ok(Self(bytes)) }
    }
}

/// Prints standard base64.
impl fmt::Display for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is not the key of a VSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerKeyError {
    /// Not base64.
    #[error("key of the VSP is not base64")]
    NotBase64,
    /// Another number of bytes.
    #[error("key of the VSP has {found} bytes, expected 32")]
    Length {
        /// The number found.
        found: usize,
    },
    /// No point of the curve.
    #[error("key of the VSP is not a point of the curve")]
    NotAPoint,
    /// A key for which signatures prove nothing.
    #[error("key of the VSP is one of small order, which proves nothing")]
    SmallOrder,
}

/// The value of the header `VSP-Server-Signature`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ServerSignature([u8; 64]);

impl FromStr for ServerSignature {
    type Err = ServerSignatureError;

    /// Reads standard base64.
    fn from_str(text: &str) -> Result<Self, ServerSignatureError> {
        let bytes = STANDARD.decode(text).map_err(|_| ServerSignatureError::NotBase64)?;
        let found = bytes.len();
        Ok(Self(bytes.try_into().map_err(|_| ServerSignatureError::Length { found })?))
    }
}

/// Prints standard base64.
impl fmt::Display for ServerSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for ServerSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a response is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerSignatureError {
    /// Not base64.
    #[error("signature of the VSP is not base64")]
    NotBase64,
    /// Another number of bytes.
    #[error("signature of the VSP has {found} bytes, expected 64")]
    Length {
        /// The number found.
        found: usize,
    },
    /// Made with another key, or over other bytes.
    #[error("response is not signed with the key {key} of the VSP")]
    OtherKey {
        /// The key that was expected.
        key: ServerKey,
    },
}

/// A response that its VSP signed.
#[derive(Clone, Debug)]
pub struct Signed {
    body: Vec<u8>,
}

impl Signed {
    /// Checks a signature over the bytes of a response as they arrived.
    ///
    /// # Errors
    /// [`ServerSignatureError::OtherKey`].
    pub fn check(key: &ServerKey, body: &[u8], signature: &ServerSignature) -> Result<Self, ServerSignatureError> {
        let signature = Signature::from_bytes(&signature.0);
        let checked = VerifyingKey::from_bytes(&key.0).and_then(|point| point.verify_strict(body, &signature));
        checked.map(|()| Self { body: body.to_vec() }).map_err(|_| ServerSignatureError::OtherKey { key: *key })
    }

    /// The bytes of the response.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}
