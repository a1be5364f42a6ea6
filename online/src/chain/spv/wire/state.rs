//! What a node asks everybody: the blocks, votes and treasury spends at the tip. A light client has none of them.

use dcrcold_core::hash::{BlockHash, Sink, TxId, put_varint};
use dcrcold_signer::wire::{Buffer, Reader, put_bytes};

use super::PayloadError;
use super::version::read_text;

/// The most kinds of things that are asked for.
pub(super) const MOST_KINDS: usize = 32;
/// The longest name of a kind.
pub(super) const MOST_KIND: usize = 32;
/// The most blocks.
pub(super) const MOST_BLOCKS: usize = 8;
/// The most votes.
pub(super) const MOST_VOTES: usize = 40;
/// The most treasury spends.
pub(super) const MOST_SPENDS: usize = 7;

/// The blocks, votes and treasury spends at the tip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InitState {
    /// Blocks that may become the tip.
    pub blocks: Vec<BlockHash>,
    /// Votes on them.
    pub votes: Vec<TxId>,
    /// Treasury spends that wait to be voted on.
    pub treasury_spends: Vec<TxId>,
}

impl InitState {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, PayloadError> {
        Ok(Self {
            blocks: read_hashes(reader, "blocks", MOST_BLOCKS, BlockHash::from_bytes)?,
            votes: read_hashes(reader, "votes", MOST_VOTES, TxId::from_bytes)?,
            treasury_spends: read_hashes(reader, "treasury spends", MOST_SPENDS, TxId::from_bytes)?,
        })
    }

    pub(super) fn write(&self, buffer: &mut Buffer) {
        put_hashes(buffer, self.blocks.iter().map(BlockHash::as_bytes));
        put_hashes(buffer, self.votes.iter().map(TxId::as_bytes));
        put_hashes(buffer, self.treasury_spends.iter().map(TxId::as_bytes));
    }
}

fn read_hashes<T>(
    reader: &mut Reader<'_>,
    what: &'static str,
    most: usize,
    from_bytes: impl Fn([u8; 32]) -> T,
) -> Result<Vec<T>, PayloadError> {
    let count = reader.count(what, most as u64)?;
    reader.items(count, 32, |reader| Ok(from_bytes(reader.array(what)?)))
}

fn put_hashes<'a>(buffer: &mut Buffer, hashes: impl ExactSizeIterator<Item = &'a [u8; 32]>) {
    put_varint(buffer, hashes.len() as u64);
    hashes.for_each(|hash| buffer.put(hash));
}

pub(super) fn read_kinds(reader: &mut Reader<'_>) -> Result<Vec<String>, PayloadError> {
    let count = reader.count("number of kinds", MOST_KINDS as u64)?;
    reader.items(count, 1, |reader| read_text(reader, "kind", MOST_KIND))
}

pub(super) fn write_kinds(kinds: &[String], buffer: &mut Buffer) {
    put_varint(buffer, kinds.len() as u64);
    kinds.iter().for_each(|kind| put_bytes(buffer, kind.as_bytes()));
}
