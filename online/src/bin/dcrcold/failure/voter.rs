//! What errors of voters mean to a person: who votes here, what with, and a ticket given to a dcrwallet.

use dcrcold::chain::dcrd::RpcError;
use dcrcold::voter::choices::ChoicesError;
use dcrcold::voter::{HandOffError, MetricsError, VoterError};
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::voter::FreshVoterError;

use super::{Explained, NO_CHAIN, chain};
use crate::voter::HOT_KEYS;

impl From<VoterError> for Explained {
    fn from(error: VoterError) -> Self {
        match error {
            VoterError::HotKeys(error) => error.into(),
            VoterError::Chain(error) => error.into(),
            VoterError::File(error) => error.into(),
            VoterError::Choices(error) => error.into(),
            VoterError::Busy { .. } => {
                let failure = Failure::new(FailureKind::Failed, &error);
                Self(failure.hint("one voter serves all hot keys of a folder; dcrcold voter status shows how it is"))
            }
            VoterError::OtherNetwork { .. } => {
                Self(Failure::new(FailureKind::Malformed, &error).hint("keep the voters of each network in a folder"))
            }
            VoterError::NotAMemory { .. } => {
                let failure = Failure::new(FailureKind::Malformed, &error);
                Self(failure.hint("move the file away: tickets are found on the chain again"))
            }
            VoterError::NotOurs { .. } => {
                let failure = Failure::new(FailureKind::Failed, chain(&error));
                Self(failure.hint("name the voter that the ticket was bought under with --voter"))
            }
            VoterError::NoVoters => Self(Failure::new(FailureKind::Failed, chain(&error)).hint(HOT_KEYS)),
            VoterError::Headers { .. }
            | VoterError::NotInBlock { .. }
            | VoterError::OtherBlock { .. }
            | VoterError::Block(_) => Self(Failure::new(FailureKind::Failed, chain(&error)).hint(NO_CHAIN)),
            VoterError::NotATicket(_)
            | VoterError::Transaction(_)
            | VoterError::Keys(_)
            | VoterError::Build(_)
            | VoterError::Sign(_)
            | VoterError::Memory(_) => Self(Failure::new(FailureKind::Failed, chain(&error))),
            _ => Self(Failure::new(FailureKind::Failed, chain(&error))),
        }
    }
}

impl From<ChoicesError> for Explained {
    fn from(error: ChoicesError) -> Self {
        match error {
            ChoicesError::File(error) => error.into(),
            ChoicesError::Malformed { .. } => {
                Self(Failure::new(FailureKind::Malformed, &error).hint("move the file away and set the choices anew"))
            }
            ChoicesError::UnknownAgenda { .. } | ChoicesError::UnknownChoice { .. } => {
                Self(Failure::new(FailureKind::Usage, &error))
            }
            _ => Self(Failure::new(FailureKind::Failed, &error)),
        }
    }
}

impl From<MetricsError> for Explained {
    fn from(error: MetricsError) -> Self {
        match error {
            MetricsError::NotLoopback { .. } => Self(Failure::new(FailureKind::Usage, &error)),
            MetricsError::Listen { .. } => {
                Self(Failure::new(FailureKind::Failed, &error).hint("name another port with --metrics 127.0.0.1:PORT"))
            }
            _ => Self(Failure::new(FailureKind::Failed, &error)),
        }
    }
}

impl From<FreshVoterError> for Explained {
    fn from(error: FreshVoterError) -> Self {
        match error {
            FreshVoterError::Seed(error) => Self(error.into()),
            FreshVoterError::Keys(error) => Self(error.into()),
            _ => Self(Failure::new(FailureKind::Failed, &error)),
        }
    }
}

impl From<HandOffError> for Explained {
    fn from(error: HandOffError) -> Self {
        let failure = Failure::new(FailureKind::Network, &error);
        Self(match error {
            HandOffError::Rpc(RpcError::Connect { .. }) => {
                failure.hint("is dcrwallet running, and is this its RPC address? see --dcrwallet")
            }
            HandOffError::Rpc(RpcError::CertificateDiffers { .. }) => {
                failure.hint("name the file rpc.cert of this dcrwallet with --dcrwallet-cert, if you trust the server")
            }
            HandOffError::Rpc(RpcError::LoginRefused { .. } | RpcError::ClosedUnanswered { .. }) => {
                failure.hint("check --dcrwallet-user and --dcrwallet-password-file")
            }
            HandOffError::Locked => failure.hint("unlock it with its passphrase, or start it with --pass"),
            HandOffError::DoesNotVote { .. } => failure.hint("start it with --enablevoting"),
            HandOffError::KeyMissing { .. } | HandOffError::TicketMissing { .. } => {
                failure.hint("what to type there is printed by: dcrcold voter wif TICKET")
            }
            HandOffError::Rpc(_) => failure,
            _ => failure,
        })
    }
}
