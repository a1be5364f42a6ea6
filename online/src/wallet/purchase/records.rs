//! The requests of the wallet: listed, given out once more, given up.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::path::Index;
use dcrcold_core::request::Label;
use rusqlite::Row;

use super::super::db::column::Column;
use super::super::{Clock, UnixTime, Wallet, WalletError, db};
use super::{PurchaseError, PurchaseRecord, PurchaseState, RequestKind, store};
use crate::vsp::VspAddress;

impl Wallet {
    /// The purchases and payments of the wallet, the newest first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purchases(&self) -> Result<Vec<PurchaseRecord>, WalletError> {
        let sql = "SELECT id, state, tickets, amount, expiry, voter, first_voter, created, vsp, kind, label, standing,
                (SELECT newer.id FROM purchases newer
                 WHERE newer.replaces = purchases.id AND newer.id <> purchases.id AND newer.state <> 0),
                (SELECT COUNT(*) FROM purchase_txs JOIN txs ON txs.id = purchase_txs.tx AND txs.height IS NOT NULL
                 WHERE purchase_txs.purchase = purchases.id AND purchase_txs.position > 0),
                (SELECT COUNT(*) FROM purchase_txs JOIN txs ON txs.id = purchase_txs.tx AND txs.height IS NULL
                 WHERE purchase_txs.purchase = purchases.id AND purchase_txs.position > 0),
                replaces
            FROM purchases ORDER BY created DESC,
                (SELECT MIN(number) FROM purchase_steps WHERE purchase = purchases.id) DESC, id";
        let mut query = self.db.prepare_cached(sql)?;
        let records = query.query_map([], read)?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// The bytes of a request that was made, to be written to a file once more.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`].
    pub fn request(&self, id: &TransferId) -> Result<Vec<u8>, PurchaseError> {
        store::request(&self.db, id)?.ok_or(PurchaseError::UnknownRequest { id: *id })
    }

    /// Gives up a request of which nothing was sent, or nothing that may still be mined, so that its coins are free.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`], [`PurchaseError::Sent`].
    pub fn cancel(&mut self, id: &TransferId, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        match store::state(&tx, id)? {
            None => return Err(PurchaseError::UnknownRequest { id: *id }),
            // What a block has made impossible was forgotten.
            Some(PurchaseState::SplitSent | PurchaseState::TicketsSent) if store::is_noted(&tx, id)? => {
                return Err(PurchaseError::Sent { id: *id });
            }
            Some(_) => {}
        }
        store::set_state(&tx, id, PurchaseState::Cancelled)?;
        store::set_standing(&tx, id, false)?;
        store::step(&tx, id, "cancelled", None, clock)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }

    /// Gives up a request that has no answer yet; says whether it did.
    pub(in crate::wallet) fn cancel_unanswered(
        &mut self,
        id: &TransferId,
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let tx = db::begin(&mut self.db)?;
        let due = store::state(&tx, id)? == Some(PurchaseState::Prepared);
        if due {
            store::set_state(&tx, id, PurchaseState::Cancelled)?;
            store::step(&tx, id, "lapsed", None, clock)?;
        }
        tx.commit()?;
        Ok(due)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<PurchaseRecord> {
    let code: u8 = row.get(1)?;
    let state = PurchaseState::from_code(code);
    let kind: u8 = row.get(9)?;
    let label: Option<String> = row.get(10)?;
    let voter: Option<Column<Fingerprint>> = row.get(5)?;
    let first: Option<Column<Index>> = row.get(6)?;
    Ok(PurchaseRecord {
        id: row.get::<_, Column<TransferId>>(0)?.0,
        state: state.ok_or(rusqlite::Error::IntegralValueOutOfRange(1, code.into()))?,
        tickets: row.get(2)?,
        amount: row.get::<_, Column<Amount>>(3)?.0,
        expiry: row.get::<_, Column<Height>>(4)?.0,
        voter: voter.zip(first).map(|(voter, first)| (voter.0, first.0)),
        created: UnixTime(row.get(7)?),
        vsp: row.get::<_, Option<Column<VspAddress>>>(8)?.map(|vsp| vsp.0),
        kind: RequestKind::from_code(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(9, kind.into()))?,
        label: label.and_then(|text| Label::new(text.as_bytes())),
        standing: row.get(11)?,
        replaced_by: row.get::<_, Option<Column<TransferId>>>(12)?.map(|by| by.0),
        mined: row.get(13)?,
        waiting: row.get(14)?,
        replaces: row.get::<_, Option<Column<TransferId>>>(15)?.map(|replaced| replaced.0),
    })
}
