//! Sending a transaction and finding out what became of it. Peers never say that they refuse one.
//!
//! It is announced to all peers, who fetch it; then they are asked whether they have it, and those that come later are told
//! too. A node that is not synced fetches nothing, but takes what it is sent.
//! Source: dcrd `internal/netsync/manager.go`; dcrwallet `spv/backend.go`.

use std::fmt;
use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

use super::Spv;
use super::error::SpvError;
use super::gather::{Question, Verdict, ask_each, gather};
use super::peer::{Awaited, News};
use super::wire::{Inventory, Message};

/// How often peers are asked whether they have a transaction, and the pauses before.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_millis(1000),
    Duration::from_millis(2000),
    Duration::from_millis(4000),
];
/// How long a peer may take to fetch what was announced.
const FETCH_PATIENCE: Duration = Duration::from_secs(3);

/// How many of the peers that were asked show a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Those that do.
    pub by: usize,
    /// All that answered.
    pub of: usize,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seen by {} of {} peers", self.by, self.of)
    }
}

fn question(id: TxId) -> Question {
    Question { message: Message::GetData(vec![Inventory::Tx(id)]), awaited: Awaited::Tx(id), height: Height(0) }
}

impl Spv {
    /// Whether a peer has a transaction that waits to be mined.
    pub(super) fn is_seen(&mut self, id: TxId) -> Result<bool, SpvError> {
        let found = gather(&mut self.pool, &[question(id)], |_, message| match message {
            Message::Tx(_) => Verdict::Right(()),
            _ => Verdict::Missing,
        });
        match found {
            Ok(_) => Ok(true),
            Err(SpvError::Missing) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Hands a transaction to the network; says how many peers show it then.
    pub(super) fn publish(&mut self, id: TxId, tx: &Transaction) -> Result<Seen, SpvError> {
        self.pool.await_peer()?;
        self.pool.outbox().put(id, tx.clone());
        self.tell_all(&Message::Inv(vec![Inventory::Tx(id)]));
        if !self.await_fetch(id) {
            self.tell_all(&Message::Tx(Box::new(tx.clone())));
        }
        let mut seen = Seen { by: 0, of: 0 };
        for pause in PAUSES {
            self.pause(pause);
            let before = seen.by;
            seen = self.count(id)?;
            // Those that have it hand it on: a second look sees them all.
            if seen.by > 0 && (seen.by == seen.of || before > 0) {
                break;
            }
            self.tell_all(&Message::Inv(vec![Inventory::Tx(id)]));
        }
        Ok(seen)
    }

    /// Asks all peers whether they have a transaction.
    fn count(&mut self, id: TxId) -> Result<Seen, SpvError> {
        let answers = ask_each(&mut self.pool, &question(id))?;
        let by = answers.iter().filter(|answer| matches!(answer, Message::Tx(_))).count();
        Ok(Seen { by, of: answers.len() })
    }

    fn tell_all(&mut self, message: &Message) {
        for peer in self.pool.ready() {
            self.pool.send(peer, message);
        }
    }

    /// Waits until a peer has fetched a transaction that was announced.
    fn await_fetch(&mut self, id: TxId) -> bool {
        let until = Instant::now() + FETCH_PATIENCE.min(self.pool.timeouts().answer);
        while let Some(report) = self.pool.wait(until) {
            if matches!(report.news, News::Took(taken) if taken == id) {
                return true;
            }
        }
        false
    }

    fn pause(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while self.pool.wait(until).is_some() {}
    }
}
