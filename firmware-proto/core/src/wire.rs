//! Writes the parts of a version 1 transaction's prefix, dcrd `wire/msgtx.go`.

use crate::amount::{Amount, Height};
use crate::hash::{Sink, TxId, put_varint};

/// Version 1, serialisation type 1: the prefix alone.
const VERSION_1_PREFIX: u32 = 1 | (1 << 16);
/// The input waits for nothing.
const SEQUENCE: u32 = u32::MAX;
/// The only script version in use.
const SCRIPT_VERSION: u16 = 0;

/// The part of the chain's state that an output lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tree {
    /// Outputs of regular transactions.
    Regular,
    /// Outputs of tickets, votes and revocations.
    Stake,
}

impl Tree {
    const fn number(self) -> u8 {
        match self {
            Self::Regular => 0,
            Self::Stake => 1,
        }
    }
}

/// Writes version and serialisation type.
pub(crate) fn put_version(sink: &mut impl Sink) {
    sink.put(&VERSION_1_PREFIX.to_le_bytes());
}

/// Writes how many inputs or outputs follow.
pub(crate) fn put_count(sink: &mut impl Sink, count: u32) {
    put_varint(sink, u64::from(count));
}

/// Writes an input.
pub(crate) fn put_input(sink: &mut impl Sink, id: &TxId, index: u32, tree: Tree) {
    sink.put(id.as_bytes());
    sink.put(&index.to_le_bytes());
    sink.put(&[tree.number()]);
    sink.put(&SEQUENCE.to_le_bytes());
}

/// Writes an output.
pub(crate) fn put_output(sink: &mut impl Sink, value: Amount, script: &[u8]) {
    sink.put(&value.atoms().to_le_bytes());
    sink.put(&SCRIPT_VERSION.to_le_bytes());
    put_varint(sink, script.len() as u64);
    sink.put(script);
}

/// Writes lock time 0 and the expiry; height 0 is no expiry.
pub(crate) fn put_end(sink: &mut impl Sink, expiry: Height) {
    sink.put(&[0; 4]);
    sink.put(&expiry.0.to_le_bytes());
}
