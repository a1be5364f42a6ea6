//! Opcodes and their names.
//!
//! Source: dcrd `txscript/opcode.go`.

use std::fmt;

pub(super) const OP_0: u8 = 0x00;
pub(super) const OP_DATA_1: u8 = 0x01;
pub(crate) const OP_DATA_75: u8 = 0x4b;
pub(crate) const OP_PUSHDATA1: u8 = 0x4c;
pub(super) const OP_PUSHDATA2: u8 = 0x4d;
pub(super) const OP_PUSHDATA4: u8 = 0x4e;
pub(super) const OP_1: u8 = 0x51;
pub(super) const OP_16: u8 = 0x60;
pub(crate) const OP_RETURN: u8 = 0x6a;
pub(super) const OP_DUP: u8 = 0x76;
pub(super) const OP_EQUALVERIFY: u8 = 0x88;
pub(super) const OP_HASH160: u8 = 0xa9;
pub(super) const OP_CHECKSIG: u8 = 0xac;
pub(super) const OP_CHECKMULTISIG: u8 = 0xae;
pub(super) const OP_CHECKSIGALT: u8 = 0xbe;
pub(super) const OP_TADD: u8 = 0xc1;
pub(super) const OP_TSPEND: u8 = 0xc2;

/// The small integer that names Ed25519 to `OP_CHECKSIGALT`.
pub(super) const ED25519: u8 = OP_1;
/// The small integer that names Schnorr to `OP_CHECKSIGALT`.
pub(super) const SCHNORR: u8 = 0x52;

/// An opcode; prints its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode(pub u8);

/// The opcode of [`NAMES`]' first name.
const FIRST_NAMED: u8 = 0x61;

/// The names from `OP_NOP` on.
#[rustfmt::skip]
const NAMES: [&str; 99] = [
    "NOP", "VER", "IF", "NOTIF", "VERIF", "VERNOTIF", "ELSE", "ENDIF", "VERIFY", "RETURN",
    "TOALTSTACK", "FROMALTSTACK", "2DROP", "2DUP", "3DUP", "2OVER", "2ROT", "2SWAP", "IFDUP", "DEPTH",
    "DROP", "DUP", "NIP", "OVER", "PICK", "ROLL", "ROT", "SWAP", "TUCK",
    "CAT", "SUBSTR", "LEFT", "RIGHT", "SIZE", "INVERT", "AND", "OR", "XOR", "EQUAL", "EQUALVERIFY", "ROTR", "ROTL",
    "1ADD", "1SUB", "2MUL", "2DIV", "NEGATE", "ABS", "NOT", "0NOTEQUAL", "ADD", "SUB", "MUL", "DIV", "MOD",
    "LSHIFT", "RSHIFT", "BOOLAND", "BOOLOR", "NUMEQUAL", "NUMEQUALVERIFY", "NUMNOTEQUAL", "LESSTHAN",
    "GREATERTHAN", "LESSTHANOREQUAL", "GREATERTHANOREQUAL", "MIN", "MAX", "WITHIN",
    "RIPEMD160", "SHA1", "BLAKE256", "HASH160", "HASH256", "CODESEPARATOR",
    "CHECKSIG", "CHECKSIGVERIFY", "CHECKMULTISIG", "CHECKMULTISIGVERIFY",
    "NOP1", "CHECKLOCKTIMEVERIFY", "CHECKSEQUENCEVERIFY", "NOP4", "NOP5", "NOP6", "NOP7", "NOP8", "NOP9", "NOP10",
    "SSTX", "SSGEN", "SSRTX", "SSTXCHANGE", "CHECKSIGALT", "CHECKSIGALTVERIFY", "SHA256", "TADD", "TSPEND", "TGEN",
];

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            OP_0 => f.write_str("OP_0"),
            length @ OP_DATA_1..=OP_DATA_75 => write!(f, "OP_DATA_{length}"),
            OP_PUSHDATA1 => f.write_str("OP_PUSHDATA1"),
            OP_PUSHDATA2 => f.write_str("OP_PUSHDATA2"),
            OP_PUSHDATA4 => f.write_str("OP_PUSHDATA4"),
            0x4f => f.write_str("OP_1NEGATE"),
            0x50 => f.write_str("OP_RESERVED"),
            number @ OP_1..=OP_16 => write!(f, "OP_{}", number - OP_1 + 1),
            0xf9 => f.write_str("OP_INVALID249"),
            0xfa => f.write_str("OP_SMALLINTEGER"),
            0xfb => f.write_str("OP_PUBKEYS"),
            0xfd => f.write_str("OP_PUBKEYHASH"),
            0xfe => f.write_str("OP_PUBKEY"),
            0xff => f.write_str("OP_INVALIDOPCODE"),
            FIRST_NAMED.. => match NAMES.get(usize::from(self.0 - FIRST_NAMED)) {
                Some(name) => write!(f, "OP_{name}"),
                None => write!(f, "OP_UNKNOWN{}", self.0),
            },
        }
    }
}
