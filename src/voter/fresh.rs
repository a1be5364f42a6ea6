//! A voter with a seed of its own, made where it votes: the cold side only gets to know its public keys.

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use zeroize::Zeroizing;

use super::VoterSecrets;
use crate::hd::{Derivation, ExtendedPrivateKey, HdError};
use crate::name::Name;
use crate::seed::{Seed, SeedError};

/// Why there is no such voter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FreshVoterError {
    /// The words are none, or there is no randomness for new ones.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The seed gives no keys, with a probability of 2^-127.
    #[error(transparent)]
    Keys(#[from] HdError),
}

/// A foreign voter with the words that it can be made from again.
///
/// Of the seed only the three accounts of the voter are made, base account 0 and generation 0. No account that could hold
/// coins comes into being.
pub struct FreshVoter {
    words: Zeroizing<String>,
    secrets: VoterSecrets,
}

impl FreshVoter {
    /// Makes a voter from new randomness: 33 words.
    ///
    /// # Errors
    /// [`FreshVoterError`].
    pub fn generate(network: Network, name: Name) -> Result<Self, FreshVoterError> {
        Self::of_seed(&Seed::generate()?, network, name)
    }

    /// Makes a voter from its words again.
    ///
    /// # Errors
    /// [`FreshVoterError::Seed`] names the position of a wrong word, never the word.
    pub fn restore(words: &str, network: Network, name: Name) -> Result<Self, FreshVoterError> {
        Self::of_seed(&Seed::parse(words)?, network, name)
    }

    fn of_seed(seed: &Seed, network: Network, name: Name) -> Result<Self, FreshVoterError> {
        let master = ExtendedPrivateKey::master(seed.as_bytes(), network, Derivation::Decred)?;
        let coin_type = CoinType::standard(network);
        let secrets = VoterSecrets::derive(&master, coin_type, Account::FIRST, Generation::FIRST, name)?;
        Ok(Self { words: seed.to_words(), secrets })
    }

    /// The words, separated by single spaces.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The keys.
    #[must_use]
    pub const fn secrets(&self) -> &VoterSecrets {
        &self.secrets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_make_the_same_voter_again() {
        let name = || "box".parse().unwrap();
        let made = FreshVoter::generate(Network::Simnet, name()).unwrap();
        assert_eq!(made.words().split(' ').count(), 33);
        let again = FreshVoter::restore(made.words(), Network::Simnet, name()).unwrap();
        assert_eq!(again.secrets().public(), made.secrets().public());
        let other = FreshVoter::generate(Network::Simnet, name()).unwrap();
        assert!(other.secrets().public() != made.secrets().public());
    }

    #[test]
    fn a_wrong_word_is_named_by_its_position() {
        let made = FreshVoter::generate(Network::Mainnet, "box".parse().unwrap()).unwrap();
        let (first, _) = made.words().rsplit_once(' ').unwrap();
        let error = FreshVoter::restore(&format!("{first} nonsense"), Network::Mainnet, "box".parse().unwrap());
        assert_eq!(error.err().unwrap().to_string(), "word 33 of the seed is not in the word list");
    }
}
