//! Codes that are no frames, told apart as far as a person is helped by it.

use std::fmt;

use crate::address::Address;

/// How much of a text is looked at.
const LOOKED_AT: usize = 256;

/// What a code is that is no frame of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// A UR of Blockchain Commons, which other wallets show.
    Ur,
    /// BBQr, which Coldcard shows.
    Bbqr,
    /// An address of Decred.
    Address,
    /// A link.
    Link,
    /// A frame in other characters: a hand scanner whose keyboard layout is not the computer's, or Caps Lock.
    Garbled,
    /// Anything else.
    Other,
}

impl Foreign {
    /// Says what a text is, by its beginning.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let Ok(text) = str::from_utf8(&text[..text.len().min(LOOKED_AT)]) else {
            return Self::Other;
        };
        let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
        let address = if begins("decred:") { &text["decred:".len()..] } else { text };
        let address = address.split('?').next().unwrap_or_default();
        match () {
            () if begins("ur:") => Self::Ur,
            () if begins("B$") => Self::Bbqr,
            () if address.parse::<Address>().is_ok() => Self::Address,
            // Layouts move digits and signs; these letters stay where they are.
            () if begins("DCR") => Self::Garbled,
            () if text.contains("://") => Self::Link,
            () => Self::Other,
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ur => "a UR, the codes of other wallets",
            Self::Bbqr => "BBQr, the codes of other wallets",
            Self::Address => "an address",
            Self::Link => "a link",
            Self::Garbled => "a frame garbled by a keyboard layout or Caps Lock",
            Self::Other => "something else",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_others_are_told_apart() {
        let cases = [
            (
                "ur:crypto-psbt/1-9/lpadascfadaxcywenbpljkhdcahkadaemejtswhhylkepmykhhtsytsnoyoyaxaedsuttydmmhhpktpmsrjtgwdpfnsboxgwlb",
                Foreign::Ur,
            ),
            (
                "UR:BYTES/HDEYMEJTSWHHYLKEPMYKHHTSYTSNOYOYAXAEDSUTTYDMMHHPKTPMSRJTGWDPFNSBOXGWLBAAWZUEFYWKDPLRSRJYNBVYGABW",
                Foreign::Ur,
            ),
            ("B$2P0300AAAA", Foreign::Bbqr),
            ("DsmcYVbP1Nmag2H4AS17UTvmWXmGeA7nLDx", Foreign::Address),
            ("decred:DsmcYVbP1Nmag2H4AS17UTvmWXmGeA7nLDx?amount=1.5", Foreign::Address),
            ("DsmcYVbP1Nmag2H4AS17UTvmWXmGeA7nLDy", Foreign::Other),
            ("https://decred.org", Foreign::Link),
            // German, French, and any with Caps Lock.
            ("DCR1-D6T0EC", Foreign::Garbled),
            ("DCR&!D-T)EC", Foreign::Garbled),
            ("dcr1/d6t0ec", Foreign::Garbled),
            ("4006381333931", Foreign::Other),
            ("", Foreign::Other),
            ("decred:", Foreign::Other),
        ];
        for (text, expected) in cases {
            assert_eq!(Foreign::of(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(Foreign::of(b"\xff\xfe"), Foreign::Other);
        // Cut in the middle of a character, it is nothing that could be told.
        assert_eq!(Foreign::of("ä".repeat(LOOKED_AT).as_bytes()), Foreign::Other);
        println!("codes of others: {} cases", cases.len());
        assert_eq!(cases.len(), 13);
    }
}
