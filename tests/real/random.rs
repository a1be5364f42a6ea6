//! Numbers for tests that try many things: the same ones for the same seed.

/// A generator with 64 bits of state; SplitMix64 by Steele, Lea and Flood.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// A number from `least` to `most`, small ones as likely as large ones.
    pub fn of_any_size(&mut self, least: u64, most: u64) -> u64 {
        let bits = self.between(0, u64::from((most - least + 1).ilog2()) + 1);
        let cap = 1_u64.checked_shl(u32::try_from(bits).unwrap()).unwrap_or(u64::MAX);
        least + self.next() % cap.min(most - least + 1)
    }

    /// Whether a thing happens that happens once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.next().is_multiple_of(times)
    }
}
