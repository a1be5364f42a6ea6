//! What errors of VSPs mean to a person: their list, their answers, and what they are to vote.

use dcrcold::vsp::InfoError;
use dcrcold::vsp_client::{ListError, VspError};
use dcrcold::wallet::vsp_tickets::ChooseError;
use dcrcold_signer::cli::{Failure, FailureKind};

use super::{Explained, chain};

/// What to do about a VSP that does not work as it should.
pub(super) const ANOTHER_VSP: &str = "its operator can mend this; another VSP needs nothing of the cold side";

/// What to do about a VSP with another key.
pub(super) const OTHER_KEY: &str = "a VSP never changes its key: somebody else answers there, or it was set up anew; ask its operator, or use another VSP";

impl From<VspError> for Explained {
    fn from(error: VspError) -> Self {
        let failure = |kind| Failure::new(kind, &error);
        Self(match &error {
            VspError::Info { source: InfoError::OtherKey { .. }, .. } => failure(FailureKind::Refused).hint(OTHER_KEY),
            VspError::OnlyOverTor { .. } => failure(FailureKind::Usage).hint("name Tor's: --proxy 127.0.0.1:9050"),
            VspError::Refused { .. } if !error.is_temporary() => failure(FailureKind::Failed),
            VspError::Unreachable { .. } => failure(FailureKind::Network)
                .hint("is it online? Tor is used with --proxy; another VSP needs nothing of the cold side"),
            VspError::Refused { .. } => failure(FailureKind::Network).hint("run the same command again later"),
            VspError::TooLong { .. }
            | VspError::Unsigned { .. }
            | VspError::Signature { .. }
            | VspError::Info { .. }
            | VspError::Reply { .. } => failure(FailureKind::Network).hint(ANOTHER_VSP),
            _ => failure(FailureKind::Network),
        })
    }
}

impl From<ListError> for Explained {
    fn from(error: ListError) -> Self {
        let hint = "a VSP's address can be given without the list: dcrcold vsp use ADDRESS";
        Self(Failure::new(FailureKind::Network, chain(&error)).hint(hint))
    }
}

impl From<ChooseError> for Explained {
    fn from(error: ChooseError) -> Self {
        match error {
            ChooseError::Wallet(error) => error.into(),
            ChooseError::Preferences(_) | ChooseError::Ticket { .. } => Self(Failure::new(FailureKind::Usage, error)),
            _ => Self(Failure::new(FailureKind::Usage, error)),
        }
    }
}
