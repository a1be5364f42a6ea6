//! As many tickets as the coins suffice for.

use dcrcold_core::policy::Limits;
use dcrcold_core::rule::Rule;
use dcrcold_signer::rebuild::RebuildError;

use super::super::{Clock, Wallet};
use super::{BuyOrder, Prepared, PurchaseError};
use crate::chain::PriceWindow;
use crate::prepare::PrepareError;

/// The limits that fewer tickets may keep to.
const GROWS: [Rule; 4] = [Rule::TicketsAboveLimit, Rule::TotalAboveLimit, Rule::FeeAboveLimit, Rule::PurseAboveLimit];

impl Wallet {
    /// Makes a request for as many tickets as the coins suffice for, but no more than the signer takes at once and than
    /// one with the limits of a new one allows; the number that the order names does not count.
    ///
    /// # Errors
    /// As [`Self::prepare`], for a single ticket.
    pub fn prepare_most(
        &mut self,
        order: &BuyOrder,
        price: &PriceWindow,
        clock: &dyn Clock,
    ) -> Result<Prepared, PurchaseError> {
        let mut tickets = self.export.capacity.tickets.clamp(1, Limits::DEFAULT.tickets);
        loop {
            let order = BuyOrder { tickets, ..order.clone() };
            let result = self.prepare_if(&order, price, clock, |_, made| {
                let mut beyond = made.prepared.beyond_default_limits.iter();
                match beyond.find(|refusal| GROWS.contains(&refusal.rule)) {
                    Some(refusal) if tickets > 1 => Err(RebuildError::Refused(*refusal).into()),
                    _ => Ok(()),
                }
            });
            let fewer = match &result {
                Err(PurchaseError::Prepare(PrepareError::NoCoinsThatFit { found, .. })) => {
                    u32::try_from(*found).unwrap_or(u32::MAX).min(tickets - 1)
                }
                Err(
                    PurchaseError::Prepare(PrepareError::Short { .. })
                    | PurchaseError::Rebuild(RebuildError::Refused(_)),
                ) => tickets - 1,
                _ => return result,
            };
            if tickets == 1 {
                return result;
            }
            tickets = fewer.max(1);
        }
    }
}
