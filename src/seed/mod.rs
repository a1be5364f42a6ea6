//! Seeds and their words: what a person keeps on paper.
//!
//! A seed of 32 bytes is 33 words of the PGP word list, the last of them a checksum. Source: dcrwallet
//! `walletseed/seed.go`, `pgpwordlist/pgpwordlist.go`. Seeds of hardware wallets are words of BIP-39.

mod bip39;
mod entropy;
pub mod entry;

use dcrcold_core::words::{EVEN, ODD, word};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use self::bip39::{BIP39_COUNTS, Bip39Words, bip39_words};
pub use self::entropy::{Added, AddedKind, SystemRandomness};
pub use self::entry::{WordEntry, WordList};
use crate::swap;

/// The length of new seeds.
pub const NEW_SEED: usize = 32;
/// The shortest seed that can be restored.
const SHORTEST: usize = 16;
/// The longest seed that can be restored.
const LONGEST: usize = 64;
/// The most bytes of what a person adds to the system's randomness.
pub const LONGEST_SYMBOLS: usize = 4096;

/// The secret from which all keys of a wallet are made; wiped from memory when dropped.
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// Takes 16 to 64 bytes.
    ///
    /// # Errors
    /// [`SeedError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedError> {
        if (SHORTEST..=LONGEST).contains(&bytes.len()) {
            let mut room = swap::bytes(bytes.len());
            room.extend_from_slice(bytes);
            Ok(Self(room))
        } else {
            Err(SeedError::Length { found: bytes.len() })
        }
    }

    /// Makes a seed of 32 bytes from the randomness of the operating system.
    ///
    /// # Errors
    /// [`SeedError::NoRandomness`].
    pub fn generate() -> Result<Self, SeedError> {
        SystemRandomness::draw()?.into_seed()
    }

    /// Reads words, or a single token of hexadecimal digits; upper and lower case and any white space are the same.
    ///
    /// # Errors
    /// What is wrong with the text, naming positions but never words.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let mut tokens = text.split_whitespace();
        match (tokens.next(), tokens.next()) {
            (None, _) => Err(SeedError::Empty),
            (Some(hex), None) => Self::from_hex(hex),
            (Some(_), Some(_)) => Self::from_words(text),
        }
    }

    fn from_hex(text: &str) -> Result<Self, SeedError> {
        let mut bytes = swap::bytes(text.len() / 2);
        bytes.resize(text.len() / 2, 0);
        base16ct::mixed::decode(text, &mut bytes).map_err(|_| SeedError::NotHex)?;
        Self::from_bytes(&bytes)
    }

    fn from_words(text: &str) -> Result<Self, SeedError> {
        let mut bytes = swap::bytes(LONGEST + 1);
        for (position, token) in text.split_whitespace().enumerate() {
            if position > LONGEST {
                return Err(SeedError::TooManyWords);
            }
            bytes.push(byte_of(position, token)?);
        }
        let (checksum, seed) = bytes.split_last().ok_or(SeedError::Empty)?;
        let seed = Self::from_bytes(seed)?;
        if *checksum == checksum_of(&seed.0) { Ok(seed) } else { Err(SeedError::Checksum) }
    }

    /// The words, separated by single spaces; the last one is the checksum.
    #[must_use]
    pub fn to_words(&self) -> Zeroizing<String> {
        let checksum = [checksum_of(&self.0)];
        words_of(self.0.iter().chain(&checksum).copied())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Room for a word of either list and a space.
const WORD_ROOM: usize = 13;

/// Spells bytes with words, without a checksum.
#[must_use]
pub fn words_of(bytes: impl IntoIterator<Item = u8>) -> Zeroizing<String> {
    // All of it at once, so that no shorter copy is left behind when the text grows.
    let mut text = swap::text((LONGEST + 1) * WORD_ROOM);
    for (position, byte) in bytes.into_iter().enumerate() {
        if position > 0 {
            text.push(' ');
        }
        text.push_str(word(position, byte));
    }
    text
}

/// The byte that a word spells at a position, counted from 0.
///
/// # Errors
/// [`SeedError::UnknownWord`] or [`SeedError::WrongParity`].
pub fn byte_of(position: usize, token: &str) -> Result<u8, SeedError> {
    let (right, wrong) = if position.is_multiple_of(2) { (&EVEN, &ODD) } else { (&ODD, &EVEN) };
    let find = |list: &[&str; 256]| (0..=u8::MAX).find(|byte| list[usize::from(*byte)].eq_ignore_ascii_case(token));
    match (find(right), find(wrong)) {
        (Some(byte), _) => Ok(byte),
        (None, Some(_)) => Err(SeedError::WrongParity { position }),
        (None, None) => Err(SeedError::UnknownWord { position }),
    }
}

/// The first byte of SHA-256 applied twice: not BLAKE-256 here.
fn checksum_of(seed: &[u8]) -> u8 {
    let inner = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(seed)));
    Sha256::digest(*inner)[0]
}

/// Why a text is not a seed. No variant carries a word of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedError {
    /// No text.
    #[error("seed is empty, expected 33 words or hexadecimal digits")]
    Empty,
    /// Not a word of the list.
    #[error("word {} of the seed is not in the word list", position + 1)]
    UnknownWord {
        /// Which word, counted from 0.
        position: usize,
    },
    /// A word of the other half of the list.
    #[error("word {} of the seed belongs at {} position: a word before it is missing, doubled or swapped",
        position + 1, if position.is_multiple_of(2) { "an even" } else { "an odd" })]
    WrongParity {
        /// Which word, counted from 0.
        position: usize,
    },
    /// More words than the longest seed has.
    #[error("seed has more than {} words", LONGEST + 1)]
    TooManyWords,
    /// The last word does not fit the others.
    #[error("last word of the seed does not fit the others: a word is wrong")]
    Checksum,
    /// A single token that is no hexadecimal number.
    #[error("seed is a single word and not hexadecimal digits, two for each byte")]
    NotHex,
    /// Too short or too long.
    #[error("seed has {found} bytes, expected {SHORTEST} to {LONGEST}")]
    Length {
        /// Its length.
        found: usize,
    },
    /// Not a word of BIP-39.
    #[error("word {} is not in the English list of BIP-39", position + 1)]
    UnknownBip39Word {
        /// Which word, counted from 0.
        position: usize,
    },
    /// BIP-39 has no such number of words.
    #[error("seed has {found} words, expected 12, 15, 18, 21 or 24 of BIP-39")]
    Bip39Count {
        /// How many.
        found: usize,
    },
    /// The last word of BIP-39 does not fit the others.
    #[error("checksum of the BIP-39 words is wrong: a word is another one, or two are swapped")]
    Bip39Checksum,
    /// A person added nothing to the system's randomness.
    #[error("nothing was added to the randomness of the system")]
    NothingAdded,
    /// What was added holds something else than it should.
    #[error("symbol {} of what was added is not {}", position + 1, match kind {
        AddedKind::Dice => "a throw of a die, 1 to 6",
        AddedKind::Text => "a printable character",
    })]
    NotASymbol {
        /// Which one, counted from 0.
        position: usize,
        /// What was to be added.
        kind: AddedKind,
    },
    /// More was added than is taken.
    #[error("more than {LONGEST_SYMBOLS} bytes were added to the randomness of the system")]
    TooManySymbols,
    /// The operating system gave no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}
