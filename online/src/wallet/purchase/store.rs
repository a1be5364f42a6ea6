//! Requests in the wallet file.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::path::Index;
use dcrcold_core::request::{Label, Purse};
use dcrcold_signer::tx::{OutPoint, Transaction};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::db::column::Column;
use super::super::{Clock, WalletError};
use super::hand_out::KEPT;
use super::{PurchaseState, RequestKind};
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
    /// The request whose place it takes.
    pub(super) replaces: Option<TransferId>,
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
         purse_atoms, purse_index, vsp, kind, label, replaces)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, IFNULL(?7, -1), IFNULL(?8, -1), ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, created = excluded.created, vsp = excluded.vsp,
            replaces = excluded.replaces
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
            new.replaces.map(Column),
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

/// How many steps were written down.
pub(super) fn steps(db: &Connection, id: &TransferId) -> Result<u32, WalletError> {
    let mut query = db.prepare_cached("SELECT COUNT(*) FROM purchase_steps WHERE purchase = ?1")?;
    Ok(query.query_row([Column(*id)], |row| row.get(0))?)
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

/// Says whether a purchase is a standing order.
pub(super) fn set_standing(db: &Connection, id: &TransferId, standing: bool) -> Result<(), WalletError> {
    let mut update = db.prepare_cached("UPDATE purchases SET standing = ?2 WHERE id = ?1")?;
    update.execute(params![Column(*id), standing])?;
    Ok(())
}

/// The request that takes the place of another one, if it was not given up.
pub(super) fn replaced_by(db: &Connection, id: &TransferId) -> Result<Option<TransferId>, WalletError> {
    let sql = "SELECT id FROM purchases WHERE replaces = ?1 AND id <> ?1 AND state <> 0 LIMIT 1";
    let by = db.prepare_cached(sql)?.query_row([Column(*id)], |row| row.get::<_, Column<TransferId>>(0));
    Ok(by.optional()?.map(|by| by.0))
}

/// Requests without a ticket in a block that can never have one, because one that took their place is mined.
pub(super) fn replaced_for_ever(db: &Connection) -> Result<Vec<TransferId>, WalletError> {
    let sql = "SELECT id FROM purchases WHERE state <> 0
        AND EXISTS (SELECT 1 FROM purchases newer JOIN purchase_txs ON purchase_txs.purchase = newer.id
            JOIN txs ON txs.id = purchase_txs.tx AND txs.height IS NOT NULL
            WHERE newer.replaces = purchases.id AND newer.id <> purchases.id AND newer.state <> 0)
        AND NOT EXISTS (SELECT 1 FROM purchase_txs own JOIN txs ON txs.id = own.tx AND txs.height IS NOT NULL
            WHERE own.purchase = purchases.id AND (own.position > 0 OR purchases.kind = 2))";
    let mut query = db.prepare_cached(sql)?;
    let ids = query.query_map([], |row| Ok(row.get::<_, Column<TransferId>>(0)?.0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Says that a purchase of which nothing is noted any more was not sent.
pub(super) fn stands_unsent(db: &Connection, id: &TransferId) -> Result<(), WalletError> {
    if is_noted(db, id)? { Ok(()) } else { set_state(db, id, PurchaseState::Answered) }
}

pub(super) fn request(db: &Connection, id: &TransferId) -> Result<Option<Vec<u8>>, WalletError> {
    let mut query = db.prepare_cached("SELECT request FROM purchases WHERE id = ?1")?;
    Ok(query.query_row([Column(*id)], |row| row.get(0)).optional()?)
}

/// The answer that was kept.
pub(super) fn answer(db: &Connection, id: &TransferId) -> Result<Option<Vec<u8>>, WalletError> {
    let mut query = db.prepare_cached("SELECT answer FROM purchases WHERE id = ?1")?;
    Ok(query.query_row([Column(*id)], |row| row.get(0)).optional()?.flatten())
}

/// Who votes, and with which index the first ticket.
pub(super) fn voter(db: &Connection, id: &TransferId) -> Result<Option<(Fingerprint, Index)>, WalletError> {
    let mut query = db.prepare_cached("SELECT voter, first_voter FROM purchases WHERE id = ?1")?;
    let (voter, first): (Option<Column<_>>, Option<Column<_>>) =
        query.query_row([Column(*id)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(voter.zip(first).map(|(voter, first)| (voter.0, first.0)))
}

/// What a request is called.
pub(super) fn label(db: &Connection, id: &TransferId) -> Result<Option<Label>, WalletError> {
    let mut query = db.prepare_cached("SELECT label FROM purchases WHERE id = ?1")?;
    let text: Option<String> = query.query_row([Column(*id)], |row| row.get(0))?;
    Ok(text.and_then(|text| Label::new(text.as_bytes())))
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

/// The first coin of a transaction that another one spends.
pub(super) fn taken_coin(db: &Connection, tx: &Transaction) -> Result<Option<OutPoint>, WalletError> {
    let sql = "SELECT 1 FROM spends WHERE tx = ?1 AND output = ?2 AND spender <> ?3";
    let (mut query, id) = (db.prepare_cached(sql)?, Column(tx.id()));
    for input in &tx.inputs {
        if query.exists(params![Column(input.previous.id), input.previous.index, id])? {
            return Ok(Some(input.previous));
        }
    }
    Ok(None)
}

/// Whether a transaction of a request is in a block, or was sent and waits to be mined.
pub(super) fn is_noted(db: &Connection, id: &TransferId) -> Result<bool, WalletError> {
    let sql = "SELECT 1 FROM purchase_txs JOIN txs ON txs.id = purchase_txs.tx WHERE purchase = ?1";
    Ok(db.prepare_cached(sql)?.exists([Column(*id)])?)
}

/// The height of a transaction; the outer `None` means that the wallet does not know it.
pub(super) fn mined_height(db: &Connection, id: &TxId) -> Result<Option<Option<Height>>, WalletError> {
    let mut query = db.prepare_cached("SELECT height FROM txs WHERE id = ?1")?;
    let height = query.query_row([Column(*id)], |row| row.get::<_, Option<Column<Height>>>(0));
    Ok(height.optional()?.map(|height| height.map(|height| height.0)))
}

pub(super) fn damaged(what: String) -> WalletError {
    WalletError::Damaged { what }
}
