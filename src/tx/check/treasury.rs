//! Treasury transactions. Nothing here makes or checks one, so yes or no is enough, and whose key a spend shows.

use dcrcold_core::script::StakeTag;

use super::{TREASURY_VERSION, is_tagged, spends_nothing};
use crate::tx::{OutPoint, Transaction, TxOut, opcode};

/// `OP_DATA_64`, a Schnorr signature, `OP_DATA_33`, a key, `OP_TSPEND`.
const SPEND_SCRIPT: usize = 100;
const KEY_LENGTH: u8 = 33;
const SIGNATURE_LENGTH: u8 = 64;

/// Whether `tx` gives coins to the treasury.
#[must_use]
pub fn is_treasury_add(tx: &Transaction) -> bool {
    let fits = match tx.outputs.as_slice() {
        [add] => is_add(add),
        [add, change] => is_add(add) && is_tagged(change, StakeTag::Change),
        _ => false,
    };
    fits && tx.version == TREASURY_VERSION && !tx.inputs.is_empty()
}

/// Whether `tx` takes coins from the treasury.
#[must_use]
pub fn is_treasury_spend(tx: &Transaction) -> bool {
    let ([input], [data, payouts @ ..]) = (tx.inputs.as_slice(), tx.outputs.as_slice()) else { return false };
    tx.version == TREASURY_VERSION
        && !payouts.is_empty()
        && is_spend_script(&input.signature_script)
        && is_data(data, 32)
        && payouts.iter().all(|payout| is_tagged(payout, StakeTag::Treasury))
}

/// The key that signed a treasury spend; `None` for any other transaction.
#[must_use]
pub fn treasury_spend_key(tx: &Transaction) -> Option<[u8; 33]> {
    if !is_treasury_spend(tx) {
        return None;
    }
    let key = tx.inputs.first()?.signature_script.get(usize::from(SIGNATURE_LENGTH) + 2..)?;
    key.first_chunk().copied()
}

/// Whether `tx` creates the coins of the treasury.
#[must_use]
pub fn is_treasury_base(tx: &Transaction) -> bool {
    let ([input], [add, data]) = (tx.inputs.as_slice(), tx.outputs.as_slice()) else { return false };
    tx.version == TREASURY_VERSION
        && input.signature_script.is_empty()
        && spends_nothing(&input.previous)
        && input.previous.tree == OutPoint::NONE.tree
        && is_add(add)
        && is_data(data, 12)
}

fn is_add(output: &TxOut) -> bool {
    output.script_version == 0 && output.script == [opcode::OP_TADD]
}

fn is_data(output: &TxOut, length: u8) -> bool {
    let direct = matches!(output.script.as_slice(), [opcode::OP_RETURN, push, ..] if *push == length);
    output.script_version == 0 && direct && output.script.len() == usize::from(length) + 2
}

fn is_spend_script(script: &[u8]) -> bool {
    let [SIGNATURE_LENGTH, rest @ .., opcode::OP_TSPEND] = script else { return false };
    let key = rest.get(usize::from(SIGNATURE_LENGTH)..);
    script.len() == SPEND_SCRIPT && matches!(key, Some([KEY_LENGTH, 2 | 3, ..]))
}
