//! Chance that can be repeated.

/// SplitMix64: small, and the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Starts with a seed; each is another sequence.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    }

    /// A whole number below a bound, which is not zero.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.bits() % bound
    }

    /// A number between two.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        let [a, b, ..] = self.bits().to_le_bytes();
        low + (high - low) * f32::from(u16::from_le_bytes([a, b])) / f32::from(u16::MAX)
    }

    /// Two numbers around zero with a standard deviation of one, nearly normal: each is a sum of four bytes.
    pub(super) fn normal(&mut self) -> [f32; 2] {
        let [a, b, c, d, e, f, g, h] = self.bits().to_le_bytes();
        [[a, b, c, d], [e, f, g, h]].map(|four| (four.into_iter().map(f32::from).sum::<f32>() - 510.0) / 147.8)
    }
}
