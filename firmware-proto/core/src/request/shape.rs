//! The form of every value in a request's body: the table of design.md section 5, once more as data.

use super::header::Kind;

/// A value inside an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf {
    /// An unsigned integer.
    Uint,
    /// A byte string of this length.
    Bytes(u8),
}

/// The value of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// An unsigned integer.
    Uint,
    /// A text of at most 64 bytes.
    Text,
    /// An array of exactly these.
    Tuple(&'static [Leaf]),
    /// An array of byte strings of this length.
    Strings(u8),
    /// An array of arrays of exactly these.
    Tuples(&'static [Leaf]),
    /// An array of arrays of three (address) or four (purse) items.
    Outputs,
    /// An array of transactions.
    Parents,
}

use Leaf::{Bytes, Uint};

/// An output of a send to an address: type, hash, atoms.
pub(super) const ADDRESS_OUTPUT: &[Leaf] = &[Uint, Bytes(20), Uint];
/// An output of a send to a purse: type, fingerprint, index, atoms.
pub(super) const PURSE_OUTPUT: &[Leaf] = &[Uint, Bytes(16), Uint, Uint];

/// The shape of the value of `key`, if the kind has that key.
pub(super) const fn shape(kind: Kind, key: u64) -> Option<Shape> {
    Some(match (kind, key) {
        (_, 0) => Shape::Tuple(&[Uint, Uint]),
        (Kind::Purchase | Kind::Send, 1) => Shape::Tuples(&[Uint, Uint, Uint, Uint]),
        (Kind::Register, 1) => Shape::Tuples(&[Uint, Uint]),
        (Kind::Purchase, 2 | 3 | 9) => Shape::Uint,
        (Kind::Send, 2) => Shape::Outputs,
        (Kind::Purchase | Kind::Send, 4 | 5 | 12) => Shape::Uint,
        (Kind::Purchase | Kind::Register, 6) => Shape::Tuple(&[Bytes(16), Uint]),
        (Kind::Purchase, 7) => Shape::Strings(20),
        (Kind::Purchase, 8) => Shape::Tuple(&[Uint, Uint]),
        (Kind::Purchase, 10) => Shape::Tuple(&[Uint, Uint, Uint]),
        (Kind::Send | Kind::Register, 10) => Shape::Tuple(&[Uint, Uint]),
        (_, 11) => Shape::Text,
        (_, 13) => Shape::Parents,
        _ => return None,
    })
}

const fn bit(key: u64) -> u16 {
    1 << key
}

/// The keys that must be there, as bits.
pub(super) const fn required(kind: Kind) -> u16 {
    let common = bit(0) | bit(1) | bit(10) | bit(13);
    match kind {
        Kind::Purchase => common | bit(2) | bit(3) | bit(4) | bit(5) | bit(9),
        Kind::Send => common | bit(2) | bit(4),
        Kind::Register => common | bit(6),
    }
}
