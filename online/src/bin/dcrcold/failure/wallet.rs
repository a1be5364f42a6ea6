//! What errors of the wallet mean to a person.

use dcrcold::chain::headers::HeaderError;
use dcrcold::wallet::WalletError;
use dcrcold_signer::cli::{Failure, FailureKind};
use rusqlite::ErrorCode;

use super::vsp::OTHER_KEY;
use super::{CLOCK, Explained, NO_CHAIN};

impl From<WalletError> for Explained {
    fn from(error: WalletError) -> Self {
        match of_others(error) {
            Ok(explained) => explained,
            Err(error) => {
                let failure = Failure::new(kind(&error), &error);
                Self(match hint(&error) {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                })
            }
        }
    }
}

/// Hands on what is an error of others.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest is explained below")]
fn of_others(error: WalletError) -> Result<Explained, WalletError> {
    match error {
        WalletError::Chain(error) => Ok(error.into()),
        WalletError::Transfer(error) => Ok(error.into()),
        error => Err(error),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever has no kind of its own")]
const fn kind(error: &WalletError) -> FailureKind {
    use WalletError as E;
    match error {
        E::Newer { .. } | E::NotAWallet { .. } | E::Damaged { .. } => FailureKind::Malformed,
        E::NotText { .. } | E::UnknownCoin { .. } | E::ForeignAddress { .. } => FailureKind::Usage,
        E::VoterRefused { .. } | E::VspKeyChanged { .. } => FailureKind::Refused,
        E::OtherNetwork { .. }
        | E::OtherChain { .. }
        | E::SourceBehind { .. }
        | E::Header { .. }
        | E::FilterCount { .. }
        | E::Commitment(_)
        | E::OldFilters { .. }
        | E::Filter { .. }
        | E::OtherBlock { .. }
        | E::Block { .. } => FailureKind::Network,
        _ => FailureKind::Failed,
    }
}

/// What can be done.
const fn hint(error: &WalletError) -> Option<&'static str> {
    use WalletError as E;
    Some(match error {
        E::Chain(_) | E::Transfer(_) | E::File { .. } | E::NotText { .. } | E::Keys(_) => return None,
        E::Database(error) => return database_hint(error),
        E::Exists { .. } => "choose another file with --wallet FILE",
        E::JournalLeft { .. } => "it is a part of the wallet's file that was here: move it to where that went",
        E::Missing { .. } => {
            "make one with: dcrcold wallet import FILE, where FILE is what dcrcold-signer export watch wrote"
        }
        E::Newer { .. } => "bring this program up to date",
        E::NotAWallet { .. } | E::Damaged { .. } => {
            "name another file with --wallet FILE, or make a new wallet from the watch file"
        }
        E::UnknownCoin { .. } => "dcrcold coins lists them",
        E::ForeignAddress { .. } => "dcrcold coins shows where coins lie",
        E::AddressGap { .. } => {
            "use the address that `dcrcold address` shows; after a payment to it there are new ones"
        }
        E::VoterRefused { .. } => {
            "a voter has accounts of its own: the cold side exports it, or dcrcold voter new makes one"
        }
        E::GenerationNotNewer { .. } => "on the cold side: dcrcold-signer export hot --generation NUMBER --out FILE",
        E::VspKeyChanged { .. } => OTHER_KEY,
        E::Header { source: HeaderError::TooNew { .. }, .. } => CLOCK,
        E::OtherNetwork { .. } => "choose the source of the wallet's network",
        E::OtherChain { .. } => "if this is the right chain, make a new wallet from the watch file",
        E::SourceBehind { .. } => "wait until the source has caught up with the network, or use another one",
        E::Header { .. }
        | E::FilterCount { .. }
        | E::Commitment(_)
        | E::OldFilters { .. }
        | E::Filter { .. }
        | E::OtherBlock { .. }
        | E::Block { .. } => NO_CHAIN,
        _ => return None,
    })
}

/// What can be done about a wallet file that cannot be read or written.
#[expect(clippy::wildcard_enum_match_arm, reason = "SQLite's own words say the rest")]
const fn database_hint(error: &rusqlite::Error) -> Option<&'static str> {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return None };
    match failure.code {
        ErrorCode::DiskFull => Some("nothing was changed; make room and try again"),
        ErrorCode::SystemIoFailure => Some("nothing was changed; is the disk full?"),
        ErrorCode::DatabaseBusy => Some("another process is at work on the wallet; try again later"),
        ErrorCode::DatabaseCorrupt => {
            Some("make a new wallet from the watch file: the chain knows all coins and tickets")
        }
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly => {
            Some("may you write to this file and to the folder that it is in?")
        }
        _ => None,
    }
}
