//! How much a code holds: fewer and larger codes, or more that are easier to read.

use super::frame;

/// A size of codes: a QR version with error correction L, and the symbols that a frame of it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Density {
    /// Version 6, 41 x 41 modules, one symbol: for the smallest terminals.
    V6,
    /// Version 10, 57 x 57 modules, three symbols.
    V10,
    /// Version 15, 77 x 77 modules, six symbols.
    V15,
    /// Version 20, 97 x 97 modules, ten symbols.
    V20,
    /// Version 25, 117 x 117 modules, fifteen symbols.
    V25,
    /// Version 30, 137 x 137 modules, twenty symbols: for cameras that see every module well.
    V30,
}

impl Density {
    /// All of them, smallest first.
    pub const ALL: [Self; 6] = [Self::V6, Self::V10, Self::V15, Self::V20, Self::V25, Self::V30];

    /// The QR version: 1 to 40.
    #[must_use]
    pub const fn version(self) -> u8 {
        match self {
            Self::V6 => 6,
            Self::V10 => 10,
            Self::V15 => 15,
            Self::V20 => 20,
            Self::V25 => 25,
            Self::V30 => 30,
        }
    }

    /// How many symbols a frame carries: as many as fit.
    #[must_use]
    pub const fn symbols(self) -> usize {
        frame::symbols_in(self.characters())
    }

    /// Modules in a row, without the quiet zone.
    #[must_use]
    pub const fn modules(self) -> usize {
        17 + 4 * self.version() as usize
    }

    /// Alphanumeric characters that the version holds with error correction L. Source: ISO/IEC 18004, table 7.
    #[must_use]
    pub const fn characters(self) -> usize {
        match self {
            Self::V6 => 195,
            Self::V10 => 395,
            Self::V15 => 758,
            Self::V20 => 1_249,
            Self::V25 => 1_853,
            Self::V30 => 2_520,
        }
    }

    /// The smallest one into which a whole transfer of this many bytes fits as a single frame.
    #[must_use]
    pub fn for_whole(length: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|density| frame::whole_characters(length) <= density.characters())
    }

    /// The next larger one.
    #[must_use]
    pub fn larger(self) -> Option<Self> {
        Self::ALL.into_iter().find(|other| *other > self)
    }

    /// The next smaller one.
    #[must_use]
    pub fn smaller(self) -> Option<Self> {
        Self::ALL.into_iter().rev().find(|other| *other < self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_carry_as_many_symbols_as_documented() {
        assert_eq!(Density::ALL.map(Density::symbols), [1, 3, 6, 10, 15, 20]);
        assert_eq!(Density::ALL.map(Density::modules), [41, 57, 77, 97, 117, 137]);
    }

    #[test]
    fn the_smallest_that_fits_is_taken() {
        assert_eq!(Density::for_whole(1), Some(Density::V6));
        assert_eq!(Density::for_whole(1_227), Some(Density::V25));
        assert_eq!(Density::for_whole(1_228), Some(Density::V30));
        assert_eq!(Density::for_whole(1_672), None);
        assert_eq!((Density::V6.smaller(), Density::V30.larger()), (None, None));
        assert_eq!((Density::V20.smaller(), Density::V20.larger()), (Some(Density::V15), Some(Density::V25)));
    }
}
