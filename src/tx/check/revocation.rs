//! Revocations.

use dcrcold_core::script::StakeTag;

use super::{MAX_COMMITMENTS, is_tagged};
use crate::tx::{Transaction, Tree};

/// The version from which blocks make revocations themselves, unsigned and without a fee.
pub const AUTO_REVOCATION_VERSION: u16 = 2;

/// Why a transaction is no revocation; the variants are dcrd's `ErrSSRtx...` kinds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// Another number of inputs than one.
    #[error("revocation has {found} inputs, expected 1")]
    WrongNumInputs {
        /// The number found.
        found: usize,
    },
    /// More than 64 outputs.
    #[error("revocation has {found} outputs, at most 64 are allowed")]
    TooManyOutputs {
        /// The number found.
        found: usize,
    },
    /// No outputs.
    #[error("revocation has no outputs")]
    NoOutputs,
    /// An output is not a payout.
    #[error("output {index} of the revocation is not a payout of script version 0")]
    BadOuts {
        /// The position.
        index: usize,
    },
    /// The input does not spend from the stake tree.
    #[error("revocation spends an output of the regular tree, expected the stake tree")]
    WrongTxTree,
    /// A revocation of version 2 is signed.
    #[error("revocation of version {version} has a signature script, expected none")]
    InputHasSigScript {
        /// The version found.
        version: u16,
    },
    /// A revocation of version 2 pays a fee.
    #[error("revocation of version {version} pays out {paid} atoms of {spent}, expected all")]
    InvalidFee {
        /// The version found.
        version: u16,
        /// Atoms paid out.
        paid: i128,
        /// Atoms spent, as the input claims.
        spent: i64,
    },
}

/// Checks that `tx` has the form of a revocation: a ticket in, tagged payouts out.
///
/// # Errors
/// The [`RevocationError`] of the first rule broken, in dcrd's order.
pub fn check_revocation(tx: &Transaction) -> Result<(), RevocationError> {
    let [input] = tx.inputs.as_slice() else {
        return Err(RevocationError::WrongNumInputs { found: tx.inputs.len() });
    };
    let found = tx.outputs.len();
    if found > MAX_COMMITMENTS {
        return Err(RevocationError::TooManyOutputs { found });
    }
    if found == 0 {
        return Err(RevocationError::NoOutputs);
    }
    if let Some(index) = tx.outputs.iter().position(|output| output.script_version != 0) {
        return Err(RevocationError::BadOuts { index });
    }
    if input.previous.tree != Tree::Stake {
        return Err(RevocationError::WrongTxTree);
    }
    if let Some(index) = tx.outputs.iter().position(|output| !is_tagged(output, StakeTag::Revocation)) {
        return Err(RevocationError::BadOuts { index });
    }
    if tx.version >= AUTO_REVOCATION_VERSION { check_unsigned_and_whole(tx) } else { Ok(()) }
}

fn check_unsigned_and_whole(tx: &Transaction) -> Result<(), RevocationError> {
    let (version, input) = (tx.version, &tx.inputs[0]);
    if !input.signature_script.is_empty() {
        return Err(RevocationError::InputHasSigScript { version });
    }
    let paid = tx.outputs.iter().map(|output| i128::from(output.value.0)).sum();
    let spent = input.value_in.0;
    if paid < spent.into() {
        return Err(RevocationError::InvalidFee { version, paid, spent });
    }
    Ok(())
}
