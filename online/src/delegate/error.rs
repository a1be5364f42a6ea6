//! Why a ticket does not go on with a VSP.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::tx::sighash::SighashError;

use crate::vsp::{ErrorCode, ReplyError};
use crate::vsp_client::VspError;
use crate::wallet::WalletError;
use crate::wallet::purchase::PurchaseError;

/// Why a ticket does not go on with a VSP; nothing was paid because of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DelegateError {
    /// The wallet failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// A ticket or its keys are not known.
    #[error(transparent)]
    Ticket(#[from] PurchaseError),
    /// The VSP cannot be asked, is not believed, or refuses.
    #[error(transparent)]
    Vsp(#[from] VspError),
    /// A signed answer that is not what was asked for.
    #[error(transparent)]
    Reply(#[from] ReplyError),
    /// What the VSP wants is refused here.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// The fee transaction cannot be signed.
    #[error(transparent)]
    Sign(#[from] SighashError),
}

impl DelegateError {
    /// Whether no ticket can go on.
    pub(super) const fn is_fatal(&self) -> bool {
        matches!(self, Self::Wallet(_) | Self::Keys(_) | Self::Sign(_))
    }

    /// Whether trying again later may help, without anybody changing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Vsp(error) => error.is_temporary(),
            Self::Refused(refusal) => refusal.may_pass(),
            _ => false,
        }
    }

    /// The code of a signed refusal.
    pub(super) const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Vsp(error) => error.code(),
            _ => None,
        }
    }
}

/// What a VSP wants and does not get.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The VSP votes on another network.
    #[error("the VSP is on {found}, expected {expected}")]
    OtherNetwork {
        /// Its network.
        found: Network,
        /// The wallet's.
        expected: Network,
    },
    /// The VSP takes no new tickets.
    #[error("the VSP takes no new tickets: \"{message}\"")]
    Closed {
        /// Its words, printable.
        message: String,
    },
    /// The VSP asks for a higher percentage than was accepted.
    #[error("the VSP asks for {found} now, accepted were {accepted}")]
    FeeRaised {
        /// The percentage now.
        found: Percent,
        /// The percentage that was accepted.
        accepted: Percent,
    },
    /// The fee of a ticket is more than the accepted percentage makes.
    #[error("the VSP asks for a fee of {found}, {accepted} make {expected} at most")]
    FeeAboveExpected {
        /// The fee.
        found: Amount,
        /// What it should be at most.
        expected: Amount,
        /// The percentage that was accepted.
        accepted: Percent,
    },
    /// The fee of a ticket is above what may be paid at all.
    #[error("the VSP asks for a fee of {found}, the limit is {most}")]
    FeeAboveLimit {
        /// The fee.
        found: Amount,
        /// The limit.
        most: Amount,
    },
    /// A fee was put into a transaction that others share, and the VSP wants more now.
    #[error("the VSP asks for a fee of {found} now, transaction {payment} pays {paid}; nothing is paid twice")]
    FeeGrew {
        /// The fee now.
        found: Amount,
        /// What the transaction pays.
        paid: Amount,
        /// The transaction.
        payment: TxId,
    },
    /// The VSP deals for this ticket with a key that is not here.
    #[error("the VSP has another key for this ticket, and none can be set twice")]
    OtherKeyRegistered,
    /// The VSP deals for this ticket with the key of the voter that it was bought under.
    #[error("the VSP has the key of voter {voter} for this ticket, and none can be set twice")]
    OwnerRegistered {
        /// The voter.
        voter: Fingerprint,
    },
    /// The hot keys that vote with the ticket are not here.
    #[error("the ticket is voted by a key of voter {voter}, whose hot keys are not here")]
    NoHotKeys {
        /// The voter that it was bought under.
        voter: Fingerprint,
    },
    /// The VSP calls a fee failed that is mined, or that other tickets' fees depend on.
    #[error("the VSP says that fee transaction {payment} failed, which is mined or pays for other tickets")]
    FeeFailed {
        /// The transaction.
        payment: TxId,
    },
    /// The cold side has signed no message for this voter.
    #[error("the cold side has not signed a registration for this ticket yet")]
    NotRegistered,
    /// The purse cannot pay.
    #[error("the fees take {needed} with all, and the purse has {found}")]
    PurseShort {
        /// What is needed.
        needed: Amount,
        /// What there is.
        found: Amount,
    },
    /// The VSP does not take the choices.
    #[error("the VSP does not know these choices: {choices}")]
    ChoicesUnknown {
        /// The choices.
        choices: String,
    },
    /// Another process changed the row meanwhile.
    #[error("another dcrcold works on this ticket")]
    Elsewhere,
    /// A change was sent with a time so far ahead that this computer's clock must have been wrong.
    #[error("a change of choices has a time {seconds} s ahead of this computer's clock, and none before that is taken")]
    ClockBehind {
        /// How far ahead.
        seconds: i64,
    },
}

impl Refusal {
    /// Whether it may pass by itself: the price changes, a top-up arrives, a VSP opens again.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Closed { .. }
            | Self::FeeAboveExpected { .. }
            | Self::FeeAboveLimit { .. }
            | Self::FeeGrew { .. }
            | Self::FeeFailed { .. }
            | Self::PurseShort { .. }
            | Self::Elsewhere
            | Self::ClockBehind { .. } => true,
            Self::OtherNetwork { .. }
            | Self::FeeRaised { .. }
            | Self::OtherKeyRegistered
            | Self::OwnerRegistered { .. }
            | Self::NoHotKeys { .. }
            | Self::NotRegistered
            | Self::ChoicesUnknown { .. } => false,
        }
    }
}
