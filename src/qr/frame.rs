//! The text of one code.
//!
//! `DCR1/` and base45 of: type u8 · stream id 4 · length u24 LE · first symbol u24 LE · symbols of 80 bytes · CRC-32 LE.
//! A transfer that fits into one code is a *whole* frame: `DCR1/` and base45 of: type u8 · transfer · CRC-32 LE.
//!
//! Versions: the type's high half is the version, 1; a reader refuses any other, and refuses types that it does not know.

use super::base45;
use super::{FrameError, MAX_LENGTH, MAX_SYMBOLS, SYMBOL_LENGTH, StreamId, Symbol, SymbolId};

/// What each frame starts with, so that a code of something else is told apart before anything is decoded.
const PREFIX: &str = "DCR1/";
/// Type of a frame that carries symbols.
const PART: u8 = 0x10;
/// Type of a frame that carries a whole transfer.
const WHOLE: u8 = 0x11;
/// Type, stream id, length and first symbol.
const PART_HEAD: usize = 1 + 4 + 3 + 3;
/// Bytes of the CRC-32.
const CHECK_SUM: usize = 4;
/// What version 40 with error correction L holds. Source: ISO/IEC 18004, table 7.
const MOST_CHARACTERS: usize = 4_296;

/// What a code carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A whole transfer, deflated or not: nothing of it is checked but the sum.
    Whole(Vec<u8>),
    /// Symbols of a stream.
    Part(Part),
}

/// Symbols of a stream, consecutive ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    stream: StreamId,
    length: usize,
    first: SymbolId,
    symbols: Vec<Symbol>,
}

impl Frame {
    /// Reads the text of a code, all of it.
    ///
    /// The length is checked before anything is decoded, and at most as many bytes are allocated as the text has.
    ///
    /// # Errors
    /// What is malformed.
    pub fn parse(text: &[u8]) -> Result<Self, FrameError> {
        if text.len() > MOST_CHARACTERS {
            return Err(FrameError::TooLong { found: text.len(), most: MOST_CHARACTERS });
        }
        let encoded = text.strip_prefix(PREFIX.as_bytes()).ok_or(FrameError::NotAFrame)?;
        let bytes = base45::decode(encoded).ok_or(FrameError::NotBase45)?;
        let Some((summed, sum)) = bytes.split_last_chunk::<CHECK_SUM>() else {
            return Err(FrameError::Length { found: bytes.len() });
        };
        let (found, expected) = (u32::from_le_bytes(*sum), crc32fast::hash(summed));
        if found != expected {
            return Err(FrameError::CheckSum { found, expected });
        }
        match summed.split_first() {
            Some((&PART, _)) => Part::parse(summed).map(Self::Part),
            Some((&WHOLE, transfer)) => Ok(Self::Whole(transfer.to_vec())),
            Some((&found, _)) => Err(FrameError::UnknownType { found }),
            None => Err(FrameError::Length { found: bytes.len() }),
        }
    }

    /// Whether a text begins as a frame does, whatever follows.
    #[must_use]
    pub fn is_meant(text: &[u8]) -> bool {
        text.starts_with(PREFIX.as_bytes())
    }

    /// The text to put into a code, alphanumeric characters only.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = Vec::new();
        match self {
            Self::Whole(transfer) => {
                bytes.push(WHOLE);
                bytes.extend(transfer);
            }
            Self::Part(part) => part.write(&mut bytes),
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        let mut text = String::with_capacity(characters(bytes.len()));
        text.push_str(PREFIX);
        base45::encode(&bytes, &mut text);
        text
    }
}

impl Part {
    /// Takes consecutive symbols of a stream.
    pub(super) fn new(stream: StreamId, length: usize, first: SymbolId, symbols: Vec<Symbol>) -> Self {
        Self { stream, length, first, symbols }
    }

    fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        let bad_length = || FrameError::Length { found: bytes.len() + CHECK_SUM };
        let (head, body) = bytes.split_first_chunk::<PART_HEAD>().ok_or_else(bad_length)?;
        let (symbols, []) = body.as_chunks::<SYMBOL_LENGTH>() else {
            return Err(bad_length());
        };
        if symbols.is_empty() {
            return Err(bad_length());
        }
        let [_, a, b, c, d, length @ .., e, f, g] = *head;
        let length = u32::from_le_bytes([length[0], length[1], length[2], 0]);
        let claimed = usize::try_from(length).unwrap_or(usize::MAX);
        if claimed == 0 || claimed > MAX_LENGTH {
            return Err(FrameError::StreamLength { found: length });
        }
        let first = SymbolId::from_bytes([e, f, g]);
        if first.plus(symbols.len() - 1).is_none() {
            return Err(FrameError::SymbolRange { first: first.to_u32(), symbols: symbols.len() });
        }
        Ok(Self { stream: StreamId::from_bytes([a, b, c, d]), length: claimed, first, symbols: symbols.to_vec() })
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let length = u32::try_from(self.length).expect("at most MAX_LENGTH").to_le_bytes();
        bytes.push(PART);
        bytes.extend(self.stream.as_bytes());
        bytes.extend(&length[..3]);
        bytes.extend(self.first.to_bytes());
        bytes.extend(self.symbols.as_flattened());
    }

    /// The stream that its symbols are of.
    #[must_use]
    pub const fn stream(&self) -> StreamId {
        self.stream
    }

    /// Bytes of the transfer: 1 to [`MAX_LENGTH`].
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }

    /// How many source symbols the transfer has.
    #[must_use]
    pub const fn source_symbols(&self) -> usize {
        self.length.div_ceil(SYMBOL_LENGTH)
    }

    /// Its symbols with their numbers.
    pub fn symbols(&self) -> impl Iterator<Item = (SymbolId, &Symbol)> {
        (0..).map_while(|n| self.first.plus(n)).zip(&self.symbols)
    }
}

/// How many characters a frame of this many bytes has.
const fn characters(bytes: usize) -> usize {
    PREFIX.len() + bytes / 2 * 3 + bytes % 2 * 2
}

/// How many symbols fit into a frame of this many characters.
pub(super) const fn symbols_in(characters: usize) -> usize {
    let mut symbols = 0;
    while part_characters(symbols + 1) <= characters {
        symbols += 1;
    }
    symbols
}

const fn part_characters(symbols: usize) -> usize {
    characters(PART_HEAD + symbols * SYMBOL_LENGTH + CHECK_SUM)
}

/// How many characters a frame with a whole transfer has.
pub(super) const fn whole_characters(length: usize) -> usize {
    characters(1 + length + CHECK_SUM)
}

const _: () = assert!(MAX_LENGTH == MAX_SYMBOLS * SYMBOL_LENGTH && MAX_LENGTH < 1 << 24);
