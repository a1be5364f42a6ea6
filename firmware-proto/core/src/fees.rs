//! Size estimates and what is left of the inputs, known before anything is signed.
//!
//! An input's signature script is counted with 108 bytes, one or two more than it will have, so that the transaction
//! id does not depend on the signature. Source: dcrwallet `wallet/txsizes/size.go`.

use crate::amount::{Amount, FeeRate, Size};

/// A key hash input with its witness: 41 + 16 + 1 + 108 bytes.
const INPUT: u32 = 166;
/// Version, lock time and expiry.
const FIXED: u32 = 12;
/// Value, script version and script length in front of a script.
const OUTPUT_OVERHEAD: u32 = 11;
/// A key hash script.
pub const KEY_HASH_SCRIPT: u32 = 25;
/// A script hash script.
pub const SCRIPT_HASH_SCRIPT: u32 = 23;
/// A ticket with one input and three outputs.
pub const TICKET_SIZE: Size = Size(298);

/// The least value that nodes relay in a key hash output: below it, spending costs more than a third of it.
///
/// Source: dcrd `internal/mempool/policy.go`, at a relay fee of 10,000 atoms/kB.
pub const DUST: Amount = Amount::constant::<6_030>();

/// Counts the outputs of a transaction and the bytes of their scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outputs {
    count: u32,
    bytes: u32,
}

impl Outputs {
    /// The same outputs and one more.
    #[must_use]
    pub fn with(self, script: u32) -> Self {
        Self {
            count: self.count.saturating_add(1),
            bytes: self.bytes.saturating_add(OUTPUT_OVERHEAD).saturating_add(script),
        }
    }

    /// The estimated size of a transaction with these outputs and `inputs` key hash inputs.
    #[must_use]
    pub fn size(self, inputs: u32) -> Size {
        let counts = varint_size(inputs).saturating_mul(2).saturating_add(varint_size(self.count));
        let inputs = inputs.saturating_mul(INPUT);
        Size(FIXED.saturating_add(counts).saturating_add(inputs).saturating_add(self.bytes))
    }
}

const fn varint_size(number: u32) -> u32 {
    match number {
        0..=0xfc => 1,
        0xfd..=0xffff => 3,
        _ => 5,
    }
}

/// What the inputs are worth beyond the outputs, divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remainder {
    /// What the transaction pays for its place in a block.
    pub fee: Amount,
    /// What returns, if it is worth an output.
    pub change: Option<Amount>,
}

/// What a transaction costs that pays `spent` of `total` to `outputs`.
///
/// Change is paid when it is at least [`DUST`]; otherwise all that is left is fee.
///
/// # Errors
/// How much is missing for the outputs and the fee without change.
pub fn divide(total: Amount, spent: Amount, inputs: u32, outputs: Outputs, rate: FeeRate) -> Result<Remainder, Short> {
    let with_change = rate.fee(outputs.with(KEY_HASH_SCRIPT).size(inputs));
    let without = rate.fee(outputs.size(inputs)).ok_or(Short { needed: None })?;
    let needed = spent.checked_add(without).ok_or(Short { needed: None })?;
    let left = total.checked_sub(spent).filter(|left| *left >= without).ok_or(Short { needed: Some(needed) })?;
    let change = with_change.and_then(|fee| Some((fee, left.checked_sub(fee)?))).filter(|(_, change)| *change >= DUST);
    Ok(match change {
        Some((fee, change)) => Remainder { fee, change: Some(change) },
        None => Remainder { fee: left, change: None },
    })
}

/// The inputs do not cover outputs and fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// What would be needed, if it is an amount that can exist.
    pub needed: Option<Amount>,
}
