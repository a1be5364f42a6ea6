//! Exchanges as the wallet keeps them: without voting keys, which an export puts back from the hot file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold_signer::wif::Wif;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::vsp::Evidence;

/// Stands for the voting key in a request.
const KEY: &str = "<voting key>";
/// Stands for the whole request in a response.
const ECHO: &str = "<request>";
/// Runs of letters and digits from which a key could be read.
const SUSPICIOUS: usize = 32;

/// Exchanges about one ticket, for somebody who is to judge them.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// The addresses that may sign for the ticket: the one that it pays back to, and the one that was registered.
    pub signers: Vec<String>,
    /// The exchanges, oldest first.
    pub exchanges: Vec<Evidence>,
}

/// An exchange as it may be kept: where a voting key was sent, it is cut out of both sides.
pub(super) fn without_key(evidence: &Evidence, key: &Wif) -> String {
    let sent = voting_key(&evidence.request);
    let mut kept = evidence.clone();
    if let Some(key) = &sent {
        kept.request = evidence.request.replacen(&**key, KEY, 1);
        kept.response = evidence.response.replacen(&STANDARD.encode(&evidence.request), ECHO, 1);
        let longest = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::len).max();
        if longest(&kept.response).is_some_and(|run| run >= SUSPICIOUS) {
            kept.response = String::new();
        }
    }
    // What a VSP says of a key, then or later, is not worth keeping.
    let key = sent.unwrap_or_else(|| key.to_text());
    if kept.response.contains(&*key) {
        kept.response = String::new();
    }
    serde_json::to_string(&kept).expect("texts and numbers")
}

/// Reads a kept exchange, and puts the voting key in again if it had one.
///
/// # Errors
/// When it is not JSON.
pub fn complete(kept: &str, voting_key: Option<&Wif>) -> Result<Evidence, serde_json::Error> {
    let mut evidence: Evidence = serde_json::from_str(kept)?;
    if let Some(key) = voting_key {
        evidence.request = evidence.request.replacen(KEY, &key.to_text(), 1);
        evidence.response = evidence.response.replacen(ECHO, &STANDARD.encode(&evidence.request), 1);
    }
    Ok(evidence)
}

fn voting_key(request: &str) -> Option<Zeroizing<String>> {
    let request: serde_json::Value = serde_json::from_str(request).ok()?;
    request["votingkey"].as_str().map(|key| Zeroizing::new(key.to_owned()))
}
