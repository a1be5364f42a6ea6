//! The script templates that this project writes and recognises.
//!
//! Source: dcrd `txscript/stdscript/scriptv0.go`, `txscript/stdaddr/addressv0.go`, `blockchain/stake/staketx.go`.

use crate::amount::Amount;
use crate::hash::{Hash160, Sink, copy};

/// `OP_SSTX`, in front of the voting script of a ticket.
pub const OP_SSTX: u8 = 0xba;
/// `OP_SSGEN`, in front of the payouts of a vote.
pub const OP_SSGEN: u8 = 0xbb;
/// `OP_SSRTX`, in front of the payouts of a revocation.
pub const OP_SSRTX: u8 = 0xbc;
/// `OP_SSTXCHANGE`, in front of the change of a ticket or a treasury add.
pub const OP_SSTXCHANGE: u8 = 0xbd;
/// `OP_TGEN`, in front of the payouts of a treasury spend.
pub const OP_TGEN: u8 = 0xc3;

const OP_DUP: u8 = 0x76;
const OP_HASH160: u8 = 0xa9;
const OP_DATA_20: u8 = 0x14;
const OP_EQUALVERIFY: u8 = 0x88;
const OP_CHECKSIG: u8 = 0xac;
const OP_EQUAL: u8 = 0x87;
const OP_RETURN: u8 = 0x6a;
const OP_DATA_30: u8 = 0x1e;

/// The stake opcode in front of a payment script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StakeTag {
    /// Voting rights of a ticket; only a vote or a revocation may spend it.
    Submission,
    /// Payout of a vote.
    Vote,
    /// Payout of a revocation.
    Revocation,
    /// Change of a ticket.
    Change,
    /// Payout of a treasury spend.
    Treasury,
}

impl StakeTag {
    /// The opcode.
    #[must_use]
    pub const fn opcode(self) -> u8 {
        match self {
            Self::Submission => OP_SSTX,
            Self::Vote => OP_SSGEN,
            Self::Revocation => OP_SSRTX,
            Self::Change => OP_SSTXCHANGE,
            Self::Treasury => OP_TGEN,
        }
    }

    /// The tag with an opcode.
    #[must_use]
    pub const fn from_opcode(opcode: u8) -> Option<Self> {
        match opcode {
            OP_SSTX => Some(Self::Submission),
            OP_SSGEN => Some(Self::Vote),
            OP_SSRTX => Some(Self::Revocation),
            OP_SSTXCHANGE => Some(Self::Change),
            OP_TGEN => Some(Self::Treasury),
            _ => None,
        }
    }
}

/// Who a payment script pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Payee {
    /// The holder of a secp256k1 key with this hash.
    KeyHash(Hash160),
    /// Whoever satisfies the script with this hash.
    ScriptHash(Hash160),
}

impl Payee {
    /// The hash, of whichever kind.
    #[must_use]
    pub const fn hash(&self) -> &Hash160 {
        match self {
            Self::KeyHash(hash) | Self::ScriptHash(hash) => hash,
        }
    }

    /// Whether it is a script hash.
    #[must_use]
    pub const fn is_script(&self) -> bool {
        matches!(self, Self::ScriptHash(_))
    }
}

/// A payment script: a payee, with a stake opcode in front or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payment {
    /// The stake opcode, if any.
    pub tag: Option<StakeTag>,
    /// Who is paid.
    pub payee: Payee,
}

/// The longest script that [`Payment::script`] makes.
pub const MAX_PAYMENT_SCRIPT: usize = 26;

impl Payment {
    /// Pays a key hash, without a stake opcode.
    #[must_use]
    pub const fn to_key(hash: Hash160) -> Self {
        Self { tag: None, payee: Payee::KeyHash(hash) }
    }

    /// Recognises a payment script; anything else is `None`.
    #[must_use]
    pub fn recognise(script: &[u8]) -> Option<Self> {
        let (tag, rest) = match script.split_first() {
            Some((first, rest)) => match StakeTag::from_opcode(*first) {
                Some(tag) => (Some(tag), rest),
                None => (None, script),
            },
            None => return None,
        };
        let payee = match rest {
            [OP_DUP, OP_HASH160, OP_DATA_20, hash @ .., OP_EQUALVERIFY, OP_CHECKSIG] => {
                Payee::KeyHash(Hash160::from_bytes(hash.try_into().ok()?))
            }
            [OP_HASH160, OP_DATA_20, hash @ .., OP_EQUAL] => {
                Payee::ScriptHash(Hash160::from_bytes(hash.try_into().ok()?))
            }
            _ => return None,
        };
        Some(Self { tag, payee })
    }

    /// The script's bytes.
    #[must_use]
    pub fn script(&self) -> Script {
        let mut script = Script::default();
        if let Some(tag) = self.tag {
            script.put(&[tag.opcode()]);
        }
        match &self.payee {
            Payee::KeyHash(hash) => {
                script.put(&[OP_DUP, OP_HASH160, OP_DATA_20]);
                script.put(hash.as_bytes());
                script.put(&[OP_EQUALVERIFY, OP_CHECKSIG]);
            }
            Payee::ScriptHash(hash) => {
                script.put(&[OP_HASH160, OP_DATA_20]);
                script.put(hash.as_bytes());
                script.put(&[OP_EQUAL]);
            }
        }
        script
    }
}

/// The limit field of a commitment as dcrwallet writes it: no vote fee, a revocation fee of at most 2^14 atoms.
pub const COMMITMENT_LIMITS: u16 = 0x4e00;

/// The length of a commitment script.
pub const COMMITMENT_SCRIPT: usize = 32;

/// The bit of a commitment's amount that marks a script hash.
const COMMITMENT_SCRIPT_HASH: u64 = 1 << 63;

/// What a ticket's commitment output says: whom the vote or revocation pays, and for how large a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Who receives the reward.
    pub payee: Payee,
    /// The contribution: the input's value less the change.
    pub amount: Amount,
    /// Fee limits, as in the script.
    pub limits: u16,
}

impl Commitment {
    /// Reads the first 32 bytes of a commitment script; longer scripts are accepted as dcrd does.
    #[must_use]
    pub fn recognise(script: &[u8]) -> Option<Self> {
        let [OP_RETURN, push, rest @ ..] = script else { return None };
        if !(30..=75).contains(push) || rest.len() != usize::from(*push) {
            return None;
        }
        let (hash, rest) = rest.split_first_chunk::<20>()?;
        let (amount, rest) = rest.split_first_chunk::<8>()?;
        let (limits, _) = rest.split_first_chunk::<2>()?;
        let (hash, amount) = (Hash160::from_bytes(*hash), u64::from_le_bytes(*amount));
        let payee = if amount & COMMITMENT_SCRIPT_HASH == 0 { Payee::KeyHash(hash) } else { Payee::ScriptHash(hash) };
        let amount = Amount::from_atoms(amount & !COMMITMENT_SCRIPT_HASH).ok()?;
        Some(Self { payee, amount, limits: u16::from_le_bytes(*limits) })
    }

    /// The script's bytes, exactly 32.
    #[must_use]
    pub fn script(&self) -> Script {
        let flag = if self.payee.is_script() { COMMITMENT_SCRIPT_HASH } else { 0 };
        let mut script = Script::default();
        script.put(&[OP_RETURN, OP_DATA_30]);
        script.put(self.payee.hash().as_bytes());
        script.put(&(self.amount.atoms() | flag).to_le_bytes());
        script.put(&self.limits.to_le_bytes());
        script
    }
}

/// The bytes of a script that this project writes, at most 32 of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Script {
    bytes: [u8; COMMITMENT_SCRIPT],
    length: usize,
}

impl Script {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

impl Sink for Script {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length.saturating_add(bytes.len());
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            copy(room, bytes);
            self.length = end;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::vec::Vec;

    use super::{Commitment, MAX_PAYMENT_SCRIPT, Payee, Payment, StakeTag};
    use crate::amount::Amount;
    use crate::hash::Hash160;

    const HASH: Hash160 = Hash160::from_bytes([7; 20]);
    const TAGS: [Option<StakeTag>; 6] = [
        None,
        Some(StakeTag::Submission),
        Some(StakeTag::Vote),
        Some(StakeTag::Revocation),
        Some(StakeTag::Change),
        Some(StakeTag::Treasury),
    ];

    #[test]
    fn every_payment_script_reads_back_and_no_other_length_does() {
        for tag in TAGS {
            for payee in [Payee::KeyHash(HASH), Payee::ScriptHash(HASH)] {
                let payment = Payment { tag, payee };
                let script = payment.script();
                assert!(script.as_bytes().len() <= MAX_PAYMENT_SCRIPT);
                assert_eq!(Payment::recognise(script.as_bytes()), Some(payment));
                let mut longer: Vec<u8> = script.as_bytes().to_vec();
                longer.push(0);
                assert_eq!(Payment::recognise(&longer), None);
                longer.truncate(longer.len() - 2);
                assert_eq!(Payment::recognise(&longer), None);
            }
        }
    }

    /// The bit that makes a script hash of it is the top bit of the amount: forgetting it would pay a key nobody has.
    #[test]
    fn a_commitment_to_a_script_differs_in_one_bit() {
        let amount = Amount::from_atoms(12_345).unwrap();
        let to = |payee| Commitment { payee, amount, limits: 0x4e00 };
        let (key, script) = (to(Payee::KeyHash(HASH)).script(), to(Payee::ScriptHash(HASH)).script());
        let differing: Vec<_> = key.as_bytes().iter().zip(script.as_bytes()).map(|(a, b)| a ^ b).collect();
        assert_eq!(differing.iter().position(|bits| *bits != 0), Some(29));
        assert_eq!(differing.get(29), Some(&0x80));
        assert_eq!(Commitment::recognise(script.as_bytes()), Some(to(Payee::ScriptHash(HASH))));
    }
}
