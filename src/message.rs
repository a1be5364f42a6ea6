//! Signatures over messages, as wallets and VSPs use them.
//!
//! Source: dcrd `dcrutil/util.go` (`VerifyMessage`), `dcrec/secp256k1/ecdsa/signature.go` (`RecoverCompact`).

use dcrcold_core::hash::{Hash160, MessageHash, Sink, message_hash};
use secp256k1::Message;
use secp256k1::constants::CURVE_ORDER;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};

use crate::address::{Address, Payload, SignatureType};
use crate::key::{MessageSignature, PrivateKey, PublicKey};

/// The least header byte; 0 to 3 are added as recovery code, and 4 for a compressed key.
const HEADER: u8 = 27;
/// What the header has on top when the key's hash is of the compressed form.
const COMPRESSED: u8 = 4;

/// Hashes a message the way it is signed.
#[must_use]
pub fn hash(message: &[u8]) -> MessageHash {
    message_hash(message.len() as u64, |hasher| hasher.put(message))
}

/// Signs a message.
#[must_use]
pub fn sign(key: &PrivateKey, message: &[u8]) -> MessageSignature {
    key.sign_message(&hash(message))
}

/// Checks that the holder of the key behind `address` signed `message`.
///
/// # Errors
/// [`MessageError::AddressKind`] for anything but an ECDSA key hash, [`MessageError::OtherSigner`], or why no key can
/// be recovered.
pub fn verify(address: &Address, message: &[u8], signature: &MessageSignature) -> Result<(), MessageError> {
    let Payload::KeyHash(SignatureType::Ecdsa, expected) = address.payload() else {
        return Err(MessageError::AddressKind);
    };
    let signer = recover(signature, &hash(message))?;
    if signer.hash == *expected { Ok(()) } else { Err(MessageError::OtherSigner { found: signer.hash }) }
}

/// Who made a message signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The key.
    pub key: PublicKey,
    /// The hash of the key in the form, compressed or not, that the signature names.
    pub hash: Hash160,
}

/// Finds the key that made a signature.
///
/// # Errors
/// What is wrong with the signature.
pub fn recover(signature: &MessageSignature, digest: &MessageHash) -> Result<Signer, MessageError> {
    let [header, rs @ ..] = signature.as_bytes();
    let code = header.checked_sub(HEADER).filter(|code| *code < 8);
    let code = code.ok_or(MessageError::RecoveryCode { found: *header })?;
    let (r, s) = rs.split_at(32);
    for (name, scalar) in [('r', r), ('s', s)] {
        if scalar.iter().all(|byte| *byte == 0) || scalar >= CURVE_ORDER.as_slice() {
            return Err(MessageError::ScalarOutOfRange { name });
        }
    }
    let recovered = RecoverableSignature::from_compact(rs, RecoveryId::from_u8_masked(code))
        .and_then(|signature| signature.recover(Message::from_digest(*digest.as_bytes())))
        .map_err(|_| MessageError::NoSuchPoint)?;
    let compressed = code & COMPRESSED != 0;
    let hash =
        if compressed { Hash160::of(&recovered.serialize()) } else { Hash160::of(&recovered.serialize_uncompressed()) };
    Ok(Signer { key: PublicKey::from_inner(recovered), hash })
}

/// Why a message signature is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// The address is not the hash of an ECDSA key, and only such can be checked.
    #[error("only an address that is the hash of an ECDSA key can sign messages")]
    AddressKind,
    /// The header byte names no recovery code.
    #[error("message signature starts with byte {found}, expected 27 to 34")]
    RecoveryCode {
        /// The header byte.
        found: u8,
    },
    /// r or s is zero or not below the group order.
    #[error("{name} of the message signature is not a number from 1 to the order of the curve")]
    ScalarOutOfRange {
        /// `r` or `s`.
        name: char,
    },
    /// No point of the curve belongs to the signature.
    #[error("no public key belongs to the message signature")]
    NoSuchPoint,
    /// The signature is by another key.
    #[error("message is signed by the key with hash {found}, not by the key of the address")]
    OtherSigner {
        /// The hash of the key that signed.
        found: Hash160,
    },
}
