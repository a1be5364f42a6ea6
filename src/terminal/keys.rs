//! Keys, read from the bytes that a terminal sends for them.
//!
//! Read here, because the parser of the terminal library stops the program at a sequence that it does not expect.

use std::io::{self, Read};

use zeroize::Zeroizing;

/// A key that was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character, a space for example.
    Char(char),
    /// Control and a letter, in lower case.
    Control(char),
    /// Enter, which is `Control('m')` and `Control('j')` too.
    Enter,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Escape alone.
    Escape,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Bytes that are no text: a terminal of another encoding than UTF-8.
    NoText,
    /// Any other one.
    Other,
}

/// What was typed and not looked at yet, in room that is wiped.
pub(super) struct Typed {
    bytes: Zeroizing<[u8; Self::ROOM]>,
    start: usize,
    end: usize,
}

impl Typed {
    const ROOM: usize = 256;
    /// The longest sequence that is waited for; what is longer is no key.
    const LONGEST: usize = 32;

    pub(super) fn new() -> Self {
        Self { bytes: Zeroizing::new([0; Self::ROOM]), start: 0, end: 0 }
    }

    /// Reads once. There is always room for more when no key is left to be taken.
    pub(super) fn read(&mut self, mut from: impl Read) -> io::Result<usize> {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        let count = from.read(&mut self.bytes[self.end..])?;
        self.end += count;
        Ok(count)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(super) fn clear(&mut self) {
        self.bytes.fill(0);
        (self.start, self.end) = (0, 0);
    }

    /// The next key, when all of it is there.
    pub(super) fn key(&mut self) -> Option<Key> {
        let bytes = &self.bytes[self.start..self.end];
        let endless = || (bytes.len() > Self::LONGEST).then_some((Key::Other, bytes.len()));
        let (key, length) = first_key(bytes).or_else(endless)?;
        self.start += length;
        Some(key)
    }

    /// What stands there when no more comes: Escape, or the beginning of nothing.
    pub(super) fn give_up(&mut self) -> Key {
        let key = match self.bytes[self.start..self.end] {
            [0x1b] => Key::Escape,
            [first, ..] if !first.is_ascii() => Key::NoText,
            _ => Key::Other,
        };
        self.clear();
        key
    }
}

/// The key at the beginning and its length, or nothing when more has to come.
fn first_key(bytes: &[u8]) -> Option<(Key, usize)> {
    let (first, rest) = bytes.split_first()?;
    Some(match first {
        b'\r' | b'\n' => (Key::Enter, 1),
        b'\t' => (Key::Tab, 1),
        0x08 | 0x7f => (Key::Backspace, 1),
        0x1b => {
            let (key, length) = match rest.split_first()? {
                (b'[', rest) => sequence(rest)?,
                (b'O', rest) => (named(*rest.first()?), 1),
                // A key together with Alt.
                _ => (Key::Other, first_key(rest)?.1 - 1),
            };
            (key, 2 + length)
        }
        letter @ 1..=26 => (Key::Control(char::from(letter - 1 + b'a')), 1),
        0..=0x1f => (Key::Other, 1),
        _ => character(bytes)?,
    })
}

/// ECMA-48, 5.4: parameters, intermediate bytes, one final byte.
fn sequence(bytes: &[u8]) -> Option<(Key, usize)> {
    let last = bytes.iter().position(|byte| !matches!(byte, 0x20..=0x3f))?;
    let key = match (&bytes[..last], bytes[last]) {
        // The function keys of the Linux console have one byte more.
        (b"", b'[') => return bytes.get(last + 1).map(|_| (Key::Other, last + 2)),
        (b"", letter) => named(letter),
        (b"1" | b"7", b'~') => Key::Home,
        (b"4" | b"8", b'~') => Key::End,
        (b"3", b'~') => Key::Delete,
        (b"5", b'~') => Key::PageUp,
        (b"6", b'~') => Key::PageDown,
        _ => Key::Other,
    };
    Some((key, last + 1))
}

const fn named(letter: u8) -> Key {
    match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'F' => Key::End,
        b'H' => Key::Home,
        _ => Key::Other,
    }
}

fn character(bytes: &[u8]) -> Option<(Key, usize)> {
    // No character is longer.
    let bytes = bytes.get(..4).unwrap_or(bytes);
    let chunk = bytes.utf8_chunks().next()?;
    match chunk.valid().chars().next() {
        Some(character) => Some((Key::Char(character), character.len_utf8())),
        // More may come, unless what is there begins no character.
        None => str::from_utf8(bytes).err()?.error_len().map(|length| (Key::NoText, length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: &[u8]) -> (Vec<Key>, Typed) {
        let mut typed = Typed::new();
        typed.read(bytes).unwrap();
        let keys = std::iter::from_fn(|| typed.key()).collect();
        (keys, typed)
    }

    #[test]
    fn keys_are_read_one_after_the_other() {
        let (keys, rest) = typed(b"a\r\x1b[B\x1bOA\x1b[6~\x03\x7f\xc3\xa4 \x1b[H");
        let [page_down, a_umlaut] = [Key::PageDown, Key::Char('ä')];
        let end = [Key::Control('c'), Key::Backspace, a_umlaut, Key::Char(' '), Key::Home];
        assert_eq!(keys, [&[Key::Char('a'), Key::Enter, Key::Down, Key::Up, page_down][..], &end].concat());
        assert!(rest.is_empty());
    }

    #[test]
    fn what_is_no_key_is_one_other_key() {
        let unknown = [&b"\x1b[999~"[..], b"\x1b[1;5B", b"\x1b[<0;1;1M", b"\x1b[[A", b"\x1bq", b"\x1b\x1b[A"];
        for bytes in unknown {
            assert_eq!(typed(bytes).0, [Key::Other], "{bytes:?}");
            assert!(typed(bytes).1.is_empty(), "{bytes:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_swallow_no_other_key() {
        for (bytes, keys) in [
            (&b"\xff\r"[..], &[Key::NoText, Key::Enter][..]),
            (b"gr\xfcn\r", &[Key::Char('g'), Key::Char('r'), Key::NoText, Key::Char('n'), Key::Enter]),
            (b"\xe4\x03", &[Key::NoText, Key::Control('c')]),
            (b"\xe2\x82\r", &[Key::NoText, Key::Enter]),
            (b"\xed\xa0\x80", &[Key::NoText, Key::NoText, Key::NoText]),
            (b"\x80\xc3\xa4", &[Key::NoText, Key::Char('\u{e4}')]),
        ] {
            assert_eq!(typed(bytes).0, keys, "{bytes:?}");
        }
        assert_eq!(typed(b"\xe2\x82").1.give_up(), Key::NoText);
    }

    #[test]
    fn a_key_that_is_not_there_yet_is_waited_for() {
        for key in [&b"\x1b[A"[..], b"\x1bOA", b"\x1b[5~", b"\x1b[[A", "ß".as_bytes(), "€".as_bytes(), b"\x1b\x1bOA"]
        {
            let whole = typed(key).0;
            for cut in 1..key.len() {
                let (keys, mut typed) = typed(&key[..cut]);
                assert_eq!(keys, [], "{key:?} {cut}");
                typed.read(&key[cut..]).unwrap();
                assert_eq!(typed.key(), whole.first().copied());
            }
        }
    }

    #[test]
    fn escape_alone_is_a_key_and_half_a_key_is_none() {
        assert_eq!(typed(b"\x1b").1.give_up(), Key::Escape);
        assert_eq!(typed(b"\x1b[").1.give_up(), Key::Other);
    }

    #[test]
    fn no_bytes_stop_the_reading() {
        let mut cases = 0;
        for first in 0..=255_u8 {
            for second in 0..=255_u8 {
                for start in [&[][..], b"\x1b", b"\x1b[", b"\x1b[1;"] {
                    let (keys, mut rest) = typed(&[start, &[first, second]].concat());
                    if !rest.is_empty() {
                        rest.give_up();
                    }
                    assert!(rest.is_empty() && keys.len() <= 6);
                    cases += 1;
                }
            }
        }
        for repeated in [b"\x1b", b"1"] {
            let endless = [b"\x1b[", &repeated.repeat(Typed::ROOM - 2)[..]].concat();
            assert_eq!(typed(&endless).1.end, typed(&endless).1.start);
        }
        println!("keys: {cases} cases");
        assert_eq!(cases, 4 << 16);
    }

    #[test]
    fn what_was_typed_does_not_outlive_a_clear() {
        let mut typed = typed(b"\x1b[1").1;
        typed.clear();
        assert!(typed.bytes.iter().all(|byte| *byte == 0));
    }
}
