//! Where blocks come from and transactions go to.
//!
//! One trait stands for every source of the chain, so that one sync engine serves them all.

pub mod dcrd;
pub mod filter;
pub mod genesis;
pub mod headers;
pub mod sim;
pub mod spv;
pub mod window;
pub mod work;

use std::error::Error;
use std::iter;
use std::time::Duration;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::Payee;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

/// The most headers that a source hands out at once. dcrd `wire/msgheaders.go`, `MaxBlockHeadersPerMsg`.
pub const MOST_HEADERS: usize = 2000;

/// The locators that step back one block at a time; further ones double their step.
const SINGLE_STEPS: u32 = 10;

/// The heights of the blocks that tell a source where a chain stands: its tip first, then ever further apart, down to the
/// last step that does not lead below the genesis block.
pub(crate) fn locator_heights(tip: Height) -> impl Iterator<Item = Height> {
    let further = |(height, number): &(u32, u32)| {
        let step = 1_u32.checked_shl(number.saturating_sub(SINGLE_STEPS))?;
        Some((height.checked_sub(step)?, number + 1))
    };
    iter::successors(Some((tip.0, 1)), further).map(|(height, _)| Height(height))
}

/// A block named by its hash and its height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockId {
    /// The hash.
    pub hash: BlockHash,
    /// The height.
    pub height: Height,
}

/// A source of blocks and a way to send transactions.
pub trait ChainSource {
    /// The network that the source belongs to.
    fn network(&self) -> Network;

    /// The last block of the main chain.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn tip(&mut self) -> Result<BlockId, ChainError>;

    /// At most [`MOST_HEADERS`] headers of the main chain, from the one after the first locator that lies on it;
    /// from the one after the genesis block when none does.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError>;

    /// The version 2 filters of blocks, in the order asked for; the caller checks each against its header.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`] for a block that the source does not have.
    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError>;

    /// A whole block; the caller checks it against its header.
    ///
    /// # Errors
    /// [`ChainError::UnknownBlock`] for a block that the source does not have.
    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError>;

    /// Hands a transaction to the network.
    ///
    /// # Errors
    /// [`ChainError::Rejected`] with the node's reason; [`ChainError::AlreadyKnown`] when it is in the mempool or a
    /// recent block already, which is what a repeated attempt wants to hear; [`ChainError::Unseen`] when nobody says
    /// what became of it.
    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError>;

    /// Whether each of these transactions waits to be mined.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError>;

    /// The ticket price now and what is known of the next.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn price(&mut self) -> Result<PriceWindow, ChainError>;

    /// Waits until the tip is another block than `after`; `None` when that takes longer than `timeout`.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn wait_for_tip(&mut self, after: &BlockHash, timeout: Duration) -> Result<Option<BlockId>, ChainError>;
}

/// A source that also tells which tickets are called to vote.
pub trait VoteSource: ChainSource {
    /// The blocks that tickets are called to vote on and that were not told before; waits until there is one, or any
    /// other news of the chain, but no longer than `timeout`.
    ///
    /// Competing blocks are told one after the other. The blocks at the height of the tip are told again when the source
    /// had to connect anew. A source may tell blocks that are old: see [`crate::voter::Station`].
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn calls(&mut self, timeout: Duration) -> Result<Vec<Winners>, ChainError>;

    /// The block of the main chain at a height; `None` above the tip.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn block_at(&mut self, height: Height) -> Result<Option<BlockHash>, ChainError>;

    /// The tickets that are live on the main chain.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn live_tickets(&mut self) -> Result<Vec<LiveTicket>, ChainError>;

    /// The treasury spends that wait to be voted on.
    ///
    /// # Errors
    /// [`ChainError::Unavailable`] when the source cannot be asked.
    fn treasury_spends(&mut self) -> Result<Vec<Transaction>, ChainError>;
}

/// A ticket in the lottery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveTicket {
    /// The ticket.
    pub id: TxId,
    /// Who votes with it.
    pub voting: Payee,
    /// Height of the block that holds it.
    pub height: Height,
}

/// The tickets that may vote on a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Winners {
    /// The block to vote on.
    pub block: BlockId,
    /// The tickets, in the order of the lottery; none before voting begins.
    pub tickets: Vec<TxId>,
}

/// The ticket price at a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceWindow {
    /// The tip.
    pub tip: BlockId,
    /// The price of the tip itself.
    pub current: Amount,
    /// The price of the block after the tip.
    pub next: Amount,
    /// How many blocks after the tip are certain to have the price `next`.
    pub blocks_left: u32,
    /// What the price after those blocks may be.
    pub estimate: PriceEstimate,
}

/// The range of the ticket price in the window after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceEstimate {
    /// The price if nobody buys any more.
    pub min: Amount,
    /// The price if tickets go on being bought as they were.
    pub expected: Amount,
    /// The price if every block is full of tickets.
    pub max: Amount,
}

/// Why a source does not answer as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The network refuses the transaction.
    #[error("transaction refused: {reason}")]
    Rejected {
        /// The node's words.
        reason: String,
    },
    /// The network has the transaction already.
    #[error("the network has the transaction already")]
    AlreadyKnown,
    /// The transaction was sent, and nobody shows it yet. It may be mined all the same: what it spends is not free.
    #[error("the transaction is not seen yet: none of {of} peers shows it")]
    Unseen {
        /// How many were asked.
        of: usize,
    },
    /// The source has no such block.
    #[error("block {hash} is unknown")]
    UnknownBlock {
        /// The block asked for.
        hash: BlockHash,
    },
    /// The source cannot be asked.
    #[error("the chain cannot be asked")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}
