//! Owned transactions, for everything that is not signed by us: parents, blocks, display, votes.
//!
//! The fields are those of the wire, unchecked beyond their width; what they mean is asked of the functions here.
//! Source: dcrd `wire/msgtx.go`.

pub mod check;
mod codec;
pub mod der;
pub mod opcode;
pub mod script;
pub mod sighash;
pub mod sigscript;
pub mod standard;

use std::fmt;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;

pub use check::TxKind;
pub use codec::TxError;
pub use sighash::signature_hash;
pub use sigscript::signature_script;

/// The tree of the block that holds a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tree {
    /// Payments and the coinbase.
    Regular,
    /// Tickets, votes, revocations and treasury transactions.
    Stake,
}

impl Tree {
    /// The number of the tree in an outpoint: 0 or 1.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Regular => 0,
            Self::Stake => 1,
        }
    }

    /// The tree with a number, if there is one.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Regular),
            1 => Some(Self::Stake),
            _ => None,
        }
    }
}

/// Names an output of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutPoint {
    /// The transaction.
    pub id: TxId,
    /// The position of the output.
    pub index: u32,
    /// The tree that holds the transaction; part of what is signed.
    pub tree: Tree,
}

impl OutPoint {
    /// What a coinbase, a stakebase and a treasury base spend: nothing.
    pub const NONE: Self = Self { id: TxId::from_bytes([0; 32]), index: u32::MAX, tree: Tree::Regular };
}

/// Prints `id:index`.
impl fmt::Display for OutPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.id, self.index)
    }
}

/// A number of atoms as the wire has it, of either sign and any size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RawValue(pub i64);

impl RawValue {
    /// What stands for an input value that nobody filled in.
    pub const UNKNOWN: Self = Self(-1);

    /// The amount.
    ///
    /// # Errors
    /// [`NotAnAmount`] below 0 or above 21,000,000 DCR.
    pub fn amount(self) -> Result<Amount, NotAnAmount> {
        let atoms = u64::try_from(self.0).map_err(|_| NotAnAmount { atoms: self.0 })?;
        Amount::from_atoms(atoms).map_err(|_| NotAnAmount { atoms: self.0 })
    }
}

impl From<Amount> for RawValue {
    fn from(amount: Amount) -> Self {
        Self(i64::try_from(amount.atoms()).expect("no amount exceeds 21,000,000 DCR, which fits 63 bits"))
    }
}

/// A value on the wire that cannot be an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value of {atoms} atoms is not between 0 and 21,000,000 DCR")]
pub struct NotAnAmount {
    /// The value found.
    pub atoms: i64,
}

/// An input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxIn {
    /// The output spent.
    pub previous: OutPoint,
    /// All ones unless the input is locked relative to its output.
    pub sequence: u32,
    /// The value of the output spent, as claimed by whoever wrote the witness; signed by nobody.
    pub value_in: RawValue,
    /// The height of the block with the output spent, as claimed.
    pub block_height: u32,
    /// The position in that block of the transaction with the output spent, as claimed.
    pub block_index: u32,
    /// The signature script.
    pub signature_script: Vec<u8>,
}

impl TxIn {
    /// The sequence number of an input without a relative lock.
    pub const FINAL: u32 = u32::MAX;
    /// The height that stands for one not filled in.
    pub const UNKNOWN_HEIGHT: u32 = 0;
    /// The position that stands for one not filled in.
    pub const UNKNOWN_INDEX: u32 = u32::MAX;

    /// An unsigned input that spends `previous`, worth `value_in`.
    #[must_use]
    pub const fn unsigned(previous: OutPoint, value_in: RawValue) -> Self {
        Self {
            previous,
            sequence: Self::FINAL,
            value_in,
            block_height: Self::UNKNOWN_HEIGHT,
            block_index: Self::UNKNOWN_INDEX,
            signature_script: Vec::new(),
        }
    }
}

/// An output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxOut {
    /// The value.
    pub value: RawValue,
    /// The version of the script; 0 is the only one with a meaning.
    pub script_version: u16,
    /// The script.
    pub script: Vec<u8>,
}

impl TxOut {
    /// An output with a script of version 0.
    #[must_use]
    pub fn new(value: Amount, script: &[u8]) -> Self {
        Self { value: value.into(), script_version: 0, script: script.to_vec() }
    }
}

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The version: 1, or 2 and 3 for what later rules brought.
    pub version: u16,
    /// The inputs.
    pub inputs: Vec<TxIn>,
    /// The outputs.
    pub outputs: Vec<TxOut>,
    /// The height or time before which it may not be mined; 0 for none.
    pub lock_time: u32,
    /// The height from which it may not be mined any more; 0 for none.
    pub expiry: u32,
}
