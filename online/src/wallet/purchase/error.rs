//! Why a request does not go on.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::TransferError;
use dcrcold_signer::tx::OutPoint;

use super::super::auto::Breach;
use super::super::{CoinId, CoinState, WalletError};
use crate::chain::ChainError;
use crate::prepare::PrepareError;
use crate::vsp::VspAddress;

/// Why a request does not go on; its coins and what was sent of it stay as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PurchaseError {
    /// The wallet failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The coins do not suffice, or something else is missing.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The request breaks a rule, or the answer does not fit.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    /// A transfer cannot be read or made.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The chain cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The wallet has not seen the chain yet.
    #[error("the wallet has not followed the chain yet")]
    NotSynced,
    /// The wallet stands at another block than the source.
    #[error("the wallet stands at height {wallet}, the chain at {chain}")]
    Behind {
        /// The last block that the wallet searched.
        wallet: Height,
        /// The tip of the chain.
        chain: Height,
    },
    /// More tickets than the signer takes at once.
    #[error("{found} tickets are more than the {most} that the signer takes at once")]
    TooManyTickets {
        /// The number asked for.
        found: u32,
        /// The signer's number.
        most: u32,
    },
    /// A coin that was named cannot be spent now.
    #[error("coin {coin} {}", cannot(*state))]
    NotSpendable {
        /// The coin.
        coin: CoinId,
        /// What keeps it.
        state: CoinState,
    },
    /// A coin that was named and that no signer here takes.
    #[error("coin {coin} was paid by the treasury, which no signer here takes")]
    FromTreasury {
        /// The coin.
        coin: CoinId,
    },
    /// An address that was named has no coins that can be spent now.
    #[error("no coin of address {address} can be spent now")]
    NothingThere {
        /// The address.
        address: Address,
    },
    /// The signer reads no requests that pay somebody.
    #[error("the signer of this wallet takes no payments")]
    NoPayments,
    /// More payments than the signer takes at once.
    #[error("{found} payments are more than the {most} that the signer takes at once")]
    TooManyPayments {
        /// The number asked for.
        found: usize,
        /// The signer's number.
        most: usize,
    },
    /// The account has no own voter, and no other was named.
    #[error("no voter is named, and the account has none of its own")]
    NoVoter,
    /// A voter that is not known here.
    #[error("voter {fingerprint} is not known")]
    UnknownVoter {
        /// What was asked for.
        fingerprint: Fingerprint,
    },
    /// A VSP that nobody decided to deal with.
    #[error("VSP {vsp} is not known")]
    UnknownVsp {
        /// What was asked for.
        vsp: VspAddress,
    },
    /// A ticket that is not one of the wallet's, or has ended.
    #[error("ticket {ticket} is not one of the wallet's that can still vote")]
    UnknownTicket {
        /// The ticket.
        ticket: TxId,
    },
    /// A ticket that belongs to no voter known here.
    #[error("ticket {ticket} is voted by a key of none of the voters known here")]
    NoVotingKey {
        /// The ticket.
        ticket: TxId,
    },
    /// A ticket of several owners, or one whose reward goes elsewhere, which no key of the account can register.
    #[error("ticket {ticket} does not pay its whole reward to one key of the account")]
    NotRegistrable {
        /// The ticket.
        ticket: TxId,
    },
    /// The addresses of a branch are used up.
    #[error("the address indexes of the account or the voter are used up")]
    NoIndexLeft,
    /// The answer is for a network that the wallet does not watch.
    #[error("the answer is for {found}, the wallet is for {expected}")]
    OtherNetwork {
        /// The answer's network.
        found: Network,
        /// The wallet's network.
        expected: Network,
    },
    /// No such request was made here.
    #[error("request {id} was not made by this wallet")]
    UnknownRequest {
        /// The request that was named.
        id: TransferId,
    },
    /// The request was given up.
    #[error("request {id} was cancelled, and its coins are no longer kept for it")]
    Cancelled {
        /// The request.
        id: TransferId,
    },
    /// Another request took its place.
    #[error("request {by} has taken the place of request {id}")]
    Replaced {
        /// The request.
        id: TransferId,
        /// The one that took its place.
        by: TransferId,
    },
    /// Other transactions have spent all coins of the request, so that its signatures are worth nothing.
    #[error("other transactions have spent the coins of request {id}: its signatures are worth nothing already")]
    Worthless {
        /// The request.
        id: TransferId,
    },
    /// There is nothing left to do for the request.
    #[error("all of request {id} is mined")]
    Done {
        /// The request.
        id: TransferId,
    },
    /// The request can be carried out as it is.
    #[error("the tickets of request {id} can be mined as they are signed")]
    StillFits {
        /// The request.
        id: TransferId,
    },
    /// Nodes take nothing in the place of what waits to be mined.
    #[error("transaction {tx} waits to be mined, and nodes take nothing in its place")]
    Waits {
        /// The transaction.
        tx: TxId,
        /// Of a ticket: nodes forget it at this height at the latest.
        until: Option<Height>,
    },
    /// A request that buys no tickets.
    #[error("request {id} buys no tickets")]
    NotAPurchase {
        /// The request.
        id: TransferId,
    },
    /// Another process is at work on the request.
    #[error("another process has worked on request {id} meanwhile")]
    Busy {
        /// The request.
        id: TransferId,
    },
    /// A new request would leave both possible.
    #[error("the coins of request {id} are too little worth to be spent beside others")]
    CoinsLeftOut {
        /// The request.
        id: TransferId,
    },
    /// The signer's answer to the request is not here.
    #[error("request {id} has no answer yet")]
    NotAnswered {
        /// The request.
        id: TransferId,
    },
    /// Something of the request is on the network already.
    #[error("request {id} was sent already and cannot be cancelled")]
    Sent {
        /// The request.
        id: TransferId,
    },
    /// Blocks want more than the tickets lock.
    #[error("the ticket price is {price} now, the tickets lock {amount}")]
    PriceRose {
        /// The price of the next block.
        price: Amount,
        /// What each ticket locks.
        amount: Amount,
    },
    /// The tickets would be mined in the first block of the next price window, and may not suffice there.
    #[error("the tickets lock {amount}, and in the block after the split's the price may be up to {most}")]
    PriceUnsettled {
        /// What each ticket locks.
        amount: Amount,
        /// The highest price possible then.
        most: Amount,
    },
    /// The tickets can no longer be mined.
    #[error("the tickets expire at height {expiry}, and with their split they cannot be mined before {earliest}")]
    Expired {
        /// The height from which they are invalid.
        expiry: Height,
        /// The first block that could hold them.
        earliest: Height,
    },
    /// A coin of the request was spent by something else.
    #[error("coin {coin} of the request was spent by another transaction")]
    CoinGone {
        /// The coin.
        coin: OutPoint,
    },
    /// The rule by which requests are prepared does not allow it.
    #[error(transparent)]
    ByRule(#[from] Breach),
    /// A transaction was sent, and nobody shows it yet. Its coins stay with the request.
    #[error("{what} {id} was sent and is not seen yet: none of {of} peers shows it")]
    Unseen {
        /// The split or which ticket.
        what: String,
        /// The transaction.
        id: TxId,
        /// How many peers were asked.
        of: usize,
        /// How many of the request's transactions the network took before.
        sent: usize,
    },
    /// The network refuses a transaction.
    #[error("the network refuses {what} {id}: {reason}")]
    Rejected {
        /// The split or which ticket.
        what: String,
        /// The transaction.
        id: TxId,
        /// The node's words.
        reason: String,
        /// How many of the request's transactions it took before.
        sent: usize,
    },
}

/// Why a coin cannot be spent.
fn cannot(state: CoinState) -> String {
    match state {
        CoinState::Immature { spendable_at } => format!("can be spent from block {spendable_at} on"),
        CoinState::Locked => "is kept for another request".to_owned(),
        CoinState::Frozen => "is frozen".to_owned(),
        CoinState::Unconfirmed => "waits to be mined".to_owned(),
        CoinState::Spendable => "can be spent".to_owned(),
    }
}
