//! Prepares requests: chooses coins and puts the parameters together that a signer will build from.

mod choose;
mod parents;
mod payment;
mod purchase;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::path::KeyPath;

pub use payment::{Payment, Rest, payment};
pub use purchase::{Order, WINDOWS, expiry_after, purchase};

/// A coin that can be spent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spendable {
    /// The transaction that holds it.
    pub parent: TxId,
    /// Its place there.
    pub output: u32,
    /// What it is worth.
    pub value: Amount,
    /// The key that it pays.
    pub path: KeyPath,
    /// Whether a vote or revocation paid it: such coins are restaked before others are touched.
    pub returned: bool,
    /// Whether a person named it: then it is spent even where it costs more than it brings.
    pub named: bool,
}

/// Why a request cannot be prepared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The coins do not suffice.
    #[error("tickets and fees take {needed} together, and {found} can be spent")]
    Short {
        /// How many tickets.
        tickets: u32,
        /// What they need with all fees.
        needed: Amount,
        /// What can be spent, in as many coins as a request holds.
        found: Amount,
    },
    /// Too few coins are each large enough for a ticket.
    #[error("direct tickets take {tickets} coins of at least {least} each, and there are {found}")]
    NoCoinsThatFit {
        /// How many tickets.
        tickets: u32,
        /// What a coin must be worth: what the ticket locks and its fee.
        least: Amount,
        /// How many such coins there are.
        found: usize,
    },
    /// The sums are larger than all coins that exist.
    #[error("{tickets} tickets of {amount} are more than can exist")]
    Overflow {
        /// How many tickets.
        tickets: u32,
        /// What each locks.
        amount: Amount,
    },
    /// The wallet does not have a transaction whose output it wants to spend.
    #[error("transaction {id} is not stored")]
    ParentMissing {
        /// The transaction.
        id: TxId,
    },
    /// The coins do not suffice for payments.
    #[error("the payments and their fee take {needed} together, and {found} can be spent")]
    PaymentShort {
        /// What they need with the fee.
        needed: Amount,
        /// What can be spent, in as many coins as a request holds.
        found: Amount,
    },
    /// The payments together are more than all coins that exist.
    #[error("the payments together are more than can exist")]
    PaymentOverflow,
    /// A payment that no node relays.
    #[error("payment {number} is {amount}, and nodes relay none below {least}")]
    Dust {
        /// Its number, from 1 on.
        number: usize,
        /// What is to be paid.
        amount: Amount,
        /// The least amount.
        least: Amount,
    },
    /// After the fee there is too little left to be paid.
    #[error("the coins are worth {found}, and the fee alone is {fee}")]
    NothingLeft {
        /// What the coins that pay for themselves are worth.
        found: Amount,
        /// The fee of the transaction.
        fee: Amount,
    },
    /// Fewer than two coins to be joined.
    #[error("it takes two coins at least to join any, found {found}")]
    NothingToJoin {
        /// How many there are.
        found: usize,
    },
}
