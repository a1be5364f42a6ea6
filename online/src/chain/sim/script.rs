//! Signatures: whether the inputs of a transaction are signed by the keys that the outputs spent pay.
//!
//! Only public key hashes, with and without a stake opcode, can be spent on this network.
//! Source: dcrd `internal/blockchain/scriptval.go`, `txscript/engine.go`.

use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::tx::script::instructions;
use dcrcold_signer::tx::sigscript::check_input;
use dcrcold_signer::tx::{OutPoint, Transaction, TxKind};

use super::coins::View;
use super::violation::{Rule, Violation};

/// Checks every signature of `tx`. Revocations have none: what they pay is fixed by the ticket.
pub(super) fn check(tx: &Transaction, kind: TxKind, view: &impl View) -> Result<(), Violation> {
    if kind == TxKind::Revocation {
        return Ok(());
    }
    for (position, input) in tx.inputs.iter().enumerate() {
        if input.previous.index == OutPoint::NONE.index {
            continue;
        }
        let coin = view
            .coin(&input.previous)
            .ok_or_else(|| Rule::MissingTxOut.broken(format!("output {} is spent", input.previous)))?;
        let payment = Payment::recognise(&coin.output.script);
        if !payment.is_some_and(|payment| matches!(payment.payee, Payee::KeyHash(_))) {
            let detail =
                format!("output {} does not pay a key hash, which is all that can be spent here", input.previous);
            return Err(Rule::Unsupported.broken(detail));
        }
        check_input(tx, position, &coin.output)
            .map_err(|error| Rule::ScriptValidation.broken(format!("input {position}: {error}")))?;
    }
    Ok(())
}

/// Counts the signature operations in the scripts of `tx`, roughly and as the consensus does.
pub(super) fn signature_operations(tx: &Transaction, kind: TxKind) -> usize {
    let skipped = match kind {
        TxKind::TreasuryBase => return 0,
        TxKind::Coinbase => tx.inputs.len(),
        TxKind::Vote => 1,
        _ => 0,
    };
    let inputs = tx.inputs.iter().skip(skipped).map(|input| count(&input.signature_script));
    let outputs = tx.outputs.iter().map(|output| count(&output.script));
    inputs.chain(outputs).sum()
}

/// Counts the signature operations of a script up to its first error.
fn count(script: &[u8]) -> usize {
    let weight = |opcode| match opcode {
        // CHECKSIG, CHECKSIGVERIFY, their relatives for other algorithms, and TSPEND.
        0xac | 0xad | 0xbe | 0xbf | 0xc2 => 1,
        // CHECKMULTISIG and its relative count for the most keys that they can have.
        0xae | 0xaf => 20,
        _ => 0,
    };
    instructions(script).map_while(Result::ok).map(|instruction| weight(instruction.opcode.0)).sum()
}
