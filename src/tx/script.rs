//! Scripts taken apart: their instructions, and the forms that dcrd calls standard.
//!
//! The core recognises what this project pays to; here is the rest, for display and for other people's outputs.
//! Source: dcrd `txscript/tokenizer.go`, `txscript/stdscript/scriptv0.go`.

use dcrcold_core::hash::Hash160;
use dcrcold_core::script::{Payee, Payment, StakeTag};

use super::opcode::{self, Opcode};

/// The most bytes that a standard null data script carries.
const MAX_NULL_DATA: usize = 256;

/// One instruction of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction<'a> {
    /// The opcode.
    pub opcode: Opcode,
    /// What it pushes; empty for an opcode that carries no data.
    pub data: &'a [u8],
}

impl Instruction<'_> {
    /// The number that a small integer opcode stands for: 0 to 16.
    #[must_use]
    pub fn small_integer(&self) -> Option<u8> {
        match self.opcode.0 {
            opcode::OP_0 => Some(0),
            number @ opcode::OP_1..=opcode::OP_16 => Some(number - opcode::OP_1 + 1),
            _ => None,
        }
    }

    /// Whether it pushes, and no shorter instruction pushes the same.
    #[must_use]
    pub fn is_shortest_push(&self) -> bool {
        match (self.opcode.0, self.data) {
            (opcode::OP_DATA_1..=opcode::OP_DATA_75, [0..=16]) => false,
            (opcode::OP_PUSHDATA1, data) => data.len() > usize::from(opcode::OP_DATA_75),
            (opcode::OP_PUSHDATA2, data) => data.len() > 0xff,
            (opcode::OP_PUSHDATA4, data) => data.len() > 0xffff,
            (other, _) => other <= opcode::OP_16,
        }
    }
}

/// A script that ends inside a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("script ends inside the push at offset {offset}")]
pub struct CutPush {
    /// Where the push begins.
    pub offset: usize,
}

/// Walks over the instructions of a script; ends after the first error.
#[derive(Clone, Debug)]
pub struct Instructions<'a> {
    script: &'a [u8],
    rest: &'a [u8],
}

/// Takes `script` apart.
#[must_use]
pub const fn instructions(script: &[u8]) -> Instructions<'_> {
    Instructions { script, rest: script }
}

impl<'a> Iterator for Instructions<'a> {
    type Item = Result<Instruction<'a>, CutPush>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.script.len() - self.rest.len();
        let (opcode, rest) = self.rest.split_first()?;
        self.rest = &[];
        let Some((data, rest)) = split_push(*opcode, rest) else {
            return Some(Err(CutPush { offset }));
        };
        self.rest = rest;
        Some(Ok(Instruction { opcode: Opcode(*opcode), data }))
    }
}

/// Splits what `opcode` pushes from the instructions after it.
fn split_push(opcode: u8, rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match opcode {
        opcode::OP_DATA_1..=opcode::OP_DATA_75 => (u32::from(opcode), rest),
        opcode::OP_PUSHDATA1 => {
            rest.split_first_chunk().map(|(length, rest)| (u8::from_le_bytes(*length).into(), rest))?
        }
        opcode::OP_PUSHDATA2 => {
            rest.split_first_chunk().map(|(length, rest)| (u16::from_le_bytes(*length).into(), rest))?
        }
        opcode::OP_PUSHDATA4 => rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length), rest))?,
        _ => (0, rest),
    };
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// What the last instruction of a script pushes: the redeem script, in the signature script of a script hash.
///
/// `None` when the script is cut, or its last instruction pushes nothing.
#[must_use]
pub fn last_push(script: &[u8]) -> Option<&[u8]> {
    let mut last = None;
    for instruction in instructions(script) {
        last = Some(instruction.ok()?);
    }
    last.map(|instruction| instruction.data).filter(|data| !data.is_empty())
}

/// A public key as scripts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptKey {
    /// secp256k1, 33 bytes.
    Compressed([u8; 33]),
    /// secp256k1, 65 bytes.
    Uncompressed([u8; 65]),
}

/// The signature algorithms besides ECDSA that old scripts may name. Nothing here signs with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AltSignature {
    /// Ed25519.
    Ed25519,
    /// Schnorr over secp256k1.
    Schnorr,
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
    /// Pays the hash of a key of another signature algorithm.
    AltKeyHash(AltSignature, Hash160),
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
            Self::AltKeyHash(AltSignature::Ed25519, _) => "pubkeyhash-ed25519",
            Self::AltKeyHash(AltSignature::Schnorr, _) => "pubkeyhash-schnorr-secp256k1",
            Self::Payment(payment) => payment_name(payment),
            Self::Multisig { .. } => "multisig",
            Self::NullData => "nulldata",
            Self::TreasuryAdd => "treasuryadd",
        }
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

/// The key of a compressed encoding; nothing is said about the point being on the curve.
fn compressed(key: &[u8]) -> Option<[u8; 33]> {
    matches!(key.first(), Some(2 | 3)).then(|| key.try_into().ok()).flatten()
}

fn public_key(script: &[u8]) -> Option<StandardScript> {
    match script {
        [33, key @ .., opcode::OP_CHECKSIG] => {
            compressed(key).map(ScriptKey::Compressed).map(StandardScript::PublicKey)
        }
        [65, key @ .., opcode::OP_CHECKSIG] if key.first() == Some(&4) => {
            key.try_into().ok().map(ScriptKey::Uncompressed).map(StandardScript::PublicKey)
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
    let algorithm = match *algorithm {
        opcode::ED25519 => AltSignature::Ed25519,
        opcode::SCHNORR => AltSignature::Schnorr,
        _ => return None,
    };
    Some(StandardScript::AltKeyHash(algorithm, Hash160::from_bytes(hash.try_into().ok()?)))
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
