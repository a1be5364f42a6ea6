//! What errors of requests and answers mean to a person.

use dcrcold::prepare::PrepareError;
use dcrcold::wallet::CoinState;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold_signer::cli::{Failure, FailureKind};

use super::{Explained, UNSEEN};
use crate::late::waits;

impl From<PurchaseError> for Explained {
    fn from(error: PurchaseError) -> Self {
        use PurchaseError as E;
        match error {
            E::Wallet(error) => return error.into(),
            E::Rebuild(error) => return error.into(),
            E::Transfer(error) => return error.into(),
            E::Chain(error) => return error.into(),
            _ => {}
        }
        let failure = |kind| Failure::new(kind, &error);
        Self(match &error {
            E::Prepare(reason) => prepare_failure(&error, reason),
            E::Behind { .. } => {
                failure(FailureKind::Network).hint("the chain grows too fast to agree on a price: try again")
            }
            E::NotSpendable { state: CoinState::Frozen, .. } => {
                failure(FailureKind::Failed).hint("let it be spent with: dcrcold coins thaw")
            }
            E::NotSpendable { .. } | E::FromTreasury { .. } | E::NothingThere { .. } => {
                failure(FailureKind::Failed).hint("dcrcold coins lists all coins and what keeps them")
            }
            E::NoPayments => failure(FailureKind::Failed).hint("a newer signer does: export its watch file again"),
            E::TooManyTickets { .. } | E::TooManyPayments { .. } => {
                failure(FailureKind::Usage).hint("make several requests")
            }
            E::CoinGone { .. } | E::Cancelled { .. } => {
                failure(FailureKind::Failed).hint("make a new request; nothing of this one was sent")
            }
            E::Unseen { .. } => failure(FailureKind::Network).hint(UNSEEN),
            E::Replaced { by, .. } => {
                failure(FailureKind::Failed).hint(format!("carry that one out, or give it up: dcrcold cancel {by}"))
            }
            E::StillFits { .. } => failure(FailureKind::Failed).hint("send it with: dcrcold submit ANSWER"),
            E::Waits { until: Some(until), .. } => failure(FailureKind::Failed).hint(waits(until.0)),
            E::Waits { until: None, .. } => {
                failure(FailureKind::Failed).hint("look again when it is mined: dcrcold sync")
            }
            E::Busy { .. } => failure(FailureKind::Failed).hint("run the same command again"),
            E::CoinsLeftOut { id } => failure(FailureKind::Failed)
                .hint(format!("spend them first: dcrcold cancel {id} --spend FILE; then make a new request")),
            E::ByRule(_) => failure(FailureKind::Refused),
            E::Rejected { sent, .. } => rejected(&failure(FailureKind::Network), *sent),
            _ => unknown(&error),
        })
    }
}

/// What can be done when no request can be made of the coins.
fn prepare_failure(error: &PurchaseError, reason: &PrepareError) -> Failure {
    match reason {
        PrepareError::Short { .. }
        | PrepareError::NoCoinsThatFit { .. }
        | PrepareError::PaymentShort { .. }
        | PrepareError::NothingLeft { .. }
        | PrepareError::NothingToJoin { .. } => Failure::new(FailureKind::Failed, error)
            .hint("dcrcold balance shows what is immature or in requests; dcrcold cancel lists the requests"),
        PrepareError::Dust { .. } | PrepareError::PaymentOverflow => Failure::new(FailureKind::Usage, error),
        _ => Failure::new(FailureKind::Failed, error),
    }
}

/// What can be done about something that this wallet does not know.
fn unknown(error: &PurchaseError) -> Failure {
    use PurchaseError as E;
    let failure = |kind| Failure::new(kind, error);
    match error {
        E::NoVoter => failure(FailureKind::Usage).hint("name one of `dcrcold voter list` with --voter"),
        E::UnknownVoter { .. } => {
            failure(FailureKind::Usage).hint("make the voter known with: dcrcold voter import FILE")
        }
        E::OtherNetwork { .. } => failure(FailureKind::Malformed).hint("choose the right wallet with --wallet FILE"),
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
        _ => failure(FailureKind::Failed),
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
