//! Version 2 block filters: which scripts a block touches, as a Golomb-coded set.
//!
//! A filter may name a block too many (one script in 784,931), never one too few. The header commits to it since
//! DCP0005, so a source cannot hide a payment. What a filter holds is the business of [`entries`].
//! Source: DCP0005, dcrd `gcs/gcs.go`.

mod bits;
pub mod entries;

use dcrcold_core::hash::{Sink, put_varint};
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::wire::{Buffer, Reader, WireError};
use siphasher::sip::SipHasher24;

use bits::{BitReader, BitWriter, REMAINDER_BITS};

/// The inverse of the rate of false positives.
const RATE: u64 = 784_931;
/// The fewest bits of a value: the end of its quotient and its remainder.
const LEAST_VALUE_BITS: usize = REMAINDER_BITS as usize + 1;

/// What keys the hash of a block's filter: the first half of the merkle root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterKey([u8; 16]);

impl FilterKey {
    /// Takes the bytes of a key.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The key for the block with `header`.
    #[must_use]
    pub fn of(header: &BlockHeader) -> Self {
        Self(*header.merkle_root.as_bytes().first_chunk().expect("a hash has 32 bytes"))
    }

    fn hasher(&self) -> SipHasher24 {
        SipHasher24::new_with_key(&self.0)
    }
}

/// Why bytes are not a filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The number of values cannot be read.
    #[error(transparent)]
    Count(#[from] WireError),
    /// There are fewer bits than that many values take.
    #[error("filter of {length} bytes cannot hold {count} values")]
    TooManyValues {
        /// Values by the count in front.
        count: u64,
        /// Bytes of the filter after the count.
        length: usize,
    },
    /// The bits end inside a value.
    #[error("filter ends inside value {position} of {count}")]
    Truncated {
        /// The value, counted from 0.
        position: usize,
        /// Values by the count in front.
        count: usize,
    },
    /// A value lies above what the number of values allows.
    #[error("value {position} of the filter is {value}, not below {limit}")]
    OutOfRange {
        /// The value's position, counted from 0.
        position: usize,
        /// The value.
        value: u64,
        /// One above the highest value possible.
        limit: u64,
    },
    /// Something other than less than a byte of zeros follows the last value.
    #[error("filter has {bits} bits behind its last value, expected less than 8 zeros")]
    Padding {
        /// Bits behind the last value.
        bits: usize,
    },
    /// A filter without values is not written as no bytes at all.
    #[error("filter says that it holds no values in a byte of its own")]
    EmptyCount,
}

/// A decoded filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    values: Vec<u64>,
}

impl Filter {
    /// Decodes a filter, all of `bytes`; no bytes are the filter that nothing matches.
    ///
    /// # Errors
    /// [`FilterError`] names what is malformed. Nothing is reserved that the bytes could not fill.
    pub fn decode(bytes: &[u8]) -> Result<Self, FilterError> {
        if bytes.is_empty() {
            return Ok(Self { values: Vec::new() });
        }
        let mut reader = Reader::new(bytes);
        let count = reader.varint("number of filter values")?;
        let data = reader.take("filter", reader.left())?;
        if count == 0 {
            return Err(FilterError::EmptyCount);
        }
        let most = (data.len() * 8) / LEAST_VALUE_BITS;
        let count = usize::try_from(count)
            .ok()
            .filter(|count| *count <= most)
            .ok_or(FilterError::TooManyValues { count, length: data.len() })?;
        decode_values(data, count).map(|values| Self { values })
    }

    /// The number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values, so that nothing matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether the block may touch one of `scripts`; an empty script never matches.
    pub fn matches_any<'a>(&self, key: FilterKey, scripts: impl IntoIterator<Item = &'a [u8]>) -> bool {
        if self.values.is_empty() {
            return false;
        }
        let (hasher, range) = (key.hasher(), range(self.values.len()));
        scripts
            .into_iter()
            .filter(|script| !script.is_empty())
            .any(|script| self.values.binary_search(&spread(hasher.hash(script), range)).is_ok())
    }
}

/// Builds the filter over `items`; empty ones and repetitions are left out.
#[must_use]
pub fn build<'a>(key: FilterKey, items: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let hasher = key.hasher();
    let items = items.into_iter().filter(|item| !item.is_empty());
    let mut hashes: Vec<u64> = items.map(|item| hasher.hash(item)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    if hashes.is_empty() {
        return Vec::new();
    }
    // The hashes stay sorted: spreading them over the range keeps their order.
    let range = range(hashes.len());
    let mut filter = Buffer::default();
    put_varint(&mut filter, hashes.len() as u64);
    let mut bits = BitWriter::default();
    let mut last = 0;
    for hash in hashes {
        let value = spread(hash, range);
        bits.put_delta(value - last);
        last = value;
    }
    filter.put(&bits.finish());
    filter.0
}

/// One above the highest value in a filter of `count` values.
fn range(count: usize) -> u64 {
    // At most 2^63 values fit a filter's bytes many times over; no memory holds so many.
    (count as u64).saturating_mul(RATE)
}

/// Maps a hash evenly onto `0..range`: the upper half of their product.
fn spread(hash: u64, range: u64) -> u64 {
    let product = u128::from(hash) * u128::from(range);
    u64::try_from(product >> 64).expect("the upper half of 128 bits has 64")
}

fn decode_values(data: &[u8], count: usize) -> Result<Vec<u64>, FilterError> {
    let mut bits = BitReader::new(data);
    let limit = range(count);
    let mut values = Vec::with_capacity(count);
    let mut last: u64 = 0;
    for position in 0..count {
        let delta = bits.delta().ok_or(FilterError::Truncated { position, count })?;
        let value = last.saturating_add(delta);
        if value >= limit {
            return Err(FilterError::OutOfRange { position, value, limit });
        }
        values.push(value);
        last = value;
    }
    bits.finish().map_err(|bits| FilterError::Padding { bits })?;
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: FilterKey = FilterKey::from_bytes([7; 16]);

    #[test]
    fn what_went_in_is_found() {
        for count in [1_u32, 2, 7, 100, 300] {
            let items: Vec<_> = (0..count).map(u32::to_le_bytes).collect();
            let filter = Filter::decode(&build(KEY, items.iter().map(<[u8; 4]>::as_slice))).unwrap();
            assert_eq!(filter.len(), items.len());
            for item in &items {
                assert!(filter.matches_any(KEY, [item.as_slice()]));
            }
            assert!(!filter.matches_any(KEY, [b"".as_slice()]));
        }
    }

    #[test]
    fn a_cut_or_lengthened_filter_is_refused() {
        let items: Vec<_> = (0_u32..40).map(u32::to_le_bytes).collect();
        let filter = build(KEY, items.iter().map(<[u8; 4]>::as_slice));
        for length in 1..filter.len() {
            assert!(Filter::decode(&filter[..length]).is_err(), "{length}");
        }
        let longer = [filter.as_slice(), &[0]].concat();
        assert!(matches!(Filter::decode(&longer), Err(FilterError::Padding { .. })));
    }

    #[test]
    fn a_count_beyond_the_bytes_is_refused_before_anything_is_reserved() {
        let huge = [&[0xff; 9][..], &[0; 8]].concat();
        let error = Filter::decode(&huge).unwrap_err();
        assert_eq!(error, FilterError::TooManyValues { count: u64::MAX, length: 8 });
        assert_eq!(Filter::decode(&[0]), Err(FilterError::EmptyCount));
    }

    #[test]
    fn a_value_above_the_range_is_refused() {
        // One value, its quotient two: not below 784,931.
        let error = Filter::decode(&[1, 0b1100_0000, 0, 0]).unwrap_err();
        assert!(matches!(error, FilterError::OutOfRange { position: 0, value: 0x10_0000, .. }), "{error}");
    }
}
