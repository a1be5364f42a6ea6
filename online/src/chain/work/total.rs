//! How much work a chain took, by which chains are compared.
//!
//! Source: dcrd `blockchain/standalone/pow.go`, `CalcWork`.

use std::cmp::Ordering;
use std::fmt;

use dcrcold_signer::block::CompactTarget;

use super::{Target, Wide};

/// The hashes that a chain took, as expected from its targets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Work(Wide);

impl Work {
    /// No work.
    pub const ZERO: Self = Self(Wide([0; 4]));

    /// So many hashes.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, reason = "the upper half is taken separately")]
    pub const fn from_u128(hashes: u128) -> Self {
        Self(Wide([hashes as u64, (hashes >> 64) as u64, 0, 0]))
    }

    /// The hashes that a block with these bits takes: 2^256 / (target + 1), rounded down. None for bits that are no target.
    #[must_use]
    pub fn of(bits: CompactTarget) -> Self {
        let Some(Target(target)) = Target::from_compact(bits) else { return Self::ZERO };
        // 2^256 does not fit: it is ~target + (target + 1).
        let divisor = target.plus(Wide([1, 0, 0, 0]));
        Self(quotient(Wide(target.0.map(|limb| !limb)), divisor).plus(Wide([1, 0, 0, 0])))
    }

    /// Both together; no chain comes near the largest number.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.plus(other.0))
    }

    /// What is left without `other`, which was a part of it.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.minus(other.0))
    }

    /// 32 bytes, most significant first.
    #[must_use]
    pub fn to_be_bytes(self) -> [u8; 32] {
        Target(self.0).to_be_bytes()
    }

    /// Takes 32 bytes, most significant first.
    #[must_use]
    pub fn from_be_bytes(bytes: &[u8; 32]) -> Self {
        Target::from_be_bytes(bytes).map_or(Self::ZERO, |target| Self(target.0))
    }
}

impl PartialOrd for Work {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Work {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(&other.0)
    }
}

/// Prints as dcrd does: hexadecimal.
impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.to_be_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let digits = digits.trim_start_matches('0');
        write!(f, "0x{}", if digits.is_empty() { "0" } else { digits })
    }
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Wide {
    fn plus(self, other: Self) -> Self {
        let (mut sum, mut carry) = ([0; 4], false);
        for (sum, (a, b)) in sum.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            let (part, first) = a.overflowing_add(b);
            let (part, second) = part.overflowing_add(u64::from(carry));
            (*sum, carry) = (part, first || second);
        }
        Self(sum)
    }

    fn minus(self, other: Self) -> Self {
        let (mut rest, mut borrow) = ([0; 4], false);
        for (rest, (a, b)) in rest.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            let (part, first) = a.overflowing_sub(b);
            let (part, second) = part.overflowing_sub(u64::from(borrow));
            (*rest, borrow) = (part, first || second);
        }
        Self(rest)
    }

    fn doubled(self) -> Self {
        let [a, b, c, d] = self.0;
        Self([a << 1, (b << 1) | (a >> 63), (c << 1) | (b >> 63), (d << 1) | (c >> 63)])
    }
}

/// Division as on paper, one bit after the other.
fn quotient(number: Wide, divisor: Wide) -> Wide {
    let (mut quotient, mut rest) = (Wide([0; 4]), Wide([0; 4]));
    for bit in (0..number.bit_length()).rev() {
        let limb = number.0.get(bit as usize / 64).copied().unwrap_or_default();
        let overflows = rest.0[3] >> 63 == 1;
        rest = rest.doubled();
        rest.0[0] |= (limb >> (bit % 64)) & 1;
        quotient = quotient.doubled();
        if overflows || rest.compare(&divisor) != Ordering::Less {
            rest = rest.minus(divisor);
            quotient.0[0] |= 1;
        }
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_known_targets_is_that_of_dcrd() {
        for (bits, expected) in [
            (0x207f_ffff, 2),
            (0x1d00_ffff, 0x1_0001_0001),
            (0x1b01_ffff, 0x8000_4000_2000),
            (0x1b00_a5a6, 0x1_8ba2_10ed_6b21),
            (0, 0),
            (0x2080_0000, 0),
        ] {
            assert_eq!(Work::of(CompactTarget(bits)), Work::from_u128(expected), "{bits:#x}");
        }
    }

    #[test]
    fn sums_come_apart_again() {
        let (a, b) = (Work::from_u128(u128::MAX), Work::from_u128(7));
        assert_eq!(a.plus(b).minus(a), b);
        assert_eq!(a.plus(b).to_string(), format!("0x1{}6", "0".repeat(31)));
        assert!(a.plus(b) > a && Work::ZERO < b);
        assert_eq!(Work::from_be_bytes(&a.plus(b).to_be_bytes()), a.plus(b));
        assert_eq!(Work::ZERO.to_string(), "0x0");
    }
}
