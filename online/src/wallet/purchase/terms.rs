//! Whether it still makes sense to send what was answered.

use dcrcold_core::hash::TransferId;
use rusqlite::Connection;

use super::super::{Clock, Wallet, WalletError, db, record};
use super::late::misfit;
use super::store::{self, StoredTx};
use super::{PurchaseError, RequestKind};
use crate::chain::ChainSource;

impl Wallet {
    /// Checks what would leave the money in a split without tickets.
    pub(super) fn check_terms(
        &self,
        id: &TransferId,
        signed: &[StoredTx],
        source: &mut dyn ChainSource,
    ) -> Result<(), PurchaseError> {
        if let Some(coin) = store::lost_coin(&self.db, id)? {
            return Err(PurchaseError::CoinGone { coin });
        }
        // A payment is as good as ever while its coins are there.
        if store::kind(&self.db, id)? == RequestKind::Payment {
            return Ok(());
        }
        let mut to_come = None;
        for stored in signed {
            let mined = matches!(store::mined_height(&self.db, &stored.tx.id())?, Some(Some(_)));
            to_come = to_come.or((!mined).then_some(stored.position));
        }
        // Somebody else may have sent all of it.
        let Some(first) = to_come else { return Ok(()) };
        let (amount, expiry) = store::terms(&self.db, id)?;
        let split_to_come = first == 0;
        misfit(amount, expiry, split_to_come, &source.price()?).map_or(Ok(()), |why| Err(why.into()))
    }

    /// Takes back what a crash left noted and not sent.
    pub(super) fn take_back_unsent(
        &mut self,
        id: &TransferId,
        signed: &[StoredTx],
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
    ) -> Result<(), PurchaseError> {
        let Some(unsure) = unsure(&self.db, id, signed)? else { return Ok(()) };
        let tx_id = unsure.tx.id();
        if source.in_mempool(&[tx_id])? != [false] {
            return Ok(());
        }
        let tx = db::begin(&mut self.db)?;
        let mined = matches!(store::mined_height(&tx, &tx_id)?, Some(Some(_)));
        if !mined && store::is_last_step(&tx, id, &unsure.sending())? {
            store::step(&tx, id, &unsure.refused(), Some("the network does not have it"), clock)?;
            record::forget(&tx, &tx_id)?;
            store::stands_unsent(&tx, id)?;
        }
        Ok(tx.commit().map_err(WalletError::from)?)
    }
}

/// The transaction that was noted last, if what came of it was not: a crash may have come before it was sent.
pub(super) fn unsure<'a>(
    db: &Connection,
    id: &TransferId,
    signed: &'a [StoredTx],
) -> Result<Option<&'a StoredTx>, WalletError> {
    for stored in signed {
        if store::is_last_step(db, id, &stored.sending())? {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}
