//! What the filter of a block holds: scripts, never outpoints.
//!
//! Stake opcodes are left out and a commitment counts as the script that pays its payee, so that one plain script
//! per key finds payments, spends, tickets and rewards. A voting script is in no filter.
//! Source: dcrd `gcs/blockcf2/blockcf.go`.

use dcrcold_core::script::{Commitment, Payment, StakeTag};
use dcrcold_signer::block::Block;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxKind, TxOut};

use super::{FilterKey, build};

/// The longest script that a filter takes in.
const MAX_SCRIPT: usize = 16_384;
/// The first output of a vote that pays; the block voted on and the vote bits come before it.
const FIRST_VOTE_PAYOUT: usize = 2;

/// A spent output that was not handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the filter of the block needs the spent output {0}")]
pub struct MissingOutput(pub OutPoint);

/// Builds the filter of a block; `spent` finds the outputs that it spends, those of its own transactions too.
///
/// # Errors
/// [`MissingOutput`] names the first output that `spent` does not find.
pub fn block_filter<'a>(
    block: &Block,
    spent: impl FnMut(&OutPoint) -> Option<&'a TxOut>,
) -> Result<Vec<u8>, MissingOutput> {
    let entries = entries(block, spent)?;
    Ok(build(FilterKey::of(&block.header), entries.iter().map(Vec::as_slice)))
}

/// The scripts that the filter of a block holds, with repetitions.
///
/// # Errors
/// [`MissingOutput`] names the first output that `spent` does not find.
pub fn entries<'a>(
    block: &Block,
    spent: impl FnMut(&OutPoint) -> Option<&'a TxOut>,
) -> Result<Vec<Vec<u8>>, MissingOutput> {
    let mut entries = Entries { scripts: Vec::new(), spent };
    for tx in &block.transactions {
        entries.regular(tx)?;
    }
    for tx in &block.stake_transactions {
        entries.stake(tx)?;
    }
    Ok(entries.scripts)
}

struct Entries<F> {
    scripts: Vec<Vec<u8>>,
    spent: F,
}

impl<'a, F: FnMut(&OutPoint) -> Option<&'a TxOut>> Entries<F> {
    fn regular(&mut self, tx: &Transaction) -> Result<(), MissingOutput> {
        tx.outputs.iter().for_each(|output| self.push(output, &output.script));
        if tx.kind() == TxKind::Coinbase { Ok(()) } else { self.inputs(&tx.inputs) }
    }

    fn stake(&mut self, tx: &Transaction) -> Result<(), MissingOutput> {
        match tx.kind() {
            TxKind::Ticket => {
                tx.outputs.iter().skip(1).for_each(|output| self.ticket_output(output));
                self.inputs(&tx.inputs)
            }
            TxKind::Vote => {
                self.tagged(&tx.outputs[FIRST_VOTE_PAYOUT..]);
                Ok(())
            }
            TxKind::Revocation => {
                self.tagged(&tx.outputs);
                Ok(())
            }
            TxKind::TreasuryAdd => {
                self.tagged(&tx.outputs[1..]);
                self.inputs(&tx.inputs)
            }
            TxKind::TreasurySpend => {
                self.tagged(&tx.outputs[1..]);
                Ok(())
            }
            TxKind::TreasuryBase | TxKind::Regular | TxKind::Coinbase => Ok(()),
        }
    }

    /// A commitment counts as a payment to its payee, the change only if there is any.
    fn ticket_output(&mut self, output: &TxOut) {
        if let Some(commitment) = Commitment::recognise(&output.script) {
            let payment = Payment { tag: None, payee: commitment.payee };
            self.push(output, payment.script().as_bytes());
        } else if output.value.0 > 0 {
            self.push(output, untagged(&output.script));
        }
    }

    fn tagged(&mut self, outputs: &[TxOut]) {
        outputs.iter().for_each(|output| self.push(output, untagged(&output.script)));
    }

    fn inputs(&mut self, inputs: &[TxIn]) -> Result<(), MissingOutput> {
        for input in inputs {
            let output = (self.spent)(&input.previous).ok_or(MissingOutput(input.previous))?;
            let in_stake_tree = input.previous.tree == Tree::Stake;
            self.push(output, if in_stake_tree { untagged(&output.script) } else { &output.script });
        }
        Ok(())
    }

    fn push(&mut self, output: &TxOut, script: &[u8]) {
        if output.script_version == 0 && (1..=MAX_SCRIPT).contains(&script.len()) {
            self.scripts.push(script.to_vec());
        }
    }
}

/// The script without the stake opcode in front, if it has one.
fn untagged(script: &[u8]) -> &[u8] {
    match script.split_first() {
        Some((first, rest)) if StakeTag::from_opcode(*first).is_some() => rest,
        _ => script,
    }
}
