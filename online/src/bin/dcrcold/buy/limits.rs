//! What a signer's owner has to raise before it takes a request.

use dcrcold::chain::PriceWindow;
use dcrcold::wallet::purchase::Prepared;
use dcrcold_core::amount::Amount;
use dcrcold_core::rule::{Figure, Refusal, Rule};

use crate::context::Context;
use crate::window::above;

/// Says which limits of a new signer a request is beyond, and how its owner raises all of them.
pub(super) fn tell(context: &Context, prepared: &Prepared, price: &PriceWindow) {
    let beyond = &prepared.beyond_default_limits;
    for refusal in beyond {
        context.tell(format_args!("note: a signer with the limits of a new one refuses this: {refusal}"));
    }
    let options: Vec<_> = beyond.iter().filter_map(|refusal| option(refusal, prepared, price)).collect();
    if !options.is_empty() {
        let limits = if options.len() == 1 { "limit" } else { "limits" };
        let command = format!("dcrcold-signer limits {}", options.join(" "));
        context.tell(format_args!("note: if it is meant, raise the {limits} there: {command}"));
    }
}

/// The option of `dcrcold-signer limits` that lets a request pass, with the least value that does.
fn option(refusal: &Refusal, prepared: &Prepared, price: &PriceWindow) -> Option<String> {
    let found = match refusal.found {
        Figure::Atoms(atoms) => dcr(atoms),
        Figure::Number(number) | Figure::Rate(number) => number.to_string(),
        _ => String::new(),
    };
    Some(match (refusal.rule, refusal.found) {
        (Rule::AmountAboveLimit, _) => format!("--ticket {found}"),
        (Rule::TicketsAboveLimit, _) => format!("--tickets {found}"),
        (Rule::TotalAboveLimit, _) => format!("--total {found}"),
        (Rule::FeeAboveLimit, Figure::Rate(_)) => format!("--fee-rate {found}"),
        (Rule::FeeAboveLimit, _) => format!("--fee {found}"),
        (Rule::PurseAboveLimit, _) => format!("--purse {found}"),
        // The core compares what a ticket locks, and the expiry as a height.
        (Rule::HeadroomAboveLimit, _) => format!("--headroom {:#}", above(prepared.amount, price.next)),
        (Rule::ExpiryTooFar, _) => format!("--expiry {}", prepared.expiry.above(price.tip.height)?),
        _ => return None,
    })
}

fn dcr(atoms: u64) -> String {
    Amount::from_atoms(atoms).map(|amount| format!("{amount:#}")).unwrap_or_default()
}
