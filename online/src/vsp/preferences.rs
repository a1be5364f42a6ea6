//! What a ticket's owner wants voted: choices on agendas, and what to do with treasury spends.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use dcrcold_core::hash::TxId;

/// The most treasury keys, and the most treasury spends, that a VSP takes in one request.
pub const MOST_TREASURY_POLICIES: usize = 3;
/// The longest id of an agenda or choice: too short for a key, which a VSP could put into its place.
const LONGEST_ID: usize = 31;

/// Why a text is no id of an agenda or choice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("\"{}\" is no id of an agenda or choice: expected 1 to 31 letters, digits, dashes and underscores", found.escape_default())]
pub struct IdError {
    /// The text.
    found: String,
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                if (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(good) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { found: text.chars().take(LONGEST_ID).collect() })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// The id of an agenda, such as `maxtreasuryspend`.
    AgendaId,
    /// The id of a choice on an agenda, such as `yes`.
    ChoiceId,
}

/// What to vote on treasury spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreasuryPolicy {
    /// For the spend.
    Yes,
    /// Against it.
    No,
    /// Neither.
    Abstain,
}

impl TreasuryPolicy {
    /// The word that dcrwallet and vspd use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Abstain => "abstain",
        }
    }

    /// The policy of a word; an empty one abstains.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "yes" => Some(Self::Yes),
            "no" => Some(Self::No),
            "abstain" | "" => Some(Self::Abstain),
            _ => None,
        }
    }
}

impl fmt::Display for TreasuryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What a VSP says that it has as the policy on treasury spends; it may come from another client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedPolicy {
    /// One that can be chosen here too.
    Known(TreasuryPolicy),
    /// The word `invalid`, which vspd takes and dcrwallet reads as no policy.
    ///
    /// Source: vspd `internal/webapi/helpers.go`, `validPolicyOption`; dcrwallet `internal/rpc/jsonrpc/methods.go`,
    /// `setTreasuryPolicy`.
    Invalid,
}

impl StatedPolicy {
    /// The policy of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        if word == "invalid" { Some(Self::Invalid) } else { TreasuryPolicy::from_word(word).map(Self::Known) }
    }
}

impl fmt::Display for StatedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(policy) => policy.fmt(f),
            Self::Invalid => f.write_str("invalid"),
        }
    }
}

/// The public key of somebody who proposes treasury spends, 33 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreasuryKey([u8; 33]);

impl TreasuryKey {
    /// Takes the bytes; whether they are a point of the curve is not checked.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 33]) -> Self {
        Self(bytes)
    }
}

impl FromStr for TreasuryKey {
    type Err = PreferencesError;

    /// Reads 66 hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, PreferencesError> {
        let mut bytes = [0; 33];
        match base16ct::mixed::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == 33 && matches!(decoded[0], 2 | 3) => Ok(Self(bytes)),
            _ => Err(PreferencesError::TreasuryKey),
        }
    }
}

impl fmt::Display for TreasuryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

/// Everything that an owner wants voted, or with [`StatedPolicy`] that a VSP says it will vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences<P = TreasuryPolicy> {
    /// Choices on agendas; those that are not named abstain.
    pub agendas: BTreeMap<AgendaId, ChoiceId>,
    /// Policies on all treasury spends of a key.
    pub treasury_keys: BTreeMap<TreasuryKey, P>,
    /// Policies on single treasury spends; they precede those on keys.
    pub treasury_spends: BTreeMap<TxId, P>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { agendas: BTreeMap::new(), treasury_keys: BTreeMap::new(), treasury_spends: BTreeMap::new() }
    }
}

impl Preferences {
    /// Checks that a VSP takes them in one request.
    ///
    /// # Errors
    /// [`PreferencesError::TooMany`].
    pub fn check(&self) -> Result<(), PreferencesError> {
        for (what, found) in [("keys", self.treasury_keys.len()), ("spends", self.treasury_spends.len())] {
            if found > MOST_TREASURY_POLICIES {
                return Err(PreferencesError::TooMany { what, found });
            }
        }
        Ok(())
    }
}

/// Why preferences cannot be sent or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreferencesError {
    /// More than a VSP takes.
    #[error("{found} policies on treasury {what}, a VSP takes at most {MOST_TREASURY_POLICIES}")]
    TooMany {
        /// `keys` or `spends`.
        what: &'static str,
        /// The number found.
        found: usize,
    },
    /// Not a compressed public key.
    #[error("treasury key is not 66 hexadecimal digits of a compressed public key")]
    TreasuryKey,
}
