//! Tickets.

use dcrcold_core::script::StakeTag;

use super::{MAX_COMMITMENTS, direct_push, is_tagged};
use crate::tx::Transaction;

/// The payload of the shortest commitment: hash, amount, limits.
const LEAST_COMMITMENT: u8 = 30;

/// Why a transaction is no ticket; the variants are dcrd's `ErrSStx...` kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TicketError {
    /// More than 64 inputs.
    #[error("ticket has {found} inputs, at most 64 are allowed")]
    TooManyInputs {
        /// The number found.
        found: usize,
    },
    /// More than 129 outputs.
    #[error("ticket has {found} outputs, at most 129 are allowed")]
    TooManyOutputs {
        /// The number found.
        found: usize,
    },
    /// No outputs.
    #[error("ticket has no outputs")]
    NoOutputs,
    /// An output is not what its position asks for.
    #[error("output {index} of the ticket is not {expected}")]
    InvalidOutputs {
        /// The position.
        index: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// The number of outputs does not follow from the number of inputs.
    #[error("ticket has {inputs} inputs and {outputs} outputs, expected one output and two for each input")]
    InOutProportions {
        /// Inputs found.
        inputs: usize,
        /// Outputs found.
        outputs: usize,
    },
}

/// Checks that `tx` has the form of a ticket: a voting output, then a commitment and a change output for each input.
///
/// # Errors
/// The [`TicketError`] of the first rule broken, in dcrd's order.
pub fn check_ticket(tx: &Transaction) -> Result<(), TicketError> {
    let (inputs, outputs) = (tx.inputs.len(), tx.outputs.len());
    if inputs > MAX_COMMITMENTS {
        return Err(TicketError::TooManyInputs { found: inputs });
    }
    if outputs > 2 * MAX_COMMITMENTS + 1 {
        return Err(TicketError::TooManyOutputs { found: outputs });
    }
    let first = tx.outputs.first().ok_or(TicketError::NoOutputs)?;
    if let Some(index) = tx.outputs.iter().position(|output| output.script_version != 0) {
        return Err(TicketError::InvalidOutputs { index, expected: "of script version 0" });
    }
    if !is_tagged(first, StakeTag::Submission) {
        return Err(TicketError::InvalidOutputs { index: 0, expected: "a voting output" });
    }
    if outputs != 2 * inputs + 1 {
        return Err(TicketError::InOutProportions { inputs, outputs });
    }
    for (index, output) in tx.outputs.iter().enumerate().skip(1) {
        let (fits, expected) = if index % 2 == 0 {
            (is_tagged(output, StakeTag::Change), "a change output")
        } else {
            (direct_push(output, LEAST_COMMITMENT).is_some(), "a commitment")
        };
        if !fits {
            return Err(TicketError::InvalidOutputs { index, expected });
        }
    }
    Ok(())
}
