//! Reads a parent transaction from its prefix serialisation, in pieces of any size and in constant memory.
//!
//! Decred's signature hash does not cover what an input is worth. So the transaction that created the coin is read
//! whole: its id is computed here, and the amounts and scripts are those of the outputs that this id names.
//! Source: dcrd `wire/msgtx.go`.

use blake256::Blake256;

use crate::amount::Amount;
use crate::hash::{Sink, TxId, finish_reset};
use crate::rule::{Refusal, Rule};
use crate::script::Payment;

/// Serialisation type of a prefix, in the upper half of the version field.
const SERIALISATION_PREFIX: u16 = 1;
/// Previous output (36 bytes), tree and sequence.
const INPUT_LENGTH: u64 = 41;
/// The longest script that is kept for recognition; one byte above the longest one that can be recognised.
const KEPT_SCRIPT: usize = 27;

/// An output of a parent, as far as a signer looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentOutput {
    /// Its place in the parent.
    pub index: u32,
    /// Its value.
    pub value: Amount,
    /// Its script version.
    pub script_version: u16,
    /// Its script, when it is a payment to a key or script hash.
    pub payment: Option<Payment>,
}

/// What the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Version,
    InputCount,
    Inputs(u64),
    OutputCount,
    Value,
    ScriptVersion,
    ScriptLength,
    Script(u64),
    Ending,
    Done,
}

/// Reads one parent.
pub struct ParentReader {
    hasher: Blake256,
    field: Field,
    number: [u8; 9],
    have: usize,
    outputs_left: u64,
    output: ParentOutput,
    script: [u8; KEPT_SCRIPT],
    script_length: usize,
}

impl Default for ParentReader {
    fn default() -> Self {
        Self::new()
    }
}

impl ParentReader {
    /// Before the first byte.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            hasher: Blake256::new(),
            field: Field::Version,
            number: [0; 9],
            have: 0,
            outputs_left: 0,
            output: ParentOutput { index: 0, value: Amount::ZERO, script_version: 0, payment: None },
            script: [0; KEPT_SCRIPT],
            script_length: 0,
        }
    }

    /// Takes the next bytes and hands every output that they complete to `capture`.
    ///
    /// # Errors
    /// [`Rule::ParentMalformed`] and whatever `capture` refuses.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut capture: impl FnMut(&ParentOutput) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        self.hasher.put(bytes);
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.field {
                Field::Inputs(left) => self.skip_inputs(left, rest),
                Field::Script(left) => self.keep_script(left, rest, &mut capture)?,
                Field::Done => return Err(malformed()),
                _ => self.collect(rest, &mut capture)?,
            };
        }
        Ok(())
    }

    /// Ends the parent and returns its id; the next bytes begin another one.
    ///
    /// # Errors
    /// [`Rule::ParentMalformed`] when bytes are missing.
    pub fn finish(&mut self) -> Result<TxId, Refusal> {
        let complete = self.field == Field::Done;
        let id = TxId::from_bytes(finish_reset(&mut self.hasher));
        *self = const { Self::new() };
        if complete { Ok(id) } else { Err(malformed()) }
    }

    fn skip_inputs<'a>(&mut self, left: u64, rest: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = split(rest, left);
        let left = left.saturating_sub(taken.len() as u64);
        self.field = if left == 0 { Field::OutputCount } else { Field::Inputs(left) };
        rest
    }

    fn keep_script<'a>(
        &mut self,
        left: u64,
        rest: &'a [u8],
        capture: &mut impl FnMut(&ParentOutput) -> Result<(), Refusal>,
    ) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = split(rest, left);
        let room = self.script.get_mut(self.script_length..).unwrap_or(&mut []);
        let kept = room.len().min(taken.len());
        room.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
        self.script_length = self.script_length.saturating_add(kept);
        let left = left.saturating_sub(taken.len() as u64);
        self.field = Field::Script(left);
        if left == 0 {
            self.end_output(capture)?;
        }
        Ok(rest)
    }

    /// Takes one byte of a number; acts on the number once it is complete.
    fn collect<'a>(
        &mut self,
        rest: &'a [u8],
        capture: &mut impl FnMut(&ParentOutput) -> Result<(), Refusal>,
    ) -> Result<&'a [u8], Refusal> {
        let (byte, rest) = rest.split_first().ok_or_else(malformed)?;
        let place = self.number.get_mut(self.have).ok_or_else(malformed)?;
        *place = *byte;
        self.have = self.have.saturating_add(1);
        let [first, ..] = self.number;
        let needed = match self.field {
            Field::ScriptVersion => 2,
            Field::Version => 4,
            Field::Value | Field::Ending => 8,
            _ => varint_width(first),
        };
        if self.have == needed {
            self.have = 0;
            self.number_complete(capture)?;
        }
        Ok(rest)
    }

    fn number_complete(
        &mut self,
        capture: &mut impl FnMut(&ParentOutput) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let [b0, b1, b2, b3, b4, b5, b6, b7, _] = self.number;
        self.field = match self.field {
            Field::Version if u16::from_le_bytes([b2, b3]) == SERIALISATION_PREFIX => Field::InputCount,
            Field::InputCount => {
                let length = self.varint()?.checked_mul(INPUT_LENGTH).filter(|length| *length > 0);
                Field::Inputs(length.ok_or_else(malformed)?)
            }
            Field::OutputCount => {
                self.outputs_left = self.varint()?;
                if self.outputs_left == 0 {
                    return Err(malformed());
                }
                Field::Value
            }
            Field::Value => {
                let atoms = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
                self.output.value = Amount::from_atoms(atoms).map_err(|_| malformed())?;
                Field::ScriptVersion
            }
            Field::ScriptVersion => {
                self.output.script_version = u16::from_le_bytes([b0, b1]);
                Field::ScriptLength
            }
            Field::ScriptLength => {
                let length = self.varint()?;
                self.script_length = 0;
                self.field = Field::Script(length);
                return if length == 0 { self.end_output(capture) } else { Ok(()) };
            }
            Field::Ending => Field::Done,
            _ => return Err(malformed()),
        };
        Ok(())
    }

    fn end_output(&mut self, capture: &mut impl FnMut(&ParentOutput) -> Result<(), Refusal>) -> Result<(), Refusal> {
        let script = self.script.get(..self.script_length).unwrap_or(&[]);
        self.output.payment = Payment::recognise(script);
        capture(&self.output)?;
        self.output.index = self.output.index.checked_add(1).ok_or_else(malformed)?;
        self.outputs_left = self.outputs_left.saturating_sub(1);
        self.field = if self.outputs_left == 0 { Field::Ending } else { Field::Value };
        Ok(())
    }

    /// The variable length number that was collected; only its shortest form is one.
    fn varint(&self) -> Result<u64, Refusal> {
        let [first, b0, b1, b2, b3, b4, b5, b6, b7] = self.number;
        let (number, least) = match first {
            0xfd => (u64::from(u16::from_le_bytes([b0, b1])), 0xfd),
            0xfe => (u64::from(u32::from_le_bytes([b0, b1, b2, b3])), 0x1_0000),
            0xff => (u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]), 0x1_0000_0000),
            small => (u64::from(small), 0),
        };
        if number < least { Err(malformed()) } else { Ok(number) }
    }
}

const fn varint_width(first: u8) -> usize {
    match first {
        0xfd => 3,
        0xfe => 5,
        0xff => 9,
        _ => 1,
    }
}

/// Splits off at most `length` bytes.
fn split(bytes: &[u8], length: u64) -> (&[u8], &[u8]) {
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at_checked(length).unwrap_or((bytes, &[]))
}

const fn malformed() -> Refusal {
    Refusal::new(Rule::ParentMalformed)
}
