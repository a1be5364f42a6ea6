//! Seeds for tests: words that everybody knows, or words of a file.

use dcrcold_signer::seed::{Bip39Words, Seed, SeedError};

/// Words that stand in public documents, by name. Whatever is sent to one of their mainnet addresses is gone in seconds.
///
/// Sources: the vectors of BIP-39 for the first three, the default of Speculos for the last one.
pub const NAMED: [(&str, &str); 4] = [
    ("abandon", "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"),
    ("legal", "legal winner thank year wave sausage worth useful legal winner thank yellow"),
    ("zoo", "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"),
    (
        "speculos",
        "glory promote mansion idle axis finger extra february uncover one trip resource lawn turtle enact monster \
         seven myth punch hobby comfort wild raise skin",
    ),
];

/// The seed of a simulated device.
pub struct TestSeed(Seed);

/// Why there is no such seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeedFileError {
    /// None of [`NAMED`].
    #[error("no test seed has this name, expected abandon, legal, zoo or speculos")]
    UnknownName,
    /// Not the words of a hardware wallet.
    #[error(transparent)]
    Words(#[from] SeedError),
}

impl TestSeed {
    /// One of [`NAMED`], without a passphrase.
    ///
    /// # Errors
    /// [`SeedFileError::UnknownName`].
    pub fn named(name: &str) -> Result<Self, SeedFileError> {
        let (_, words) = NAMED.iter().find(|(known, _)| *known == name).ok_or(SeedFileError::UnknownName)?;
        Self::from_words(words)
    }

    /// 12 to 24 words of BIP-39, without a passphrase.
    ///
    /// # Errors
    /// [`SeedFileError::Words`].
    pub fn from_words(words: &str) -> Result<Self, SeedFileError> {
        Ok(Self(Bip39Words::parse(words)?.to_seed("")?))
    }

    /// 16 to 64 bytes, for vectors that begin with bytes.
    ///
    /// # Errors
    /// [`SeedFileError::Words`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SeedFileError> {
        Ok(Self(Seed::from_bytes(bytes)?))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
