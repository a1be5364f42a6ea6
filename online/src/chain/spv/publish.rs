//! Sending a transaction and finding out what became of it. Peers never say that they refuse one.
//!
//! It is announced to half of the peers, who fetch it; then all are asked whether they have it. A node that is not synced
//! fetches nothing, but takes what it is sent.
//! Source: dcrd `internal/netsync/manager.go`; dcrwallet `spv/backend.go`.

use std::time::{Duration, Instant};

use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

use super::Spv;
use super::error::SpvError;
use super::gather::{Question, Verdict, gather};
use super::peer::{Awaited, News, PeerId};
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

impl Spv {
    /// Whether a peer has a transaction that waits to be mined.
    pub(super) fn is_seen(&mut self, id: TxId) -> Result<bool, SpvError> {
        let message = Message::GetData(vec![Inventory::Tx(id)]);
        let question = Question { message, awaited: Awaited::Tx(id) };
        let found = gather(&mut self.pool, &[question], |_, message| match message {
            Message::Tx(_) => Verdict::Right(()),
            _ => Verdict::Missing,
        });
        match found {
            Ok(_) => Ok(true),
            Err(SpvError::Missing) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Hands a transaction to the network; says whether a peer has it now.
    pub(super) fn publish(&mut self, id: TxId, tx: &Transaction) -> Result<bool, SpvError> {
        self.pool.await_peer()?;
        self.pool.outbox().put(id, tx.clone());
        let peers = self.pool.ready();
        let half = &peers[..peers.len().div_ceil(2)];
        let announcement = Message::Inv(vec![Inventory::Tx(id)]);
        for peer in half {
            self.pool.send(*peer, &announcement);
        }
        if !self.await_fetch(id) {
            self.push(half, tx);
        }
        for pause in PAUSES {
            self.pause(pause);
            if self.is_seen(id)? {
                return Ok(true);
            }
        }
        Ok(false)
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

    fn push(&mut self, peers: &[PeerId], tx: &Transaction) {
        let message = Message::Tx(Box::new(tx.clone()));
        for peer in peers {
            self.pool.send(*peer, &message);
        }
    }

    fn pause(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        while self.pool.wait(until).is_some() {}
    }
}
