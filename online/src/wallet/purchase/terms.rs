//! Whether it still makes sense to send what was answered.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TransferId;
use rusqlite::Connection;

use super::super::{Clock, Wallet, WalletError, db, record};
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
        let (amount, expiry) = store::terms(&self.db, id)?;
        let window = source.price()?;
        let direct = signed.first().is_none_or(|first| first.position > 0);
        // With its split not mined yet, a ticket is mined after the next block at the earliest.
        let settled = direct || window.blocks_left > 1;
        let (least, most) =
            if settled { (window.next, window.next) } else { (window.estimate.min, window.estimate.max) };
        if least > amount {
            return Err(PurchaseError::PriceRose { price: least, amount });
        }
        if most > amount {
            return Err(PurchaseError::PriceUnsettled { amount, most });
        }
        let earliest = earliest_ticket(window.tip.height, direct);
        if expiry <= earliest { Err(PurchaseError::Expired { expiry, earliest }) } else { Ok(()) }
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

/// The first block that could hold a ticket whose split is not mined yet: the one after the split's.
fn earliest_ticket(tip: Height, split_mined: bool) -> Height {
    Height(tip.0.saturating_add(if split_mined { 1 } else { 2 }))
}
