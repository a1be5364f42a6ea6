//! The embedded network with prices of the test's own. What is bought at one below the chain's is not valid there.

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{ChainError, ChainSource, PriceEstimate, PriceWindow};
use dcrcold_core::amount::Amount;

use crate::between::Between;

pub struct Priced<'a> {
    pub sim: &'a mut Sim,
    /// The price in percent of the chain's own.
    pub percent: u64,
}

impl Priced<'_> {
    fn scaled(&self, price: Amount) -> Amount {
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
            min: self.scaled(price.estimate.min),
            expected: self.scaled(price.estimate.expected),
            max: self.scaled(price.estimate.max),
        };
        Ok(PriceWindow { current: self.scaled(price.current), next: self.scaled(price.next), estimate, ..price })
    }
}
