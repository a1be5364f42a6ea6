//! What errors of requests and answers mean to a person.

use dcrcold::prepare::PrepareError;
use dcrcold::wallet::CoinState;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold_signer::cli::{Failure, FailureKind};

use super::{Explained, UNSEEN};
use crate::late::waits;

impl From<PurchaseError> for Explained {
    fn from(error: PurchaseError) -> Self {
        match of_others(error) {
            Ok(explained) => explained,
            Err(error) => Self(hints(&error).into_iter().fold(Failure::new(kind(&error), &error), Failure::hint)),
        }
    }
}

/// Hands on what is an error of others.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest is explained below")]
fn of_others(error: PurchaseError) -> Result<Explained, PurchaseError> {
    use PurchaseError as E;
    match error {
        E::Wallet(error) => Ok(error.into()),
        E::Rebuild(error) => Ok(error.into()),
        E::Transfer(error) => Ok(error.into()),
        E::Chain(error) => Ok(error.into()),
        error => Err(error),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever has no kind of its own")]
const fn kind(error: &PurchaseError) -> FailureKind {
    use PurchaseError as E;
    match error {
        E::Behind { .. } | E::Unseen { .. } | E::Rejected { .. } => FailureKind::Network,
        E::Prepare(PrepareError::Dust { .. } | PrepareError::PaymentOverflow)
        | E::TooManyTickets { .. }
        | E::TooManyPayments { .. }
        | E::NoVoter
        | E::UnknownVoter { .. }
        | E::UnknownVsp { .. } => FailureKind::Usage,
        E::OtherNetwork { .. } | E::UnknownRequest { .. } => FailureKind::Malformed,
        E::ByRule(_) => FailureKind::Refused,
        _ => FailureKind::Failed,
    }
}

/// What can be done, where the error says with what.
#[expect(clippy::wildcard_enum_match_arm, reason = "the rest has the same hint whatever it names")]
fn hints(error: &PurchaseError) -> Vec<String> {
    use PurchaseError as E;
    match error {
        E::Rejected { sent, .. } => rejected(*sent),
        E::Waits { until: Some(until), .. } => vec![waits(until.0)],
        E::Replaced { by, .. } => vec![format!("carry that one out, or give it up: dcrcold cancel {by}")],
        E::StillFits { id } => vec![format!("send it with: dcrcold submit --kept {id}")],
        E::CoinsLeftOut { id } => {
            vec![format!("spend them first: dcrcold cancel {id} --spend FILE; then make a new request")]
        }
        error => usual_hint(error).map(str::to_owned).into_iter().collect(),
    }
}

/// What can be done. A price that does not fit, and tickets that expire, are what `late` has answers to.
const fn usual_hint(error: &PurchaseError) -> Option<&'static str> {
    use PurchaseError as E;
    Some(match error {
        E::Wallet(_) | E::Rebuild(_) | E::Transfer(_) | E::Chain(_) => return None,
        E::PriceRose { .. } | E::PriceUnsettled { .. } | E::Expired { .. } => return None,
        E::NoIndexLeft | E::Done { .. } | E::Worthless { .. } => return None,
        E::Rejected { .. } | E::Replaced { .. } | E::StillFits { .. } | E::CoinsLeftOut { .. } => return None,
        E::Prepare(reason) => return prepare_hint(reason),
        E::NotSynced => "bring the wallet up to the tip of the chain first: dcrcold sync",
        E::Behind { .. } => "the chain grows too fast to agree on a price: try again",
        E::NotSpendable { state: CoinState::Frozen, .. } => "let it be spent with: dcrcold coins thaw",
        E::NotSpendable { .. } | E::FromTreasury { .. } | E::NothingThere { .. } => {
            "dcrcold coins lists all coins and what keeps them"
        }
        E::NoPayments => "a newer signer does: export its watch file again",
        E::TooManyTickets { .. } | E::TooManyPayments { .. } => "make several requests",
        E::CoinGone { .. } => "make a new request; this one can no longer be carried out",
        E::Cancelled { .. } => "make a new request; nothing of this one was sent",
        E::Unseen { .. } => UNSEEN,
        E::Waits { .. } => "look again when it is mined: dcrcold sync",
        E::Busy { .. } => "run the same command again",
        E::ByRule(_) => "dcrcold auto show prints the rule",
        E::NoVoter => "name one of `dcrcold voter list` with --voter",
        E::UnknownVoter { .. } => "make the voter known with: dcrcold voter import FILE",
        E::OtherNetwork { .. } => "choose the right wallet with --wallet FILE",
        E::UnknownVsp { .. } => "look at the VSP and pin its key with: dcrcold vsp use ADDRESS",
        E::UnknownTicket { .. } => "see dcrcold tickets --json; after a purchase: dcrcold sync",
        E::NoVotingKey { .. } => {
            "a VSP must be given its voting key; make its voter known with: dcrcold voter import HOT-FILE"
        }
        E::NotRegistrable { .. } => "no VSP takes such a ticket; hot keys of yours vote with it: dcrcold voter run",
        E::UnknownRequest { .. } => {
            "dcrcold cancel lists the requests of this wallet; another wallet is chosen with --wallet FILE"
        }
        E::NotAPurchase { .. } => "dcrcold cancel lists the requests, and of what kind each is",
        E::NotAnswered { .. } => "have it signed, then hand its answer to: dcrcold submit ANSWER",
        E::Sent { .. } => "dcrcold sync and dcrcold tickets show what becomes of it",
        _ => return None,
    })
}

/// What can be done when no request can be made of the coins.
const fn prepare_hint(reason: &PrepareError) -> Option<&'static str> {
    match reason {
        PrepareError::Short { .. }
        | PrepareError::NoCoinsThatFit { .. }
        | PrepareError::PaymentShort { .. }
        | PrepareError::NothingLeft { .. }
        | PrepareError::NothingToJoin { .. } => {
            Some("dcrcold balance shows what is immature or in requests; dcrcold cancel lists the requests")
        }
        PrepareError::ParentMissing { .. } => Some("dcrcold doctor says what is wrong with the wallet's file"),
        PrepareError::Overflow { .. } | PrepareError::Dust { .. } | PrepareError::PaymentOverflow => None,
        _ => None,
    }
}

/// What is left to do after the network refused a transaction.
fn rejected(sent: usize) -> Vec<String> {
    let again = "the same command again sends what is missing, once the reason is gone".to_owned();
    let rest = match sent {
        0 => "or give the request up with dcrcold cancel ID".to_owned(),
        _ => format!("{sent} transactions were sent before; coins of tickets not sent stay in the wallet"),
    };
    vec![again, rest]
}
