//! What a block creates: the coinbase and the treasury base.
//!
//! Source: dcrd `internal/blockchain/validate.go` (`checkCoinbaseUniqueHeight`, `checkTransactionsAndConnect`),
//! `subsidy.go`.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_signer::stake::subsidy::{SubsidySplit, TreasuryShare, treasury_subsidy, work_subsidy};
use dcrcold_signer::tx::{Transaction, TxOut};

use super::genesis::ledger;
use super::params::SIMNET;
use super::violation::{Rule, Violation};

/// Checks that a coinbase names its height and takes no more than the subsidy for work and the fees.
pub(super) fn check_coinbase(tx: &Transaction, height: Height, voters: u16, fees: Amount) -> Result<(), Violation> {
    let claimed = tx.inputs.first().map(|input| input.value_in).unwrap_or_default();
    let subsidy = work_subsidy(Network::Simnet, height, voters, SubsidySplit::of_block(Network::Simnet, height));
    Rule::BadCoinbaseAmountIn.require(claimed == subsidy.into(), || {
        format!("coinbase claims a subsidy of {} atoms, it is {subsidy}", claimed.0)
    })?;
    if height.0 == 1 {
        return Rule::BlockOneOutputs.require(tx.outputs == ledger(), || "block 1 does not pay the ledger".into());
    }
    check_named_height(Rule::CoinbaseHeight, tx.outputs.first(), height)?;
    let fees = if height.0 < SIMNET.stake_validation_height {
        fees.atoms()
    } else {
        fees.atoms() * u64::from(voters) / u64::from(SIMNET.tickets_per_block)
    };
    let most = u128::from(subsidy.atoms()) + u128::from(fees);
    let paid: u128 = tx.outputs.iter().map(|output| u128::try_from(output.value.0).unwrap_or_default()).sum();
    Rule::BadCoinbaseValue.require(paid <= most, || format!("coinbase pays {paid} atoms, at most {most} are due"))
}

/// Checks that a treasury base names its height and creates what is due to the treasury.
pub(super) fn check_treasury_base(tx: &Transaction, height: Height, voters: u16) -> Result<(), Violation> {
    check_named_height(Rule::TreasurybaseHeight, tx.outputs.get(1), height)?;
    let due = treasury_subsidy(Network::Simnet, height, voters, TreasuryShare::Whole);
    let paid = tx.outputs.first().map(|output| output.value).unwrap_or_default();
    Rule::TreasurybaseOutValue
        .require(paid == due.into(), || format!("treasury base pays {} atoms, {due} are due", paid.0))?;
    let claimed = tx.inputs.first().map(|input| input.value_in).unwrap_or_default();
    Rule::BadTreasurybaseAmountIn
        .require(claimed == due.into(), || format!("treasury base claims {} atoms, {due} are due", claimed.0))
}

/// Checks that an output pushes at least four bytes, the first four being `height`.
fn check_named_height(rule: Rule, output: Option<&TxOut>, height: Height) -> Result<(), Violation> {
    let script = output.map_or(&[][..], |output| &output.script);
    let named = match script {
        [0x6a, length @ 4..=75, data @ ..] if data.len() == usize::from(*length) => data.first_chunk::<4>(),
        _ => None,
    };
    let named = named.map(|bytes| u32::from_le_bytes(*bytes));
    rule.require(named == Some(height.0), || format!("height {named:?} is named in block {height}"))
}
