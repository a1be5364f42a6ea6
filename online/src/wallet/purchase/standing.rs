//! Standing orders: signed purchases that are kept and sent when the price allows it, until their tickets expire.

use dcrcold_core::hash::TransferId;

use super::super::{Clock, Wallet, WalletError, db};
use super::late::{Late, Misfit};
use super::send::sendable;
use super::{PurchaseError, PurchaseRecord, PurchaseState, RequestKind, store};
use crate::chain::ChainSource;

/// What became of standing orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    /// Their price came, and they were sent.
    pub sent: Vec<TransferId>,
    /// Their tickets expired or lost their coins; what was not sent never will be, and its coins are free.
    pub ended: Vec<TransferId>,
    /// The price came, and the network refuses them or does not show them, for this reason; they are tried again.
    pub refused: Vec<(TransferId, String)>,
}

impl Wallet {
    /// Makes an answered purchase a standing order. Its coins stay with it until it is sent, given up or expired.
    ///
    /// # Errors
    /// As of [`Self::send`], before anything is sent; [`PurchaseError::NotAPurchase`].
    pub fn keep_standing(&mut self, id: &TransferId, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        sendable(&tx, id)?;
        if store::kind(&tx, id)? != RequestKind::Purchase {
            return Err(PurchaseError::NotAPurchase { id: *id });
        }
        store::set_standing(&tx, id, true)?;
        store::step(&tx, id, "kept until the price fits", None, clock)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// Sends the standing orders whose price has come, ends those that expired, and gives up requests that can never
    /// happen any more, because one that took their place is mined. For after a sync.
    ///
    /// # Errors
    /// When the chain cannot be asked or the wallet file cannot be written.
    pub fn settle(&mut self, source: &mut dyn ChainSource, clock: &dyn Clock) -> Result<Orders, PurchaseError> {
        self.give_up_replaced(clock)?;
        let mut orders = Orders::default();
        let standing: Vec<_> = self.purchases()?.into_iter().filter(PurchaseRecord::stands).collect();
        for order in standing {
            self.attend(&order, source, clock, &mut orders)?;
        }
        Ok(orders)
    }

    fn attend(
        &mut self,
        order: &PurchaseRecord,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
        orders: &mut Orders,
    ) -> Result<(), PurchaseError> {
        let id = order.id;
        match self.late(&id, source)? {
            Late::Done => self.end_standing(&id, "all tickets are mined", clock)?,
            Late::Fits => self.send_standing(&id, source, clock, orders)?,
            // A crash came between the split and its tickets: they need not wait for a block.
            Late::Waits { .. } | Late::TicketWaits { .. } if order.state == PurchaseState::SplitSent => {
                self.send_standing(&id, source, clock, orders)?;
            }
            Late::SignAgain { why: Misfit::Expired { .. }, .. }
            | Late::NewSplit { why: Misfit::Expired { .. }, .. } => {
                self.end_standing(&id, "expired", clock)?;
                orders.ended.push(id);
            }
            _ => {}
        }
        Ok(())
    }

    fn send_standing(
        &mut self,
        id: &TransferId,
        source: &mut dyn ChainSource,
        clock: &dyn Clock,
        orders: &mut Orders,
    ) -> Result<(), PurchaseError> {
        match self.send(id, source, clock) {
            Ok(_) => orders.sent.push(*id),
            Err(PurchaseError::Rejected { reason, .. }) => orders.refused.push((*id, reason)),
            Err(unseen @ PurchaseError::Unseen { .. }) => orders.refused.push((*id, unseen.to_string())),
            Err(PurchaseError::CoinGone { .. }) => {
                self.end_standing(id, "a coin is spent", clock)?;
                orders.ended.push(*id);
            }
            // The chain grew since it was asked.
            Err(PurchaseError::Expired { .. } | PurchaseError::PriceRose { .. }) => {}
            Err(PurchaseError::PriceUnsettled { .. }) => {}
            Err(other) => return Err(other),
        }
        Ok(())
    }

    fn give_up_replaced(&mut self, clock: &dyn Clock) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        for id in store::replaced_for_ever(&tx)? {
            store::set_state(&tx, &id, PurchaseState::Cancelled)?;
            store::set_standing(&tx, &id, false)?;
            store::step(&tx, &id, "cancelled", Some("another request took its place"), clock)?;
        }
        Ok(tx.commit()?)
    }

    /// An order of which nothing was sent gives its coins back.
    fn end_standing(&mut self, id: &TransferId, why: &str, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        store::set_standing(&tx, id, false)?;
        store::step(&tx, id, "standing order ended", Some(why), clock)?;
        if store::state(&tx, id)? == Some(PurchaseState::Answered) {
            store::set_state(&tx, id, PurchaseState::Cancelled)?;
        }
        Ok(tx.commit().map_err(WalletError::from)?)
    }
}
