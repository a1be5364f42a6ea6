//! Refusals of a VSP, by their codes.
//!
//! Source: vspd `types/errors.go`.

use std::fmt;

use serde::Deserialize;

use super::info::printable;
use super::reply::{ReplyError, read};
use super::server::Signed;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// What a VSP says is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
            /// A code that this version does not know.
            Unknown(i64),
        }

        impl ErrorCode {
            /// All known codes, from 0 on.
            pub const KNOWN: &[Self] = &[$(Self::$name),+];

            /// The number in the response.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self {
                    $(Self::$name => $code,)+
                    Self::Unknown(number) => number,
                }
            }

            /// The code with a number.
            #[must_use]
            pub const fn from_number(number: i64) -> Self {
                match number {
                    $($code => Self::$name,)+
                    number => Self::Unknown(number),
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read, or contradicts what the VSP has.
    BadRequest = 0,
    /// Trouble of the VSP with its node, wallets or database, or a ticket that its node does not know.
    InternalError = 1,
    /// The VSP takes no new tickets.
    VspClosed = 2,
    /// The fee of this ticket is there already.
    FeeAlreadyReceived = 3,
    /// The fee transaction cannot be read or pays another address.
    InvalidFeeTx = 4,
    /// The fee transaction pays too little.
    FeeTooSmall = 5,
    /// Nobody asked for a fee address for this ticket.
    UnknownTicket = 6,
    /// The ticket has voted, is too old or was never one.
    TicketCannotVote = 7,
    /// The fee address has expired; a new one must be asked for.
    FeeExpired = 8,
    /// Choices that this VSP does not know.
    InvalidVoteChoices = 9,
    /// The request is not signed by the ticket's owner.
    BadSignature = 10,
    /// The voting key is not that of the ticket.
    InvalidPrivKey = 11,
    /// The fee was not paid yet.
    FeeNotReceived = 12,
    /// Not a ticket, or not one of a single owner.
    InvalidTicket = 13,
    /// The VSP's node does not take the ticket.
    CannotBroadcastTicket = 14,
    /// The VSP's node does not take the fee transaction.
    CannotBroadcastFee = 15,
    /// The VSP's node does not know the coins that pay the fee yet.
    CannotBroadcastFeeUnknownOutputs = 16,
    /// The timestamp is not above that of the last change.
    InvalidTimestamp = 17,
}

/// A signed refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The code.
    pub code: ErrorCode,
    /// The VSP's words, printable characters only.
    message: String,
}

#[derive(Deserialize)]
struct Body {
    code: i64,
    message: String,
}

impl Refused {
    /// Reads an error response.
    ///
    /// # Errors
    /// [`ReplyError::Malformed`].
    pub fn read(response: &Signed) -> Result<Self, ReplyError> {
        let Body { code, message } = read(response)?;
        Ok(Self { code: ErrorCode::from_number(code), message: printable(&message) })
    }

    /// The VSP's own words, at most 200 printable ASCII characters of them.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}, \"{}\"", self.code.number(), self.message)
    }
}
