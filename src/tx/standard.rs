//! The forms of scripts that dcrd calls standard.
//!
//! The core recognises what this project pays to; here is the rest, for display and for other people's outputs.
//! Source: dcrd `txscript/stdscript/scriptv0.go`.

use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payee, Payment, StakeTag};

use super::opcode::{self, Opcode};
use super::script::{Instruction, instructions};
use crate::address::{Address, Payload, SignatureType};
use crate::key::PublicKey;

/// The most bytes that a standard null data script carries.
const MAX_NULL_DATA: usize = 256;

/// A public key as scripts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptKey {
    /// secp256k1, 33 bytes.
    Compressed([u8; 33]),
    /// secp256k1, 65 bytes.
    Uncompressed([u8; 65]),
}

impl ScriptKey {
    /// Reads an encoding that the consensus accepts, not a hybrid one; whether the point is on the curve is not asked.
    #[must_use]
    pub fn read(key: &[u8]) -> Option<Self> {
        match key {
            [2 | 3, ..] => key.try_into().ok().map(Self::Compressed),
            [4, ..] => key.try_into().ok().map(Self::Uncompressed),
            _ => None,
        }
    }

    /// The point of the curve that the encoding names, if it names one.
    #[must_use]
    pub fn point(&self) -> Option<PublicKey> {
        match self {
            Self::Compressed(key) => PublicKey::from_bytes(key).ok(),
            Self::Uncompressed(key) => {
                secp256k1::PublicKey::from_byte_array_uncompressed(*key).ok().map(PublicKey::from_inner)
            }
        }
    }
}

/// A script of a standard form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandardScript {
    /// Pays a secp256k1 key.
    PublicKey(ScriptKey),
    /// Pays an Ed25519 key.
    PublicKeyEd25519([u8; 32]),
    /// Pays a secp256k1 key that signs by Schnorr.
    PublicKeySchnorr([u8; 33]),
    /// Pays a key hash or a script hash, with a stake tag or without.
    Payment(Payment),
    /// Pays the hash of an Ed25519 key.
    KeyHashEd25519(Hash160),
    /// Pays the hash of a secp256k1 key that signs by Schnorr.
    KeyHashSchnorr(Hash160),
    /// Pays any `required` of some keys.
    Multisig {
        /// The number of signatures needed.
        required: u8,
        /// The keys.
        keys: Vec<[u8; 33]>,
    },
    /// Carries data and cannot be spent.
    NullData,
    /// Pays the treasury.
    TreasuryAdd,
}

impl StandardScript {
    /// Recognises a standard script; anything else, and any version but 0, is `None`.
    #[must_use]
    pub fn recognise(script_version: u16, script: &[u8]) -> Option<Self> {
        if script_version != 0 {
            return None;
        }
        public_key(script)
            .or_else(|| alt_key_hash(script))
            .or_else(|| Payment::recognise(script).map(Self::Payment))
            .or_else(|| multisig(script))
            .or_else(|| is_null_data(script).then_some(Self::NullData))
            .or_else(|| (script == [opcode::OP_TADD]).then_some(Self::TreasuryAdd))
    }

    /// The name that dcrd gives the form, as in its JSON-RPC replies.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PublicKey(_) => "pubkey",
            Self::PublicKeyEd25519(_) => "pubkey-ed25519",
            Self::PublicKeySchnorr(_) => "pubkey-schnorr-secp256k1",
            Self::KeyHashEd25519(_) => "pubkeyhash-ed25519",
            Self::KeyHashSchnorr(_) => "pubkeyhash-schnorr-secp256k1",
            Self::Payment(payment) => payment_name(payment),
            Self::Multisig { .. } => "multisig",
            Self::NullData => "nulldata",
            Self::TreasuryAdd => "treasuryadd",
        }
    }

    /// The addresses paid: one, several for a multisig script, none for a key that is no point of the curve.
    #[must_use]
    pub fn addresses(&self, network: Network) -> Vec<Address> {
        let payloads = match self {
            Self::PublicKey(key) => key.point().map(Payload::EcdsaKey).into_iter().collect(),
            Self::PublicKeyEd25519(key) => vec![Payload::Ed25519Key(*key)],
            Self::PublicKeySchnorr(key) => {
                ScriptKey::Compressed(*key).point().map(Payload::SchnorrKey).into_iter().collect()
            }
            Self::Payment(payment) => return vec![Address::of_payee(network, &payment.payee)],
            Self::KeyHashEd25519(hash) => vec![Payload::KeyHash(SignatureType::Ed25519, *hash)],
            Self::KeyHashSchnorr(hash) => vec![Payload::KeyHash(SignatureType::Schnorr, *hash)],
            Self::Multisig { keys, .. } => {
                keys.iter().filter_map(|key| ScriptKey::Compressed(*key).point()).map(Payload::EcdsaKey).collect()
            }
            Self::NullData | Self::TreasuryAdd => Vec::new(),
        };
        payloads.into_iter().map(|payload| Address::new(network, payload)).collect()
    }
}

const fn payment_name(payment: &Payment) -> &'static str {
    match (payment.tag, &payment.payee) {
        (None, Payee::KeyHash(_)) => "pubkeyhash",
        (None, Payee::ScriptHash(_)) => "scripthash",
        (Some(StakeTag::Submission), Payee::KeyHash(_)) => "stakesubmission-pubkeyhash",
        (Some(StakeTag::Submission), Payee::ScriptHash(_)) => "stakesubmission-scripthash",
        (Some(StakeTag::Vote), Payee::KeyHash(_)) => "stakegen-pubkeyhash",
        (Some(StakeTag::Vote), Payee::ScriptHash(_)) => "stakegen-scripthash",
        (Some(StakeTag::Revocation), Payee::KeyHash(_)) => "stakerevoke-pubkeyhash",
        (Some(StakeTag::Revocation), Payee::ScriptHash(_)) => "stakerevoke-scripthash",
        (Some(StakeTag::Change), Payee::KeyHash(_)) => "stakechange-pubkeyhash",
        (Some(StakeTag::Change), Payee::ScriptHash(_)) => "stakechange-scripthash",
        (Some(StakeTag::Treasury), Payee::KeyHash(_)) => "treasurygen-pubkeyhash",
        (Some(StakeTag::Treasury), Payee::ScriptHash(_)) => "treasurygen-scripthash",
    }
}

/// The key, if its encoding is the compressed one.
fn compressed(key: &[u8]) -> Option<[u8; 33]> {
    match ScriptKey::read(key) {
        Some(ScriptKey::Compressed(key)) => Some(key),
        _ => None,
    }
}

fn public_key(script: &[u8]) -> Option<StandardScript> {
    match script {
        [length, key @ .., opcode::OP_CHECKSIG] if key.len() == usize::from(*length) => {
            ScriptKey::read(key).map(StandardScript::PublicKey)
        }
        [32, key @ .., opcode::ED25519, opcode::OP_CHECKSIGALT] => {
            key.try_into().ok().map(StandardScript::PublicKeyEd25519)
        }
        [33, key @ .., opcode::SCHNORR, opcode::OP_CHECKSIGALT] => {
            compressed(key).map(StandardScript::PublicKeySchnorr)
        }
        _ => None,
    }
}

fn alt_key_hash(script: &[u8]) -> Option<StandardScript> {
    let [opcode::OP_DUP, opcode::OP_HASH160, 20, rest @ ..] = script else { return None };
    let [hash @ .., opcode::OP_EQUALVERIFY, algorithm, opcode::OP_CHECKSIGALT] = rest else { return None };
    let hash = Hash160::from_bytes(hash.try_into().ok()?);
    match *algorithm {
        opcode::ED25519 => Some(StandardScript::KeyHashEd25519(hash)),
        opcode::SCHNORR => Some(StandardScript::KeyHashSchnorr(hash)),
        _ => None,
    }
}

fn multisig(script: &[u8]) -> Option<StandardScript> {
    let parts = instructions(script).collect::<Result<Vec<_>, _>>().ok()?;
    let [required, keys @ .., count, Instruction { opcode: Opcode(opcode::OP_CHECKMULTISIG), .. }] = parts.as_slice()
    else {
        return None;
    };
    let required = required.small_integer().filter(|required| *required > 0)?;
    let keys = keys.iter().map(|key| compressed(key.data)).collect::<Option<Vec<_>>>()?;
    let enough = usize::from(required) <= keys.len();
    let counted = count.small_integer().map(usize::from) == Some(keys.len());
    (enough && counted).then_some(StandardScript::Multisig { required, keys })
}

/// Whether a script is `OP_RETURN` alone, or with one push in its shortest form of at most 256 bytes.
fn is_null_data(script: &[u8]) -> bool {
    let [opcode::OP_RETURN, rest @ ..] = script else { return false };
    let mut parts = instructions(rest);
    match (parts.next(), parts.next()) {
        (None, _) => true,
        (Some(Ok(push)), None) => push.data.len() <= MAX_NULL_DATA && push.is_shortest_push(),
        _ => false,
    }
}
