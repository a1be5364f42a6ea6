//! Sending once more what the network lost.

use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

use super::super::{Wallet, WalletError, chain_store, db, record};
use super::terms::unsure;
use super::{PurchaseError, PurchaseState, store};
use crate::chain::{ChainError, ChainSource};

impl Wallet {
    /// Sends once more what waits to be mined and is in no mempool, and forgets tickets that expired meanwhile.
    ///
    /// Returns how many transactions were sent. What the network refuses now stays noted: it may take it later. What was
    /// noted and perhaps never sent is left to [`Self::send`], which looks first whether it still makes sense.
    ///
    /// # Errors
    /// When the chain cannot be asked or the wallet file cannot be written.
    pub fn rebroadcast(&mut self, source: &mut dyn ChainSource) -> Result<usize, PurchaseError> {
        self.forget_expired()?;
        let mut waiting = record::waiting(&self.db)?;
        let noted = self.noted_only()?;
        waiting.retain(|tx| !noted.contains(&tx.id()));
        let ids: Vec<_> = waiting.iter().map(Transaction::id).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let known = source.in_mempool(&ids)?;
        let mut sent = 0;
        for (tx, _) in waiting.iter().zip(known).filter(|(_, known)| !known) {
            match source.send(tx) {
                Ok(_) => sent += 1,
                Err(ChainError::AlreadyKnown | ChainError::Rejected { .. } | ChainError::Unseen { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sent)
    }

    /// Transactions of purchases that may have been noted without being sent.
    fn noted_only(&self) -> Result<Vec<TxId>, WalletError> {
        let mut noted = Vec::new();
        for purchase in self.purchases()?.iter().filter(|purchase| purchase.state == PurchaseState::SplitSent) {
            let signed = store::signed(&self.db, &purchase.id)?;
            noted.extend(unsure(&self.db, &purchase.id, &signed)?.map(|stored| stored.tx.id()));
        }
        Ok(noted)
    }

    fn forget_expired(&mut self) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        let tip = chain_store::scanned(&tx)?;
        for waiting in record::waiting(&tx)? {
            if waiting.expiry != 0 && waiting.expiry <= tip.0.saturating_add(1) {
                record::forget(&tx, &waiting.id())?;
            }
        }
        Ok(tx.commit()?)
    }
}
