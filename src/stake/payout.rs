//! How the coins of a ticket are shared out when it votes or is revoked.
//!
//! Source: dcrd `blockchain/stake/staketx.go` (`CalculateRewards`, `CalculateRevocationRewards`).

use dcrcold_core::amount::Amount;

use super::lottery::Hash256Prng;
use crate::block::BlockHeader;

/// What a vote pays to each commitment: price and subsidy in proportion to the contributions, rounded down.
///
/// What rounding leaves is the fee. `None` when the contributions are all zero or a sum exceeds 21,000,000 DCR.
#[must_use]
pub fn vote_payouts(price: Amount, subsidy: Amount, contributions: &[Amount]) -> Option<Vec<Amount>> {
    let total = u128::from(price.checked_add(subsidy)?.atoms());
    let whole = u128::from(Amount::checked_sum(contributions.iter().copied())?.atoms());
    let share = |contribution: &Amount| {
        // dcrd computes this in fixed point with 32 binary places, which round away to the same.
        let atoms = (total * u128::from(contribution.atoms())).checked_div(whole)?;
        Amount::from_atoms(u64::try_from(atoms).ok()?).ok()
    };
    contributions.iter().map(share).collect()
}

/// What a revocation made by a block pays to each commitment: the price in proportion, every atom of it.
///
/// Each atom that rounding leaves goes to an output drawn by the header of the block before, DCP0009.
/// `None` as for [`vote_payouts`].
#[must_use]
pub fn revocation_payouts(price: Amount, contributions: &[Amount], previous: &BlockHeader) -> Option<Vec<Amount>> {
    let mut payouts = vote_payouts(price, Amount::ZERO, contributions)?;
    let paid = Amount::checked_sum(payouts.iter().copied())?;
    let outputs = u32::try_from(payouts.len()).ok()?;
    let mut prng = Hash256Prng::new(&previous.encode());
    for _ in 0..price.checked_sub(paid)?.atoms() {
        let output = payouts.get_mut(prng.uniform(outputs) as usize)?;
        *output = output.checked_add(Amount::constant::<1>())?;
    }
    Some(payouts)
}
