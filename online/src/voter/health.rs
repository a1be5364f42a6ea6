//! How a running voter is: figures for people, for scripts and for Prometheus.

use std::fmt::Write;
use std::path::Path;

use dcrcold_core::net::Network;
use dcrcold_signer::file::{self, FileError, Readers};
use serde::{Deserialize, Serialize};

use super::Totals;
use crate::chain::BlockId;
use crate::wallet::UnixTime;

/// The largest health file that is read.
const LARGEST_FILE: usize = 1 << 16;

/// How a voter is; times in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Its process.
    pub process: u32,
    /// Its network.
    pub network: String,
    /// Fingerprints of its keys.
    pub voters: Vec<String>,
    /// When it began.
    pub started: i64,
    /// When these figures were written.
    pub updated: i64,
    /// Whether the source answers.
    pub connected: bool,
    /// Whether all blocks were searched for tickets.
    pub caught_up: bool,
    /// Height of the tip.
    pub tip_height: Option<u32>,
    /// Hash of the tip.
    pub tip: Option<String>,
    /// Tickets that can still be called.
    pub tickets_watched: u64,
    /// Tickets whose votes are in blocks.
    pub tickets_voted: u64,
    /// Tickets that were called and did not vote.
    pub votes_missed: u64,
    /// Votes that the network took.
    pub votes_cast: u64,
    /// Votes that the network refused.
    pub votes_failed: u64,
    /// Blocks that were old and therefore not voted on, since the start.
    pub blocks_skipped: u64,
    /// Connections lost, since the start.
    pub disconnections: u64,
    /// When the last vote was cast.
    pub last_vote: Option<i64>,
    /// The last thing that went wrong.
    pub last_problem: Option<String>,
}

impl Health {
    /// A voter that has just begun.
    #[must_use]
    pub fn new(network: Network, voters: Vec<String>, now: UnixTime) -> Self {
        Self {
            process: std::process::id(),
            network: network.to_string(),
            voters,
            started: now.0,
            updated: now.0,
            connected: false,
            caught_up: false,
            tip_height: None,
            tip: None,
            tickets_watched: 0,
            tickets_voted: 0,
            votes_missed: 0,
            votes_cast: 0,
            votes_failed: 0,
            blocks_skipped: 0,
            disconnections: 0,
            last_vote: None,
            last_problem: None,
        }
    }

    /// Takes the tip.
    pub fn see_tip(&mut self, tip: &BlockId) {
        self.tip_height = Some(tip.height.0);
        self.tip = Some(tip.hash.to_string());
    }

    /// Takes the figures.
    pub fn see_totals(&mut self, totals: &Totals) {
        self.tickets_watched = totals.watched;
        self.tickets_voted = totals.voted;
        self.votes_missed = totals.missed;
        self.votes_cast = totals.cast;
        self.votes_failed = totals.failed;
        self.last_vote = totals.last_vote.map(|time| time.0);
    }

    /// Reads the file that a voter wrote; `None` when it says nothing that this version reads.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn read(path: &Path) -> Result<Option<Self>, FileError> {
        Ok(serde_json::from_slice(&file::read(path, LARGEST_FILE)?).ok())
    }

    /// Writes the file, in one step.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        let text = serde_json::to_string(self).expect("figures and texts are JSON");
        file::replace(path, text.as_bytes(), Readers::Owner)
    }

    /// The figures in the text format of Prometheus, version 0.0.4.
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        let mut put = |name: &str, kind: &str, help: &str, value: Option<i64>| {
            let Some(value) = value else { return };
            let line = format!("# HELP dcrcold_voter_{name} {help}\n# TYPE dcrcold_voter_{name} {kind}\n");
            let _ = writeln!(text, "{line}dcrcold_voter_{name} {value}");
        };
        let count = |number: u64| Some(i64::try_from(number).unwrap_or(i64::MAX));
        put("connected", "gauge", "Whether the source answers.", Some(self.connected.into()));
        put("caught_up", "gauge", "Whether all blocks were searched for tickets.", Some(self.caught_up.into()));
        put("tip_height", "gauge", "Height of the tip.", self.tip_height.map(i64::from));
        put("tickets_watched", "gauge", "Tickets that can still be called.", count(self.tickets_watched));
        put("tickets_voted", "gauge", "Tickets whose votes are in blocks.", count(self.tickets_voted));
        put("votes_cast_total", "counter", "Votes that the network took.", count(self.votes_cast));
        put("votes_failed_total", "counter", "Votes that the network refused.", count(self.votes_failed));
        put("votes_missed", "gauge", "Tickets that were called and did not vote.", count(self.votes_missed));
        put("blocks_skipped_total", "counter", "Old blocks that were not voted on.", count(self.blocks_skipped));
        put("disconnections_total", "counter", "Connections lost.", count(self.disconnections));
        put("last_vote_timestamp_seconds", "gauge", "When the last vote was cast.", self.last_vote);
        put("start_timestamp_seconds", "gauge", "When the voter began.", Some(self.started));
        text
    }
}
