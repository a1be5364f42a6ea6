//! Names of things that can be had.

use dcrcold_core::hash::{BlockHash, Sink, TxId, put_varint};
use dcrcold_signer::wire::{Buffer, Reader};

use super::PayloadError;

/// The most items of a list.
pub(super) const MOST_ITEMS: usize = 50_000;
/// The bytes of an item.
const ITEM_SIZE: usize = 36;

/// A thing that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inventory {
    /// A transaction.
    Tx(TxId),
    /// A block.
    Block(BlockHash),
    /// Something else, such as a message of those who mix coins. It is never asked for.
    Other {
        /// Its kind.
        kind: u32,
        /// Its hash.
        hash: [u8; 32],
    },
}

impl Inventory {
    fn read(reader: &mut Reader<'_>) -> Result<Self, PayloadError> {
        let kind = reader.u32("kind of item")?;
        let hash = reader.array("hash of item")?;
        Ok(match kind {
            1 => Self::Tx(TxId::from_bytes(hash)),
            2 => Self::Block(BlockHash::from_bytes(hash)),
            kind => Self::Other { kind, hash },
        })
    }

    fn write(&self, buffer: &mut Buffer) {
        let (kind, hash) = match self {
            Self::Tx(id) => (1_u32, id.as_bytes()),
            Self::Block(hash) => (2, hash.as_bytes()),
            Self::Other { kind, hash } => (*kind, hash),
        };
        buffer.put(&kind.to_le_bytes());
        buffer.put(hash);
    }
}

pub(super) fn read_list(reader: &mut Reader<'_>) -> Result<Vec<Inventory>, PayloadError> {
    let count = reader.count("number of items", MOST_ITEMS as u64)?;
    reader.items(count, ITEM_SIZE, Inventory::read)
}

pub(super) fn write_list(items: &[Inventory], buffer: &mut Buffer) {
    put_varint(buffer, items.len() as u64);
    items.iter().for_each(|item| item.write(buffer));
}
