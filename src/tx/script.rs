//! Scripts taken apart into instructions.
//!
//! Source: dcrd `txscript/tokenizer.go`.

use super::opcode::{self, Opcode};

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
