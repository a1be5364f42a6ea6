//! Hashes and their types: transaction ids, signature hashes and message hashes, all computed as streams.
//!
//! Source: dcrd `wire/msgtx.go`, `txscript/sighash.go`, `dcrutil/util.go`.

use core::fmt;

use blake256::Blake256;
use blake256::digest::{Digest, FixedOutputReset, Update};
use ripemd::Ripemd160;

/// Takes bytes one slice after the other: a hasher, a buffer, a counter.
pub trait Sink {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Blake256 {
    fn put(&mut self, bytes: &[u8]) {
        Update::update(self, bytes);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn put(&mut self, bytes: &[u8]) {
        (**self).put(bytes);
    }
}

/// Copies as many bytes as there are on both sides. Unlike `copy_from_slice` it cannot panic, which no check of lengths
/// before it takes out of a binary.
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

/// Hands all bytes to two sinks.
#[derive(Debug)]
pub struct Both<A, B>(pub A, pub B);

impl<A: Sink, B: Sink> Sink for Both<A, B> {
    fn put(&mut self, bytes: &[u8]) {
        self.0.put(bytes);
        self.1.put(bytes);
    }
}

/// Counts bytes and forgets them.
#[derive(Debug, Default)]
pub struct Count(pub u64);

impl Sink for Count {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.saturating_add(bytes.len() as u64);
    }
}

/// Finishes a hash as an array.
pub(crate) fn finish(mut hasher: Blake256) -> [u8; 32] {
    finish_reset(&mut hasher)
}

/// Finishes a hash as an array and begins anew.
pub(crate) fn finish_reset(hasher: &mut Blake256) -> [u8; 32] {
    FixedOutputReset::finalize_fixed_reset(hasher).into()
}

/// Declares a 32-byte hash type that prints and is read byte-reversed, as all Decred programs do.
macro_rules! reversed_hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes the bytes in the order of serialisations.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The bytes in the order of serialisations.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().rev().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = NotAHash;

            fn from_str(text: &str) -> Result<Self, NotAHash> {
                let mut bytes = parse_hex::<32>(text)?;
                bytes.reverse();
                Ok(Self(bytes))
            }
        }
    };
}

reversed_hash! {
    /// The id of a transaction: BLAKE-256 of its prefix serialisation.
    TxId
}
reversed_hash! {
    /// The id of a block: BLAKE-256 of its 180-byte header.
    BlockHash
}
reversed_hash! {
    /// BLAKE-256 of the witness serialisation of a transaction.
    WitnessHash
}
reversed_hash! {
    /// A node of a block's hash trees: the full hash of a transaction, the hash of a filter, or a root over them.
    TreeHash
}

/// Declares a hash type whose bytes print in order.
macro_rules! plain_hash {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Takes the bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = NotAHash;

            fn from_str(text: &str) -> Result<Self, NotAHash> {
                parse_hex(text).map(Self)
            }
        }
    };
}

plain_hash! {
    /// RIPEMD-160 of BLAKE-256, of a public key or a redeem script.
    Hash160, 20
}
plain_hash! {
    /// The id of a request or another transfer: BLAKE-256 of version, kind, network and plain body.
    TransferId, 32
}
plain_hash! {
    /// The digest that a transaction signature signs.
    SignatureHash, 32
}
plain_hash! {
    /// The digest that a message signature signs.
    MessageHash, 32
}
plain_hash! {
    /// What names a voter: the first 16 bytes of a hash over network and all three public keys and chain codes.
    Fingerprint, 16
}

/// A text that is not the hex form of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHash;

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a hash in hexadecimal of the right length")
    }
}

impl core::error::Error for NotAHash {}

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], NotAHash> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(NotAHash);
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Ok(bytes)
}

fn nibble(digit: u8) -> Result<u8, NotAHash> {
    let value = char::from(digit).to_digit(16).ok_or(NotAHash)?;
    u8::try_from(value).map_err(|_| NotAHash)
}

impl Hash160 {
    /// Hashes a public key or a script.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Ripemd160::digest(blake256::blake256(bytes));
        Self(digest.into())
    }

    /// The hash of twenty zero bytes, to which nobody has a key: where the empty change of a ticket goes.
    pub const ZERO: Self = Self([0; 20]);
}

impl BlockHash {
    /// The id of the block whose header `write` writes.
    pub fn of(write: impl FnOnce(&mut Blake256)) -> Self {
        let mut hasher = Blake256::default();
        write(&mut hasher);
        Self(finish(hasher))
    }
}

impl WitnessHash {
    /// The hash of what `write` writes.
    pub fn of(write: impl FnOnce(&mut Blake256)) -> Self {
        let mut hasher = Blake256::default();
        write(&mut hasher);
        Self(finish(hasher))
    }
}

impl TreeHash {
    /// The hash of what `write` writes.
    pub fn of(write: impl FnOnce(&mut Blake256)) -> Self {
        let mut hasher = Blake256::default();
        write(&mut hasher);
        Self(finish(hasher))
    }
}

impl TxId {
    /// The hash that stands for the id of what `prefix` writes.
    pub fn of_prefix(write: impl FnOnce(&mut Blake256)) -> Self {
        let mut hasher = Blake256::default();
        write(&mut hasher);
        Self(finish(hasher))
    }
}

/// Writes a number in the variable length form of the wire, dcrd `wire/common.go`.
pub fn put_varint(sink: &mut impl Sink, number: u64) {
    let bytes = number.to_le_bytes();
    let [b0, b1, b2, b3, ..] = bytes;
    match number {
        0..=0xfc => sink.put(&[b0]),
        0xfd..=0xffff => sink.put(&[0xfd, b0, b1]),
        0x1_0000..=0xffff_ffff => sink.put(&[0xfe, b0, b1, b2, b3]),
        _ => {
            sink.put(&[0xff]);
            sink.put(&bytes);
        }
    }
}

/// The tag in front of the witness part of a signature hash: version 1, serialisation type 3.
const SIGHASH_WITNESS_V1: u32 = 1 | (3 << 16);

/// Signature hash type ALL: every input and every output is signed.
pub const SIGHASH_ALL: u8 = 1;

/// Computes the digest for one input of a version 1 transaction, hash type ALL.
///
/// For this type the first half of the digest is the transaction id itself, so a signer needs no more than the id,
/// the number of inputs, the position and the script of the spent output.
/// Source: dcrd `txscript/sighash.go`.
#[must_use]
pub fn signature_hash_all(id: &TxId, inputs: u32, position: u32, script: &[u8]) -> SignatureHash {
    let mut witness = Blake256::default();
    witness.put(&SIGHASH_WITNESS_V1.to_le_bytes());
    put_varint(&mut witness, u64::from(inputs));
    for index in 0..inputs {
        if index == position {
            put_varint(&mut witness, script.len() as u64);
            witness.put(script);
        } else {
            witness.put(&[0]);
        }
    }
    let mut hasher = Blake256::default();
    hasher.put(&u32::from(SIGHASH_ALL).to_le_bytes());
    hasher.put(id.as_bytes());
    hasher.put(&finish(witness));
    SignatureHash(finish(hasher))
}

/// What precedes every signed message, so that no message can pass for a transaction.
const MESSAGE_MAGIC: &[u8] = b"Decred Signed Message:\n";

/// Hashes a message of a length known beforehand, bytes handed over piece by piece.
///
/// Source: dcrd `dcrutil/util.go`, dcrwallet `wallet.SignMessage`.
pub fn message_hash(length: u64, write: impl FnOnce(&mut Blake256)) -> MessageHash {
    let mut hasher = Blake256::default();
    put_varint(&mut hasher, MESSAGE_MAGIC.len() as u64);
    hasher.put(MESSAGE_MAGIC);
    put_varint(&mut hasher, length);
    write(&mut hasher);
    MessageHash(finish(hasher))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::string::ToString;

    use super::{Hash160, NotAHash, TxId};

    #[test]
    fn ids_print_and_read_reversed() {
        let mut bytes = [0; 32];
        bytes[0] = 0xab;
        bytes[31] = 0x01;
        let text = "01000000000000000000000000000000000000000000000000000000000000ab";
        assert_eq!(TxId::from_bytes(bytes).to_string(), text);
        assert_eq!(text.parse(), Ok(TxId::from_bytes(bytes)));
    }

    #[test]
    fn other_hashes_print_and_read_in_order() {
        let mut bytes = [0; 20];
        bytes[0] = 0xab;
        let text = "ab00000000000000000000000000000000000000";
        assert_eq!(Hash160::from_bytes(bytes).to_string(), text);
        assert_eq!(text.to_uppercase().parse(), Ok(Hash160::from_bytes(bytes)));
    }

    #[test]
    fn a_text_of_another_length_or_with_other_characters_is_no_hash() {
        for text in ["", "ab", "ab0000000000000000000000000000000000000", "gb00000000000000000000000000000000000000"] {
            assert_eq!(text.parse::<Hash160>(), Err(NotAHash), "{text}");
        }
    }
}
