//! When to try again: the one rule for everything that fails for a while.

use std::time::Duration;

/// Waits that double from `first` to `most`, each of them shortened by chance, so that many who were turned away
/// together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Retry {
    /// For VSPs: from ten seconds to half an hour.
    pub const VSP: Self = Self { first: Duration::from_secs(10), most: Duration::from_secs(30 * 60) };

    /// The wait after `failures` failures in a row; `chance` is any number.
    #[must_use]
    pub fn wait(&self, failures: u32, chance: u32) -> Duration {
        let doubled = 1_u32
            .checked_shl(failures.saturating_sub(1))
            .map_or(self.most, |factor| self.first.checked_mul(factor).unwrap_or(self.most));
        let longest = doubled.min(self.most);
        // From half of it to all of it.
        longest / 2 + (longest / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_spread_over_their_upper_half() {
        let retry = Retry { first: Duration::from_secs(8), most: Duration::from_secs(60) };
        let seconds = |failures, chance| retry.wait(failures, chance).as_secs();
        assert_eq!([1, 2, 3, 4, 5, 40, u32::MAX].map(|failures| seconds(failures, 0)), [4, 8, 16, 30, 30, 30, 30]);
        assert_eq!(
            [1, 2, 3, 4, 5, 40, u32::MAX].map(|failures| seconds(failures, u32::MAX)),
            [8, 16, 32, 60, 60, 60, 60]
        );
    }
}
