//! The ticket price as headers tell it.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_signer::stake::difficulty::{StakeHeader, headers_needed, next_price};
use dcrcold_signer::stake::estimate::following_window;

use super::{Headers, StoreError};
use crate::chain::{PriceEstimate, PriceWindow};

impl Headers {
    /// The ticket price at the tip and what is known of the next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn price(&self) -> Result<PriceWindow, StoreError> {
        let tip = self.tip();
        let first = Height(tip.height.0.saturating_sub(headers_needed(self.network)).max(1));
        let recent = self.store.headers(first, u32::MAX)?;
        let at = |height: Height| {
            let place = height.above(first).and_then(|above| usize::try_from(above).ok());
            match place {
                _ if height == Height(0) => Some(StakeHeader { pool_size: 0, fresh_stake: 0, price: Amount::ZERO }),
                Some(place) => StakeHeader::try_from(recent.get(place)?).ok(),
                None => None,
            }
        };
        let current = recent.last().and_then(|header| header.sbits.amount().ok()).unwrap_or_default();
        // A chain of which so few headers are there has the lowest price.
        let next = next_price(self.network, tip.height, at).unwrap_or(current);
        let estimate = following_window(self.network, tip.height, at);
        let window = self.network.params().stake_difficulty_window;
        Ok(PriceWindow {
            tip,
            current,
            next,
            blocks_left: window - (tip.height.0 + 1) % window,
            estimate: estimate.map_or(PriceEstimate { min: next, expected: next, max: next }, |estimate| {
                PriceEstimate { min: estimate.lowest, expected: estimate.expected, max: estimate.highest }
            }),
        })
    }
}
