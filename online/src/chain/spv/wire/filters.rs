//! Filters of blocks, with the proof that headers commit to them.

use dcrcold_core::hash::{BlockHash, Sink, TreeHash, put_varint};
use dcrcold_signer::wire::{Buffer, Reader, put_bytes};

use super::PayloadError;

/// The most filters of one message.
pub(super) const MOST_FILTERS: usize = 100;
/// The most hashes of a proof.
pub(super) const MOST_PROOF: usize = 32;
/// The longest filter.
const MOST_BYTES: u64 = 262_144;
/// The fewest bytes of a filter with its block and proof.
const LEAST_SIZE: usize = 38;

/// The filter of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockFilter {
    /// The block.
    pub block: BlockHash,
    /// The filter's bytes; none for the filter that nothing matches.
    pub bytes: Vec<u8>,
    /// The filter's position among the commitments of the header.
    pub index: u32,
    /// The way from the filter's hash to the root in the header.
    pub proof: Vec<TreeHash>,
}

impl BlockFilter {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, PayloadError> {
        let block = BlockHash::from_bytes(reader.array("block")?);
        let bytes = reader.bytes("filter", MOST_BYTES)?.to_vec();
        let index = reader.u32("position of the commitment")?;
        let count = reader.count("number of hashes in a proof", MOST_PROOF as u64)?;
        let proof = reader.items(count, 32, |reader| reader.array("hash in a proof").map(TreeHash::from_bytes))?;
        Ok(Self { block, bytes, index, proof })
    }

    pub(super) fn write(&self, buffer: &mut Buffer) {
        buffer.put(self.block.as_bytes());
        put_bytes(buffer, &self.bytes);
        buffer.put(&self.index.to_le_bytes());
        put_varint(buffer, self.proof.len() as u64);
        self.proof.iter().for_each(|hash| buffer.put(hash.as_bytes()));
    }
}

pub(super) fn read_list(reader: &mut Reader<'_>) -> Result<Vec<BlockFilter>, PayloadError> {
    let count = reader.count("number of filters", MOST_FILTERS as u64)?;
    reader.items(count, LEAST_SIZE, BlockFilter::read)
}

pub(super) fn write_list(filters: &[BlockFilter], buffer: &mut Buffer) {
    put_varint(buffer, filters.len() as u64);
    filters.iter().for_each(|filter| filter.write(buffer));
}
