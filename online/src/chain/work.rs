//! Proof of work since DCP0011: compact targets, the BLAKE3 hash of a header and the ASERT rule for the next target.
//!
//! Source: DCP0011, dcrd `blockchain/standalone/pow.go`, `internal/blockchain/difficulty.go`.

mod total;

use std::cmp::Ordering;

use dcrcold_core::net::Network;
use dcrcold_signer::block::{CompactTarget, HEADER_SIZE};

pub use total::Work;

/// The largest hash that counts as work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target(Wide);

impl PartialOrd for Target {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Target {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.compare(&other.0)
    }
}

impl Target {
    /// Reads a compact target; zero, negative and oversized ones are `None`.
    #[must_use]
    pub fn from_compact(bits: CompactTarget) -> Option<Self> {
        let (exponent, mantissa) = (bits.0 >> 24, bits.0 & 0x007f_ffff);
        if bits.0 & 0x0080_0000 != 0 {
            return None;
        }
        let shift = 8 * (i64::from(exponent) - 3);
        let value = Wide::from(u64::from(mantissa)).shifted(shift)?;
        (!value.is_zero()).then_some(Self(value))
    }

    /// Takes a target as 32 bytes, most significant first; zero is `None`.
    #[must_use]
    pub fn from_be_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_be_bytes(*bytes);
        }
        (limbs != [0; 4]).then_some(Self(Wide(limbs)))
    }

    /// The target as 32 bytes, most significant first.
    #[must_use]
    pub fn to_be_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (limb, bytes) in self.0.0.iter().rev().zip(bytes.as_chunks_mut::<8>().0) {
            *bytes = limb.to_be_bytes();
        }
        bytes
    }

    /// The compact form, rounded down to what 23 bits can hold.
    #[must_use]
    pub fn to_compact(self) -> CompactTarget {
        let bytes = self.0.bit_length().div_ceil(8);
        let mut exponent = bytes;
        let mut mantissa = self.0.shifted_down(8 * i64::from(bytes) - 24);
        if mantissa & 0x0080_0000 != 0 {
            mantissa >>= 8;
            exponent += 1;
        }
        CompactTarget((exponent << 24) | mantissa)
    }

    /// Whether `hash`, read as a little-endian number, does not exceed the target.
    #[must_use]
    pub fn is_met_by(&self, hash: &[u8; 32]) -> bool {
        let mut limbs = [0; 4];
        for (limb, bytes) in limbs.iter_mut().zip(hash.as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*bytes);
        }
        Wide(limbs).compare(&self.0) != Ordering::Greater
    }
}

/// The hash of a serialised header that must meet the target; the block's id is another one.
#[must_use]
pub fn work_hash(header: &[u8; HEADER_SIZE]) -> [u8; 32] {
    *blake3::hash(header).as_bytes()
}

/// What a network fixes about proof of work since DCP0011.
#[derive(Clone, Copy, Debug)]
pub struct WorkRules {
    /// The easiest target.
    pub limit: Target,
    /// The target that the rule starts from.
    pub start: CompactTarget,
    /// The hardest target, if the network has one.
    pub hardest: Option<CompactTarget>,
    /// Seconds between blocks, as aimed at.
    pub target_seconds: i64,
    /// Seconds behind schedule that double the target.
    pub half_life: i64,
    /// Height of the block whose time the schedule counts from.
    pub anchor_height: u32,
}

impl WorkRules {
    /// The rules of a network.
    #[must_use]
    pub fn of(network: Network) -> Self {
        let limit = |zeros: u32| Target(Wide([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> zeros]));
        match network {
            Network::Mainnet => Self {
                limit: limit(32),
                start: CompactTarget(0x1b00_a5a6),
                hardest: None,
                target_seconds: 300,
                half_life: 43_200,
                anchor_height: 794_367,
            },
            Network::Testnet3 => Self {
                limit: limit(24),
                start: CompactTarget(0x1e00_ffff),
                hardest: Some(CompactTarget(0x1d03_ffff)),
                target_seconds: 120,
                half_life: 720,
                anchor_height: 1_170_047,
            },
            Network::Simnet => Self {
                limit: limit(1),
                start: CompactTarget(0x207f_ffff),
                hardest: None,
                target_seconds: 1,
                half_life: 6,
                anchor_height: 1,
            },
        }
    }

    /// Whether a header may claim `bits` at all: a positive target that is not above the limit.
    #[must_use]
    pub fn allows(&self, bits: CompactTarget) -> bool {
        Target::from_compact(bits).is_some_and(|target| target.0.compare(&self.limit.0) != Ordering::Greater)
    }

    /// The bits required of a block whose parent lies `blocks` above and `seconds` after the anchor.
    ///
    /// Source: DCP0011, dcrd `standalone.CalcASERTDiff`.
    #[must_use]
    pub fn next_bits(&self, blocks: u32, seconds: i64) -> CompactTarget {
        let behind = seconds.saturating_sub(i64::from(blocks).saturating_mul(self.target_seconds));
        // Truncated, not floored: the rule divides before it splits the exponent.
        let exponent = i128::from(behind) * (1 << 16) / i128::from(self.half_life);
        let exponent = i64::try_from(exponent).unwrap_or(if behind < 0 { i64::MIN } else { i64::MAX });
        let factor = power_of_two(exponent.cast_unsigned() & 0xffff);
        let shift = (exponent >> 16).saturating_sub(16);
        let start = Target::from_compact(self.start).unwrap_or(self.limit).0;
        let scaled = match start.times(factor, shift) {
            Some(value) if value.compare(&self.limit.0) == Ordering::Greater => self.limit,
            Some(value) if value.is_zero() => Target(Wide::from(1)),
            Some(value) => Target(value),
            None => self.limit,
        };
        let bits = scaled.to_compact();
        match self.hardest {
            Some(hardest) if bits.0 < hardest.0 => hardest,
            _ => bits,
        }
    }
}

/// `2^16 * 2^(fraction / 2^16)` by the cubic polynomial of DCP0011, for a fraction below 2^16.
fn power_of_two(fraction: u64) -> u64 {
    let linear = 195_766_423_245_049 * fraction;
    let square = 971_821_376 * fraction * fraction;
    let cube = 5127 * fraction * fraction * fraction;
    // The sum stays below 2^64: the polynomial is below one and has 48 fractional bits plus the 16 of the fraction.
    (1 << 16) + (linear.wrapping_add(square).wrapping_add(cube).wrapping_add(1 << 47) >> 48)
}

/// A number of 256 bits, least significant limb first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wide([u64; 4]);

impl From<u64> for Wide {
    fn from(value: u64) -> Self {
        Self([value, 0, 0, 0])
    }
}

impl Wide {
    fn is_zero(&self) -> bool {
        self.0 == [0; 4]
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }

    fn bit_length(&self) -> u32 {
        256 - self.0.iter().rev().position(|limb| *limb != 0).map_or(256, |above| {
            let limb = self.0.iter().rev().nth(above).copied().unwrap_or_default();
            u32::try_from(above).unwrap_or_default() * 64 + limb.leading_zeros()
        })
    }

    /// `self * 2^shift` rounded down, or `None` beyond 256 bits.
    fn shifted(self, shift: i64) -> Option<Self> {
        self.times(1, shift)
    }

    /// The lowest 32 bits of `self / 2^shift`; a negative shift multiplies.
    fn shifted_down(self, shift: i64) -> u32 {
        let low = self.shifted(-shift).map_or(0, |value| value.0[0]);
        u32::try_from(low & 0xffff_ffff).unwrap_or_default()
    }

    /// `self * factor * 2^shift` rounded down, or `None` beyond 256 bits.
    fn times(self, factor: u64, shift: i64) -> Option<Self> {
        let mut product = [0_u64; 5];
        let mut carry = 0_u128;
        for (limb, out) in self.0.iter().chain([&0]).zip(&mut product) {
            let sum = u128::from(*limb) * u128::from(factor) + carry;
            *out = low_half(sum);
            carry = sum >> 64;
        }
        let mut result = [0_u64; 4];
        for (position, limb) in product.iter().enumerate().filter(|(_, limb)| **limb != 0) {
            let lowest_bit = i64::try_from(position).ok()? * 64 + shift;
            let (target, bits) = (lowest_bit.div_euclid(64), lowest_bit.rem_euclid(64));
            let wide = u128::from(*limb) << bits;
            for (offset, part) in [(0, low_half(wide)), (1, low_half(wide >> 64))] {
                match usize::try_from(target + offset) {
                    Ok(index) if part != 0 => *result.get_mut(index)? |= part,
                    _ => {}
                }
            }
        }
        Some(Self(result))
    }
}

/// The lower 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "the upper half is taken separately")]
const fn low_half(value: u128) -> u64 {
    value as u64
}
