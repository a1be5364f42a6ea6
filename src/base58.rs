//! Base58 and the checked form in which Decred writes addresses and keys.
//!
//! Source: decred/base58 `base58.go`, `base58check.go`.

use blake256::blake256;
use zeroize::Zeroizing;

/// The length of the checksum at the end of checked text.
const CHECKSUM: usize = 4;

/// Writes bytes as base58.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    bs58::encode(bytes).into_string()
}

/// Reads base58. The work grows with the square of the length, so callers bound the text first.
///
/// # Errors
/// [`Base58Error::Character`] for a character outside the alphabet.
pub fn decode(text: &str) -> Result<Vec<u8>, Base58Error> {
    bs58::decode(text).into_vec().map_err(|error| match error {
        bs58::decode::Error::InvalidCharacter { index, .. } | bs58::decode::Error::NonAsciiCharacter { index } => {
            Base58Error::Character { position: index }
        }
        _ => Base58Error::TooShort,
    })
}

/// Writes bytes as base58 with a checksum: the first four bytes of BLAKE-256 applied twice.
#[must_use]
pub fn encode_check(bytes: &[u8]) -> String {
    let joined = Zeroizing::new([bytes, &checksum(bytes)].concat());
    bs58::encode(joined.as_slice()).into_string()
}

/// Reads base58 with a checksum and returns the bytes in front of it, at least the two of a prefix.
///
/// # Errors
/// As [`decode`], and [`Base58Error::TooShort`] or [`Base58Error::Checksum`].
pub fn decode_check(text: &str) -> Result<Vec<u8>, Base58Error> {
    let mut bytes = decode(text)?;
    let length = checked(&bytes)?.len();
    bytes.truncate(length);
    Ok(bytes)
}

/// The bytes in front of the checksum, once that fits. It takes no bytes over, since they may be a secret.
pub(crate) fn checked(bytes: &[u8]) -> Result<&[u8], Base58Error> {
    let (body, found) = bytes.split_last_chunk::<CHECKSUM>().ok_or(Base58Error::TooShort)?;
    if body.len() < 2 {
        return Err(Base58Error::TooShort);
    }
    if *found == checksum(body) { Ok(body) } else { Err(Base58Error::Checksum) }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let [a, b, c, d, ..] = blake256(&blake256(bytes));
    [a, b, c, d]
}

/// Why a text is not base58 or fails its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Base58Error {
    /// A character outside the alphabet.
    #[error("character {} is not in the base58 alphabet", position + 1)]
    Character {
        /// Where, counted from 0.
        position: usize,
    },
    /// Fewer bytes than a prefix and a checksum.
    #[error("too short to hold a prefix and a checksum")]
    TooShort,
    /// The checksum does not fit the bytes. Neither is told: of a private key, they would confirm a guess.
    #[error("the checksum does not fit: a character is wrong")]
    Checksum,
}
