//! Hot voters: they open the keys that a signer exported, watch their tickets, and vote when one is called.
//!
//! A voter holds voting, alt-sign and purse keys only; there is no spending key that it could be given. A voting box
//! needs its hot files and a node, no wallet: [`Station`] finds its tickets among all that are live.

mod casting;
pub mod choices;
mod doubt;
mod folder;
mod follow;
mod handoff;
mod health;
mod hot;
mod keys;
mod memory;
mod metrics;
mod report;
mod station;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::block::TreeError;
use dcrcold_signer::file::FileError;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::stake::ticket::ReadTicketError;
use dcrcold_signer::stake::vote::BuildVoteError;
use dcrcold_signer::transfer::TransferError;
use dcrcold_signer::tx::TxError;
use dcrcold_signer::tx::sighash::SighashError;

use crate::chain::ChainError;
use choices::ChoicesError;

pub use doubt::{MOST_AGE, MOST_AHEAD, MOST_DEPTH, Skip};
pub use folder::{Folder, FolderLock};
pub use handoff::{HandOff, HandOffError, Handed, WALLET_INTERFACE};
pub use health::Health;
pub use hot::HotVoter;
pub use memory::Totals;
pub use metrics::{Metrics, MetricsError};
pub use report::{Cast, Outcome, Report};
pub use station::Station;

/// Why there is no vote.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoterError {
    /// The file of hot keys cannot be opened.
    #[error(transparent)]
    HotKeys(#[from] TransferError),
    /// What should be voted with is something else.
    #[error("the transaction is not a ticket")]
    NotATicket(#[from] ReadTicketError),
    /// The ticket that was written down cannot be read.
    #[error(transparent)]
    Transaction(#[from] TxError),
    /// The voting rights of the ticket belong to somebody else.
    #[error("the voting right of ticket {ticket} is not one of voter \"{voter}\"")]
    NotOurs {
        /// The ticket.
        ticket: TxId,
        /// The voter's name.
        voter: String,
    },
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// The vote cannot be built.
    #[error(transparent)]
    Build(#[from] BuildVoteError),
    /// The vote cannot be signed.
    #[error(transparent)]
    Sign(#[from] SighashError),
    /// The source cannot be asked, or does not do as it was told.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// What was voted cannot be written down or read.
    #[error("the memory of votes cannot be used: {0}")]
    Memory(#[from] rusqlite::Error),
    /// A file of the voter cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The choices cannot be read.
    #[error(transparent)]
    Choices(#[from] ChoicesError),
    /// The file is no memory of votes.
    #[error("{file} is no memory of votes of this version")]
    NotAMemory {
        /// The file.
        file: String,
    },
    /// Keys and memory, or two hot files, are of different networks.
    #[error("{what} is of {found}, expected {expected}")]
    OtherNetwork {
        /// What differs.
        what: &'static str,
        /// Its network.
        found: Network,
        /// The network of the first hot file.
        expected: Network,
    },
    /// No keys to vote with.
    #[error("there are no hot keys to vote with")]
    NoVoters,
    /// Another voter works in the same folder.
    #[error("another voter runs in {folder}")]
    Busy {
        /// The folder.
        folder: String,
    },
    /// The source's headers do not follow one another.
    #[error("the source sends block {found} on top of another block than {expected}")]
    Headers {
        /// The block.
        found: BlockHash,
        /// The block before it.
        expected: BlockHash,
    },
    /// A live ticket is not in the block that the source names; the chain may just have changed.
    #[error("ticket {ticket} is not in the block at height {height}")]
    NotInBlock {
        /// The ticket.
        ticket: TxId,
        /// The height.
        height: Height,
    },
    /// The source sends another block than asked for.
    #[error("the source sends block {found}, expected {expected}")]
    OtherBlock {
        /// The block found.
        found: BlockHash,
        /// The block asked for.
        expected: BlockHash,
    },
    /// A block's transactions are not those of its header.
    #[error(transparent)]
    Block(#[from] TreeError),
}
