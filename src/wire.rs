//! The integers, counts and byte strings of Decred's wire format.
//!
//! Everything that fails names what was being read and the offset where it began.
//! Source: dcrd `wire/common.go`.

use dcrcold_core::hash::{Sink, put_varint};

/// The most bytes that one message of the peer protocol may hold, and so the most that any script may claim to be.
pub const MAX_MESSAGE: u64 = 32 * 1024 * 1024;

/// Why bytes are not what they were read as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes end inside an item.
    #[error("{what} at offset {offset} needs {needed} bytes, {left} are left")]
    Truncated {
        /// The item.
        what: &'static str,
        /// Where the item begins.
        offset: usize,
        /// The bytes that the item takes.
        needed: u64,
        /// The bytes that are there.
        left: usize,
    },
    /// A count or length is written in more bytes than it needs.
    #[error("{what} at offset {offset} writes {found} in more bytes than it needs")]
    NonCanonical {
        /// The item.
        what: &'static str,
        /// Where the item begins.
        offset: usize,
        /// The number found.
        found: u64,
    },
    /// A count or length is beyond what any message can hold.
    #[error("{what} at offset {offset} is {found}, more than {most}")]
    TooMany {
        /// The item.
        what: &'static str,
        /// Where the item begins.
        offset: usize,
        /// The number found.
        found: u64,
        /// The largest number accepted.
        most: u64,
    },
    /// Bytes follow after the end.
    #[error("{left} bytes follow the end of the {what} at offset {offset}")]
    Trailing {
        /// What ended.
        what: &'static str,
        /// Where it ended.
        offset: usize,
        /// The number of bytes that follow.
        left: usize,
    },
}

/// Reads items from the front of a byte slice.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, offset: 0 }
    }

    /// The number of bytes read so far.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The number of bytes not read yet.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads `length` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] when fewer are left.
    pub fn take(&mut self, what: &'static str, length: usize) -> Result<&'a [u8], WireError> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(self.truncated(what, self.offset, length as u64));
        };
        self.rest = rest;
        self.offset += length;
        Ok(taken)
    }

    /// Reads `N` bytes.
    ///
    /// # Errors
    /// [`WireError::Truncated`] when fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], WireError> {
        let Some((taken, rest)) = self.rest.split_first_chunk::<N>() else {
            return Err(self.truncated(what, self.offset, N as u64));
        };
        self.rest = rest;
        self.offset += N;
        Ok(*taken)
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// [`WireError::Truncated`] at the end.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, WireError> {
        self.array(what).map(u8::from_le_bytes)
    }

    /// Reads a 16-bit number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] at the end.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, WireError> {
        self.array(what).map(u16::from_le_bytes)
    }

    /// Reads a 32-bit number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] at the end.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, WireError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// Reads a signed 64-bit number.
    ///
    /// # Errors
    /// [`WireError::Truncated`] at the end.
    pub fn i64(&mut self, what: &'static str) -> Result<i64, WireError> {
        self.array(what).map(i64::from_le_bytes)
    }

    /// Reads a number of variable length.
    ///
    /// # Errors
    /// [`WireError::Truncated`] at the end, [`WireError::NonCanonical`] when a shorter form exists.
    pub fn varint(&mut self, what: &'static str) -> Result<u64, WireError> {
        let start = self.offset;
        let (found, least) = match self.u8(what)? {
            0xfd => (u64::from(self.u16(what)?), 0xfd),
            0xfe => (u64::from(self.u32(what)?), 0x1_0000),
            0xff => (self.array(what).map(u64::from_le_bytes)?, 0x1_0000_0000),
            small => return Ok(u64::from(small)),
        };
        if found < least {
            return Err(WireError::NonCanonical { what, offset: start, found });
        }
        Ok(found)
    }

    /// Reads a count of at most `most` items.
    ///
    /// # Errors
    /// Those of [`Reader::varint`], and [`WireError::TooMany`].
    pub fn count(&mut self, what: &'static str, most: u64) -> Result<usize, WireError> {
        let offset = self.offset;
        let found = self.varint(what)?;
        match usize::try_from(found) {
            Ok(count) if found <= most => Ok(count),
            _ => Err(WireError::TooMany { what, offset, found, most }),
        }
    }

    /// Reads a length of at most `most` and as many bytes.
    ///
    /// # Errors
    /// Those of [`Reader::count`] and [`Reader::take`].
    pub fn bytes(&mut self, what: &'static str, most: u64) -> Result<&'a [u8], WireError> {
        let length = self.count(what, most)?;
        self.take(what, length)
    }

    /// Reads `count` items, reserving no more memory than items of `least` bytes could fill.
    ///
    /// # Errors
    /// That of the first item that cannot be read.
    pub fn items<T, E>(
        &mut self,
        count: usize,
        least: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let mut items = Vec::with_capacity(count.min(self.left() / least));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Ends the reading of `what`.
    ///
    /// # Errors
    /// [`WireError::Trailing`] when bytes are left.
    pub const fn finish(self, what: &'static str) -> Result<(), WireError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(WireError::Trailing { what, offset: self.offset, left: self.rest.len() })
    }

    const fn truncated(&self, what: &'static str, offset: usize, needed: u64) -> WireError {
        WireError::Truncated { what, offset, needed, left: self.rest.len() }
    }
}

/// Collects what is written.
#[derive(Clone, Debug, Default)]
pub struct Buffer(pub Vec<u8>);

impl Sink for Buffer {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// Writes a length and the bytes.
pub fn put_bytes(sink: &mut impl Sink, bytes: &[u8]) {
    put_varint(sink, bytes.len() as u64);
    sink.put(bytes);
}
