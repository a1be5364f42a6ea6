//! How far each ticket is with a VSP: one row for every pair, and a line for every step, before it is done.
//!
//! Every change is one commit that holds only if the row is still as it was read, so that two processes at once only
//! repeat some work, and none pays twice.

mod choices;
mod ended;
mod payments;
mod rows;

use std::fmt;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::path::Index;
use dcrcold_signer::address::Address;

use super::UnixTime;
use crate::vsp::{FeeState, Timestamp, VspAddress};

pub use choices::{ChooseError, Scope};
pub use payments::{Payment, PaymentState};

/// How far a ticket is with a VSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VspState {
    /// It is meant for the VSP, which knows nothing of it.
    Wanted,
    /// The VSP knows the key that deals for the ticket.
    Registered,
    /// The VSP said where to pay, and how much.
    FeeSet,
    /// The fee transaction is written down, and perhaps the VSP has it.
    FeeWritten,
    /// The VSP took the fee transaction.
    FeePaid,
    /// The VSP says that the fee transaction failed.
    FeeFailed,
    /// The fee is mined, and the VSP votes.
    Confirmed,
    /// It is over: the ticket has ended, never came about, or went to another VSP before its fee was paid.
    Ended,
}

impl VspState {
    const ALL: [Self; 8] = [
        Self::Wanted,
        Self::Registered,
        Self::FeeSet,
        Self::FeeWritten,
        Self::FeePaid,
        Self::FeeFailed,
        Self::Confirmed,
        Self::Ended,
    ];

    /// The name of the state, as tables and JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Registered => "registered",
            Self::FeeSet => "fee-set",
            Self::FeeWritten => "fee-written",
            Self::FeePaid => "fee-paid",
            Self::FeeFailed => "fee-failed",
            Self::Confirmed => "confirmed",
            Self::Ended => "ended",
        }
    }

    /// Whether nothing was paid yet, so that the ticket can go elsewhere for nothing.
    #[must_use]
    pub const fn is_unpaid(self) -> bool {
        matches!(self, Self::Wanted | Self::Registered | Self::FeeSet)
    }

    /// The farthest of several states of one ticket: where it is with the VSP that will vote with it, if one will.
    #[must_use]
    pub fn farthest(states: impl IntoIterator<Item = Self>) -> Option<Self> {
        states.into_iter().max_by_key(|state| (*state != Self::Ended, *state))
    }

    /// Whether nothing is left to be done but to change what is voted.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Confirmed | Self::Ended)
    }

    const fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What a VSP asks for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Where to pay.
    pub address: Address,
    /// How much.
    pub amount: Amount,
    /// Until when.
    pub expires: Timestamp,
}

/// Why a ticket does not go on, and when to try again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The reason.
    pub reason: String,
    /// How often it failed in a row.
    pub failures: u32,
    /// When it is tried again; none when it needs a person.
    pub retry_at: Option<UnixTime>,
}

/// A ticket and a VSP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VspTicket {
    /// The ticket.
    pub ticket: TxId,
    /// The VSP.
    pub vsp: VspAddress,
    /// Whose alt-sign key deals with the VSP.
    pub voter: Fingerprint,
    /// The index of that key.
    pub index: Index,
    /// How far it is.
    pub state: VspState,
    /// What the VSP asked for.
    pub fee: Option<Fee>,
    /// The transaction that pays it.
    pub payment: Option<TxId>,
    /// What the VSP said of the fee last.
    pub reported: Option<FeeState>,
    /// The highest timestamp of a change that was sent.
    pub last_time: Timestamp,
    /// Why it does not go on, if it does not.
    pub trouble: Option<Trouble>,
    /// What the VSP will vote, as it said last: agendas and treasury policies as JSON.
    pub voting: Option<String>,
}

/// A step with a VSP, as it is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// What is about to be done, or was found.
    pub name: &'a str,
    /// More about it.
    pub detail: Option<&'a str>,
}

impl<'a> Step<'a> {
    /// A step that its name says all about.
    #[must_use]
    pub const fn new(name: &'a str) -> Self {
        Self { name, detail: None }
    }

    /// A step with more about it.
    #[must_use]
    pub const fn with(name: &'a str, detail: &'a str) -> Self {
        Self { name, detail: Some(detail) }
    }
}

impl fmt::Display for VspState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
