//! How values are read.

use std::str::FromStr;

use dcrcold::vsp::TreasuryPolicy;
use dcrcold_core::amount::Height;
use dcrcold_core::path::Account;
use dcrcold_core::request::Label;

use super::coins::OptionalLabel;

/// Reads two names.
pub(super) fn pair<K: FromStr<Err: ToString>, V: FromStr<Err: ToString>>(text: &str) -> Result<(K, V), String> {
    let (key, value) = text.split_once('=').ok_or("expected two names with = in between")?;
    let key = key.parse().map_err(|error: K::Err| error.to_string())?;
    Ok((key, value.parse().map_err(|error: V::Err| error.to_string())?))
}

/// Reads a treasury key or spend, and what to vote on it.
pub(super) fn policy<K: FromStr<Err: ToString>>(text: &str) -> Result<(K, TreasuryPolicy), String> {
    let (key, word) = pair::<K, String>(text)?;
    let policy = TreasuryPolicy::from_word(&word).filter(|_| !word.is_empty());
    Ok((key, policy.ok_or("expected yes, no or abstain after =")?))
}

/// Reads the height of a block.
pub(super) fn height(text: &str) -> Result<Height, std::num::ParseIntError> {
    text.parse().map(Height)
}

/// Reads the number of a spending account.
pub(super) fn account(text: &str) -> Result<Account, String> {
    let number = text.parse().ok().and_then(Account::new);
    number.ok_or_else(|| format!("expected a number below {}", Account::LIMIT))
}

/// Reads a text that the signer shows.
pub(super) fn label(text: &str) -> Result<Label, String> {
    Label::new(text.as_bytes()).ok_or_else(|| "expected 1 to 64 printable ASCII characters".to_owned())
}

/// Reads a label, or nothing for none.
pub(super) fn label_or_none(text: &str) -> Result<OptionalLabel, String> {
    if text.is_empty() { Ok(OptionalLabel(None)) } else { label(text).map(|label| OptionalLabel(Some(label))) }
}
