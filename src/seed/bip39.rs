//! Seeds of hardware wallets: 12 to 24 words of the English list of BIP-39, and a passphrase.
//!
//! Source: BIP-39. Hardware wallets derive keys from such a seed by BIP-32 to the letter.

use bip39::Language;
use hmac::Hmac;
use sha2::{Digest, Sha256, Sha512};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::{Seed, SeedError};
use crate::swap;

/// The numbers of words that exist.
pub const BIP39_COUNTS: [usize; 5] = [12, 15, 18, 21, 24];
/// The number of bits that a word spells.
const BITS: usize = 11;
/// Rounds of PBKDF2.
const ROUNDS: u32 = 2048;
/// The length of the seed.
const LENGTH: usize = 64;
/// The longest word of the list and a space.
const WORD_ROOM: usize = 9;

/// All 2,048 words, in their order.
#[must_use]
pub fn bip39_words() -> &'static [&'static str; 2048] {
    Language::English.word_list()
}

/// Words whose number and checksum are right; wiped from memory when dropped.
pub struct Bip39Words(Zeroizing<String>);

impl Bip39Words {
    /// Reads words; upper and lower case and any white space are the same.
    ///
    /// # Errors
    /// What is wrong with the text, naming positions but never words.
    pub fn parse(text: &str) -> Result<Self, SeedError> {
        let [_, .., most] = BIP39_COUNTS;
        let mut indexes = Zeroizing::new(Vec::with_capacity(most));
        for (position, token) in text.split_whitespace().enumerate() {
            if position >= most {
                return Err(SeedError::Bip39Count { found: text.split_whitespace().count() });
            }
            indexes.push(index_of(token).ok_or(SeedError::UnknownBip39Word { position })?);
        }
        if !BIP39_COUNTS.contains(&indexes.len()) {
            return Err(SeedError::Bip39Count { found: indexes.len() });
        }
        if !checksum_fits(&indexes) {
            return Err(SeedError::Bip39Checksum);
        }
        // All of it at once, so that no shorter copy is left behind when the text grows.
        let mut words = swap::text(most * WORD_ROOM);
        for index in indexes.iter() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(bip39_words()[usize::from(*index)]);
        }
        Ok(Self(words))
    }

    /// The seed of 64 bytes that the words make with a passphrase, which may be empty. Every passphrase makes a seed.
    ///
    /// # Errors
    /// None in practice: 64 bytes are a seed.
    pub fn to_seed(&self, passphrase: &str) -> Result<Seed, SeedError> {
        let prefix = "mnemonic";
        let room = passphrase.nfkd().map(char::len_utf8).sum::<usize>() + prefix.len();
        let mut salt = swap::text(room);
        salt.push_str(prefix);
        salt.extend(passphrase.nfkd());
        let mut seed = Zeroizing::new([0; LENGTH]);
        pbkdf2::pbkdf2::<Hmac<Sha512>>(self.0.as_bytes(), salt.as_bytes(), ROUNDS, &mut *seed)
            .expect("HMAC takes keys of any length");
        Seed::from_bytes(&*seed)
    }
}

/// Which word of the list this is.
fn index_of(token: &str) -> Option<u16> {
    let place = bip39_words().iter().position(|word| word.eq_ignore_ascii_case(token))?;
    u16::try_from(place).ok()
}

/// Whether the last bits are the first ones of the SHA-256 of the others, one for each three words.
fn checksum_fits(indexes: &[u16]) -> bool {
    let bit = |at: usize| u8::from(indexes[at / BITS] >> (BITS - 1 - at % BITS) & 1 == 1);
    let checked = indexes.len() / 3;
    let mut entropy = Zeroizing::new([0; 32]);
    let length = indexes.len() * BITS - checked;
    for at in 0..length {
        entropy[at / 8] |= bit(at) << (7 - at % 8);
    }
    let hash = Sha256::digest(&entropy[..length / 8]);
    (0..checked).all(|at| bit(length + at) == hash[0] >> (7 - at) & 1)
}
