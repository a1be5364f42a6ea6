//! `vspinfo`: what a VSP says of itself, its key among it.
//!
//! There is no other place that tells the key, so the first answer is believed and the key kept; another key later is
//! another VSP. Source: vspd `types/types.go`, `internal/webapi/vspinfo.go`.

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;
use serde::Deserialize;
use serde_json::Number;

use super::server::{ServerKey, ServerKeyError, ServerSignature, ServerSignatureError, Signed};

/// The version of the interface that is spoken here.
const API_VERSION: i64 = 3;
/// The longest text of a VSP that is shown.
const LONGEST_TEXT: usize = 200;
/// The longest word of such a text; what follows of it is left out.
const LONGEST_WORD: usize = 31;

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
            fee: fee_of(&read.feepercentage).ok_or(InfoError::Fee { found: read.feepercentage })?,
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

/// A fee as JSON has it: at most the whole reward, in hundredths of a percent; vspd cuts off what is finer, too.
pub(crate) fn fee_of(number: &Number) -> Option<Percent> {
    let text = number.to_string();
    let cut = text.find('.').and_then(|point| text.get(..point + 3)).unwrap_or(&text);
    cut.parse().ok().filter(|percent| *percent <= Percent::WHOLE)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_cut_to_two_decimals_and_at_most_the_whole_reward() {
        for (json, hundredths) in
            [("0", 0), ("2", 200), ("2.5", 250), ("0.129", 12), ("100", 10_000), ("100.009", 10_000)]
        {
            assert_eq!(fee_of(&json.parse().unwrap()), Some(Percent::from_hundredths(hundredths)), "{json}");
        }
        for json in ["100.01", "1000", "-0.5", "-1", "1e-7", "1e30", "18446744073709551615"] {
            assert_eq!(fee_of(&json.parse().unwrap()), None, "{json}");
        }
    }
}
