//! What is asked of a transaction without looking at what it spends.
//!
//! Source: dcrd `blockchain/standalone/tx.go` (`CheckTransactionSanity`), `internal/blockchain/validate.go`
//! (`checkTransactionContext`, `IsFinalizedTransaction`).

use std::collections::HashSet;
use std::ops::RangeInclusive;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::script::{OP_SSTX, OP_SSTXCHANGE, OP_TGEN};
use dcrcold_signer::tx::script::instructions;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, TxKind};

use super::params::{LOCK_TIME_THRESHOLD, MAX_TX_SIZE, REVOCATION_VERSION, STAKEBASE_SCRIPT, TREASURY_VERSION};
use super::violation::{Rule, Violation};

/// `OP_TADD`, the first of the treasury opcodes; the last is `OP_TGEN`.
const OP_TADD: u8 = 0xc1;

/// The lengths that the signature script of a coinbase may have.
const COINBASE_SCRIPT: RangeInclusive<usize> = 2..=100;

/// Checks a transaction of `kind` on its own.
pub(super) fn check(tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
    Rule::NoTxInputs.require(!tx.inputs.is_empty(), || "transaction has no inputs".into())?;
    Rule::NoTxOutputs.require(!tx.outputs.is_empty(), || "transaction has no outputs".into())?;
    let size = tx.encode().len();
    Rule::TxTooBig.require(size <= MAX_TX_SIZE, || format!("transaction has {size} bytes, at most {MAX_TX_SIZE}"))?;
    check_values(tx)?;
    check_distinct(tx)?;
    check_kind(tx, kind)
}

fn check_values(tx: &Transaction) -> Result<(), Violation> {
    let mut sum = Amount::ZERO;
    for (index, output) in tx.outputs.iter().enumerate() {
        let value =
            output.value.amount().map_err(|error| Rule::BadTxOutValue.broken(format!("output {index}: {error}")))?;
        sum = sum
            .checked_add(value)
            .ok_or_else(|| Rule::BadTxOutValue.broken(format!("outputs 0 to {index} exceed 21,000,000 DCR")))?;
    }
    for (index, input) in tx.inputs.iter().enumerate() {
        let fine = input.value_in == RawValue::UNKNOWN || input.value_in.amount().is_ok();
        Rule::FraudAmountIn.require(fine, || format!("input {index} claims a value of {} atoms", input.value_in.0))?;
    }
    Ok(())
}

fn check_distinct(tx: &Transaction) -> Result<(), Violation> {
    let mut seen = HashSet::new();
    match tx.inputs.iter().find(|input| !seen.insert(input.previous)) {
        Some(twice) => Err(Rule::DuplicateTxInputs.broken(format!("output {} is spent twice", twice.previous))),
        None => Ok(()),
    }
}

fn check_kind(tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
    let version = tx.version;
    Rule::TxVersionTooHigh.require(version <= TREASURY_VERSION, || {
        format!("transaction version is {version}, at most {TREASURY_VERSION}")
    })?;
    match kind {
        TxKind::Vote => {
            let script = tx.inputs.first().map(|input| input.signature_script.as_slice());
            Rule::BadStakebaseScrVal.require(script == Some(&STAKEBASE_SCRIPT), || {
                "the first input of a vote must have the signature script 0000".into()
            })?;
            check_not_null(tx, 1)
        }
        TxKind::Revocation => {
            Rule::InvalidRevocationTxVersion.require(version == REVOCATION_VERSION, || {
                format!("revocation has version {version}, expected {REVOCATION_VERSION}")
            })?;
            check_not_null(tx, 0)
        }
        TxKind::Coinbase => {
            let length = tx.inputs.first().map_or(0, |input| input.signature_script.len());
            Rule::BadCoinbaseScriptLen.require(COINBASE_SCRIPT.contains(&length), || {
                format!("signature script of the coinbase has {length} bytes, expected 2 to 100")
            })
        }
        TxKind::TreasuryBase => Ok(()),
        TxKind::Ticket => check_not_null(tx, 0),
        TxKind::Regular => {
            check_not_null(tx, 0)?;
            check_plain_outputs(tx)
        }
        TxKind::TreasuryAdd | TxKind::TreasurySpend => {
            Err(Rule::Unsupported.broken("this network knows no treasury transactions"))
        }
    }
}

/// Checks that the inputs from `first` on spend something.
fn check_not_null(tx: &Transaction, first: usize) -> Result<(), Violation> {
    match tx.inputs.iter().skip(first).position(|input| input.previous == OutPoint::NONE) {
        Some(index) => Err(Rule::BadTxInput.broken(format!("input {} spends nothing", index + first))),
        None => Ok(()),
    }
}

/// Checks that the outputs of a payment have scripts of version 0 without a stake opcode.
fn check_plain_outputs(tx: &Transaction) -> Result<(), Violation> {
    for (index, output) in tx.outputs.iter().enumerate() {
        let version = output.script_version;
        Rule::ScriptVersionTooHigh
            .require(version == 0, || format!("output {index} has script version {version}, expected 0"))?;
        for instruction in instructions(&output.script) {
            let instruction =
                instruction.map_err(|error| Rule::ScriptMalformed.broken(format!("output {index}: {error}")))?;
            let stake = matches!(instruction.opcode.0, OP_SSTX..=OP_SSTXCHANGE | OP_TADD..=OP_TGEN);
            Rule::RegTxCreateStakeOut.require(!stake, || {
                format!("output {index} of a payment has the stake opcode {}", instruction.opcode)
            })?;
        }
    }
    Ok(())
}

/// Whether a transaction with an expiry may no longer be in a block at `height`.
pub(super) fn is_expired(tx: &Transaction, height: Height) -> bool {
    tx.expiry != 0 && height.0 >= tx.expiry
}

/// Whether the lock time lets a transaction into a block at `height`, after blocks of median time `median`.
pub(super) fn is_final(tx: &Transaction, height: Height, median: u32) -> bool {
    let now = if tx.lock_time < LOCK_TIME_THRESHOLD { height.0 } else { median };
    tx.lock_time == 0 || tx.lock_time < now || tx.inputs.iter().all(|input| input.sequence == u32::MAX)
}
