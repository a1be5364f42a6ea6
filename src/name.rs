//! Names that people give to accounts and voters.

use std::fmt;
use std::str::FromStr;

/// The longest name.
pub const MAX_NAME: usize = 32;

/// A text of 1 to 32 printable ASCII characters, so that no screen shows anything else than what is there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if let Some(character) = text.chars().find(|character| !matches!(character, ' '..='~')) {
            return Err(NameError::Character { found: character });
        }
        match text.len() {
            1..=MAX_NAME => Ok(Self(text.to_owned())),
            found => Err(NameError::Length { found }),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Empty or too long.
    #[error("name has {found} characters, expected 1 to {MAX_NAME}")]
    Length {
        /// Its length.
        found: usize,
    },
    /// A character that is not printable ASCII.
    #[error("name holds the character U+{:04X}, expected printable ASCII only", u32::from(*found))]
    Character {
        /// The character.
        found: char,
    },
}
