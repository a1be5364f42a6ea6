//! Deterministic CBOR, the part of RFC 8949 that transfers use: unsigned integers, byte strings, text, arrays, maps.
//!
//! There is one encoding of every value: shortest heads, definite lengths, map keys ascending. The readers refuse
//! any other, so that equal ids mean equal meaning.

use core::fmt;

use crate::hash::Sink;

/// The head of a data item: its type and its number or length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// An unsigned integer.
    Uint(u64),
    /// A byte string of this length.
    Bytes(u64),
    /// A text of this many bytes.
    Text(u64),
    /// An array of this many items.
    Array(u64),
    /// A map of this many pairs.
    Map(u64),
}

impl Head {
    const fn parts(self) -> (u8, u64) {
        match self {
            Self::Uint(n) => (0, n),
            Self::Bytes(n) => (2, n),
            Self::Text(n) => (3, n),
            Self::Array(n) => (4, n),
            Self::Map(n) => (5, n),
        }
    }
}

/// Why bytes are not deterministic CBOR of the form that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CborError {
    /// A number or length in more bytes than it needs.
    NotShortest,
    /// A type that transfers do not use.
    Type,
    /// Another type, length or key than the one that belongs here.
    Unexpected,
    /// The end came too early.
    Truncated,
    /// Bytes after the end.
    Trailing,
}

impl fmt::Display for CborError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotShortest => "a number is not in its shortest form",
            Self::Type => "a type that transfers do not use",
            Self::Unexpected => "another type, length or key than the one that belongs here",
            Self::Truncated => "the end came too early",
            Self::Trailing => "bytes after the end",
        })
    }
}

impl core::error::Error for CborError {}

/// Reads one head after the other from single bytes, for a stream that arrives in pieces.
#[derive(Debug, Default)]
pub struct HeadReader {
    major: u8,
    missing: u8,
    width: u8,
    number: u64,
}

impl HeadReader {
    /// Before the first byte.
    pub(crate) const fn new() -> Self {
        Self { major: 0, missing: 0, width: 0, number: 0 }
    }

    /// Takes a byte; returns the head once it is complete.
    ///
    /// # Errors
    /// [`CborError::NotShortest`] and [`CborError::Type`].
    pub fn push(&mut self, byte: u8) -> Result<Option<Head>, CborError> {
        if self.missing == 0 {
            return self.first(byte);
        }
        self.number = (self.number << 8) | u64::from(byte);
        self.missing = self.missing.saturating_sub(1);
        if self.missing > 0 {
            return Ok(None);
        }
        let least = match self.width {
            1 => 24,
            2 => 0x100,
            4 => 0x1_0000,
            _ => 0x1_0000_0000,
        };
        if self.number < least {
            return Err(CborError::NotShortest);
        }
        self.head().map(Some)
    }

    /// Whether a head has begun and is not complete.
    #[must_use]
    pub const fn is_partial(&self) -> bool {
        self.missing > 0
    }

    fn first(&mut self, byte: u8) -> Result<Option<Head>, CborError> {
        self.major = byte >> 5;
        if !matches!(self.major, 0 | 2..=5) {
            return Err(CborError::Type);
        }
        match byte & 0x1f {
            small @ 0..=23 => {
                self.number = u64::from(small);
                self.head().map(Some)
            }
            wide @ 24..=27 => {
                self.number = 0;
                self.width = 1 << (wide & 3);
                self.missing = self.width;
                Ok(None)
            }
            _ => Err(CborError::Type),
        }
    }

    const fn head(&self) -> Result<Head, CborError> {
        match self.major {
            0 => Ok(Head::Uint(self.number)),
            2 => Ok(Head::Bytes(self.number)),
            3 => Ok(Head::Text(self.number)),
            4 => Ok(Head::Array(self.number)),
            5 => Ok(Head::Map(self.number)),
            _ => Err(CborError::Type),
        }
    }
}

/// Reads a whole body that lies in memory.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of a body.
    #[must_use]
    pub const fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    /// Reads the next head.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn head(&mut self) -> Result<Head, CborError> {
        let mut reader = HeadReader::default();
        loop {
            let (byte, rest) = self.rest.split_first().ok_or(CborError::Truncated)?;
            self.rest = rest;
            if let Some(head) = reader.push(*byte)? {
                return Ok(head);
            }
        }
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn uint(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            Head::Uint(number) => Ok(number),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn bytes(&mut self) -> Result<&'a [u8], CborError> {
        match self.head()? {
            Head::Bytes(length) => self.take(length),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Reads a byte string of a fixed length.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn array_of_bytes<const N: usize>(&mut self) -> Result<[u8; N], CborError> {
        self.bytes()?.try_into().map_err(|_| CborError::Unexpected)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn text(&mut self) -> Result<&'a str, CborError> {
        match self.head()? {
            Head::Text(length) => core::str::from_utf8(self.take(length)?).map_err(|_| CborError::Unexpected),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Reads the head of an array and returns the number of its items.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn array(&mut self) -> Result<u64, CborError> {
        match self.head()? {
            Head::Array(length) => Ok(length),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Reads the head of an array of exactly `length` items.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn array_of(&mut self, length: u64) -> Result<(), CborError> {
        if self.array()? == length { Ok(()) } else { Err(CborError::Unexpected) }
    }

    /// Reads the head of a map and returns the pairs, whose keys must ascend.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn map(&mut self) -> Result<Keys, CborError> {
        match self.head()? {
            Head::Map(pairs) => Ok(Keys { left: pairs, next: 0 }),
            _ => Err(CborError::Unexpected),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`CborError::Trailing`] when bytes are left.
    pub const fn end(self) -> Result<(), CborError> {
        if self.rest.is_empty() { Ok(()) } else { Err(CborError::Trailing) }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], CborError> {
        let length = usize::try_from(length).map_err(|_| CborError::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(CborError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

/// The keys of a map that is being read: counts them and sees that they ascend.
#[derive(Debug)]
pub struct Keys {
    left: u64,
    next: u64,
}

impl Keys {
    /// Reads the next key; `None` after the last pair.
    ///
    /// # Errors
    /// [`CborError`].
    pub fn next(&mut self, reader: &mut Reader<'_>) -> Result<Option<u64>, CborError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let key = reader.uint()?;
        if key < self.next {
            return Err(CborError::Unexpected);
        }
        self.left = left;
        self.next = key.checked_add(1).ok_or(CborError::Unexpected)?;
        Ok(Some(key))
    }
}

/// Writes data items into a sink.
#[derive(Debug)]
pub struct Writer<S>(pub S);

impl<S: Sink> Writer<S> {
    /// Writes a head in its shortest form.
    pub fn head(&mut self, head: Head) -> &mut Self {
        let (major, number) = head.parts();
        let major = major << 5;
        let [.., b4, b5, b6, b7] = number.to_be_bytes();
        match number {
            0..=23 => self.0.put(&[major | b7]),
            24..=0xff => self.0.put(&[major | 24, b7]),
            0x100..=0xffff => self.0.put(&[major | 25, b6, b7]),
            0x1_0000..=0xffff_ffff => self.0.put(&[major | 26, b4, b5, b6, b7]),
            _ => {
                self.0.put(&[major | 27]);
                self.0.put(&number.to_be_bytes());
            }
        }
        self
    }

    /// Writes an unsigned integer.
    pub fn uint(&mut self, number: u64) -> &mut Self {
        self.head(Head::Uint(number))
    }

    /// Writes a byte string.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(Head::Bytes(bytes.len() as u64));
        self.0.put(bytes);
        self
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.head(Head::Text(text.len() as u64));
        self.0.put(text.as_bytes());
        self
    }

    /// Writes the head of an array.
    pub fn array(&mut self, items: u64) -> &mut Self {
        self.head(Head::Array(items))
    }

    /// Writes the head of a map.
    pub fn map(&mut self, pairs: u64) -> &mut Self {
        self.head(Head::Map(pairs))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]
mod tests {
    use std::vec::Vec;

    use super::{CborError, Head, HeadReader, Reader, Writer};
    use crate::hash::Sink;

    struct Buffer(Vec<u8>);

    impl Sink for Buffer {
        fn put(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
    }

    /// Numbers on both sides of every change of width.
    const EDGES: [u64; 12] =
        [0, 1, 23, 24, 0xff, 0x100, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, u64::MAX - 1, u64::MAX];

    #[test]
    fn what_is_written_reads_back() {
        for edge in EDGES {
            for head in [Head::Uint(edge), Head::Bytes(edge), Head::Text(edge), Head::Array(edge), Head::Map(edge)] {
                let mut buffer = Buffer(Vec::new());
                Writer(&mut buffer).head(head);
                let mut reader = Reader::new(&buffer.0);
                assert_eq!(reader.head(), Ok(head));
                assert_eq!(reader.end(), Ok(()));
            }
        }
    }

    #[test]
    fn longer_forms_of_a_number_are_refused() {
        for bytes in [
            &[0x18, 23][..],
            &[0x19, 0, 0xff],
            &[0x1a, 0, 0, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x58, 1],
        ] {
            assert_eq!(Reader::new(bytes).head(), Err(CborError::NotShortest), "{bytes:x?}");
        }
    }

    #[test]
    fn types_that_transfers_do_not_use_are_refused() {
        for first in [0x20, 0xc0, 0xe0, 0xf4, 0xf6, 0xf9, 0x1c, 0x1f, 0x5f, 0x7f, 0x9f, 0xbf, 0xff] {
            assert_eq!(HeadReader::default().push(first), Err(CborError::Type), "{first:x}");
        }
    }

    #[test]
    fn keys_must_ascend_and_be_as_many_as_announced() {
        let mut reader = Reader::new(&[0xa2, 1, 0, 1, 0]);
        let mut keys = reader.map().unwrap();
        assert_eq!(keys.next(&mut reader), Ok(Some(1)));
        reader.uint().unwrap();
        assert_eq!(keys.next(&mut reader), Err(CborError::Unexpected));
        let mut reader = Reader::new(&[0xa1, 7, 0]);
        let mut keys = reader.map().unwrap();
        assert_eq!(keys.next(&mut reader), Ok(Some(7)));
        reader.uint().unwrap();
        assert_eq!(keys.next(&mut reader), Ok(None));
    }

    #[test]
    fn bytes_after_the_end_are_refused() {
        let mut reader = Reader::new(&[0x41, 9, 0]);
        assert_eq!(reader.bytes(), Ok(&[9][..]));
        assert_eq!(reader.end(), Err(CborError::Trailing));
        assert_eq!(Reader::new(&[0x42, 9]).bytes(), Err(CborError::Truncated));
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), Err(CborError::Unexpected));
    }
}
