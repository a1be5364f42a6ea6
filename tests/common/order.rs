//! What tests order unless they say otherwise.

use dcrcold::wallet::purchase::{BuyOrder, Lock};
use dcrcold_core::amount::FeeRate;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;

/// So many tickets of the own voter, at the price of the next block and 5 % more, for the lowest fee.
pub(crate) fn order(tickets: u32) -> BuyOrder {
    BuyOrder {
        tickets,
        lock: Lock::PricePlus(Percent::from_hundredths(500)),
        fee_rate: FeeRate::RELAY_MINIMUM,
        voter: None,
        expiry: None,
        label: None,
        funding: Funding::Split,
        vsp: None,
        from: Vec::new(),
    }
}
