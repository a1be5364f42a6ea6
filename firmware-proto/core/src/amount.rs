//! Atoms, fee rates and block heights: numbers that carry their unit.

use core::fmt;
use core::str::FromStr;

pub use encapsulate::Amount;

/// Atoms in one DCR.
pub const ATOMS_PER_DCR: u64 = 100_000_000;

/// The most atoms that can ever exist, dcrd `dcrutil/const.go`.
pub const MAX_ATOMS: u64 = 21_000_000 * ATOMS_PER_DCR;

/// Keeps the inner number private even to the rest of this file, so that the range check cannot be skipped.
mod encapsulate {
    use super::{AmountError, MAX_ATOMS};

    /// An amount of 0 to 21,000,000 DCR, counted in atoms.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
    pub struct Amount(u64);

    impl Amount {
        /// No atoms.
        pub const ZERO: Self = Self(0);

        /// Makes an amount of `atoms`.
        ///
        /// # Errors
        /// [`AmountError::OutOfRange`] above 21,000,000 DCR.
        pub const fn from_atoms(atoms: u64) -> Result<Self, AmountError> {
            if atoms > MAX_ATOMS { Err(AmountError::OutOfRange { atoms }) } else { Ok(Self(atoms)) }
        }

        /// Makes a constant amount; stops the build when `ATOMS` is out of range.
        #[must_use]
        pub const fn constant<const ATOMS: u64>() -> Self {
            const { assert!(ATOMS <= MAX_ATOMS) };
            Self(ATOMS)
        }

        /// The number of atoms.
        #[must_use]
        pub const fn atoms(self) -> u64 {
            self.0
        }
    }
}

impl Amount {
    /// `self + other`, or `None` above 21,000,000 DCR.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::from_atoms(self.atoms().checked_add(other.atoms())?).ok()
    }

    /// `self - other`, or `None` below zero.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::from_atoms(self.atoms().checked_sub(other.atoms())?).ok()
    }

    /// `self * factor`, or `None` above 21,000,000 DCR.
    #[must_use]
    pub fn checked_mul(self, factor: u64) -> Option<Self> {
        Self::from_atoms(self.atoms().checked_mul(factor)?).ok()
    }

    /// Sums amounts, or `None` above 21,000,000 DCR.
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

/// Prints `1.23456789 DCR`, always with eight decimals; the alternate form `{:#}` leaves the unit away.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let atoms = self.atoms();
        let (whole, fraction) = (atoms / ATOMS_PER_DCR, atoms % ATOMS_PER_DCR);
        write!(f, "{whole}.{fraction:08}")?;
        if f.alternate() { Ok(()) } else { f.write_str(" DCR") }
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads a plain decimal number of DCR: `12`, `12.5`, `0.00000001`; no sign, no exponent, at most eight decimals.
impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let whole = digits(whole, 8)?;
        let places = u32::try_from(fraction.len()).map_err(|_| AmountError::NotDecimal)?;
        let missing = 8_u32.checked_sub(places).ok_or(AmountError::NotDecimal)?;
        let fraction = digits(fraction, 8)?.checked_mul(10_u64.pow(missing)).ok_or(AmountError::NotDecimal)?;
        let atoms = whole.checked_mul(ATOMS_PER_DCR).and_then(|atoms| atoms.checked_add(fraction));
        Self::from_atoms(atoms.ok_or(AmountError::NotDecimal)?)
    }
}

/// Reads 1 to `most` ASCII digits.
fn digits(text: &str, most: usize) -> Result<u64, AmountError> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || text.len() > most || !all_digits {
        return Err(AmountError::NotDecimal);
    }
    text.parse().map_err(|_| AmountError::NotDecimal)
}

/// Why a number is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountError {
    /// More than 21,000,000 DCR.
    OutOfRange {
        /// The number found.
        atoms: u64,
    },
    /// Not a plain decimal number with at most eight decimals.
    NotDecimal,
}

impl fmt::Display for AmountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange { atoms } => write!(f, "{atoms} atoms are more than the 21,000,000 DCR that can exist"),
            Self::NotDecimal => f.write_str("not a decimal number of DCR with at most eight decimals"),
        }
    }
}

impl core::error::Error for AmountError {}

/// A fee rate in atoms per 1,000 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeeRate(u64);

impl FeeRate {
    /// The least rate that nodes relay, dcrd `internal/mempool/policy.go`.
    pub const RELAY_MINIMUM: Self = Self(10_000);

    /// A rate of `atoms` per 1,000 bytes.
    #[must_use]
    pub const fn from_atoms_per_kb(atoms: u64) -> Self {
        Self(atoms)
    }

    /// Atoms per 1,000 bytes.
    #[must_use]
    pub const fn atoms_per_kb(self) -> u64 {
        self.0
    }

    /// The fee of a transaction of `size` bytes: `rate * size / 1000` rounded down, at least the rate itself if that is 0.
    ///
    /// `None` above 21,000,000 DCR. Source: dcrwallet `wallet/txrules/rules.go`.
    #[must_use]
    pub fn fee(self, size: Size) -> Option<Amount> {
        let fee = self.0.checked_mul(u64::from(size.0))? / 1000;
        Amount::from_atoms(if fee == 0 { self.0 } else { fee }).ok()
    }
}

impl fmt::Display for FeeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} atoms/kB", self.0)
    }
}

/// A serialised size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u32);

/// The height of a block; the genesis block has height 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Height(pub u32);

impl Height {
    /// The height `blocks` further, or `None` beyond 2^32 - 1.
    #[must_use]
    pub fn checked_add(self, blocks: u32) -> Option<Self> {
        self.0.checked_add(blocks).map(Self)
    }

    /// How many blocks `self` is above `lower`, or `None` if it is below.
    #[must_use]
    pub fn above(self, lower: Self) -> Option<u32> {
        self.0.checked_sub(lower.0)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests may panic")]
mod tests {
    use std::string::ToString;

    use super::{Amount, AmountError, FeeRate, MAX_ATOMS, Size};

    #[test]
    fn decimal_text_reads_and_prints() {
        for (text, atoms, printed) in [
            ("0", 0, "0.00000000 DCR"),
            ("1", 100_000_000, "1.00000000 DCR"),
            ("1.5", 150_000_000, "1.50000000 DCR"),
            ("0.00000001", 1, "0.00000001 DCR"),
            ("21000000", MAX_ATOMS, "21000000.00000000 DCR"),
            ("007.10", 710_000_000, "7.10000000 DCR"),
        ] {
            let amount: Amount = text.parse().unwrap();
            assert_eq!((amount.atoms(), amount.to_string().as_str()), (atoms, printed), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", " 1", "1 ", "0.000000001", "123456789", "1.-5", "٣"]
        {
            assert_eq!(text.parse::<Amount>(), Err(AmountError::NotDecimal), "{text}");
        }
        let over = "21000000.00000001".parse::<Amount>();
        assert_eq!(over, Err(AmountError::OutOfRange { atoms: MAX_ATOMS + 1 }));
    }

    #[test]
    fn sums_never_leave_the_range() {
        let most = Amount::from_atoms(MAX_ATOMS).unwrap();
        let one = Amount::from_atoms(1).unwrap();
        assert_eq!(most.checked_add(one), None);
        assert_eq!(Amount::ZERO.checked_sub(one), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(most.checked_sub(most), Some(Amount::ZERO));
        assert_eq!(Amount::checked_sum([most, one]), None);
    }

    #[test]
    fn a_fee_is_rounded_down_but_never_zero() {
        let fee = |rate, size| FeeRate::from_atoms_per_kb(rate).fee(Size(size)).map(Amount::atoms);
        assert_eq!(fee(10_000, 298), Some(2_980));
        assert_eq!(fee(12_345, 253), Some(3_123));
        assert_eq!(fee(3, 298), Some(3));
        assert_eq!(fee(u64::MAX, 298), None);
    }
}
