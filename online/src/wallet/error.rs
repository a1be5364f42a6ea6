//! Why the wallet does not do what was asked.

use std::io;
use std::path::PathBuf;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, TreeHash};
use dcrcold_core::net::Network;
use dcrcold_core::path::Generation;
use dcrcold_core::rule::Refusal;
use dcrcold_signer::address::Address;
use dcrcold_signer::block::TreeError;
use dcrcold_signer::block::commitment::CommitmentError;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::transfer::TransferError;

use super::coin_id::CoinId;
use crate::chain::ChainError;
use crate::chain::filter::FilterError;
use crate::chain::headers::HeaderError;
use crate::vsp::{ServerKey, VspAddress};

/// Why the wallet does not do what was asked; nothing of it was done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WalletError {
    /// There is a file in the place of the new wallet.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The journal of another wallet lies in the place of the new wallet's own: SQLite would mix both.
    #[error("{} is left of another wallet", path.display())]
    JournalLeft {
        /// The journal.
        path: PathBuf,
    },
    /// There is no wallet.
    #[error("there is no wallet at {}", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a wallet of dcrcold", path.display())]
    NotAWallet {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later version of this program.
    #[error("the wallet has form {found}, this program knows forms up to {known}")]
    Newer {
        /// The form of the file.
        found: u32,
        /// The latest form known here.
        known: u32,
    },
    /// The file cannot be made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A name of a file or folder that is no text, and cannot be kept.
    #[error("{} is no name in UTF-8", path.display())]
    NotText {
        /// The name.
        path: PathBuf,
    },
    /// The database failed: disk full, file damaged, another process that does not finish.
    #[error("wallet file: {0}")]
    Database(#[from] rusqlite::Error),
    /// What is stored cannot be read back.
    #[error("the wallet file is damaged: {what}")]
    Damaged {
        /// What cannot be read.
        what: String,
    },
    /// The chain belongs to another network.
    #[error("the chain is {found}, the wallet is for {expected}")]
    OtherNetwork {
        /// The network of the source.
        found: Network,
        /// The network of the wallet.
        expected: Network,
    },
    /// The chain and the wallet part so far below that it cannot be a reorganisation.
    #[error("the chain leaves the wallet's at height {fork}, {blocks} blocks below its tip; at most {most} are undone")]
    OtherChain {
        /// The last block they have in common.
        fork: Height,
        /// How many blocks would be undone.
        blocks: u32,
        /// How many are undone at most.
        most: u32,
    },
    /// The source has not come to the part of the chain that the wallet keeps.
    #[error("the chain's source is at height {chain} only, the wallet at {wallet}")]
    SourceBehind {
        /// The tip of the source.
        chain: Height,
        /// The last block of the wallet.
        wallet: Height,
    },
    /// The source cannot be asked, or refuses.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A header breaks a rule.
    #[error("header {block} at height {height}: {source}")]
    Header {
        /// The header's hash.
        block: BlockHash,
        /// Its height.
        height: Height,
        /// The rule.
        source: HeaderError,
    },
    /// A source sent another number of filters than asked for.
    #[error("the source sent {found} filters, asked for {expected}")]
    FilterCount {
        /// The number sent.
        found: usize,
        /// The number asked for.
        expected: usize,
    },
    /// A filter is not the one that its header commits to.
    #[error(transparent)]
    Commitment(#[from] CommitmentError),
    /// A filter is malformed.
    #[error("filter of block {block}: {source}")]
    Filter {
        /// The block.
        block: BlockHash,
        /// What is malformed.
        source: FilterError,
    },
    /// The source sent another block than the one asked for.
    #[error("the source sent block {found}, asked for {expected}")]
    OtherBlock {
        /// The block sent.
        found: BlockHash,
        /// The block asked for.
        expected: BlockHash,
    },
    /// A block's transactions are not those of its header.
    #[error("block {block}: {source}")]
    Block {
        /// The block.
        block: BlockHash,
        /// What does not fit.
        source: TreeError,
    },
    /// The filters from before headers commit to them are not those of the network.
    #[error("the filters of old blocks have hash {found} together, expected {expected}")]
    OldFilters {
        /// The hash of all of them.
        found: TreeHash,
        /// The hash expected.
        expected: TreeHash,
    },
    /// As many addresses are handed out and unpaid as a restore from the seed looks at.
    #[error("{limit} addresses in a row are handed out and were never paid")]
    AddressGap {
        /// The gap limit.
        limit: u32,
    },
    /// A coin that the account does not have.
    #[error("coin {coin} is none that the account has")]
    UnknownCoin {
        /// What was named.
        coin: CoinId,
    },
    /// An address that is not the account's, as far as its addresses were ever handed out or searched for.
    #[error("address {address} is none of the account's")]
    ForeignAddress {
        /// What was named.
        address: Address,
    },
    /// A VSP that had another key before.
    #[error("VSP {vsp} has the key {found}, and had {known} before")]
    VspKeyChanged {
        /// The VSP.
        vsp: VspAddress,
        /// The key that was pinned.
        known: ServerKey,
        /// The key now.
        found: ServerKey,
    },
    /// A voter may not vote for this account: it holds the account's own keys, or one account twice.
    #[error("{refusal}")]
    VoterRefused {
        /// The rule that it breaks.
        refusal: Refusal,
    },
    /// The generation of an own voter is in use or behind.
    #[error("found generation {found} of the own voter, expected one after {own}")]
    GenerationNotNewer {
        /// The generation found.
        found: Generation,
        /// The one that the wallet names in purchases.
        own: Generation,
    },
    /// A transfer cannot be read or made.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
}
