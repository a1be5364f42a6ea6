//! `vspinfo`: what a VSP says of itself, its key among it.
//!
//! There is no other place that tells the key, so the first answer is believed and the key kept; another key later is
//! another VSP. Source: vspd `types/types.go`, `internal/webapi/vspinfo.go`.

use std::fmt;

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use serde::Deserialize;
use serde_json::Number;

use super::server::{ServerKey, ServerKeyError, ServerSignature, ServerSignatureError, Signed};

/// The version of the interface that is spoken here.
const API_VERSION: i64 = 3;
/// The longest text of a VSP that is shown.
const LONGEST_TEXT: usize = 200;
/// The longest word of such a text; what follows of it is left out.
const LONGEST_WORD: usize = 31;

/// A percentage in hundredths of a percent, 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u16);

impl Percent {
    /// Takes hundredths of a percent; `None` above 10,000.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths <= 10_000 { Some(Self(hundredths)) } else { None }
    }

    /// The hundredths of a percent.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Reads a number as JSON has it, two decimals of it.
    pub(crate) fn from_json(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let decimals: String = decimals.chars().chain("00".chars()).take(2).collect();
        format!("{whole}{decimals}").parse().ok().and_then(Self::from_hundredths)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} %", self.0 / 100, self.0 % 100)
    }
}

/// What a VSP says of itself. Only key and network are held against anything; the rest is its own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its key.
    pub key: ServerKey,
    /// Its network.
    pub network: Network,
    /// The part of the reward that it asks for.
    pub fee: Percent,
    /// Why it takes no new tickets, if it does not.
    pub closed: Option<String>,
    /// The version of its software.
    pub version: String,
    /// Tickets that it will vote.
    pub voting: u64,
    /// Tickets that it has voted.
    pub voted: u64,
    /// Tickets that were called and not voted.
    pub missed: u64,
    /// Tickets that were never called.
    pub expired: u64,
    /// How many of its wallets are online.
    pub wallets_online: u64,
    /// How many wallets it has.
    pub wallets: u64,
    /// The height of its node.
    pub height: Height,
}

#[derive(Deserialize)]
struct Body {
    apiversions: Vec<i64>,
    pubkey: String,
    feepercentage: Number,
    vspclosed: bool,
    #[serde(default)]
    vspclosedmsg: String,
    network: String,
    #[serde(default)]
    vspdversion: String,
    #[serde(default)]
    voting: u64,
    #[serde(default)]
    voted: u64,
    #[serde(default)]
    missed: u64,
    #[serde(default)]
    expired: u64,
    #[serde(default)]
    votingwalletsonline: u64,
    #[serde(default)]
    totalvotingwallets: u64,
    #[serde(default)]
    blockheight: u32,
}

impl Info {
    /// Reads the response and checks that it is signed with the key that it names, and that this is the key known before.
    ///
    /// # Errors
    /// [`InfoError`].
    pub fn check(body: &[u8], signature: &ServerSignature, known: Option<&ServerKey>) -> Result<Self, InfoError> {
        let read: Body = serde_json::from_slice(body)?;
        let key: ServerKey = read.pubkey.parse()?;
        Signed::check(&key, body, signature)?;
        if let Some(known) = known.filter(|known| **known != key) {
            return Err(InfoError::OtherKey { known: *known, found: key });
        }
        if !read.apiversions.contains(&API_VERSION) {
            return Err(InfoError::ApiVersion { found: read.apiversions });
        }
        Ok(Self {
            key,
            network: read.network.parse().map_err(|_| InfoError::Network { found: printable(&read.network) })?,
            fee: Percent::from_json(&read.feepercentage).ok_or(InfoError::Fee { found: read.feepercentage })?,
            closed: read.vspclosed.then(|| printable(&read.vspclosedmsg)),
            version: printable(&read.vspdversion),
            voting: read.voting,
            voted: read.voted,
            missed: read.missed,
            expired: read.expired,
            wallets_online: read.votingwalletsonline,
            wallets: read.totalvotingwallets,
            height: Height(read.blockheight),
        })
    }
}

/// A VSP's text as it may be shown and kept: at most 200 characters, each printable ASCII, and no run of letters and
/// digits so long that it could be a key.
pub(crate) fn printable(text: &str) -> String {
    let shown = text.chars().map(|character| if matches!(character, ' '..='~') { character } else { '?' });
    let mut kept = String::with_capacity(LONGEST_TEXT);
    let mut run = 0;
    for character in shown.take(LONGEST_TEXT) {
        run = if character.is_ascii_alphanumeric() { run + 1 } else { 0 };
        if run <= LONGEST_WORD {
            kept.push(character);
        }
    }
    kept
}

/// Why a VSP is not dealt with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InfoError {
    /// Not the JSON of this response.
    #[error("description of the VSP cannot be read: {}", printable(&.0.to_string()))]
    Malformed(#[from] serde_json::Error),
    /// Its key.
    #[error(transparent)]
    Key(#[from] ServerKeyError),
    /// It does not sign with the key that it names.
    #[error(transparent)]
    Signature(#[from] ServerSignatureError),
    /// Nobody asked it for its key yet.
    #[error("the key of the VSP is not known yet")]
    Unknown,
    /// It had another key before.
    #[error("the VSP has the key {found}, and had {known} before")]
    OtherKey {
        /// The key that was kept.
        known: ServerKey,
        /// The key that it names now.
        found: ServerKey,
    },
    /// It speaks other versions of the interface.
    #[error("the VSP speaks versions {found:?} of the interface, expected 3 among them")]
    ApiVersion {
        /// The versions.
        found: Vec<i64>,
    },
    /// A network that is none.
    #[error("the VSP is on network \"{found}\", expected mainnet, testnet3 or simnet")]
    Network {
        /// The name, printable.
        found: String,
    },
    /// A fee that is no percentage.
    #[error("the VSP asks for a fee of {found} percent, expected 0 to 100")]
    Fee {
        /// The number.
        found: Number,
    },
}
