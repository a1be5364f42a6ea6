//! What a voter votes for: a small file beside its hot keys, and the ballot that follows from it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::file::{self, FileError, Readers};
use dcrcold_signer::stake::choices::{agendas, is_voted_on, vote_bits};
use dcrcold_signer::stake::vote::{Ballot, MAX_TREASURY_VOTES};
use dcrcold_signer::tx::Transaction;
use dcrcold_signer::tx::check::{TreasuryChoice, TreasuryVote, treasury_spend_key};
use serde::{Deserialize, Serialize};

use crate::chain::BlockId;
use crate::vsp::{AgendaId, ChoiceId, Preferences, TreasuryKey, TreasuryPolicy};

/// The largest file of choices that is read.
const LARGEST_FILE: usize = 1 << 20;

/// Why choices cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChoicesError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file does not say choices.
    #[error("{} says no choices: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody votes on this.
    #[error("found agenda \"{found}\", expected {expected}")]
    UnknownAgenda {
        /// The agenda named.
        found: AgendaId,
        /// Those that exist.
        expected: String,
    },
    /// The agenda has no such choice.
    #[error("found choice \"{found}\" on {agenda}, expected {expected}")]
    UnknownChoice {
        /// The agenda.
        agenda: AgendaId,
        /// The choice named.
        found: ChoiceId,
        /// Those that exist.
        expected: String,
    },
}

/// The file: names and words as dcrwallet and vspd use them.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    agendas: BTreeMap<String, String>,
    treasury_keys: BTreeMap<String, String>,
    treasury_spends: BTreeMap<String, String>,
}

/// Reads the choices in a file; without a file there are none, which abstains from everything.
///
/// # Errors
/// [`ChoicesError::Malformed`], [`ChoicesError::File`].
pub fn load(path: &Path) -> Result<Preferences, ChoicesError> {
    let absent = matches!(fs::metadata(path), Err(error) if error.kind() == io::ErrorKind::NotFound);
    if absent {
        return Ok(Preferences::default());
    }
    let malformed = |problem: String| ChoicesError::Malformed { path: path.to_owned(), problem };
    let bytes = file::read(path, LARGEST_FILE)?;
    let file: File = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
    let treasury_keys = pairs::<TreasuryKey, TreasuryPolicy>(&file.treasury_keys, policy).map_err(malformed)?;
    let treasury_spends = pairs::<TxId, TreasuryPolicy>(&file.treasury_spends, policy).map_err(malformed)?;
    let choice = |word: &str| word.parse::<ChoiceId>().map_err(|error| error.to_string());
    let agendas = pairs::<AgendaId, ChoiceId>(&file.agendas, choice).map_err(malformed)?;
    Ok(Preferences { agendas, treasury_keys, treasury_spends })
}

fn pairs<K: FromStr<Err: ToString> + Ord, V>(
    texts: &BTreeMap<String, String>,
    value: impl Fn(&str) -> Result<V, String>,
) -> Result<BTreeMap<K, V>, String> {
    let read =
        |(key, word): (&String, &String)| Ok((key.parse().map_err(|error: K::Err| error.to_string())?, value(word)?));
    texts.iter().map(read).collect()
}

fn policy(word: &str) -> Result<TreasuryPolicy, String> {
    TreasuryPolicy::from_word(word).ok_or_else(|| format!("found policy {word:?}, expected yes, no or abstain"))
}

/// Writes choices down, in one step.
///
/// # Errors
/// [`ChoicesError::File`].
pub fn store(path: &Path, preferences: &Preferences) -> Result<(), ChoicesError> {
    fn texts<K: ToString, V: ToString>(map: &BTreeMap<K, V>) -> BTreeMap<String, String> {
        map.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }
    let file = File {
        agendas: texts(&preferences.agendas),
        treasury_keys: texts(&preferences.treasury_keys),
        treasury_spends: texts(&preferences.treasury_spends),
    };
    let text = serde_json::to_string_pretty(&file).expect("choices are texts") + "\n";
    Ok(file::replace(path, text.as_bytes(), Readers::Owner)?)
}

/// Checks that an agenda is voted on and has the choice.
///
/// # Errors
/// [`ChoicesError::UnknownAgenda`], [`ChoicesError::UnknownChoice`].
pub fn check(network: Network, agenda: &AgendaId, choice: &ChoiceId) -> Result<(), ChoicesError> {
    let known = agendas(network);
    let Some(found) = known.iter().find(|known| known.id == agenda.to_string()) else {
        let expected = listed(known.iter().map(|agenda| agenda.id));
        return Err(ChoicesError::UnknownAgenda { found: agenda.clone(), expected });
    };
    if found.choices.iter().any(|(id, _)| *id == choice.to_string()) {
        return Ok(());
    }
    let expected = listed(found.choices.iter().map(|(id, _)| *id));
    Err(ChoicesError::UnknownChoice { agenda: agenda.clone(), found: choice.clone(), expected })
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(" or ")
}

/// What to vote on a block: the block before it is approved, choices are made as the preferences say.
///
/// `spends` are the treasury spends that wait; a policy on one precedes that on its key. The order is that of their ids,
/// so that all who have the same preferences and see the same spends cast the same vote.
#[must_use]
pub fn ballot(network: Network, block: &BlockId, preferences: &Preferences, spends: &[Transaction]) -> Ballot {
    let chosen: Vec<_> = preferences.agendas.iter().map(|(id, choice)| (id.to_string(), choice.to_string())).collect();
    let bits = vote_bits(network, chosen.iter().map(|(id, choice)| (id.as_str(), choice.as_str())));
    let open = spends.iter().filter(|spend| is_voted_on(network, block.height, spend.expiry));
    let mut treasury: Vec<_> = open.filter_map(|spend| treasury_vote(preferences, spend)).collect();
    treasury.sort_unstable_by_key(|vote| vote.spend);
    treasury.dedup_by_key(|vote| vote.spend);
    treasury.truncate(MAX_TREASURY_VOTES);
    Ballot { block: block.hash, height: block.height, bits, treasury }
}

fn treasury_vote(preferences: &Preferences, spend: &Transaction) -> Option<TreasuryVote> {
    let key = TreasuryKey::from_bytes(treasury_spend_key(spend)?);
    let spend = spend.id();
    let by_key = || preferences.treasury_keys.get(&key);
    let choice = match preferences.treasury_spends.get(&spend).or_else(by_key)? {
        TreasuryPolicy::Yes => TreasuryChoice::Yes,
        TreasuryPolicy::No => TreasuryChoice::No,
        TreasuryPolicy::Abstain => return None,
    };
    Some(TreasuryVote { spend, choice })
}
