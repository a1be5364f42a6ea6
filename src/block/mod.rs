//! Blocks: the 180-byte header, the two transaction trees and what the header commits to.
//!
//! Source: dcrd `wire/blockheader.go`, `wire/msgblock.go`.

pub mod commitment;
pub mod genesis;
mod header;
pub mod merkle;

use std::collections::HashSet;

use dcrcold_core::hash::{BlockHash, TreeHash, TxId, put_varint};
use dcrcold_core::net::Network;

pub use header::{BlockHeader, CompactTarget, HEADER_SIZE};

use crate::agenda::Agenda;
use crate::tx::{Transaction, TxError};
use crate::wire::{Buffer, Reader, WireError};

/// The largest block that the wire carries, in bytes.
const MAX_BLOCK: u64 = 1_310_720;
/// The least size of a transaction by which dcrd bounds their number.
const LEAST_TX: u64 = 10;
/// The most transactions that a tree can hold.
const MOST_TXS: u64 = MAX_BLOCK / LEAST_TX / 2 + 1;
/// The size of a transaction with neither inputs nor outputs.
const EMPTY_TX: usize = 15;

/// A block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The header.
    pub header: BlockHeader,
    /// The regular tree: the coinbase and payments.
    pub transactions: Vec<Transaction>,
    /// The stake tree: tickets, votes, revocations and treasury transactions.
    pub stake_transactions: Vec<Transaction>,
}

/// Why bytes are not a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The header or a count cannot be read.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A transaction cannot be read.
    #[error("{tree} transaction {position}: {source}")]
    Transaction {
        /// `regular` or `stake`.
        tree: &'static str,
        /// The position in the tree.
        position: usize,
        /// What is malformed, offsets counted from the start of the block.
        source: TxError,
    },
}

/// Why the transactions are not those of the header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The transactions have another root than the one in the header.
    #[error("transactions have merkle root {found}, the header says {expected}")]
    MerkleRoot {
        /// The root of the transactions.
        found: TreeHash,
        /// The root in the header.
        expected: TreeHash,
    },
    /// The stake transactions have another root than the one in the header.
    #[error("stake transactions have merkle root {found}, the header says {expected}")]
    StakeRoot {
        /// The root of the transactions.
        found: TreeHash,
        /// The root in the header.
        expected: TreeHash,
    },
    /// A transaction occurs twice, which lets two different lists have one root.
    #[error("transaction {id} occurs twice in the block")]
    Duplicate {
        /// The transaction.
        id: TxId,
    },
}

impl Block {
    /// Reads a block, all of `bytes`.
    ///
    /// # Errors
    /// [`BlockError`] names what is malformed and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        let found = bytes.len() as u64;
        if found > MAX_BLOCK {
            return Err(WireError::TooMany { what: "block size", offset: 0, found, most: MAX_BLOCK }.into());
        }
        let mut reader = Reader::new(bytes);
        let header = BlockHeader::read(&mut reader)?;
        let transactions = read_tree(&mut reader, "regular")?;
        let stake_transactions = read_tree(&mut reader, "stake")?;
        reader.finish("block")?;
        Ok(Self { header, transactions, stake_transactions })
    }

    /// The serialisation.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut buffer = Buffer::default();
        self.header.write(&mut buffer);
        for tree in [&self.transactions, &self.stake_transactions] {
            put_varint(&mut buffer, tree.len() as u64);
            tree.iter().for_each(|tx| tx.write(&mut buffer));
        }
        buffer.0
    }

    /// The id of the block.
    #[must_use]
    pub fn id(&self) -> BlockHash {
        self.header.id()
    }

    /// Checks that the transactions are those that the header commits to, by the rule in force at its height.
    ///
    /// The genesis block of testnet3 breaks the rule.
    ///
    /// # Errors
    /// [`TreeError`] names the root that differs or the transaction that occurs twice.
    pub fn check_merkle(&self, network: Network) -> Result<(), TreeError> {
        self.check_distinct()?;
        let regular = tree_root(&self.transactions);
        let stake = tree_root(&self.stake_transactions);
        let header = &self.header;
        if Agenda::HeaderCommitments.is_active(network, header.height) {
            let found = merkle::combined_root(&regular, &stake);
            return same(found, header.merkle_root, |found, expected| TreeError::MerkleRoot { found, expected });
        }
        same(regular, header.merkle_root, |found, expected| TreeError::MerkleRoot { found, expected })?;
        same(stake, header.stake_root, |found, expected| TreeError::StakeRoot { found, expected })
    }

    fn check_distinct(&self) -> Result<(), TreeError> {
        let mut seen = HashSet::new();
        for tx in self.transactions.iter().chain(&self.stake_transactions) {
            let id = tx.id();
            if !seen.insert(id) {
                return Err(TreeError::Duplicate { id });
            }
        }
        Ok(())
    }
}

/// The merkle root over the full hashes of `transactions`.
#[must_use]
pub fn tree_root(transactions: &[Transaction]) -> TreeHash {
    let leaves: Vec<_> = transactions.iter().map(Transaction::full_hash).collect();
    merkle::root(&leaves)
}

fn same(
    found: TreeHash,
    expected: TreeHash,
    error: impl FnOnce(TreeHash, TreeHash) -> TreeError,
) -> Result<(), TreeError> {
    if found == expected { Ok(()) } else { Err(error(found, expected)) }
}

fn read_tree(reader: &mut Reader<'_>, tree: &'static str) -> Result<Vec<Transaction>, BlockError> {
    let count = reader.count("transaction count", MOST_TXS)?;
    let mut position = 0;
    reader.items(count, EMPTY_TX, |reader| {
        let tx = Transaction::read(reader).map_err(|source| BlockError::Transaction { tree, position, source });
        position += 1;
        tx
    })
}
