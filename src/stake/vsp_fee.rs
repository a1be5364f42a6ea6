//! The fee that a VSP with a given percentage asks for a ticket.
//!
//! Source: dcrwallet `wallet/txrules/poolfees.go`.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;

use super::subsidy::{SubsidySplit, reduced, vote_subsidy_with};
use crate::percent::Percent;

/// What a VSP's percentage applies to.
#[derive(Clone, Copy, Debug)]
pub struct FeeBasis {
    /// The price of the ticket.
    pub price: Amount,
    /// The transaction fee of the ticket.
    pub ticket_fee: Amount,
    /// The height at which the subsidy is taken.
    pub height: Height,
    /// The split of the subsidy.
    pub split: SubsidySplit,
}

/// The fee for a percentage: that part of the reward which a ticket earns on average.
///
/// A ticket takes a while to vote, so the subsidy is taken some reductions later. `None` above 21,000,000 DCR.
#[must_use]
pub fn vsp_fee(network: Network, basis: &FeeBasis, percent: Percent) -> Option<Amount> {
    let params = network.params();
    let reductions = params.ticket_pool_size.div_ceil(params.subsidy_reduction_interval);
    let subsidy = reduced(vote_subsidy_with(network, basis.height, basis.split).atoms(), reductions);
    let paid = basis.price.checked_add(basis.ticket_fee)?.atoms();
    let numerator = u128::from(percent.hundredths()) * u128::from(subsidy) * u128::from(paid);
    let denominator = u128::from(Percent::WHOLE.hundredths()) * (u128::from(subsidy) + u128::from(basis.price.atoms()));
    Amount::from_atoms(u64::try_from(numerator.checked_div(denominator)?).ok()?).ok()
}
