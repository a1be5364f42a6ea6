//! Full, prefix and witness serialisations, and the three hashes over them.

use dcrcold_core::hash::{Sink, TreeHash, TxId, WitnessHash, put_varint};

use super::{OutPoint, RawValue, Transaction, Tree, TxIn, TxOut};
use crate::wire::{Buffer, MAX_MESSAGE, Reader, WireError, put_bytes};

/// What dcrd takes for the least size of an input when it bounds their number.
const LEAST_INPUT: u64 = 43;
/// What dcrd takes for the least size of an output when it bounds their number.
const LEAST_OUTPUT: u64 = 9;
const MOST_INPUTS: u64 = MAX_MESSAGE / LEAST_INPUT + 1;
const MOST_OUTPUTS: u64 = MAX_MESSAGE / LEAST_OUTPUT + 1;

/// The bytes of an input in a prefix: outpoint and sequence.
const PREFIX_INPUT: usize = 41;
/// The bytes of an output with an empty script.
const PREFIX_OUTPUT: usize = 11;

/// Which parts of a transaction a serialisation holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parts {
    Full = 0,
    Prefix = 1,
    Witness = 2,
}

/// Why bytes are not a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TxError {
    /// An item cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The serialisation holds other parts of the transaction than were asked for.
    #[error("transaction at offset {offset} has serialisation type {found}, expected {expected}")]
    SerialisationType {
        /// Where the transaction begins.
        offset: usize,
        /// The type found.
        found: u16,
        /// The type expected: 0 full, 1 prefix only, 2 witness only.
        expected: u16,
    },
    /// An outpoint names a tree that does not exist.
    #[error("outpoint at offset {offset} names tree {found}, expected 0 or 1")]
    UnknownTree {
        /// Where the outpoint begins.
        offset: usize,
        /// The number found.
        found: u8,
    },
    /// The prefix and the witness do not have the same number of inputs.
    #[error("witness at offset {offset} is for {witness} inputs, the prefix has {prefix}")]
    WitnessCount {
        /// Where the witness begins.
        offset: usize,
        /// Inputs by the prefix.
        prefix: usize,
        /// Inputs by the witness.
        witness: usize,
    },
}

impl Transaction {
    /// Reads a full serialisation, all of `bytes`.
    ///
    /// # Errors
    /// [`TxError`] names what is malformed and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, TxError> {
        let mut reader = Reader::new(bytes);
        let tx = Self::read(&mut reader)?;
        reader.finish("transaction")?;
        Ok(tx)
    }

    /// Reads a prefix serialisation, all of `bytes`; the inputs get empty witnesses.
    ///
    /// # Errors
    /// [`TxError`] names what is malformed and where.
    pub fn decode_prefix(bytes: &[u8]) -> Result<Self, TxError> {
        let mut reader = Reader::new(bytes);
        let version = read_version(&mut reader, Parts::Prefix)?;
        let tx = read_prefix(&mut reader, version)?;
        reader.finish("transaction prefix")?;
        Ok(tx)
    }

    /// Reads a witness serialisation, all of `bytes`, into the inputs of `self`.
    ///
    /// The version in front is not compared: it is not part of what the witness says.
    ///
    /// # Errors
    /// [`TxError`] names what is malformed and where; `self` is then as before.
    pub fn decode_witness(&mut self, bytes: &[u8]) -> Result<(), TxError> {
        let mut reader = Reader::new(bytes);
        read_version(&mut reader, Parts::Witness)?;
        let mut signed = self.inputs.clone();
        read_witness(&mut reader, &mut signed)?;
        reader.finish("transaction witness")?;
        self.inputs = signed;
        Ok(())
    }

    /// Reads a full serialisation from the front of `reader`.
    ///
    /// # Errors
    /// [`TxError`] names what is malformed and where.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, TxError> {
        let version = read_version(reader, Parts::Full)?;
        let mut tx = read_prefix(reader, version)?;
        read_witness(reader, &mut tx.inputs)?;
        Ok(tx)
    }

    /// The full serialisation.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        collect(|sink| self.write(sink))
    }

    /// The prefix serialisation: everything but the witnesses.
    #[must_use]
    pub fn encode_prefix(&self) -> Vec<u8> {
        collect(|sink| self.write_prefix(sink))
    }

    /// The witness serialisation.
    #[must_use]
    pub fn encode_witness(&self) -> Vec<u8> {
        collect(|sink| self.write_witness(sink))
    }

    /// Writes the full serialisation.
    pub fn write(&self, sink: &mut impl Sink) {
        self.put_version(sink, Parts::Full);
        self.put_prefix(sink);
        self.put_witness(sink);
    }

    /// Writes the prefix serialisation.
    fn write_prefix(&self, sink: &mut impl Sink) {
        self.put_version(sink, Parts::Prefix);
        self.put_prefix(sink);
    }

    /// Writes the witness serialisation.
    fn write_witness(&self, sink: &mut impl Sink) {
        self.put_version(sink, Parts::Witness);
        self.put_witness(sink);
    }

    /// The transaction id: the hash of the prefix, final before anything is signed.
    #[must_use]
    pub fn id(&self) -> TxId {
        TxId::of_prefix(|hasher| self.write_prefix(hasher))
    }

    /// The hash of the witness serialisation.
    #[must_use]
    pub fn witness_hash(&self) -> WitnessHash {
        WitnessHash::of(|hasher| self.write_witness(hasher))
    }

    /// The hash of id and witness hash: the leaf of the transaction in its block's merkle tree.
    #[must_use]
    pub fn full_hash(&self) -> TreeHash {
        TreeHash::of(|hasher| {
            hasher.put(self.id().as_bytes());
            hasher.put(self.witness_hash().as_bytes());
        })
    }

    fn put_version(&self, sink: &mut impl Sink, parts: Parts) {
        sink.put(&self.version.to_le_bytes());
        sink.put(&(parts as u16).to_le_bytes());
    }

    fn put_prefix(&self, sink: &mut impl Sink) {
        put_varint(sink, self.inputs.len() as u64);
        for input in &self.inputs {
            put_outpoint(sink, &input.previous);
            sink.put(&input.sequence.to_le_bytes());
        }
        put_varint(sink, self.outputs.len() as u64);
        for output in &self.outputs {
            sink.put(&output.value.0.to_le_bytes());
            sink.put(&output.script_version.to_le_bytes());
            put_bytes(sink, &output.script);
        }
        sink.put(&self.lock_time.to_le_bytes());
        sink.put(&self.expiry.to_le_bytes());
    }

    fn put_witness(&self, sink: &mut impl Sink) {
        put_varint(sink, self.inputs.len() as u64);
        for input in &self.inputs {
            sink.put(&input.value_in.0.to_le_bytes());
            sink.put(&input.block_height.to_le_bytes());
            sink.put(&input.block_index.to_le_bytes());
            put_bytes(sink, &input.signature_script);
        }
    }
}

/// Writes an outpoint: id, index, tree.
pub(super) fn put_outpoint(sink: &mut impl Sink, outpoint: &OutPoint) {
    sink.put(outpoint.id.as_bytes());
    sink.put(&outpoint.index.to_le_bytes());
    sink.put(&[outpoint.tree.code()]);
}

fn collect(write: impl FnOnce(&mut Buffer)) -> Vec<u8> {
    let mut buffer = Buffer::default();
    write(&mut buffer);
    buffer.0
}

fn read_version(reader: &mut Reader<'_>, parts: Parts) -> Result<u16, TxError> {
    let offset = reader.offset();
    let version = reader.u16("transaction version")?;
    let found = reader.u16("serialisation type")?;
    let expected = parts as u16;
    if found != expected {
        return Err(TxError::SerialisationType { offset, found, expected });
    }
    Ok(version)
}

fn read_prefix(reader: &mut Reader<'_>, version: u16) -> Result<Transaction, TxError> {
    let count = reader.count("input count", MOST_INPUTS)?;
    let inputs = reader.items(count, PREFIX_INPUT, read_input)?;
    let count = reader.count("output count", MOST_OUTPUTS)?;
    let outputs = reader.items(count, PREFIX_OUTPUT, read_output)?;
    let lock_time = reader.u32("lock time")?;
    let expiry = reader.u32("expiry")?;
    Ok(Transaction { version, inputs, outputs, lock_time, expiry })
}

fn read_input(reader: &mut Reader<'_>) -> Result<TxIn, TxError> {
    let offset = reader.offset();
    let id = TxId::from_bytes(reader.array("outpoint id")?);
    let index = reader.u32("outpoint index")?;
    let found = reader.u8("outpoint tree")?;
    let tree = Tree::from_code(found).ok_or(TxError::UnknownTree { offset, found })?;
    let sequence = reader.u32("sequence")?;
    Ok(TxIn { sequence, ..TxIn::unsigned(OutPoint { id, index, tree }, RawValue::UNKNOWN) })
}

fn read_output(reader: &mut Reader<'_>) -> Result<TxOut, WireError> {
    let value = RawValue(reader.i64("output value")?);
    let script_version = reader.u16("script version")?;
    let script = reader.bytes("output script", MAX_MESSAGE)?.to_vec();
    Ok(TxOut { value, script_version, script })
}

fn read_witness(reader: &mut Reader<'_>, inputs: &mut [TxIn]) -> Result<(), TxError> {
    let offset = reader.offset();
    let witness = reader.count("witness count", MOST_INPUTS)?;
    if witness != inputs.len() {
        return Err(TxError::WitnessCount { offset, prefix: inputs.len(), witness });
    }
    for input in inputs {
        input.value_in = RawValue(reader.i64("input value")?);
        input.block_height = reader.u32("input block height")?;
        input.block_index = reader.u32("input block index")?;
        input.signature_script = reader.bytes("signature script", MAX_MESSAGE)?.to_vec();
    }
    Ok(())
}
