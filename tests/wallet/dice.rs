//! Chance that is the same every time.

/// A small generator of numbers.
pub struct Dice(pub u64);

impl Dice {
    /// One of `sides` numbers from 0 on.
    pub fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides)).unwrap()
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u32) -> bool {
        self.roll(times) == 0
    }

    /// One of `things`, taken out; none when there are none.
    pub fn take<T>(&mut self, things: &mut Vec<T>) -> Option<T> {
        let count = u32::try_from(things.len()).unwrap();
        (count > 0).then(|| things.swap_remove(self.roll(count) as usize))
    }
}
