//! Values inside of replies: amounts as decimal text, bytes and hashes as hexadecimal.

use std::str::FromStr;

use dcrcold_core::amount::Amount;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Decimals that an amount in DCR has.
const DECIMALS: i64 = 8;

/// The most digits read of an amount, of the 16 it can have.
const MOST_DIGITS: usize = 32;

/// An amount that the wire shows as a JSON number of DCR.
///
/// It is read from the number's text, since most amounts are no binary floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dcr(pub Amount);

impl<'de> Deserialize<'de> for Dcr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Box::<RawValue>::deserialize(deserializer)?;
        parse_dcr(number.get()).map(Self).ok_or_else(|| {
            D::Error::custom(format_args!("found {}, expected an amount of DCR with at most 8 decimals", number.get()))
        })
    }
}

impl Serialize for Dcr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(format!("{:#}", self.0)).expect("a decimal number is JSON");
        number.serialize(serializer)
    }
}

/// Reads a JSON number of DCR exactly: `12`, `0.0002`, `1e-08`, never a negative one.
fn parse_dcr(text: &str) -> Option<Amount> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent = i64::from_str(exponent).ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || mantissa.ends_with('.') || digits.len() > MOST_DIGITS || !all_digits {
        return None;
    }
    let digits = u128::from_str(&digits).ok()?;
    if digits == 0 {
        return Some(Amount::ZERO);
    }
    let places = i64::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_add(DECIMALS)?.checked_sub(places)?;
    let power = 10_u128.checked_pow(u32::try_from(shift.unsigned_abs()).ok()?)?;
    let atoms = if shift >= 0 {
        digits.checked_mul(power)?
    } else if digits.is_multiple_of(power) {
        digits / power
    } else {
        return None;
    };
    Amount::from_atoms(u64::try_from(atoms).ok()?).ok()
}

/// Bytes that the wire shows in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hex(pub Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base16ct::mixed::decode_vec(&text).map(Self).map_err(|_| {
            D::Error::custom(format_args!("found text of {} characters, expected hexadecimal", text.len()))
        })
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base16ct::lower::encode_string(&self.0))
    }
}

/// A value that the wire shows as the text it prints as: a hash, a network, an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<T>(pub T);

impl<'de, T: FromStr<Err: std::fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(|error| D::Error::custom(format_args!("found {text:?}: {error}")))
    }
}

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Reads a set of bits in hexadecimal: bit i is bit i mod 8 of byte i / 8, lowest first; exactly `count` of them.
#[must_use]
pub fn bits(bytes: &[u8], count: usize) -> Option<Vec<bool>> {
    if bytes.len() != count.div_ceil(8) {
        return None;
    }
    Some((0..count).map(|index| bytes[index / 8] >> (index % 8) & 1 == 1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atoms(text: &str) -> Option<u64> {
        parse_dcr(text).map(Amount::atoms)
    }

    #[test]
    fn amounts_are_read_digit_by_digit() {
        assert_eq!(atoms("1.23456789"), Some(123_456_789));
        assert_eq!(atoms("0.0002"), Some(20_000));
        assert_eq!(atoms("1e-08"), Some(1));
        assert_eq!(atoms("1.5E+2"), Some(15_000_000_000));
        assert_eq!(atoms("21000000"), Some(2_100_000_000_000_000));
        assert_eq!(atoms("2.1e7"), Some(2_100_000_000_000_000));
        assert_eq!(atoms("0"), Some(0));
        assert_eq!(atoms("0.1000000000"), Some(10_000_000));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "-1",
            "1e-9",
            "0.000000001",
            "21000000.00000001",
            "1e99",
            "",
            ".5",
            "5.",
            "1e",
            "null",
            "\"1\"",
            "1e999999999999999999999",
        ] {
            assert_eq!(atoms(text), None, "{text}");
        }
    }

    #[test]
    fn every_atom_survives_json() {
        for atoms in [1, 10, 123_456_789, 2_099_999_999_999_999] {
            let amount = Dcr(Amount::from_atoms(atoms).unwrap());
            let text = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Dcr>(&text).unwrap(), amount, "{text}");
        }
    }

    #[test]
    fn bit_sets_start_at_the_lowest_bit() {
        assert_eq!(
            bits(&[0b0000_0101, 0b1], 9),
            Some(vec![true, false, true, false, false, false, false, false, true])
        );
        assert_eq!(bits(&[0], 9), None);
        assert_eq!(bits(&[], 0), Some(vec![]));
    }
}
