//! What nodes ask of a transaction before they relay it, beyond what blocks may hold.
//!
//! As on mainnet: simnet nodes relay other forms too unless they are told not to.
//! Source: dcrd `internal/mempool/policy.go`.

use dcrcold_core::amount::{Amount, FeeRate, Height, Size};
use dcrcold_signer::tx::script::instructions;
use dcrcold_signer::tx::standard::StandardScript;
use dcrcold_signer::tx::{Transaction, TxKind, TxOut};

use super::coins::OP_RETURN;
use super::params::{HIGH_FEE_FACTOR, MAX_NULL_DATA, MAX_STANDARD_SIGNATURE_SCRIPT, MAX_STANDARD_SIZE};
use super::sanity::is_final;
use super::violation::{Rule, Violation};

/// `OP_16`, the last opcode that pushes.
const LAST_PUSH: u8 = 0x60;
/// The size of an input that spends a key hash, as far as dust is concerned.
const SPEND_SIZE: u64 = 165;
/// The size of an output without its script and the length of it.
const OUTPUT_OVERHEAD: u64 = 10;

/// Checks that a transaction has a standard form, in a block at `height` after blocks of median time `median`.
pub(super) fn check_standard(tx: &Transaction, kind: TxKind, height: Height, median: u32) -> Result<(), Violation> {
    let standard = Rule::NonStandard;
    standard.require(is_final(tx, height, median), || format!("lock time {} is not over", tx.lock_time))?;
    let size = tx.encode().len();
    standard.require(size <= MAX_STANDARD_SIZE, || {
        format!("transaction has {size} bytes, at most {MAX_STANDARD_SIZE} are relayed")
    })?;
    for (index, input) in tx.inputs.iter().enumerate() {
        let script = &input.signature_script;
        standard.require(script.len() <= MAX_STANDARD_SIGNATURE_SCRIPT, || {
            format!("signature script {index} has {} bytes, at most {MAX_STANDARD_SIGNATURE_SCRIPT}", script.len())
        })?;
        let pushes = instructions(script).all(|part| part.is_ok_and(|part| part.opcode.0 <= LAST_PUSH));
        standard.require(pushes, || format!("signature script {index} does not only push"))?;
    }
    check_outputs(tx, kind)
}

fn check_outputs(tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
    let mut data_outputs = 0;
    for (index, output) in tx.outputs.iter().enumerate() {
        match StandardScript::recognise(output.script_version, &output.script) {
            None => return Err(Rule::NonStandard.broken(format!("output {index} has no standard script"))),
            Some(StandardScript::NullData) => data_outputs += 1,
            Some(_) if kind == TxKind::Regular && is_dust(output) => {
                return Err(Rule::DustOutput.broken(format!("output {index} is worth {} atoms, dust", output.value.0)));
            }
            Some(_) => {}
        }
    }
    Rule::NonStandard.require(data_outputs <= MAX_NULL_DATA || kind != TxKind::Regular, || {
        format!("transaction has {data_outputs} outputs that carry data, at most {MAX_NULL_DATA}")
    })
}

/// Whether spending an output would cost more than a third of it.
fn is_dust(output: &TxOut) -> bool {
    let value = u64::try_from(output.value.0).unwrap_or_default();
    if value == 0 || output.script.first() == Some(&OP_RETURN) {
        return true;
    }
    let script = output.script.len() as u64;
    let length_size = if script < 0xfd { 1 } else { 3 };
    let size = OUTPUT_OVERHEAD + length_size + script + SPEND_SIZE;
    u128::from(value) * 1000 / u128::from(3 * size) < u128::from(FeeRate::RELAY_MINIMUM.atoms_per_kb())
}

/// Checks that a transaction of `size` bytes pays a fee that nodes relay, and one that is no mistake.
pub(super) fn check_fee(kind: TxKind, size: usize, fee: Amount) -> Result<(), Violation> {
    let least = relay_fee(size as u64);
    let pays = matches!(kind, TxKind::Regular | TxKind::Ticket);
    Rule::InsufficientFee.require(!pays || fee >= least, || {
        format!("transaction of {size} bytes pays a fee of {fee}, at least {least} is needed")
    })?;
    let most = relay_fee(size as u64 * HIGH_FEE_FACTOR);
    Rule::FeeTooHigh.require(fee <= most, || format!("transaction of {size} bytes pays a fee of {fee}, above {most}"))
}

fn relay_fee(size: u64) -> Amount {
    let size = Size(u32::try_from(size).unwrap_or(u32::MAX));
    FeeRate::RELAY_MINIMUM.fee(size).unwrap_or(Amount::constant::<{ dcrcold_core::amount::MAX_ATOMS }>())
}
