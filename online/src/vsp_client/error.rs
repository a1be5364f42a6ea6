//! What can go wrong between here and a VSP.

use crate::vsp::{Endpoint, ErrorCode, InfoError, Refused, ReplyError, ServerSignatureError, VspAddress};

/// Why a VSP could not be asked, or is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VspError {
    /// No connection, no answer in time, or one that broke off.
    #[error("{vsp} cannot be reached: {source}")]
    Unreachable {
        /// The VSP.
        vsp: VspAddress,
        /// What the HTTP client says.
        source: Box<ureq::Error>,
    },
    /// An onion service, and no proxy to reach it by.
    #[error("{vsp} is an onion service, which only a Tor proxy reaches")]
    OnlyOverTor {
        /// The VSP.
        vsp: VspAddress,
    },
    /// An answer longer than any honest one.
    #[error("answer of {vsp} is longer than {most} bytes")]
    TooLong {
        /// The VSP.
        vsp: VspAddress,
        /// The bound.
        most: u64,
    },
    /// An answer without a signature: from something in front of the VSP, or one that is just starting.
    #[error("{vsp} answers with HTTP status {status} and no signature")]
    Unsigned {
        /// The VSP.
        vsp: VspAddress,
        /// The HTTP status.
        status: u16,
    },
    /// An answer with a signature that is not the VSP's.
    #[error("answer of {vsp}: {source}")]
    Signature {
        /// The VSP.
        vsp: VspAddress,
        /// What is wrong with it.
        source: ServerSignatureError,
    },
    /// What the VSP says of itself is not believed.
    #[error("{vsp}: {source}")]
    Info {
        /// The VSP.
        vsp: VspAddress,
        /// What is wrong with it.
        source: InfoError,
    },
    /// A signed refusal.
    #[error("{vsp} refuses {endpoint}: {refused}")]
    Refused {
        /// The VSP.
        vsp: VspAddress,
        /// What was asked.
        endpoint: Endpoint,
        /// Its answer.
        refused: Refused,
    },
    /// A signed answer that makes no sense.
    #[error("answer of {vsp} to {endpoint}: {source}")]
    Reply {
        /// The VSP.
        vsp: VspAddress,
        /// What was asked.
        endpoint: Endpoint,
        /// What is wrong with it.
        source: ReplyError,
    },
}

impl VspError {
    /// Whether the same request may succeed later, without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Unsigned { status, .. } => *status >= 500 || *status == 429,
            Self::Refused { refused, endpoint, .. } => is_temporary(refused, *endpoint),
            Self::OnlyOverTor { .. }
            | Self::TooLong { .. }
            | Self::Signature { .. }
            | Self::Info { .. }
            | Self::Reply { .. } => false,
        }
    }

    /// The code of a signed refusal.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { refused, .. } => Some(refused.code),
            _ => None,
        }
    }
}

/// A node that has not seen the ticket or its coins yet will do so; a database or wallet will come back.
fn is_temporary(refused: &Refused, endpoint: Endpoint) -> bool {
    match refused.code {
        ErrorCode::InternalError
        | ErrorCode::CannotBroadcastTicket
        | ErrorCode::CannotBroadcastFee
        | ErrorCode::CannotBroadcastFeeUnknownOutputs
        // Another wallet of the same keys, or this one before it was made anew, had a clock that was ahead: time helps.
        | ErrorCode::InvalidTimestamp => true,
        // What vspd says while its node does not know the ticket, which it is handed without signatures.
        ErrorCode::BadRequest => {
            matches!(endpoint, Endpoint::SetAltSignAddress | Endpoint::FeeAddress)
                && refused.message().contains("ticket parent")
        }
        _ => false,
    }
}
