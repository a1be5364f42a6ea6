//! What it means to a person that a ticket does not go on with a VSP.

use dcrcold::delegate::{DelegateError, Refusal, SweepError};
use dcrcold_signer::cli::{Failure, FailureKind};

use super::vsp::ANOTHER_VSP;
use super::{CLOCK, Explained, UNSEEN, chain};

impl From<DelegateError> for Explained {
    fn from(error: DelegateError) -> Self {
        match error {
            DelegateError::Wallet(error) => error.into(),
            DelegateError::Ticket(error) => error.into(),
            DelegateError::Vsp(error) => error.into(),
            DelegateError::Refused(refusal) => Self(refused(&refusal)),
            DelegateError::Reply(_) => Self(Failure::new(FailureKind::Network, chain(&error)).hint(ANOTHER_VSP)),
            DelegateError::Keys(_) | DelegateError::Sign(_) => Self(Failure::new(FailureKind::Network, chain(&error))),
            _ => Self(Failure::new(FailureKind::Network, chain(&error))),
        }
    }
}

impl From<SweepError> for Explained {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Wallet(error) => error.into(),
            SweepError::Chain(error) => error.into(),
            SweepError::UnknownVoter { .. } => Self(
                Failure::new(FailureKind::Failed, &error)
                    .hint("make the voter known with: dcrcold voter import FILE, its hot file"),
            ),
            SweepError::Rejected { .. } => {
                Self(Failure::new(FailureKind::Network, &error).hint(
                    "if somebody else spends these coins, the next block shows it; then run the same command again",
                ))
            }
            SweepError::Unseen { .. } => Self(Failure::new(FailureKind::Network, &error).hint(UNSEEN)),
            SweepError::Elsewhere => Self(Failure::new(FailureKind::Failed, &error).hint("run the same command again")),
            SweepError::Keys(_) | SweepError::Sign(_) => Self(Failure::new(FailureKind::Failed, chain(&error))),
            _ => Self(Failure::new(FailureKind::Failed, chain(&error))),
        }
    }
}

/// What is against the terms is refused; a VSP that will do it later is the network's business; all else fails.
fn refused(refusal: &Refusal) -> Failure {
    let failure = |kind| Failure::new(kind, refusal);
    match refusal {
        Refusal::FeeRaised { .. } => {
            failure(FailureKind::Refused).hint("accept it with: dcrcold vsp use ADDRESS --accept-fee PERCENT")
        }
        Refusal::FeeAboveLimit { .. } => failure(FailureKind::Refused).hint("the limit is set with --max-fee"),
        Refusal::OtherNetwork { .. } | Refusal::FeeAboveExpected { .. } | Refusal::FeeGrew { .. } => {
            failure(FailureKind::Refused)
        }
        Refusal::Closed { .. } => {
            failure(FailureKind::Network).hint("another VSP needs nothing of the cold side: dcrcold vsp use ADDRESS")
        }
        Refusal::FeeFailed { .. } => failure(FailureKind::Network)
            .hint("the chain shows whether it is mined; its operator can be shown: dcrcold vsp evidence TICKET"),
        Refusal::PurseShort { .. } => failure(FailureKind::Failed)
            .hint("dcrcold balance shows what is in it; it goes on when more has arrived there"),
        Refusal::NoHotKeys { .. } => failure(FailureKind::Failed)
            .hint("a VSP must be given the ticket's own voting key: dcrcold voter import FILE, that voter's hot file"),
        Refusal::OwnerRegistered { voter } => {
            failure(FailureKind::Failed).hint(format!("go on with that key: --voter {voter}"))
        }
        Refusal::OtherKeyRegistered => failure(FailureKind::Failed)
            .hint("if it is one of another voter here, name that one with --voter; another VSP takes this key"),
        Refusal::NotRegistered => failure(FailureKind::Failed)
            .hint("a request for the cold side is written by: dcrcold vsp register --out FILE"),
        Refusal::ChoicesUnknown { .. } => {
            failure(FailureKind::Failed).hint("dcrcold vsp choices shows what is to be voted, and changes it")
        }
        Refusal::Elsewhere => failure(FailureKind::Failed).hint("run the same command again when it is done"),
        Refusal::ClockBehind { .. } => failure(FailureKind::Failed).hint(CLOCK),
        _ => failure(FailureKind::Failed),
    }
}
