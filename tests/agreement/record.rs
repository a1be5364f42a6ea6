//! What dcrd said, in `tests/corpus/`.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use dcrcold_signer::tx::Transaction;
use serde::{Deserialize, Serialize};

use super::world::World;

/// A verdict on a transaction or a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Accepted,
    /// Known already, so neither accepted nor wrong.
    Known,
    Refused,
}

/// The file of a group.
#[derive(Serialize, Deserialize)]
pub struct Record {
    /// What the file is, for people.
    pub about: String,
    /// The version of dcrd that gave the verdicts.
    pub dcrd: String,
    pub chain: ChainRecord,
    pub cases: Vec<CaseRecord>,
}

/// The chain that the cases are on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRecord {
    pub seed: u64,
    pub height: u32,
    pub tip: String,
}

impl ChainRecord {
    pub fn of(world: &World) -> Self {
        Self { seed: super::world::SEED, height: world.tip.height.0, tip: world.tip.hash.to_string() }
    }
}

/// A case as it was shown to dcrd, and what dcrd said.
#[derive(Serialize, Deserialize)]
pub struct CaseRecord {
    pub name: String,
    #[serde(flatten)]
    pub shown: Shown,
    pub verdict: Verdict,
    /// dcrd's words, and the rule by which the embedded network refuses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// What was shown.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    Transaction {
        /// Sent before it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        before: Vec<String>,
        tx: String,
    },
    Block {
        /// Its id, which commits to everything in it.
        block: String,
    },
}

impl Shown {
    pub fn transaction(before: &[Transaction], tx: &Transaction) -> Self {
        let hex = |tx: &Transaction| base16ct::lower::encode_string(&tx.encode());
        Self::Transaction { before: before.iter().map(hex).collect(), tx: hex(tx) }
    }
}

/// A group of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Splits,
    Tickets,
    Votes,
    Blocks,
}

impl Group {
    pub fn file(self) -> PathBuf {
        let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        package.join("../tests/corpus").join(format!("{self}.json"))
    }

    pub fn load(self) -> Record {
        let path = self.file();
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Writes down what dcrd said; done by the tests against dcrd.
    #[allow(dead_code, reason = "only one of the two programs with this module records")]
    pub fn store(self, record: &Record) {
        let text = serde_json::to_string_pretty(record).unwrap();
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), text + "\n").unwrap();
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Splits => "splits",
            Self::Tickets => "tickets",
            Self::Votes => "votes",
            Self::Blocks => "blocks",
        })
    }
}
