//! Puts the values of each kind of request into their places.

use super::row::{Row, amount, index, input, key_path, one};
use crate::amount::{FeeRate, Height};
use crate::hash::{Fingerprint, Hash160};
use crate::request::{Funding, Output, PurchaseRequest, Purse, Recipient, RegisterRequest, Rest, SendRequest, Voting};
use crate::rule::{Figure, Refusal, Rule};
use crate::script::Payee;

pub(super) const KEY_ACCOUNT: u64 = 0;
pub(super) const KEY_INPUTS: u64 = 1;
pub(super) const KEY_TICKETS_OR_OUTPUTS: u64 = 2;
pub(super) const KEY_AMOUNT: u64 = 3;
pub(super) const KEY_FEE_RATE: u64 = 4;
pub(super) const KEY_INTERNAL: u64 = 5;
pub(super) const KEY_VOTER: u64 = 6;
pub(super) const KEY_FOREIGN: u64 = 7;
pub(super) const KEY_PURSE: u64 = 8;
pub(super) const KEY_EXPIRY: u64 = 9;
pub(super) const KEY_CLAIM: u64 = 10;
pub(super) const KEY_LABEL: u64 = 11;
pub(super) const KEY_FORM: u64 = 12;
pub(super) const KEY_PARENTS: u64 = 13;

pub(super) fn commit_purchase<const INPUTS: usize, const TICKETS: usize>(
    purchase: &mut PurchaseRequest<INPUTS, TICKETS>,
    key: u64,
    row: &Row,
) -> Result<(), Refusal> {
    let [number, second, ..] = row.numbers;
    match key {
        KEY_INPUTS => purchase.spending.inputs.push(input(row)?).map_err(|_| Rule::TooLarge)?,
        KEY_TICKETS_OR_OUTPUTS => purchase.tickets = tickets::<TICKETS>(number)?,
        KEY_AMOUNT => purchase.amount = amount(number, Rule::AmountAboveLimit)?,
        KEY_FEE_RATE => purchase.fee_rate = FeeRate::from_atoms_per_kb(number),
        KEY_INTERNAL => purchase.first_internal = index(number)?,
        KEY_VOTER => {
            let fingerprint = Fingerprint::from_bytes(row.array()?);
            purchase.voting = Voting::Voter { fingerprint, first: index(number)? };
        }
        KEY_FOREIGN => match &mut purchase.voting {
            Voting::Foreign(hashes) => {
                hashes.push(Hash160::from_bytes(row.array()?)).map_err(|_| Rule::TicketsAboveLimit)?;
            }
            Voting::Voter { .. } => return Err(Rule::NotCanonical.into()),
        },
        KEY_PURSE => {
            purchase.purse = Some(Purse { amount: amount(number, Rule::PurseAboveLimit)?, index: index(second)? });
        }
        KEY_EXPIRY => {
            let refusal = Refusal::new(Rule::ExpiryTooFar).found(Figure::Number(number));
            purchase.expiry = Height(u32::try_from(number).map_err(|_| refusal)?);
        }
        KEY_FORM => {
            one(number)?;
            purchase.funding = Funding::Direct;
        }
        _ => return Err(Rule::NotCanonical.into()),
    }
    Ok(())
}

fn tickets<const TICKETS: usize>(number: u64) -> Result<u32, Refusal> {
    let room = TICKETS as u64;
    let refusal = Refusal::new(Rule::TicketsAboveLimit).found(Figure::Number(number)).expected(Figure::Number(room));
    u32::try_from(number).ok().filter(|_| number <= room).ok_or(refusal)
}

pub(super) fn commit_send<const INPUTS: usize, const TICKETS: usize>(
    send: &mut SendRequest<INPUTS, TICKETS>,
    key: u64,
    row: &Row,
) -> Result<(), Refusal> {
    let [number, ..] = row.numbers;
    match key {
        KEY_INPUTS => send.spending.inputs.push(input(row)?).map_err(|_| Rule::TooLarge)?,
        KEY_TICKETS_OR_OUTPUTS => {
            let output = output(row)?;
            one_voter(send.outputs.as_slice(), &output)?;
            send.outputs.push(output).map_err(|_| Rule::TooLarge)?;
        }
        KEY_FEE_RATE => send.fee_rate = FeeRate::from_atoms_per_kb(number),
        KEY_INTERNAL => send.rest = Rest::Change(index(number)?),
        KEY_FORM => one(number)?,
        _ => return Err(Rule::NotCanonical.into()),
    }
    Ok(())
}

/// A send pays the purse of one voter at most, so that the review can name it.
fn one_voter(before: &[Output], output: &Output) -> Result<(), Refusal> {
    let voter = |output: &Output| match output.recipient {
        Recipient::Purse { fingerprint, .. } => Some(fingerprint),
        Recipient::Address(_) => None,
    };
    let Some(fingerprint) = voter(output) else { return Ok(()) };
    let other = before.iter().filter_map(voter).any(|known| known != fingerprint);
    if other { Err(Rule::NotCanonical.into()) } else { Ok(()) }
}

fn output(row: &Row) -> Result<Output, Refusal> {
    let [kind, second, third, _] = row.numbers;
    let (recipient, atoms) = match (kind, row.count) {
        (0, 2) => (Recipient::Address(Payee::KeyHash(Hash160::from_bytes(row.array()?))), second),
        (1, 2) => (Recipient::Address(Payee::ScriptHash(Hash160::from_bytes(row.array()?))), second),
        (2, 3) => {
            let fingerprint = Fingerprint::from_bytes(row.array()?);
            (Recipient::Purse { fingerprint, index: index(second)? }, third)
        }
        _ => return Err(Rule::NotCanonical.into()),
    };
    Ok(Output { recipient, amount: amount(atoms, Rule::AmountOverflow)? })
}

pub(super) fn commit_register<const TICKETS: usize>(
    register: &mut RegisterRequest<TICKETS>,
    key: u64,
    row: &Row,
) -> Result<(), Refusal> {
    let [number, second, ..] = row.numbers;
    match key {
        KEY_INPUTS => register.paths.push(key_path(number, second)?).map_err(|_| Rule::TicketsAboveLimit)?,
        KEY_VOTER => {
            register.fingerprint = Fingerprint::from_bytes(row.array()?);
            register.first = index(number)?;
        }
        _ => return Err(Rule::NotCanonical.into()),
    }
    Ok(())
}
