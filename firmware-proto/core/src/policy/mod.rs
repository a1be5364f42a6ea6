//! What a signer refuses: named rules over parameters, parents and limits.
//!
//! Rules about one value alone are checked where the value is read (`request`), rules about sums where they are made
//! (`purchase`, `send`); here are the rules that compare a request with a signer's limits and with its claims.

mod limits;
mod warning;

use crate::amount::{Amount, FeeRate, Height};
use crate::fees;
use crate::path::Index;
use crate::request::{Claim, PurchaseRequest, Spending};

pub use crate::rule::{Figure, Part, Refusal, Rule};
pub use limits::Limits;
pub use warning::Warning;

/// One hundred percent, in the unit of the headroom limit.
const WHOLE: u64 = 10_000;

/// How far beyond the highest approved index a request may begin; a restore looks as far beyond the last key it finds.
pub const INDEX_REACH: u32 = 20;

/// Checks the parameters of a purchase that need neither keys nor sums.
///
/// # Errors
/// The first rule that is broken.
pub(crate) fn check_purchase<const INPUTS: usize, const TICKETS: usize>(
    request: &PurchaseRequest<INPUTS, TICKETS>,
    claim: &Claim,
    limits: &Limits,
) -> Result<(), Refusal> {
    if request.tickets == 0 {
        return Err(Rule::TicketsZero.into());
    }
    at_most(Rule::TicketsAboveLimit, request.tickets, limits.tickets)?;
    if request.amount == Amount::ZERO {
        return Err(Rule::AmountZero.into());
    }
    check_fee_rate(request.fee_rate, limits)?;
    check_expiry(request.expiry, claim.tip, limits)?;
    if let Some(purse) = request.purse {
        if purse.amount < fees::DUST {
            return Err(compare(Rule::PurseDust, purse.amount, fees::DUST));
        }
        amount_at_most(Rule::PurseAboveLimit, purse.amount, limits.purse)?;
    }
    Ok(())
}

/// Checks what one ticket locks.
///
/// # Errors
/// [`Rule::AmountAboveLimit`], [`Rule::HeadroomAboveLimit`].
pub(crate) fn check_locked(amount: Amount, claim: &Claim, limits: &Limits) -> Result<(), Refusal> {
    amount_at_most(Rule::AmountAboveLimit, amount, limits.ticket)?;
    let price = claim.price.unwrap_or_default();
    let allowed = u128::from(price.atoms()).saturating_mul(u128::from(WHOLE.saturating_add(limits.headroom.into())));
    if u128::from(amount.atoms()).saturating_mul(u128::from(WHOLE)) > allowed {
        let most = u64::try_from(allowed.div_euclid(u128::from(WHOLE))).unwrap_or(u64::MAX);
        return Err(compare(Rule::HeadroomAboveLimit, amount, Amount::from_atoms(most).unwrap_or_default()));
    }
    Ok(())
}

/// Checks what all tickets lock together.
///
/// # Errors
/// [`Rule::TotalAboveLimit`], [`Rule::AmountOverflow`].
pub(crate) fn check_total(total: Option<Amount>, limits: &Limits) -> Result<(), Refusal> {
    amount_at_most(Rule::TotalAboveLimit, total.ok_or(Rule::AmountOverflow)?, limits.total)
}

/// Checks the fee of a transaction.
///
/// # Errors
/// [`Rule::FeeAboveLimit`].
pub(crate) fn check_fee(fee: Amount, limits: &Limits) -> Result<(), Refusal> {
    amount_at_most(Rule::FeeAboveLimit, fee, limits.fee)
}

/// Checks that nodes relay an output.
///
/// # Errors
/// [`Rule::DustOutput`].
pub(crate) fn check_dust(amount: Amount) -> Result<(), Refusal> {
    if amount < fees::DUST { Err(compare(Rule::DustOutput, amount, fees::DUST)) } else { Ok(()) }
}

/// Checks a fee rate.
///
/// # Errors
/// [`Rule::FeeRateBelowRelay`], [`Rule::FeeAboveLimit`].
pub(crate) fn check_fee_rate(rate: FeeRate, limits: &Limits) -> Result<(), Refusal> {
    let refuse = |rule, bound: FeeRate| {
        let found = Figure::Rate(rate.atoms_per_kb());
        Err(Refusal::new(rule).found(found).expected(Figure::Rate(bound.atoms_per_kb())))
    };
    if rate < FeeRate::RELAY_MINIMUM {
        return refuse(Rule::FeeRateBelowRelay, FeeRate::RELAY_MINIMUM);
    }
    if rate > limits.fee_rate {
        return refuse(Rule::FeeAboveLimit, limits.fee_rate);
    }
    Ok(())
}

fn check_expiry(expiry: Height, tip: Height, limits: &Limits) -> Result<(), Refusal> {
    if expiry == Height(0) {
        return Err(Rule::ExpiryMissing.into());
    }
    let refuse = |rule, bound: Option<Height>| {
        let refusal = Refusal::new(rule).found(expiry.into());
        Err(bound.map_or(refusal, |bound| refusal.expected(bound.into())))
    };
    match expiry.above(tip) {
        None | Some(0) => refuse(Rule::ExpiryNotAfterClaim, tip.checked_add(1)),
        Some(blocks) if blocks > limits.expiry_distance => {
            refuse(Rule::ExpiryTooFar, tip.checked_add(limits.expiry_distance))
        }
        Some(_) => Ok(()),
    }
}

/// Checks that no output is spent twice.
///
/// # Errors
/// [`Rule::InputDuplicate`].
pub(crate) fn check_inputs<const INPUTS: usize>(spending: &Spending<INPUTS>) -> Result<(), Refusal> {
    let mut rest = spending.inputs.as_slice();
    let mut number = 0_u32;
    while let Some((first, others)) = rest.split_first() {
        if others.iter().any(|other| (other.parent, other.output) == (first.parent, first.output)) {
            return Err(Refusal::new(Rule::InputDuplicate).at(Part::Input(number)));
        }
        rest = others;
        number = number.saturating_add(1);
    }
    Ok(())
}

/// Checks that an index is at most [`INDEX_REACH`] beyond the highest approved one, which is the one below `end`.
///
/// # Errors
/// [`Rule::IndexTooFar`].
pub(crate) fn check_index(part: Part, index: Index, end: u32) -> Result<(), Refusal> {
    let beyond = end.saturating_add(INDEX_REACH);
    if index.number() < beyond {
        return Ok(());
    }
    let refusal = Refusal::new(Rule::IndexTooFar).at(part).found(index.number().into());
    Err(refusal.expected(beyond.saturating_sub(1).into()))
}

fn at_most(rule: Rule, found: u32, limit: u32) -> Result<(), Refusal> {
    if found <= limit { Ok(()) } else { Err(Refusal::new(rule).found(found.into()).expected(limit.into())) }
}

fn amount_at_most(rule: Rule, found: Amount, limit: Amount) -> Result<(), Refusal> {
    if found <= limit { Ok(()) } else { Err(compare(rule, found, limit)) }
}

fn compare(rule: Rule, found: Amount, bound: Amount) -> Refusal {
    Refusal::new(rule).found(found.into()).expected(bound.into())
}
