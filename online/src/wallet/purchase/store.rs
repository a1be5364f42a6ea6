//! Requests in the wallet file.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::path::Index;
use dcrcold_core::request::{Label, Purse};
use dcrcold_signer::tx::{OutPoint, Transaction};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::db::column::Column;
use super::super::{Clock, UnixTime, Wallet, WalletError, db};
use super::hand_out::KEPT;
use super::{PurchaseError, PurchaseRecord, PurchaseState, RequestKind};
use crate::vsp::VspAddress;

/// The first step of a request.
pub(super) const PREPARED: &str = "prepared";

/// A request to be written down.
pub(super) struct NewRequest<'a> {
    pub(super) id: TransferId,
    pub(super) kind: RequestKind,
    pub(super) request: &'a [u8],
    pub(super) label: Option<&'a Label>,
    /// What each ticket locks, or what is paid to others.
    pub(super) amount: Amount,
    /// The tickets can be in blocks below this height only.
    pub(super) expiry: Height,
    /// The internal indexes that it uses, from the first to the last.
    pub(super) internal: Option<(Index, Index)>,
    pub(super) voter: Option<(Fingerprint, Index)>,
    pub(super) purse: Option<Purse>,
    pub(super) vsp: Option<&'a VspAddress>,
    pub(super) funding: Option<TxId>,
    pub(super) tickets: &'a [TxId],
}

/// A transaction of a request as stored.
pub(super) struct StoredTx {
    pub(super) kind: RequestKind,
    pub(super) position: u32,
    pub(super) tx: Transaction,
}

impl StoredTx {
    /// What people call it.
    pub(super) fn name(&self) -> String {
        match (self.position, self.kind) {
            (0, RequestKind::Purchase) => "the split".to_owned(),
            (0, RequestKind::Payment) => "the payment".to_owned(),
            (position, _) => format!("ticket {position}"),
        }
    }

    /// The step before it is sent.
    pub(super) fn sending(&self) -> String {
        format!("sending {}", self.name())
    }

    /// The step after it was sent and nobody showed it.
    pub(super) fn unseen(&self) -> String {
        format!("{} not seen yet", self.name())
    }

    /// The step after the network refused it.
    pub(super) fn refused(&self) -> String {
        format!("{} refused", self.name())
    }
}

impl Wallet {
    /// The purchases and payments of the wallet, the newest first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purchases(&self) -> Result<Vec<PurchaseRecord>, WalletError> {
        let sql = "SELECT id, state, tickets, amount, expiry, voter, first_voter, created, vsp, kind, label
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

    /// Gives up a request of which nothing was sent, so that its coins are free.
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

impl Wallet {
    /// Gives up a request that has no answer yet; says whether it did.
    pub(in crate::wallet) fn cancel_unanswered(
        &mut self,
        id: &TransferId,
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let tx = db::begin(&mut self.db)?;
        let due = state(&tx, id)? == Some(PurchaseState::Prepared);
        if due {
            set_state(&tx, id, PurchaseState::Cancelled)?;
            step(&tx, id, "lapsed", None, clock)?;
        }
        tx.commit()?;
        Ok(due)
    }
}

/// Writes down a request and locks its coins; one that was cancelled may be asked for again.
pub(super) fn insert(
    db: &Connection,
    new: &NewRequest<'_>,
    coins: &[OutPoint],
    clock: &dyn Clock,
) -> Result<(), WalletError> {
    put_row(db, new, clock)?;
    let id = Column(new.id);
    let mut input = db.prepare_cached("INSERT OR IGNORE INTO purchase_inputs VALUES (?1, ?2, ?3)")?;
    for coin in coins {
        input.execute(params![id, Column(coin.id), coin.index])?;
    }
    let sql = "INSERT OR IGNORE INTO purchase_txs (purchase, position, tx) VALUES (?1, ?2, ?3)";
    let mut row = db.prepare_cached(sql)?;
    let funding = new.funding.iter().map(|funding| (0, funding));
    for (position, tx) in funding.chain((1_u32..).zip(new.tickets)) {
        row.execute(params![id, position, Column(*tx)])?;
    }
    step(db, &new.id, PREPARED, Some(KEPT), clock)
}

fn put_row(db: &Connection, new: &NewRequest<'_>, clock: &dyn Clock) -> Result<(), WalletError> {
    let sql = "INSERT INTO purchases
        (id, state, request, tickets, amount, expiry, first_internal, last_internal, voter, first_voter, created,
         purse_atoms, purse_index, vsp, kind, label)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, IFNULL(?7, -1), IFNULL(?8, -1), ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, created = excluded.created, vsp = excluded.vsp
        WHERE state = 0";
    let tickets = u32::try_from(new.tickets.len()).unwrap_or(u32::MAX);
    let (first, last) = (new.internal.map(|it| Column(it.0)), new.internal.map(|it| Column(it.1)));
    let (voter, first_voter) = (new.voter.map(|it| Column(it.0)), new.voter.map(|it| Column(it.1)));
    let (purse, key) = (new.purse.map(|it| Column(it.amount)), new.purse.map(|it| Column(it.index)));
    db.execute(
        sql,
        params![
            Column(new.id),
            PurchaseState::Prepared.code(),
            new.request,
            tickets,
            Column(new.amount),
            Column(new.expiry),
            first,
            last,
            voter,
            first_voter,
            clock.now().0,
            purse,
            key,
            new.vsp.map(VspAddress::as_str),
            new.kind.code(),
            new.label.map(Label::as_str),
        ],
    )?;
    Ok(())
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

/// Whether a request buys or pays.
pub(super) fn kind(db: &Connection, id: &TransferId) -> Result<RequestKind, WalletError> {
    let mut query = db.prepare_cached("SELECT kind FROM purchases WHERE id = ?1")?;
    let code = query.query_row([Column(*id)], |row| row.get(0))?;
    RequestKind::from_code(code).ok_or_else(|| damaged(format!("request kind {code}")))
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
    for StoredTx { position, tx, .. } in txs {
        update.execute(params![Column(*id), position, tx.encode()])?;
    }
    Ok(())
}

/// The signed transactions of a purchase, in the order of sending.
pub(super) fn signed(db: &Connection, id: &TransferId) -> Result<Vec<StoredTx>, WalletError> {
    let kind = kind(db, id)?;
    let sql = "SELECT position, raw FROM purchase_txs WHERE purchase = ?1 AND raw IS NOT NULL ORDER BY position";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([Column(*id)], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    rows.map(|row| {
        let (position, raw) = row?;
        let tx = Transaction::decode(&raw).map_err(|error| damaged(error.to_string()))?;
        Ok(StoredTx { kind, position, tx })
    })
    .collect()
}

/// The first coin of a purchase that something else has spent.
pub(in crate::wallet) fn lost_coin(db: &Connection, id: &TransferId) -> Result<Option<OutPoint>, WalletError> {
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
    })
}

fn damaged(what: String) -> WalletError {
    WalletError::Damaged { what }
}
