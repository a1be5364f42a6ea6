//! Which app is open on a device, as its operating system tells.

use std::fmt;

use dcrcold_core::apdu::Apdu;

/// The command of the operating system that names the open app, whatever app it is.
const ASK: [u8; 5] = [0xb0, 0x01, 0, 0, 0];
/// The form of the answer.
const FORM: u8 = 1;

/// The name and version of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl AppName {
    /// The command that asks for it.
    #[must_use]
    pub fn ask() -> Apdu {
        Apdu::from_bytes(&ASK).expect("five bytes are a short APDU")
    }

    /// Reads `01`, name and version, each after one byte of its length; what follows does not matter. Characters that
    /// could do something to a terminal are none of a name.
    #[must_use]
    pub fn read(data: &[u8]) -> Option<Self> {
        let (_, rest) = data.split_first().filter(|(form, _)| **form == FORM)?;
        let (name, rest) = text(rest)?;
        let (version, _) = text(rest)?;
        Some(Self { name, version })
    }
}

fn text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    let printable = !text.is_empty() && text.iter().all(|byte| matches!(byte, 0x20..=0x7e));
    Some((String::from_utf8(text.to_vec()).ok().filter(|_| printable)?, rest))
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_app_is_read_whatever_follows() {
        let app = AppName::read(b"\x01\x07Decred\x20\x061.3.14\x01\x02").unwrap();
        assert_eq!((app.name.as_str(), app.version.as_str()), ("Decred ", "1.3.14"));
    }

    #[test]
    fn a_name_that_is_none_is_not_shown() {
        let cases: [&[u8]; 6] =
            [b"", b"\x02\x01a\x01b", b"\x01\x00\x01b", b"\x01\x05ab", b"\x01\x01a", b"\x01\x02\x1b[\x011"];
        for data in cases {
            assert_eq!(AppName::read(data), None, "{data:?}");
        }
        println!("names that are none: {} cases", cases.len());
    }
}
