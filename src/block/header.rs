//! The block header.

use dcrcold_core::amount::{Height, Size};
use dcrcold_core::hash::{BlockHash, Sink, TreeHash};

use crate::tx::RawValue;
use crate::wire::{Buffer, Reader, WireError};

/// The bytes of a header.
pub const HEADER_SIZE: usize = 180;

/// A proof of work target in its compact form: one byte of exponent, three of signed mantissa.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CompactTarget(pub u32);

/// A block header, every field as on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Version of the block.
    pub version: i32,
    /// The block before this one.
    pub previous: BlockHash,
    /// Root over both transaction trees; before DCP0005 over the regular tree alone.
    pub merkle_root: TreeHash,
    /// Root over the header commitments, which is the hash of the block's filter; before DCP0005 root of the stake tree.
    pub stake_root: TreeHash,
    /// Bit 0 says whether the regular tree of the previous block stands.
    pub vote_bits: u16,
    /// State of the ticket lottery after this block.
    pub final_state: [u8; 6],
    /// Votes in the block.
    pub voters: u16,
    /// Tickets in the block.
    pub fresh_stake: u8,
    /// Revocations in the block.
    pub revocations: u8,
    /// Live tickets before this block.
    pub pool_size: u32,
    /// The proof of work target.
    pub bits: CompactTarget,
    /// The ticket price of this block.
    pub sbits: RawValue,
    /// Height of the block.
    pub height: Height,
    /// Serialised size of the block.
    pub size: Size,
    /// Unix time in seconds.
    pub timestamp: u32,
    /// Counted up by miners.
    pub nonce: u32,
    /// Free for miners.
    pub extra_data: [u8; 32],
    /// Version of the votes.
    pub stake_version: u32,
}

impl BlockHeader {
    /// Reads a header, all of `bytes`.
    ///
    /// # Errors
    /// [`WireError`] unless there are exactly 180 bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(bytes);
        let header = Self::read(&mut reader)?;
        reader.finish("block header")?;
        Ok(header)
    }

    /// Reads a header from the front of `reader`.
    ///
    /// # Errors
    /// [`WireError::Truncated`] when fewer than 180 bytes are left.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let bytes: [u8; HEADER_SIZE] = reader.array("block header")?;
        let mut reader = Reader::new(&bytes);
        Ok(Self {
            version: reader.array("version").map(i32::from_le_bytes)?,
            previous: BlockHash::from_bytes(reader.array("previous block")?),
            merkle_root: TreeHash::from_bytes(reader.array("merkle root")?),
            stake_root: TreeHash::from_bytes(reader.array("stake root")?),
            vote_bits: reader.u16("vote bits")?,
            final_state: reader.array("final state")?,
            voters: reader.u16("voters")?,
            fresh_stake: reader.u8("fresh stake")?,
            revocations: reader.u8("revocations")?,
            pool_size: reader.u32("pool size")?,
            bits: CompactTarget(reader.u32("bits")?),
            sbits: RawValue(reader.i64("sbits")?),
            height: Height(reader.u32("height")?),
            size: Size(reader.u32("size")?),
            timestamp: reader.u32("timestamp")?,
            nonce: reader.u32("nonce")?,
            extra_data: reader.array("extra data")?,
            stake_version: reader.u32("stake version")?,
        })
    }

    /// Writes the header.
    pub fn write(&self, sink: &mut impl Sink) {
        sink.put(&self.version.to_le_bytes());
        sink.put(self.previous.as_bytes());
        sink.put(self.merkle_root.as_bytes());
        sink.put(self.stake_root.as_bytes());
        sink.put(&self.vote_bits.to_le_bytes());
        sink.put(&self.final_state);
        sink.put(&self.voters.to_le_bytes());
        sink.put(&[self.fresh_stake, self.revocations]);
        sink.put(&self.pool_size.to_le_bytes());
        sink.put(&self.bits.0.to_le_bytes());
        sink.put(&self.sbits.0.to_le_bytes());
        sink.put(&self.height.0.to_le_bytes());
        sink.put(&self.size.0.to_le_bytes());
        sink.put(&self.timestamp.to_le_bytes());
        sink.put(&self.nonce.to_le_bytes());
        sink.put(&self.extra_data);
        sink.put(&self.stake_version.to_le_bytes());
    }

    /// The header's 180 bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_SIZE] {
        let mut buffer = Buffer::default();
        self.write(&mut buffer);
        buffer.0.try_into().expect("the fields of a header make 180 bytes")
    }

    /// The id of the block: BLAKE-256 of the header. (Not the proof of work hash, which is BLAKE3 since DCP0011.)
    #[must_use]
    pub fn id(&self) -> BlockHash {
        BlockHash::of(|hasher| self.write(hasher))
    }
}
