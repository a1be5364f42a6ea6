//! Bytes as text of the 45 characters that QR codes store in eleven bits a pair.
//!
//! Two bytes are three characters, a last single byte is two. Source: RFC 9285. Of a value there is one text only: what
//! RFC 9285 leaves to a decoder, values beyond two bytes or one, is refused here.

/// The characters by their values.
const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The value of each character, or 255.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        #[expect(clippy::cast_possible_truncation, reason = "there are 45 of them")]
        {
            values[ALPHABET[value] as usize] = value as u8;
        }
        value += 1;
    }
    values
};

/// How many bytes a text of this length stands for, if any does.
const fn decoded_length(characters: usize) -> Option<usize> {
    match characters % 3 {
        0 => Some(characters / 3 * 2),
        2 => Some(characters / 3 * 2 + 1),
        _ => None,
    }
}

/// Appends bytes as text.
pub(super) fn encode(bytes: &[u8], text: &mut String) {
    for pair in bytes.chunks(2) {
        let (value, characters) = match *pair {
            [first, second] => (usize::from(first) << 8 | usize::from(second), 3),
            [single] => (usize::from(single), 2),
            _ => unreachable!("chunks of two have one or two"),
        };
        let digits = [value % 45, value / 45 % 45, value / 2_025];
        text.extend(digits.iter().take(characters).map(|digit| char::from(ALPHABET[*digit])));
    }
}

/// Reads a text, all of it.
///
/// Nothing when a character is not of the set, a group is incomplete, or its value is out of range.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(decoded_length(text.len())?);
    for group in text.chunks(3) {
        let mut value = 0_usize;
        for character in group.iter().rev() {
            let digit = VALUES[usize::from(*character)];
            if digit == 255 {
                return None;
            }
            value = value * 45 + usize::from(digit);
        }
        if group.len() == 3 {
            bytes.extend(u16::try_from(value).ok()?.to_be_bytes());
        } else {
            bytes.push(u8::try_from(value).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        encode(bytes, &mut text);
        text
    }

    #[test]
    fn the_examples_of_rfc_9285_hold() {
        let examples =
            [("AB", "BB8"), ("Hello!!", "%69 VD92EX0"), ("base-45", "UJCLQE7W581"), ("ietf!", "QED8WEX0"), ("", "")];
        let mut cases = 0;
        for (plain, text) in examples {
            assert_eq!(encoded(plain.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(plain.as_bytes()));
            cases += 1;
        }
        println!("{cases} examples");
        assert_eq!(cases, 5);
    }

    #[test]
    fn every_byte_and_pair_comes_back() {
        let mut cases = 0;
        for first in 0..=255 {
            assert_eq!(decode(encoded(&[first]).as_bytes()), Some(vec![first]));
            for second in 0..=255 {
                assert_eq!(decode(encoded(&[first, second]).as_bytes()), Some(vec![first, second]));
                cases += 1;
            }
            cases += 1;
        }
        println!("{cases} bytes and pairs");
        assert_eq!(cases, 256 + 65_536);
    }

    #[test]
    fn a_value_has_one_text_only() {
        // Two characters above 255, three above 65,535, a character alone, and characters outside the set.
        let refused = ["V5", "::", "GGW", ":::", "A", "BB8A", "bb8", "BB\n", "B_8", "\u{e9}8", "BB8V5"];
        let mut cases = 0;
        for text in refused {
            assert_eq!(decode(text.as_bytes()), None, "{text:?}");
            cases += 1;
        }
        assert_eq!(decode(b"U5"), Some(vec![255]));
        assert_eq!(decode(b"FGW"), Some(vec![255, 255]));
        println!("{cases} refused");
        assert_eq!(cases, 11);
    }
}
