//! The limits of a signer: settings of the cold side, finite by default.

use crate::amount::{Amount, FeeRate};

/// What a signer allows at most.
///
/// Stored in this order in a key store. The money limits are what protects the coins; headroom and expiry are measured
/// against what the online side claims, so they catch mistakes, not attackers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Atoms that one ticket may lock.
    pub ticket: Amount,
    /// Tickets in one request.
    pub tickets: u32,
    /// Atoms that all tickets of a request may lock.
    pub total: Amount,
    /// Fee of one transaction.
    pub fee: Amount,
    /// Fee rate.
    pub fee_rate: FeeRate,
    /// Purse top-up.
    pub purse: Amount,
    /// How far a ticket may lock more than the claimed price, in 1/100 %.
    pub headroom: u32,
    /// Blocks from the claimed tip to the expiry.
    pub expiry_distance: u32,
}

impl Limits {
    /// The limits of a new signer, on every network.
    pub const DEFAULT: Self = Self {
        ticket: Amount::constant::<40_000_000_000>(),
        tickets: 20,
        total: Amount::constant::<800_000_000_000>(),
        fee: Amount::constant::<1_000_000>(),
        fee_rate: FeeRate::from_atoms_per_kb(100_000),
        purse: Amount::constant::<100_000_000>(),
        headroom: 1000,
        expiry_distance: 432,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
