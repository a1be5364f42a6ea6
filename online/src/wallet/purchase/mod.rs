//! Purchases and payments: from coins to a request, from its answer to transactions on the network.
//!
//! Every step is written down before it is done, in the same commit as what it changes, and every step can be done
//! again: an interrupted request goes on where it stopped, and no second one can take its coins.

mod account;
mod again;
mod error;
mod hand_out;
mod late;
mod left;
mod most;
mod pay;
mod prepare;
mod records;
mod resend;
mod send;
mod standing;
mod store;
mod terms;
mod top_up;

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::path::Index;
use dcrcold_core::request::{Funding, Label, Purse};
use dcrcold_core::rule::Refusal;
use dcrcold_signer::percent::Percent;

use super::{CoinsOf, UnixTime};
use crate::vsp::VspAddress;

pub use error::PurchaseError;
pub use hand_out::{Leftover, RequestLock};
pub use late::{Late, Misfit};
pub use pay::{PreparedSend, SendOrder, SendRest};
pub(super) use prepare::Made;
pub use send::Submitted;
pub use standing::Orders;
pub(super) use store::lost_coin;

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// It buys tickets.
    Purchase,
    /// It pays somebody.
    Payment,
}

impl RequestKind {
    /// The name of the kind, as tables and JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Payment => "payment",
        }
    }

    /// As containers number them.
    const fn code(self) -> u8 {
        match self {
            Self::Purchase => 1,
            Self::Payment => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Purchase, Self::Payment].into_iter().find(|kind| kind.code() == code)
    }
}

/// How far a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PurchaseState {
    /// It was given up before anything was sent; its coins are free.
    Cancelled,
    /// The request was made and its coins are locked.
    Prepared,
    /// The answer is there and every signature was verified.
    Answered,
    /// The split was sent, or the payment is being sent.
    SplitSent,
    /// All tickets were sent, or the payment.
    TicketsSent,
}

impl PurchaseState {
    const ALL: [Self; 5] = [Self::Cancelled, Self::Prepared, Self::Answered, Self::SplitSent, Self::TicketsSent];

    /// The name of the state, as tables and JSON write it.
    #[must_use]
    pub const fn name(self, kind: RequestKind) -> &'static str {
        match (self, kind) {
            (Self::Cancelled, _) => "cancelled",
            (Self::Prepared, _) => "prepared",
            (Self::Answered, _) => "answered",
            (Self::SplitSent, RequestKind::Purchase) => "split-sent",
            (Self::TicketsSent, RequestKind::Purchase) => "tickets-sent",
            (Self::SplitSent, RequestKind::Payment) => "sending",
            (Self::TicketsSent, RequestKind::Payment) => "sent",
        }
    }

    const fn code(self) -> u8 {
        self as u8
    }

    pub(in crate::wallet) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What each ticket locks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Exactly this.
    Amount(Amount),
    /// The price of the next block and this much more, so that the same signatures still fit
    /// when the price rises a little.
    PricePlus(Percent),
}

/// What to buy.
#[derive(Clone, Debug)]
pub struct BuyOrder {
    /// How many tickets.
    pub tickets: u32,
    /// What each locks.
    pub lock: Lock,
    /// Fee rate of the split and the tickets.
    pub fee_rate: FeeRate,
    /// Who votes; none is the voter of the account's own seed.
    pub voter: Option<Fingerprint>,
    /// The tickets can be in blocks below this height only; none is the end of the next price window.
    pub expiry: Option<Height>,
    /// What to call the request.
    pub label: Option<Label>,
    /// Over a split, or each from a coin as it is.
    pub funding: Funding,
    /// The VSP that the tickets are meant for: the split pays to the purse what its fees will take.
    pub vsp: Option<VspAddress>,
    /// The coins to take; none means whichever are best.
    pub from: Vec<CoinsOf>,
}

/// A request, ready to be carried to the signer.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its id.
    pub id: TransferId,
    /// The bytes of the file.
    pub request: Vec<u8>,
    /// What each ticket locks at least.
    pub amount: Amount,
    /// The fee of each ticket.
    pub ticket_fee: Amount,
    /// Fee of the split; none in the direct form.
    pub split_fee: Option<Amount>,
    /// What returns from the split.
    pub change: Option<Amount>,
    /// What the split pays to the purse of the voter.
    pub purse: Option<Purse>,
    /// The coins that are now locked.
    pub inputs: usize,
    /// The tickets can be in blocks below this height only.
    pub expiry: Height,
    /// The split, if there is one.
    pub split: Option<TxId>,
    /// The tickets, in their order.
    pub tickets: Vec<TxId>,
    /// Why a signer with the limits of a new one would refuse: every limit that would have to be raised.
    pub beyond_default_limits: Vec<Refusal>,
}

/// A purchase or payment as the wallet knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseRecord {
    /// The id of the request.
    pub id: TransferId,
    /// What it is for.
    pub kind: RequestKind,
    /// How far it came.
    pub state: PurchaseState,
    /// How many tickets.
    pub tickets: u32,
    /// What each ticket locks at least, or what is paid to others; what a sweep leaves them is counted.
    pub amount: Amount,
    /// The tickets can be in blocks below this height only; 0 for a payment, which does not expire.
    pub expiry: Height,
    /// Who votes, and with which index the first ticket.
    pub voter: Option<(Fingerprint, Index)>,
    /// The VSP that the tickets are meant for.
    pub vsp: Option<VspAddress>,
    /// What it is called; requests of older versions do not say.
    pub label: Option<Label>,
    /// When it was made.
    pub created: UnixTime,
    /// Whether it is sent when the price fits.
    pub standing: bool,
    /// The request whose place it took.
    pub replaces: Option<TransferId>,
    /// The request that took its place.
    pub replaced_by: Option<TransferId>,
    /// How many of its tickets are in blocks.
    pub mined: u32,
    /// How many were sent and wait to be mined.
    pub waiting: u32,
}

impl PurchaseRecord {
    /// Whether it is a standing order that may still be sent.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.standing && self.state >= PurchaseState::Answered && self.replaced_by.is_none()
    }
}
