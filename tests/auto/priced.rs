//! The embedded network with prices of the test's own: above the chain's, so that what is bought at them is valid.

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{ChainError, ChainSource, PriceEstimate, PriceWindow};
use dcrcold_core::amount::Amount;

use crate::between::Between;

pub struct Priced<'a> {
    pub sim: &'a mut Sim,
    /// The price in percent of the chain's own, 100 at least.
    pub percent: u64,
}

impl Priced<'_> {
    fn raised(&self, price: Amount) -> Amount {
        Amount::from_atoms(price.atoms() * self.percent / 100).unwrap()
    }
}

impl Between for Priced<'_> {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        Ok(self.sim)
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        let price = self.sim.price()?;
        let estimate = PriceEstimate {
            min: self.raised(price.estimate.min),
            expected: self.raised(price.estimate.expected),
            max: self.raised(price.estimate.max),
        };
        Ok(PriceWindow { current: self.raised(price.current), next: self.raised(price.next), estimate, ..price })
    }
}
