//! Transactions that peers may fetch because they were announced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

/// The most transactions that are kept.
const MOST: usize = 256;

/// Transactions that were announced.
#[derive(Debug, Default)]
pub(in super::super) struct Outbox(Mutex<HashMap<TxId, Arc<Transaction>>>);

impl Outbox {
    /// Puts a transaction in; when there is no room, another one falls out.
    pub(in super::super) fn put(&self, id: TxId, tx: Transaction) {
        let mut txs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if txs.len() >= MOST
            && let Some(other) = txs.keys().find(|other| **other != id).copied()
        {
            txs.remove(&other);
        }
        txs.insert(id, Arc::new(tx));
    }

    /// The ids of all transactions.
    pub(in super::super) fn ids(&self) -> Vec<TxId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// The transaction of an id.
    pub(in super::super) fn get(&self, id: &TxId) -> Option<Arc<Transaction>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }
}
