//! Signature scripts of public key hashes: written, read back, verified.
//!
//! Source: dcrd `txscript/sign/sign.go`, `txscript/opcode.go` (`opcodeCheckSig`).

use dcrcold_core::hash::{Hash160, SIGHASH_ALL};
use dcrcold_core::script::{Payee, Payment};

use super::der::{self, DerError};
use super::script::instructions;
use super::sighash::{ANYONE_CAN_PAY, NONE, SINGLE, SighashError, signature_hash};
use super::{Transaction, TxOut};
use crate::key::{KeyError, PublicKey, Signature};

/// What the signature script of a public key hash holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySignature {
    /// The signature.
    pub signature: Signature,
    /// What of the transaction it signs.
    pub hash_type: u8,
    /// The key.
    pub public_key: PublicKey,
}

/// Why an input is not signed, or not by the right key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The signature script is not a signature and a compressed public key.
    #[error("signature script is not the push of a signature and the push of a compressed public key")]
    Form,
    /// The signature is not strict DER.
    #[error("signature script: {0}")]
    Der(#[from] DerError),
    /// The hash type has no meaning.
    #[error("signature has hash type {found:#04x}, which has no meaning")]
    HashType {
        /// The type found.
        found: u8,
    },
    /// The output spent does not pay a public key hash.
    #[error("output spent does not pay a public key hash")]
    NotKeyHash,
    /// The signature script names another key than the one paid.
    #[error("signature is by the key with hash {found}, the output pays {expected}")]
    OtherKey {
        /// The hash of the key found.
        found: Hash160,
        /// The hash that the output pays.
        expected: Hash160,
    },
    /// The key is no point of the curve, or the signature does not verify.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is nothing to verify.
    #[error(transparent)]
    Sighash(#[from] SighashError),
}

/// The signature script of an input, hash type ALL.
#[must_use]
pub fn signature_script(signature: &Signature, public_key: &PublicKey) -> Vec<u8> {
    KeySignature { signature: *signature, hash_type: SIGHASH_ALL, public_key: *public_key }.script()
}

impl KeySignature {
    /// The signature script: pushes of the signature in DER with its hash type, and of the key.
    #[must_use]
    pub fn script(&self) -> Vec<u8> {
        let mut signature = der::encode(&self.signature);
        signature.push(self.hash_type);
        let public_key = self.public_key.to_bytes();
        let mut script = Vec::with_capacity(2 + signature.len() + public_key.len());
        for data in [signature.as_slice(), &public_key] {
            script.push(u8::try_from(data.len()).expect("a signature in DER and its type take at most 73 bytes"));
            script.extend(data);
        }
        script
    }

    /// Reads a signature script.
    ///
    /// # Errors
    /// [`SignatureError::Form`], [`SignatureError::Der`], [`SignatureError::HashType`] or [`SignatureError::Key`].
    pub fn read(script: &[u8]) -> Result<Self, SignatureError> {
        let pushes: Result<Vec<_>, _> = instructions(script).collect();
        let pushes = pushes.map_err(|_| SignatureError::Form)?;
        let [signature, public_key] = pushes.as_slice() else { return Err(SignatureError::Form) };
        if !signature.is_shortest_push() || !public_key.is_shortest_push() {
            return Err(SignatureError::Form);
        }
        let (hash_type, der) = signature.data.split_last().ok_or(SignatureError::Form)?;
        let public_key = public_key.data.try_into().map_err(|_| SignatureError::Form)?;
        let public_key = PublicKey::from_bytes(public_key)?;
        der::check_consensus(der)?;
        check_hash_type(*hash_type)?;
        Ok(Self { signature: der::parse(der)?, hash_type: *hash_type, public_key })
    }
}

/// Checks that `tx` may spend `spent`, the output that its input at `position` names, by a signature of its key.
///
/// # Errors
/// [`SignatureError`] names what is missing or wrong.
pub fn check_input(tx: &Transaction, position: usize, spent: &TxOut) -> Result<KeySignature, SignatureError> {
    let input = tx.inputs.get(position).ok_or(SighashError::NoInput { position, inputs: tx.inputs.len() })?;
    let Some(Payment { payee: Payee::KeyHash(expected), .. }) = Payment::recognise(&spent.script) else {
        return Err(SignatureError::NotKeyHash);
    };
    let signed = KeySignature::read(&input.signature_script)?;
    let found = signed.public_key.hash();
    if found != expected {
        return Err(SignatureError::OtherKey { found, expected });
    }
    let digest = signature_hash(tx, position, &spent.script, signed.hash_type)?;
    signed.public_key.verify(&digest, &signed.signature)?;
    Ok(signed)
}

fn check_hash_type(found: u8) -> Result<(), SignatureError> {
    match found & !ANYONE_CAN_PAY {
        SIGHASH_ALL | NONE | SINGLE => Ok(()),
        _ => Err(SignatureError::HashType { found }),
    }
}
