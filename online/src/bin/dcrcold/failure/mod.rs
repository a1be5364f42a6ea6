//! What each error means to a person: its exit code, and what can be done.
//!
//! Every match names every variant that there is, also those whose words say all that can be said, so that nobody forgets
//! to ask what can be done about a new one: the lint refuses a `_` that catches a variant of today. The libraries' enums
//! may grow, so there is a `_` nevertheless, which catches none.
#![warn(clippy::wildcard_enum_match_arm)]

mod delegate;
mod device;
mod purchase;
mod voter;
mod vsp;
mod wallet;

use std::io::ErrorKind;

use dcrcold::auto::AutoError;
use dcrcold::chain::ChainError;
use dcrcold::chain::dcrd::{RpcError, SettingsError};
use dcrcold::chain::sim::SimError;
use dcrcold::chain::spv::{PeerError, SpvError, StartError};
use dcrcold::pictures::PictureError;
use dcrcold::web::WebError;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::file::FileError;
use dcrcold_signer::rebuild::RebuildError;
use dcrcold_signer::transfer::TransferError;

/// What to look at when blocks seem to come from the future.
const CLOCK: &str = "is the clock of this computer right?";

/// What it means that nobody shows a transaction.
const UNSEEN: &str =
    "peers never say why: it may be on its way, and its coins stay with it; dcrcold sync announces it again";

/// What to do about a source whose blocks do not fit each other.
const NO_CHAIN: &str = "what the source sends is not a valid chain: use another one";

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

impl From<AutoError> for Explained {
    fn from(error: AutoError) -> Self {
        match error {
            AutoError::Wallet(error) => error.into(),
            AutoError::Purchase(error) => error.into(),
            AutoError::Chain(error) => error.into(),
            AutoError::File(error) => error.into(),
            AutoError::Occupied { .. } => {
                Self(Failure::new(FailureKind::Failed, &error).hint("move that file elsewhere"))
            }
            _ => Self(Failure::new(FailureKind::Failed, &error)),
        }
    }
}

impl From<RebuildError> for Explained {
    fn from(error: RebuildError) -> Self {
        Self(match &error {
            RebuildError::Refused(_) => Failure::new(FailureKind::Refused, &error),
            RebuildError::Answer(_) => Failure::new(FailureKind::Malformed, &error)
                .hint("nothing was sent; have the request signed again and take that answer"),
            RebuildError::Keys(_) | RebuildError::Built(_) => Failure::new(FailureKind::Failed, &error),
            _ => Failure::new(FailureKind::Failed, &error),
        })
    }
}

impl From<ChainError> for Explained {
    fn from(error: ChainError) -> Self {
        let failure = Failure::new(FailureKind::Network, chain(&error));
        Self(match &error {
            ChainError::Unavailable(source) => unavailable(failure, source.as_ref()),
            ChainError::Unseen { .. } => failure.hint(UNSEEN),
            ChainError::UnknownBlock { .. } => failure.hint("run the same command again: the chain may have changed"),
            ChainError::Rejected { .. } | ChainError::AlreadyKnown => failure,
            _ => failure,
        })
    }
}

/// What can be done when the chain cannot be asked.
fn unavailable(failure: Failure, source: &(dyn std::error::Error + 'static)) -> Failure {
    if let Some(error) = source.downcast_ref() {
        return rpc_hint(failure, error);
    }
    if !source.is::<SpvError>() {
        return failure;
    }
    let failure = match blames_proxy(source) {
        true => failure.hint("is the proxy running, and is this its address? see --proxy"),
        false => failure.hint("is this computer online? try again later, or name other peers with --peer"),
    };
    if blames_clock(source) { failure.hint(CLOCK) } else { failure }
}

impl From<StartError> for Explained {
    fn from(error: StartError) -> Self {
        Self(Failure::new(FailureKind::Failed, chain(&error)).hint("the file may be removed: it is fetched again"))
    }
}

/// Whether a peer was given up for headers from the future, and no other peer helped.
fn blames_clock(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(SpvError::NoneLeft { lost, .. } | SpvError::NoProgress { lost }) => {
            lost.iter().any(|loss| loss.error.is_too_new())
        }
        _ => false,
    }
}

/// Whether the proxy kept the last peer away.
fn blames_proxy(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref() {
        Some(SpvError::NoneLeft { lost, .. }) => {
            lost.last().is_some_and(|loss| matches!(*loss.error, PeerError::Proxy(_)))
        }
        _ => false,
    }
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
        Self(rpc_hint(Failure::new(FailureKind::Network, &error), &error))
    }
}

/// What can be done about a dcrd.
fn rpc_hint(failure: Failure, error: &RpcError) -> Failure {
    match error {
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
        RpcError::Tls { .. } | RpcError::NoWebsocket { .. } => failure.hint("is this dcrd's RPC address? see --dcrd"),
        RpcError::OtherVersion { .. } => failure.hint("bring the older of both programs up to date"),
        RpcError::Timeout { .. } | RpcError::Disconnected { .. } => {
            failure.hint("is dcrd still running? then run the same command again")
        }
        RpcError::Refused { message, .. } if message.contains("limited user") => {
            failure.hint("voters need dcrd's full user: rpcuser, not rpclimituser")
        }
        RpcError::Refused { .. } | RpcError::Malformed { .. } => failure,
        _ => failure,
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
            SettingsError::NotPem { .. } | SettingsError::BadValue { .. } | SettingsError::ClientCertificate { .. } => {
                failure
            }
            _ => failure,
        })
    }
}

impl From<PictureError> for Explained {
    fn from(error: PictureError) -> Self {
        let failure = Failure::new(FailureKind::Failed, &error);
        Self(match error {
            PictureError::TooLong { .. } => failure.hint("carry the file, or show it on a screen"),
            PictureError::Png(_) | PictureError::Gif(_) => failure,
            _ => failure,
        })
    }
}

impl From<WebError> for Explained {
    fn from(error: WebError) -> Self {
        let failure = Failure::caused(FailureKind::Failed, &error);
        Self(match error {
            WebError::Listen(_) | WebError::NoRandomness(_) => failure,
            _ => failure,
        })
    }
}

impl From<TransferError> for Explained {
    fn from(error: TransferError) -> Self {
        let failure: Failure = error.into();
        Self(match failure.hints() {
            [] => failure.hint("dcrcold-signer inspect FILE says what a file holds"),
            _ => failure,
        })
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
            SimError::Io { source, .. } if source.kind() == ErrorKind::AlreadyExists => {
                Failure::new(FailureKind::Failed, chain(&error)).hint("choose another folder: there is a network in it")
            }
            SimError::Io { .. } | SimError::Violation(_) | SimError::TooDeep { .. } => {
                Failure::new(FailureKind::Failed, chain(&error))
            }
            _ => Failure::new(FailureKind::Failed, chain(&error)),
        })
    }
}
