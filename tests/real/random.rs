//! Numbers for tests that try many things: the same ones for the same seed.

/// The chance of one test.
pub struct Random(dcrcold_simulator::camera::Random);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(dcrcold_simulator::camera::Random::new(seed))
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.0.below(most - least + 1)
    }

    /// A number from `least` to `most`, small ones as likely as large ones.
    pub fn of_any_size(&mut self, least: u64, most: u64) -> u64 {
        let bits = self.between(0, u64::from((most - least + 1).ilog2()) + 1);
        let cap = 1_u64.checked_shl(u32::try_from(bits).unwrap()).unwrap_or(u64::MAX);
        least + self.0.below(cap.min(most - least + 1))
    }

    /// Whether a thing happens that happens once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.0.below(times) == 0
    }
}
