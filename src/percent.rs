//! Percentages as people type them.

use std::fmt;
use std::str::FromStr;

/// A percentage, counted in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// All of something.
    pub const WHOLE: Self = Self(10_000);
    /// The most that is taken from a text.
    const MOST: Self = Self(100_000);

    /// Makes a percentage of hundredths of a percent.
    #[must_use]
    pub const fn from_hundredths(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// The hundredths of a percent.
    #[must_use]
    pub const fn hundredths(self) -> u32 {
        self.0
    }
}

impl FromStr for Percent {
    type Err = PercentError;

    /// Reads 0 to 1000 with at most two decimals and no sign, as in `5` or `0.25`.
    fn from_str(text: &str) -> Result<Self, PercentError> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole, 4) || !digits(decimals, 2) {
            return Err(PercentError);
        }
        let hundredths = format!("{whole}{decimals:0<2}").parse().map_err(|_| PercentError)?;
        Some(Self(hundredths)).filter(|percent| *percent <= Self::MOST).ok_or(PercentError)
    }
}

/// Prints two decimals and the sign, as in `0.25 %`; with `#` without the sign.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)?;
        if f.alternate() { Ok(()) } else { f.write_str(" %") }
    }
}

/// Why a text is no percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 0 to 1000 with at most two decimals")]
pub struct PercentError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_at_most_two_decimals_and_end_at_a_thousand() {
        for (text, hundredths) in
            [("5", 500), ("0", 0), ("2.5", 250), ("0.05", 5), ("05", 500), ("100", 10_000), ("1000.00", 100_000)]
        {
            assert_eq!(text.parse(), Ok(Percent(hundredths)), "{text}");
        }
        for text in ["", "-1", "+1", "1.234", ".5", "5.", "1e2", "1000.01", "9999", "99999", "5%", " 5"] {
            assert_eq!(text.parse::<Percent>(), Err(PercentError), "{text}");
        }
    }

    #[test]
    fn what_is_printed_reads_back() {
        for hundredths in [0, 5, 50, 500, 12_345, 100_000] {
            let percent = Percent::from_hundredths(hundredths);
            assert_eq!(percent.to_string().trim_end_matches(" %").parse(), Ok(percent));
        }
    }
}
