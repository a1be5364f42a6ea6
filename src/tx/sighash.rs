//! The digest that a signature of an input signs, for every hash type.
//!
//! Amounts are not part of it.
//! Source: dcrd `txscript/sighash.go`.

use dcrcold_core::hash::{SignatureHash, Sink, TreeHash, put_varint};

use super::codec::put_outpoint;
use super::{Transaction, TxIn};
use crate::wire::put_bytes;

/// Signs no outputs.
pub const NONE: u8 = 2;
/// Signs the output at the position of the input.
pub const SINGLE: u8 = 3;
/// Flag: signs this input only.
pub const ANYONE_CAN_PAY: u8 = 0x80;
/// The bits that choose the outputs.
const OUTPUTS_MASK: u8 = 0x1f;

/// The serialisation types of the two halves. They are part of the consensus and not those of the wire.
const PREFIX: u16 = 1;
const WITNESS: u16 = 3;

/// Why there is no digest to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SighashError {
    /// There is no such input.
    #[error("transaction has {inputs} inputs, none at position {position}")]
    NoInput {
        /// The position asked for.
        position: usize,
        /// The number of inputs.
        inputs: usize,
    },
    /// There is no output at the input's position to sign with it.
    #[error("hash type SINGLE for input {position} needs an output there, the transaction has {outputs}")]
    NoSingleOutput {
        /// The position of the input.
        position: usize,
        /// The number of outputs.
        outputs: usize,
    },
}

/// What a hash type leaves of a transaction.
struct Signed<'a> {
    tx: &'a Transaction,
    position: usize,
    outputs: u8,
    alone: bool,
}

/// Computes the digest for the input at `position`, which spends an output with `script`.
///
/// `script` is the whole script of that output with its stake opcode, or the redeem script of a script hash.
/// Undefined hash types hash like ALL; the consensus accepts no signature with them.
///
/// # Errors
/// [`SighashError`] when there is no such input, or no output for SINGLE.
pub fn signature_hash(
    tx: &Transaction,
    position: usize,
    script: &[u8],
    hash_type: u8,
) -> Result<SignatureHash, SighashError> {
    let (inputs, outputs) = (tx.inputs.len(), tx.outputs.len());
    if position >= inputs {
        return Err(SighashError::NoInput { position, inputs });
    }
    let alone = hash_type & ANYONE_CAN_PAY != 0;
    let signed = Signed { tx, position, outputs: hash_type & OUTPUTS_MASK, alone };
    if signed.outputs == SINGLE && position >= outputs {
        return Err(SighashError::NoSingleOutput { position, outputs });
    }
    let prefix = TreeHash::of(|sink| signed.put_prefix(sink));
    let witness = TreeHash::of(|sink| signed.put_witness(sink, script));
    let digest = TreeHash::of(|sink| {
        sink.put(&u32::from(hash_type).to_le_bytes());
        sink.put(prefix.as_bytes());
        sink.put(witness.as_bytes());
    });
    Ok(SignatureHash::from_bytes(*digest.as_bytes()))
}

impl Signed<'_> {
    /// The inputs that are signed, each with whether it is the one that the signature is for.
    fn inputs(&self) -> impl ExactSizeIterator<Item = (&TxIn, bool)> {
        let (skip, take) = if self.alone { (self.position, 1) } else { (0, self.tx.inputs.len()) };
        let own = self.position - skip;
        self.tx.inputs.iter().skip(skip).take(take).enumerate().map(move |(index, input)| (input, index == own))
    }

    fn put_prefix(&self, sink: &mut impl Sink) {
        self.put_version(sink, PREFIX);
        put_varint(sink, self.inputs().len() as u64);
        for (input, own) in self.inputs() {
            put_outpoint(sink, &input.previous);
            let sequence_signed = own || !matches!(self.outputs, NONE | SINGLE);
            sink.put(&if sequence_signed { input.sequence } else { 0 }.to_le_bytes());
        }
        self.put_outputs(sink);
        sink.put(&self.tx.lock_time.to_le_bytes());
        sink.put(&self.tx.expiry.to_le_bytes());
    }

    fn put_outputs(&self, sink: &mut impl Sink) {
        let outputs = match self.outputs {
            NONE => &[],
            SINGLE => &self.tx.outputs[..=self.position],
            _ => &self.tx.outputs[..],
        };
        put_varint(sink, outputs.len() as u64);
        for (index, output) in outputs.iter().enumerate() {
            // The outputs before a single one keep their place and their version, and lose all else.
            let blank = self.outputs == SINGLE && index != self.position;
            sink.put(&if blank { -1 } else { output.value.0 }.to_le_bytes());
            sink.put(&output.script_version.to_le_bytes());
            put_bytes(sink, if blank { &[] } else { &output.script });
        }
    }

    fn put_witness(&self, sink: &mut impl Sink, script: &[u8]) {
        self.put_version(sink, WITNESS);
        put_varint(sink, self.inputs().len() as u64);
        for (_, own) in self.inputs() {
            put_bytes(sink, if own { script } else { &[] });
        }
    }

    fn put_version(&self, sink: &mut impl Sink, serialisation: u16) {
        sink.put(&self.tx.version.to_le_bytes());
        sink.put(&serialisation.to_le_bytes());
    }
}
