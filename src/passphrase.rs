//! Passphrases from a file, a pipe or a person.

use crate::cli::{Failure, FailureKind, SecretFile};
use crate::sealed::Passphrase;
use crate::terminal::ask_hidden;

/// Where a passphrase comes from.
#[derive(Clone, Copy, Debug)]
pub enum PassphraseFrom<'a> {
    /// The first line of a file, or of standard input for `-`.
    File(&'a SecretFile),
    /// A person at the terminal, without an echo.
    Person,
}

impl<'a> PassphraseFrom<'a> {
    /// The file if one is named, else the person.
    #[must_use]
    pub fn new(file: Option<&'a SecretFile>) -> Self {
        file.map_or(Self::Person, Self::File)
    }

    /// Gets a passphrase that opens something.
    ///
    /// # Errors
    /// A failure; it never says anything about the passphrase itself.
    pub fn existing(self, prompt: &str) -> Result<Passphrase, Failure> {
        let text = match self {
            Self::File(file) => file.line()?,
            Self::Person => ask_hidden(prompt)?,
        };
        Ok(Passphrase::new(text)?)
    }

    /// Gets a passphrase for something new; a person types it twice.
    ///
    /// # Errors
    /// As [`Self::existing`], and when both are not the same.
    pub fn chosen(self, prompt: &str) -> Result<Passphrase, Failure> {
        let first = self.existing(prompt)?;
        if matches!(self, Self::Person) && !first.matches(&self.existing("Once more: ")?) {
            let failure = Failure::new(FailureKind::Declined, "the two passphrases are not the same");
            return Err(failure.hint("nothing was made; run the same command again"));
        }
        Ok(first)
    }
}
