//! Purchases in the wallet file.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::path::Index;
use dcrcold_core::request::Purse;
use dcrcold_signer::tx::{OutPoint, Transaction};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::coins::Coin;
use super::super::db::column::Column;
use super::super::{Clock, UnixTime, Wallet, WalletError, db};
use super::{Prepared, PurchaseError, PurchaseRecord, PurchaseState};
use crate::vsp::VspAddress;

/// What a new purchase uses of the account and of a voter.
pub(super) struct Reserved {
    pub(super) first_internal: Index,
    pub(super) last_internal: Index,
    pub(super) voter: Fingerprint,
    pub(super) first_voter: Index,
    pub(super) purse: Option<Purse>,
    pub(super) vsp: Option<VspAddress>,
}

/// A transaction of a purchase as stored.
pub(super) struct StoredTx {
    pub(super) position: u32,
    pub(super) tx: Transaction,
}

impl Wallet {
    /// The purchases of the wallet, the newest first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purchases(&self) -> Result<Vec<PurchaseRecord>, WalletError> {
        let sql = "SELECT id, state, tickets, amount, expiry, voter, first_voter, created, vsp
            FROM purchases ORDER BY created DESC, id";
        let mut query = self.db.prepare_cached(sql)?;
        let records = query.query_map([], read)?;
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// The bytes of a request that was made, to be written to a file once more.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`].
    pub fn request(&self, id: &TransferId) -> Result<Vec<u8>, PurchaseError> {
        request(&self.db, id)?.ok_or(PurchaseError::UnknownRequest { id: *id })
    }

    /// Gives up a purchase of which nothing was sent, so that its coins are free.
    ///
    /// # Errors
    /// [`PurchaseError::UnknownRequest`], [`PurchaseError::Sent`].
    pub fn cancel(&mut self, id: &TransferId, clock: &dyn Clock) -> Result<(), PurchaseError> {
        let tx = db::begin(&mut self.db)?;
        match state(&tx, id)? {
            None => return Err(PurchaseError::UnknownRequest { id: *id }),
            Some(PurchaseState::SplitSent | PurchaseState::TicketsSent) => return Err(PurchaseError::Sent { id: *id }),
            Some(_) => {}
        }
        set_state(&tx, id, PurchaseState::Cancelled)?;
        step(&tx, id, "cancelled", None, clock)?;
        Ok(tx.commit().map_err(WalletError::from)?)
    }
}

/// Writes down a purchase and locks its coins; one that was cancelled may be asked for again.
pub(super) fn insert(
    db: &Connection,
    prepared: &Prepared,
    reserved: &Reserved,
    coins: &[Coin],
    clock: &dyn Clock,
) -> Result<(), WalletError> {
    let sql = "INSERT INTO purchases
        (id, state, request, tickets, amount, expiry, first_internal, last_internal, voter, first_voter, created,
         purse_atoms, purse_index, vsp)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, created = excluded.created, vsp = excluded.vsp
        WHERE state = 0";
    let (id, state) = (Column(prepared.id), PurchaseState::Prepared.code());
    let (amount, expiry) = (Column(prepared.amount), Column(prepared.expiry));
    let (first, last) = (Column(reserved.first_internal), Column(reserved.last_internal));
    let (voter, first_voter) = (Column(reserved.voter), Column(reserved.first_voter));
    let (request, tickets, now) = (&prepared.request, prepared.tickets.len(), clock.now().0);
    let tickets = u32::try_from(tickets).unwrap_or(u32::MAX);
    let (purse, key) = (reserved.purse.map(|it| Column(it.amount)), reserved.purse.map(|it| Column(it.index)));
    let vsp = reserved.vsp.as_ref().map(VspAddress::as_str);
    db.execute(
        sql,
        params![id, state, request, tickets, amount, expiry, first, last, voter, first_voter, now, purse, key, vsp],
    )?;
    let mut input = db.prepare_cached("INSERT OR IGNORE INTO purchase_inputs VALUES (?1, ?2, ?3)")?;
    for coin in coins {
        input.execute(params![id, Column(coin.outpoint.id), coin.outpoint.index])?;
    }
    let sql = "INSERT OR IGNORE INTO purchase_txs (purchase, position, tx) VALUES (?1, ?2, ?3)";
    let mut row = db.prepare_cached(sql)?;
    let split = prepared.split.iter().map(|split| (0, split));
    for (position, tx) in split.chain((1_u32..).zip(&prepared.tickets)) {
        row.execute(params![id, position, Column(*tx)])?;
    }
    step(db, &prepared.id, "prepared", None, clock)
}

/// Writes down that a step is about to be done, or what came of it.
pub(super) fn step(
    db: &Connection,
    id: &TransferId,
    step: &str,
    detail: Option<&str>,
    clock: &dyn Clock,
) -> Result<(), WalletError> {
    let sql = "INSERT INTO purchase_steps (purchase, step, detail, at) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?.execute(params![Column(*id), step, detail, clock.now().0])?;
    Ok(())
}

/// How often a step was written down.
pub(super) fn times(db: &Connection, id: &TransferId, step: &str) -> Result<u32, WalletError> {
    let mut query = db.prepare_cached("SELECT COUNT(*) FROM purchase_steps WHERE purchase = ?1 AND step = ?2")?;
    Ok(query.query_row(params![Column(*id), step], |row| row.get(0))?)
}

/// Whether this is the last step that was written down.
pub(super) fn is_last_step(db: &Connection, id: &TransferId, step: &str) -> Result<bool, WalletError> {
    let sql = "SELECT step = ?2 FROM purchase_steps WHERE purchase = ?1 ORDER BY number DESC LIMIT 1";
    let last: Option<bool> =
        db.prepare_cached(sql)?.query_row(params![Column(*id), step], |row| row.get(0)).optional()?;
    Ok(last == Some(true))
}

pub(super) fn state(db: &Connection, id: &TransferId) -> Result<Option<PurchaseState>, WalletError> {
    let mut query = db.prepare_cached("SELECT state FROM purchases WHERE id = ?1")?;
    let code: Option<u8> = query.query_row([Column(*id)], |row| row.get(0)).optional()?;
    let known = |code| PurchaseState::from_code(code).ok_or_else(|| damaged(format!("purchase state {code}")));
    code.map(known).transpose()
}

pub(super) fn set_state(db: &Connection, id: &TransferId, state: PurchaseState) -> Result<(), WalletError> {
    let mut update = db.prepare_cached("UPDATE purchases SET state = ?2 WHERE id = ?1")?;
    update.execute(params![Column(*id), state.code()])?;
    Ok(())
}

/// Says that a purchase of which nothing is noted any more was not sent.
pub(super) fn stands_unsent(db: &Connection, id: &TransferId) -> Result<(), WalletError> {
    for stored in signed(db, id)? {
        if mined_height(db, &stored.tx.id())?.is_some() {
            return Ok(());
        }
    }
    set_state(db, id, PurchaseState::Answered)
}

pub(super) fn request(db: &Connection, id: &TransferId) -> Result<Option<Vec<u8>>, WalletError> {
    let mut query = db.prepare_cached("SELECT request FROM purchases WHERE id = ?1")?;
    Ok(query.query_row([Column(*id)], |row| row.get(0)).optional()?)
}

/// Who votes, and with which index the first ticket.
pub(super) fn voter(db: &Connection, id: &TransferId) -> Result<Option<(Fingerprint, Index)>, WalletError> {
    let mut query = db.prepare_cached("SELECT voter, first_voter FROM purchases WHERE id = ?1")?;
    let (voter, first): (Option<Column<_>>, Option<Column<_>>) =
        query.query_row([Column(*id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(voter.zip(first).map(|(voter, first)| (voter.0, first.0)))
}

/// What each ticket locks at least, and until which height it is valid.
pub(super) fn terms(db: &Connection, id: &TransferId) -> Result<(Amount, Height), WalletError> {
    let mut query = db.prepare_cached("SELECT amount, expiry FROM purchases WHERE id = ?1")?;
    Ok(query.query_row([Column(*id)], |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get::<_, Column<_>>(1)?.0)))?)
}

/// Keeps the answer and the signed transactions that it leads to.
pub(super) fn put_answer(db: &Connection, id: &TransferId, answer: &[u8], txs: &[StoredTx]) -> Result<(), WalletError> {
    db.execute("UPDATE purchases SET answer = ?2 WHERE id = ?1", params![Column(*id), answer])?;
    let mut update = db.prepare_cached("UPDATE purchase_txs SET raw = ?3 WHERE purchase = ?1 AND position = ?2")?;
    for StoredTx { position, tx } in txs {
        update.execute(params![Column(*id), position, tx.encode()])?;
    }
    Ok(())
}

/// The signed transactions of a purchase, in the order of sending.
pub(super) fn signed(db: &Connection, id: &TransferId) -> Result<Vec<StoredTx>, WalletError> {
    let sql = "SELECT position, raw FROM purchase_txs WHERE purchase = ?1 AND raw IS NOT NULL ORDER BY position";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([Column(*id)], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (position, raw) = row?;
        let tx = Transaction::decode(&raw).map_err(|error| damaged(error.to_string()))?;
        Ok(StoredTx { position, tx })
    })
    .collect()
}

/// The first coin of a purchase that something else has spent.
pub(super) fn lost_coin(db: &Connection, id: &TransferId) -> Result<Option<OutPoint>, WalletError> {
    let sql = "SELECT inputs.tx, inputs.output, coins.tree FROM purchase_inputs inputs
        LEFT JOIN coins ON coins.tx = inputs.tx AND coins.output = inputs.output
        WHERE inputs.purchase = ?1 AND (coins.tx IS NULL OR EXISTS (
            SELECT 1 FROM spends WHERE spends.tx = inputs.tx AND spends.output = inputs.output
            AND spends.spender NOT IN (SELECT tx FROM purchase_txs WHERE purchase = ?1)))
        LIMIT 1";
    let mut query = db.prepare_cached(sql)?;
    let coin = query.query_row([Column(*id)], |row| {
        let (Column(tx), index) = (row.get::<_, Column<TxId>>(0)?, row.get(1)?);
        let tree: Option<Column<_>> = row.get(2)?;
        Ok(OutPoint { id: tx, index, tree: tree.map_or(dcrcold_signer::tx::Tree::Regular, |tree| tree.0) })
    });
    Ok(coin.optional()?)
}

/// The height of a transaction; the outer `None` means that the wallet does not know it.
pub(super) fn mined_height(db: &Connection, id: &TxId) -> Result<Option<Option<Height>>, WalletError> {
    let mut query = db.prepare_cached("SELECT height FROM txs WHERE id = ?1")?;
    let height = query.query_row([Column(*id)], |row| row.get::<_, Option<Column<Height>>>(0));
    Ok(height.optional()?.map(|height| height.map(|height| height.0)))
}

fn read(row: &Row<'_>) -> rusqlite::Result<PurchaseRecord> {
    let code: u8 = row.get(1)?;
    let state = PurchaseState::from_code(code);
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
    })
}

fn damaged(what: String) -> WalletError {
    WalletError::Damaged { what }
}
