//! What errors of the wallet mean to a person.

use dcrcold::chain::headers::HeaderError;
use dcrcold::wallet::WalletError;
use dcrcold_signer::cli::{Failure, FailureKind};
use rusqlite::ErrorCode;

use super::vsp::OTHER_KEY;
use super::{CLOCK, Explained};

impl From<WalletError> for Explained {
    fn from(error: WalletError) -> Self {
        use WalletError as E;
        match error {
            E::Chain(error) => return error.into(),
            E::Transfer(error) => return error.into(),
            _ => {}
        }
        let failure = |kind| Failure::new(kind, &error);
        Self(match &error {
            E::Database(database) => database_failure(failure(FailureKind::Failed), database),
            E::Exists { .. } => failure(FailureKind::Failed).hint("choose another file with --wallet FILE"),
            E::Missing { .. } => failure(FailureKind::Failed).hint(
                "make one with: dcrcold wallet import FILE, where FILE is what dcrcold-signer export watch wrote",
            ),
            E::Newer { .. } => failure(FailureKind::Malformed).hint("bring this program up to date"),
            E::NotAWallet { .. } | E::Damaged { .. } => failure(FailureKind::Malformed)
                .hint("name another file with --wallet FILE, or make a new wallet from the watch file"),
            E::NotText { .. } => failure(FailureKind::Usage),
            E::UnknownCoin { .. } => failure(FailureKind::Usage).hint("dcrcold coins lists them"),
            E::ForeignAddress { .. } => failure(FailureKind::Usage).hint("dcrcold coins shows where coins lie"),
            E::AddressGap { .. } => failure(FailureKind::Failed)
                .hint("use the address that `dcrcold address` shows; after a payment to it there are new ones"),
            E::VoterRefused { .. } => failure(FailureKind::Refused)
                .hint("a voter has accounts of its own: the cold side exports it, or dcrcold voter new makes one"),
            E::GenerationNotNewer { .. } => failure(FailureKind::Failed)
                .hint("on the cold side: dcrcold-signer export hot --generation NUMBER --out FILE"),
            E::VspKeyChanged { .. } => failure(FailureKind::Refused).hint(OTHER_KEY),
            _ => chain_failure(&error),
        })
    }
}

/// What can be done about a source that does not fit the wallet, or sends what cannot be.
fn chain_failure(error: &WalletError) -> Failure {
    use WalletError as E;
    let failure = |kind| Failure::new(kind, error);
    match error {
        E::Header { source: HeaderError::TooNew { .. }, .. } => failure(FailureKind::Network).hint(CLOCK),
        E::OtherNetwork { .. } => failure(FailureKind::Network).hint("choose the source of the wallet's network"),
        E::OtherChain { .. } => {
            failure(FailureKind::Network).hint("if this is the right chain, make a new wallet from the watch file")
        }
        E::Header { .. }
        | E::FilterCount { .. }
        | E::Commitment(_)
        | E::OldFilters { .. }
        | E::Filter { .. }
        | E::OtherBlock { .. }
        | E::Block { .. } => {
            failure(FailureKind::Network).hint("what the source sends is not a valid chain: use another one")
        }
        _ => failure(FailureKind::Failed),
    }
}

/// What can be done about a wallet file that cannot be read or written.
fn database_failure(failure: Failure, error: &rusqlite::Error) -> Failure {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => failure.hint("nothing was changed; make room and try again"),
        Some(ErrorCode::SystemIoFailure) => failure.hint("nothing was changed; is the disk full?"),
        Some(ErrorCode::DatabaseBusy) => failure.hint("another process is at work on the wallet; try again later"),
        Some(ErrorCode::DatabaseCorrupt) => {
            failure.hint("make a new wallet from the watch file: the chain knows all coins and tickets")
        }
        _ => failure,
    }
}
