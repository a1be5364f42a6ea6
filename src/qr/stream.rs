//! The sender's side: a transfer as an endless supply of symbols.

use std::fmt;

use super::field::{LANE, Sum, lanes};
use super::frame::{Frame, Part};
use super::{Density, MAX_LENGTH, SYMBOL_LENGTH, StreamError, Symbol};

/// Which stream a frame is of: the first four bytes of BLAKE-256 of the transfer as it is sent.
///
/// It tells streams apart that are shown one after the other. It proves nothing: the transfer's own id does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId([u8; 4]);

impl StreamId {
    /// Takes its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    /// That of a transfer's bytes, deflated or not as they are sent.
    #[must_use]
    pub fn of(transfer: &[u8]) -> Self {
        let hash = blake256::blake256(transfer);
        Self([hash[0], hash[1], hash[2], hash[3]])
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The number of a symbol in its stream, below 2²⁴: source symbols first, then combinations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(u32);

impl SymbolId {
    /// The first source symbol.
    pub const FIRST: Self = Self(0);
    /// The largest number there is.
    pub const LAST: Self = Self((1 << 24) - 1);

    /// Takes a number.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number <= Self::LAST.0 { Some(Self(number)) } else { None }
    }

    /// Takes three bytes, little-endian.
    pub(super) const fn from_bytes([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([a, b, c, 0]))
    }

    pub(super) const fn to_bytes(self) -> [u8; 3] {
        let [a, b, c, _] = self.0.to_le_bytes();
        [a, b, c]
    }

    /// The number.
    #[must_use]
    pub const fn to_u32(self) -> u32 {
        self.0
    }

    /// The number as an index of a source symbol.
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }

    /// The number that comes so many later, if there is one.
    #[must_use]
    pub fn plus(self, count: usize) -> Option<Self> {
        Self::new(self.0.checked_add(u32::try_from(count).ok()?)?)
    }
}

/// Spreads the bits of a word: the last step of MurmurHash3 (32 bits), which is a permutation.
const fn mix(mut word: u32) -> u32 {
    word ^= word >> 16;
    word = word.wrapping_mul(0x85eb_ca6b);
    word ^= word >> 13;
    word = word.wrapping_mul(0xc2b2_ae35);
    word ^ word >> 16
}

/// The coefficients of a combination, one for each source symbol.
///
/// Word w of them, four coefficients little-endian, is mix(s + w·0x9e3779b9) with s = mix(mix(number) ^ stream id LE).
pub(super) fn coefficients(stream: StreamId, symbol: SymbolId) -> impl Iterator<Item = u8> {
    let start = mix(mix(symbol.0) ^ u32::from_le_bytes(stream.0));
    (0_u32..).flat_map(move |word| mix(start.wrapping_add(word.wrapping_mul(0x9e37_79b9))).to_le_bytes())
}

/// A transfer cut into symbols.
#[derive(Clone, Debug)]
pub struct Stream {
    id: StreamId,
    transfer: Vec<u8>,
    source: Vec<Symbol>,
}

impl Stream {
    /// Cuts the bytes of a transfer, as a file has them.
    ///
    /// # Errors
    /// [`StreamError::Length`].
    pub fn new(transfer: Vec<u8>) -> Result<Self, StreamError> {
        if transfer.is_empty() || transfer.len() > MAX_LENGTH {
            return Err(StreamError::Length { found: transfer.len(), most: MAX_LENGTH });
        }
        let source = transfer
            .chunks(SYMBOL_LENGTH)
            .map(|bytes| {
                let mut symbol = [0; SYMBOL_LENGTH];
                symbol[..bytes.len()].copy_from_slice(bytes);
                symbol
            })
            .collect();
        Ok(Self { id: StreamId::of(&transfer), transfer, source })
    }

    /// Which stream it is.
    #[must_use]
    pub const fn id(&self) -> StreamId {
        self.id
    }

    /// How many source symbols it has: as many independent symbols as a receiver needs.
    #[must_use]
    pub fn source_symbols(&self) -> usize {
        self.source.len()
    }

    /// The transfer as one frame, and the smallest code that holds it, if there is one.
    #[must_use]
    pub fn whole(&self) -> Option<(Frame, Density)> {
        Some((Frame::Whole(self.transfer.clone()), Density::for_whole(self.transfer.len())?))
    }

    /// A symbol by its number.
    #[must_use]
    pub fn symbol(&self, id: SymbolId) -> Symbol {
        if let Some(symbol) = self.source.get(id.index()) {
            return *symbol;
        }
        let mut sum = Sum::new(SYMBOL_LENGTH / LANE);
        for (symbol, coefficient) in self.source.iter().zip(coefficients(self.id, id)) {
            sum.add(lanes(symbol), coefficient);
        }
        let mut symbol = [0; SYMBOL_LENGTH];
        sum.add_to(symbol.as_chunks_mut().0);
        symbol
    }

    /// The frames to show, in order and without end.
    #[must_use]
    pub const fn parts(&self) -> Parts<'_> {
        self.parts_from(SymbolId::FIRST)
    }

    /// The frames to show from a symbol on, for who knows that those before were seen.
    #[must_use]
    pub const fn parts_from(&self, next: SymbolId) -> Parts<'_> {
        Parts { stream: self, next }
    }
}

/// The frames of a stream: all source symbols once, then combinations that were not shown before.
#[derive(Clone, Debug)]
pub struct Parts<'stream> {
    stream: &'stream Stream,
    next: SymbolId,
}

impl Parts<'_> {
    /// The next frame at a density, which may be another one each time.
    pub fn next_at(&mut self, density: Density) -> Part {
        self.next_with(density.symbols())
    }

    /// The number that the next frame begins with.
    #[must_use]
    pub const fn next_symbol(&self) -> SymbolId {
        self.next
    }

    /// The next frame with this many symbols, for codes of other sizes.
    pub fn next_with(&mut self, symbols: usize) -> Part {
        // After 16,777,215 symbols the first combinations come again.
        if self.next.plus(symbols).is_none() {
            self.next = SymbolId(u32::try_from(self.stream.source.len()).expect("at most MAX_SYMBOLS"));
        }
        let first = self.next;
        let ids = (0..symbols).map_while(|n| first.plus(n));
        let symbols: Vec<Symbol> = ids.map(|id| self.stream.symbol(id)).collect();
        self.next = first.plus(symbols.len()).expect("room was made above");
        Part::new(self.stream.id, self.stream.transfer.len(), first, symbols)
    }
}
