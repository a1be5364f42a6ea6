//! New seeds: the system's randomness, and what a person adds to it.
//!
//! A person who does not trust the machine's randomness throws dice. The seed is then
//!
//! ```text
//! HMAC-SHA-256(key = 32 bytes of the system, "dcrcold seed" ‖ kind u8 ‖ symbols)
//! ```
//!
//! which nobody can guess without guessing both. `docs/seeds.md` says why, and what of it can be checked.

use std::str::FromStr;

use hmac::digest::FixedOutput;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{LONGEST_SYMBOLS, NEW_SEED, Seed, SeedError};
use crate::swap;

/// The randomness of the operating system that goes into a new seed; wiped when dropped.
pub struct SystemRandomness(Zeroizing<[u8; NEW_SEED]>);

impl SystemRandomness {
    /// Asks the operating system for 32 bytes.
    ///
    /// # Errors
    /// [`SeedError::NoRandomness`].
    pub fn draw() -> Result<Self, SeedError> {
        let mut bytes = Zeroizing::new([0; NEW_SEED]);
        getrandom::fill(&mut *bytes).map_err(|_| SeedError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Takes bytes from elsewhere, for tests.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; NEW_SEED]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The seed that these bytes are.
    ///
    /// # Errors
    /// None in practice: 32 bytes are a seed.
    pub fn into_seed(self) -> Result<Seed, SeedError> {
        Seed::from_bytes(&*self.0)
    }

    /// The seed that these bytes make with what a person added.
    ///
    /// # Errors
    /// None in practice: 32 bytes are a seed.
    pub fn mixed_with(self, added: &Added) -> Result<Seed, SeedError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("HMAC takes keys of any length");
        mac.update(b"dcrcold seed");
        mac.update(&[added.kind.code()]);
        mac.update(added.symbols.as_bytes());
        let mut bytes = Zeroizing::new([0; NEW_SEED]);
        mac.finalize_into((&mut *bytes).into());
        Seed::from_bytes(&*bytes)
    }
}

/// What a person adds to the system's randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedKind {
    /// Throws of a die with six faces.
    Dice,
    /// Any text.
    Text,
}

impl AddedKind {
    /// How many throws hold as much as a seed of 256 bits: 99 · log2(6) = 255.9.
    const FULL_DICE: usize = 99;
    /// How many characters are taken to hold as much as a seed, at one bit each.
    const FULL_TEXT: usize = 256;

    const fn code(self) -> u8 {
        match self {
            Self::Dice => 1,
            Self::Text => 2,
        }
    }

    /// The number of symbols from which on the seed is as good as those symbols alone would make it.
    #[must_use]
    pub const fn full(self) -> usize {
        match self {
            Self::Dice => Self::FULL_DICE,
            Self::Text => Self::FULL_TEXT,
        }
    }

    /// What so many symbols are taken to hold, in bits: log2(6) for a throw, 1 for a character that a person typed.
    #[must_use]
    pub const fn bits(self, symbols: usize) -> usize {
        match self {
            // Rounded, so that 99 throws count as the 256 bits that they are but for a tenth of one.
            Self::Dice => (symbols * 258_496 + 50_000) / 100_000,
            Self::Text => symbols,
        }
    }

    /// Whether a character may stand among the symbols: 1 to 6 for dice, any printable one for text.
    #[must_use]
    pub fn takes(self, symbol: char) -> bool {
        match self {
            Self::Dice => matches!(symbol, '1'..='6'),
            Self::Text => !symbol.is_control(),
        }
    }
}

impl FromStr for AddedKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "dice" => Ok(Self::Dice),
            "text" => Ok(Self::Text),
            _ => Err("expected dice or text"),
        }
    }
}

/// The symbols that a person added; wiped from memory when dropped.
pub struct Added {
    kind: AddedKind,
    symbols: Zeroizing<String>,
}

impl Added {
    /// Takes throws as the digits 1 to 6, with any white space between them, or a line of text as it is.
    ///
    /// # Errors
    /// [`SeedError::NothingAdded`], [`SeedError::NotASymbol`], [`SeedError::TooManySymbols`]; none carries a symbol.
    pub fn parse(kind: AddedKind, text: &str) -> Result<Self, SeedError> {
        // All of it at once, so that no shorter copy is left behind when the text grows.
        let mut symbols = swap::text(text.len());
        let skips = |symbol: char| kind == AddedKind::Dice && symbol.is_whitespace();
        for (position, symbol) in text.chars().filter(|symbol| !skips(*symbol)).enumerate() {
            if !kind.takes(symbol) {
                return Err(SeedError::NotASymbol { position, kind });
            }
            symbols.push(symbol);
        }
        match symbols.len() {
            0 => Err(SeedError::NothingAdded),
            1..=LONGEST_SYMBOLS => Ok(Self { kind, symbols }),
            _ => Err(SeedError::TooManySymbols),
        }
    }

    /// What the symbols are.
    #[must_use]
    pub const fn kind(&self) -> AddedKind {
        self.kind
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.symbols.chars().count()
    }
}
