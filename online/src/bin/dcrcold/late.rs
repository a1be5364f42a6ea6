//! What can be done about an answer that is late.

use dcrcold::chain::ChainSource;
use dcrcold::plural::count;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::purchase::{Late, Misfit, PurchaseError, PurchaseState};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::Failure;

use crate::failure::explained;

/// Why a request could not be sent, with what can be done instead.
pub(crate) fn explain(wallet: &Wallet, source: &mut dyn ChainSource, id: &TransferId, error: PurchaseError) -> Failure {
    let failure = explained(error);
    match wallet.late(id, source) {
        Ok(late) => hints(&late, id, was_sent(wallet, id)).into_iter().fold(failure, Failure::hint),
        Err(_) => failure,
    }
}

/// Whether a request could not be sent because its price has not come. What was sent in part before is not looked at
/// first: the network refuses its tickets, or does not show them.
pub(crate) fn awaits_price(
    wallet: &Wallet,
    source: &mut dyn ChainSource,
    id: &TransferId,
    error: &PurchaseError,
) -> bool {
    let told = matches!(error, PurchaseError::PriceRose { .. } | PurchaseError::PriceUnsettled { .. });
    let refused = matches!(error, PurchaseError::Rejected { .. } | PurchaseError::Unseen { .. });
    told || refused
        && matches!(
            wallet.late(id, source),
            Ok(Late::SignAgain { why: Misfit::PriceRose { .. }, .. }
                | Late::NewSplit { why: Misfit::PriceRose { .. }, .. })
        )
}

/// Whether something of a request was sent, so that giving it up takes another transaction.
fn was_sent(wallet: &Wallet, id: &TransferId) -> bool {
    let records = wallet.purchases().unwrap_or_default();
    records.iter().any(|record| record.id == *id && record.state > PurchaseState::Answered)
}

fn hints(late: &Late, id: &TransferId, sent: bool) -> Vec<String> {
    let again = format!("dcrcold buy --again {id} --out FILE");
    match late {
        Late::Done | Late::Fits => Vec::new(),
        Late::Waits { .. } => vec!["look again when it is mined: dcrcold sync".to_owned()],
        Late::TicketWaits { until, .. } => vec![waits(until.0)],
        Late::Unsettled(_) => {
            vec!["nothing was sent; the same command sends it after the next block, if the price then fits".to_owned()]
        }
        Late::SignAgain { tickets, why } => {
            let mut hints =
                vec![format!("sign {} again, over the coins of the split: {again}", count(*tickets, "ticket"))];
            hints.extend(keep(why));
            hints
        }
        Late::NewSplit { tickets, why } => {
            let mut hints =
                vec![format!("split the coins of {} anew, for the price of now: {again}", count(*tickets, "ticket"))];
            hints.extend(keep(why));
            let spend = if sent { " --spend FILE" } else { "" };
            hints.push(format!("or give it up: dcrcold cancel {id}{spend}"));
            hints
        }
    }
}

/// What nodes do with a ticket that waits.
pub(crate) fn waits(until: u32) -> String {
    format!("they forget it when the price rises above it, and at block {until} at the latest; then: dcrcold sync")
}

/// Tickets that are not expired may still be mined when the price falls.
fn keep(why: &Misfit) -> Option<String> {
    let rose = matches!(why, Misfit::PriceRose { .. });
    rose.then(|| "or keep them until the price falls: the same command with --when-price-fits".to_owned())
}
