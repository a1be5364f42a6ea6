//! What each error means to a person: its exit code, and what can be done.

mod delegate;
mod device;
mod voter;
mod vsp;

use std::io::ErrorKind;

use dcrcold::auto::AutoError;
use dcrcold::chain::ChainError;
use dcrcold::chain::dcrd::{RpcError, SettingsError};
use dcrcold::chain::headers::HeaderError;
use dcrcold::chain::sim::SimError;
use dcrcold::chain::spv::{PeerError, SpvError, StartError};
use dcrcold::prepare::PrepareError;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::{CoinState, WalletError};
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::file::FileError;
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::TransferError;
use rusqlite::ErrorCode;

use vsp::OTHER_KEY;

/// What to look at when blocks seem to come from the future.
const CLOCK: &str = "is the clock of this computer right?";

/// What it means that nobody shows a transaction.
const UNSEEN: &str =
    "peers never say why: it may be on its way, and its coins stay with it; dcrcold sync announces it again";

/// Turns library errors into failures with exit codes and hints.
pub(crate) trait Explain<T> {
    /// The value, or the failure that a person is shown.
    fn explain(self) -> Result<T, Failure>;
}

impl<T, E: Into<Explained>> Explain<T> for Result<T, E> {
    fn explain(self) -> Result<T, Failure> {
        self.map_err(|error| error.into().0)
    }
}

/// The failure that a person is shown for an error.
pub(crate) fn explained(error: impl Into<Explained>) -> Failure {
    error.into().0
}

/// An error with its exit code and hints.
pub(crate) struct Explained(Failure);

impl From<Failure> for Explained {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<WalletError> for Explained {
    fn from(error: WalletError) -> Self {
        use WalletError as E;
        let failure = |kind| Failure::new(kind, &error);
        Self(match error {
            E::Database(ref database) => database_failure(failure(FailureKind::Failed), database),
            E::VoterRefused { .. } => failure(FailureKind::Refused),
            E::GenerationNotNewer { .. } => failure(FailureKind::Failed)
                .hint("on the cold side: dcrcold-signer export hot --generation NUMBER --out FILE"),
            E::VspKeyChanged { .. } => failure(FailureKind::Refused).hint(OTHER_KEY),
            E::Header { source: HeaderError::TooNew { .. }, .. } => failure(FailureKind::Network).hint(CLOCK),
            E::Chain(error) => return error.into(),
            E::Transfer(error) => return error.into(),
            E::Exists { .. } => failure(FailureKind::Failed).hint("choose another file with --wallet FILE"),
            E::Missing { .. } => failure(FailureKind::Failed).hint(
                "make one with: dcrcold wallet import FILE, where FILE is what dcrcold-signer export watch wrote",
            ),
            E::NotText { .. } => failure(FailureKind::Usage),
            E::UnknownCoin { .. } => failure(FailureKind::Usage).hint("dcrcold coins lists them"),
            E::ForeignAddress { .. } => failure(FailureKind::Usage).hint("dcrcold coins shows where coins lie"),
            E::AddressGap { .. } => failure(FailureKind::Failed)
                .hint("use the address that `dcrcold address` shows; after a payment to it there are new ones"),
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
            E::NotAWallet { .. } | E::Newer { .. } | E::Damaged { .. } => failure(FailureKind::Malformed),
            _ => failure(FailureKind::Failed),
        })
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

impl From<PurchaseError> for Explained {
    fn from(error: PurchaseError) -> Self {
        use PurchaseError as E;
        let failure = |kind| Failure::new(kind, &error);
        Self(match error {
            E::Wallet(error) => return error.into(),
            E::Rebuild(error) => return error.into(),
            E::Transfer(error) => return error.into(),
            E::Chain(error) => return error.into(),
            E::Prepare(
                PrepareError::Short { .. }
                | PrepareError::NoCoinsThatFit { .. }
                | PrepareError::PaymentShort { .. }
                | PrepareError::NothingLeft { .. }
                | PrepareError::NothingToJoin { .. },
            ) => failure(FailureKind::Failed)
                .hint("dcrcold balance shows what is immature or in requests; dcrcold cancel lists the requests"),
            E::Behind { .. } => {
                failure(FailureKind::Network).hint("the chain grows too fast to agree on a price: try again")
            }
            E::Prepare(PrepareError::Dust { .. } | PrepareError::PaymentOverflow) => failure(FailureKind::Usage),
            E::NotSpendable { state: CoinState::Frozen, .. } => {
                failure(FailureKind::Failed).hint("let it be spent with: dcrcold coins thaw")
            }
            E::NotSpendable { .. } | E::NothingThere { .. } => {
                failure(FailureKind::Failed).hint("dcrcold coins lists all coins and what keeps them")
            }
            E::NoPayments => failure(FailureKind::Failed).hint("a newer signer does: export its watch file again"),
            E::TooManyTickets { .. } | E::TooManyPayments { .. } => {
                failure(FailureKind::Usage).hint("make several requests")
            }
            E::NoVoter => failure(FailureKind::Usage).hint("name one of `dcrcold voter list` with --voter"),
            E::UnknownVoter { .. } => {
                failure(FailureKind::Usage).hint("make the voter known with: dcrcold voter import FILE")
            }
            E::OtherNetwork { .. } => {
                failure(FailureKind::Malformed).hint("choose the right wallet with --wallet FILE")
            }
            E::UnknownVsp { .. } => {
                failure(FailureKind::Usage).hint("look at the VSP and pin its key with: dcrcold vsp use ADDRESS")
            }
            E::UnknownTicket { .. } => {
                failure(FailureKind::Failed).hint("see dcrcold tickets --json; after a purchase: dcrcold sync")
            }
            E::NoVotingKey { .. } => failure(FailureKind::Failed)
                .hint("a VSP must be given its voting key; make its voter known with: dcrcold voter import HOT-FILE"),
            E::UnknownRequest { .. } => failure(FailureKind::Malformed)
                .hint("dcrcold cancel lists the requests of this wallet; another wallet is chosen with --wallet FILE"),
            E::PriceRose { .. } | E::Expired { .. } | E::CoinGone { .. } | E::Cancelled { .. } => {
                failure(FailureKind::Failed).hint("make a new request; nothing of this one was sent")
            }
            E::ByRule(_) => failure(FailureKind::Refused),
            E::Unseen { .. } => failure(FailureKind::Network).hint(UNSEEN),
            E::Rejected { sent, .. } => rejected(&failure(FailureKind::Network), sent),
            _ => failure(FailureKind::Failed),
        })
    }
}

/// What is left to do after the network refused a transaction.
fn rejected(failure: &Failure, sent: usize) -> Failure {
    let failure = failure.clone().hint("the same command again sends what is missing, once the reason is gone");
    if sent == 0 {
        failure.hint("or give the request up with dcrcold cancel ID")
    } else {
        failure.hint(format!("{sent} transactions were sent before; coins of tickets not sent stay in the wallet"))
    }
}

impl From<AutoError> for Explained {
    fn from(error: AutoError) -> Self {
        match error {
            AutoError::Wallet(error) => error.into(),
            AutoError::Purchase(error) => error.into(),
            AutoError::Chain(error) => error.into(),
            AutoError::File(error) => error.into(),
            error => Self(Failure::new(FailureKind::Failed, &error).hint("move that file elsewhere")),
        }
    }
}

impl From<RebuildError> for Explained {
    fn from(error: RebuildError) -> Self {
        Self(match &error {
            RebuildError::Refused(_) => Failure::new(FailureKind::Refused, &error),
            RebuildError::Answer(_) => Failure::new(FailureKind::Malformed, &error)
                .hint("nothing was sent; have the request signed again and take that answer"),
            _ => Failure::new(FailureKind::Failed, &error),
        })
    }
}

impl From<ChainError> for Explained {
    fn from(error: ChainError) -> Self {
        match &error {
            ChainError::Unseen { .. } => Self(Failure::new(FailureKind::Network, &error).hint(UNSEEN)),
            ChainError::Rejected { .. } => Self(Failure::new(FailureKind::Network, &error)),
            ChainError::Unavailable(source) if lacks_rights(source.as_ref()) => {
                let failure = Failure::new(FailureKind::Network, chain(&error));
                Self(failure.hint("voters need dcrd's full user: rpcuser, not rpclimituser"))
            }
            ChainError::Unavailable(source) if source.is::<SpvError>() => {
                let failure = Failure::new(FailureKind::Network, chain(&error));
                let failure = if blames_proxy(source.as_ref()) {
                    failure.hint("is the proxy running, and is this its address? see --proxy")
                } else {
                    failure.hint("try again later, or name other peers with --peer")
                };
                Self(if blames_clock(source.as_ref()) { failure.hint(CLOCK) } else { failure })
            }
            _ => Self(Failure::new(FailureKind::Network, chain(&error))),
        }
    }
}

impl From<StartError> for Explained {
    fn from(error: StartError) -> Self {
        Self(Failure::new(FailureKind::Failed, chain(&error)).hint("the file may be removed: it is fetched again"))
    }
}

/// Whether a peer was given up for headers from the future, and no other peer helped.
fn blames_clock(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(SpvError::NoneLeft { lost } | SpvError::NoProgress { lost }) => {
            lost.iter().any(|loss| loss.error.is_too_new())
        }
        _ => false,
    }
}

/// Whether the proxy kept the last peer away.
fn blames_proxy(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(SpvError::NoneLeft { lost }) => lost.last().is_some_and(|loss| matches!(*loss.error, PeerError::Proxy(_))),
        _ => false,
    }
}

/// Whether dcrd says that its limited user may not do this.
fn lacks_rights(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(RpcError::Refused { message, .. }) if message.contains("limited user"))
}

/// An error with its cause, where the cause says more.
fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl From<RpcError> for Explained {
    fn from(error: RpcError) -> Self {
        let failure = Failure::new(FailureKind::Network, &error);
        Self(match error {
            RpcError::Connect { .. } => failure.hint("is dcrd running, and is this its RPC address? see --dcrd"),
            RpcError::CertificateDiffers { .. } => {
                failure.hint("name the file rpc.cert of this dcrd with --dcrd-cert, if you trust the server")
            }
            RpcError::LoginRefused { .. } | RpcError::ClosedUnanswered { .. } => {
                failure.hint("check --dcrd-user and --dcrd-password-file, or rpcuser and rpcpass in dcrd.conf")
            }
            RpcError::OtherNetwork { .. } => {
                failure.hint("start dcrd for the wallet's network, or name another one with --dcrd")
            }
            _ => failure,
        })
    }
}

impl From<SettingsError> for Explained {
    fn from(error: SettingsError) -> Self {
        let failure = Failure::new(FailureKind::Failed, &error);
        Self(match error {
            SettingsError::NoLogin { daemon: "dcrwallet", .. } => {
                failure.hint("give --dcrwallet-user and --dcrwallet-password-file")
            }
            SettingsError::NoLogin { .. } => {
                failure.hint("give --dcrd-user and --dcrd-password-file, or set rpcuser and rpcpass in dcrd.conf")
            }
            SettingsError::Unreadable { .. } => failure.hint("name dcrd's certificate with --dcrd-cert FILE"),
            _ => failure,
        })
    }
}

impl From<TransferError> for Explained {
    fn from(error: TransferError) -> Self {
        Self(error.into())
    }
}

impl From<FileError> for Explained {
    fn from(error: FileError) -> Self {
        Self(error.into())
    }
}

impl From<SimError> for Explained {
    fn from(error: SimError) -> Self {
        Self(match &error {
            SimError::NotANetwork { .. } | SimError::Damaged(_) => Failure::new(FailureKind::Malformed, chain(&error)),
            SimError::Io { source, .. } if source.kind() == ErrorKind::NotFound => {
                Failure::new(FailureKind::Failed, chain(&error)).hint("make a network with: dcrcold demo new DIR")
            }
            _ => Failure::new(FailureKind::Failed, chain(&error)),
        })
    }
}
