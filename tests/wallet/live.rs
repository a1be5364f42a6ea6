//! A source that stops answering after some calls, or whose chain changes while it is asked.

use dcrcold::chain::ChainError;
use dcrcold::chain::sim::Sim;

use crate::between::{Between, Through};
use crate::world::World;

pub struct Live<'a> {
    pub world: &'a mut World,
    /// The calls that are still answered.
    pub calls: u32,
    /// One call in so many finds the chain changed; 0 for none.
    pub restless: u32,
}

impl<'a> Live<'a> {
    /// Answers everything.
    pub fn calm(world: &'a mut World) -> Through<Self> {
        Through(Self { world, calls: u32::MAX, restless: 0 })
    }
}

impl Between for Live<'_> {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        self.calls = self.calls.checked_sub(1).ok_or(ChainError::Unavailable("cut off".into()))?;
        if self.restless > 0 && self.world.dice.once_in(self.restless) {
            let depth = self.world.dice.roll(4);
            self.world.sim.undo(depth).unwrap();
            self.world.mine(depth + 1);
        }
        Ok(&mut self.world.sim)
    }
}
