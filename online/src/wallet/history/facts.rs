//! What the wallet file says of all transactions, and what each did.

use std::collections::{HashMap, HashSet};

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::KeyPath;
use dcrcold_signer::tx::{Transaction, TxKind};
use rusqlite::Connection;

use super::super::db::column::{Column, path};
use super::super::notes::Labels;
use super::super::{CoinId, Ticket, WalletError, record};
use super::{Change, EntryKind};

/// A transaction as it lies in the file.
pub(super) struct Row {
    pub(super) id: TxId,
    kind: TxKind,
    pub(super) height: Option<Height>,
    tx: Transaction,
}

/// All transactions: by height and place in the block, those not mined so that none comes before what it spends.
pub(super) fn rows(db: &Connection) -> Result<Vec<Row>, WalletError> {
    let sql = "SELECT id, kind, height, raw FROM txs ORDER BY height IS NULL, height, kind = 0, position, id";
    let mut query = db.prepare_cached(sql)?;
    let found = query.query_map([], |row| {
        let (Column(id), Column(kind)) = (row.get(0)?, row.get(1)?);
        let height: Option<Column<Height>> = row.get(2)?;
        Ok((id, kind, height.map(|height| height.0), row.get::<_, Vec<u8>>(3)?))
    })?;
    let mut rows = Vec::new();
    for found in found {
        let (id, kind, height, raw) = found?;
        let tx = Transaction::decode(&raw).map_err(|error| WalletError::Damaged { what: error.to_string() })?;
        rows.push(Row { id, kind, height, tx });
    }
    let waiting = record::waiting(db)?;
    let order: HashMap<TxId, usize> = waiting.iter().enumerate().map(|(place, tx)| (tx.id(), place)).collect();
    let mined = rows.partition_point(|row| row.height.is_some());
    rows[mined..].sort_by_key(|row| order.get(&row.id).copied());
    Ok(rows)
}

/// What a transaction did, before it is summed up.
pub(super) struct Part {
    pub(super) kind: EntryKind,
    pub(super) change: Change,
    pub(super) locked: Change,
    pub(super) label: Option<String>,
}

/// What the file says of all transactions.
pub(super) struct Facts<'a> {
    /// What each pays the account.
    received: HashMap<TxId, Amount>,
    /// The coins of the account that each spends, and how many.
    spent: HashMap<TxId, (Amount, u32)>,
    /// What each pays purses.
    to_purses: HashMap<TxId, Amount>,
    /// Those that spend coins of purses.
    from_purses: HashSet<TxId>,
    /// Those whose outputs became tickets.
    splits: HashSet<TxId>,
    bought: HashMap<TxId, &'a Ticket>,
    ended: HashMap<TxId, &'a Ticket>,
    requests: HashMap<TxId, String>,
    coins: HashMap<TxId, Vec<(CoinId, KeyPath)>>,
    labels: Labels,
}

impl<'a> Facts<'a> {
    pub(super) fn read(db: &Connection, tickets: &'a [Ticket], labels: Labels) -> Result<Self, WalletError> {
        let mut coins: HashMap<TxId, Vec<(CoinId, KeyPath)>> = HashMap::new();
        let mut query = db.prepare_cached("SELECT tx, output, branch, idx FROM coins ORDER BY tx, output")?;
        let found = query.query_map([], |row| {
            let Column(tx) = row.get(0)?;
            Ok((CoinId { tx, output: row.get(1)? }, path(row, 2)?))
        })?;
        for found in found {
            let (coin, path) = found?;
            coins.entry(coin.tx).or_default().push((coin, path));
        }
        let requests = "SELECT purchase_txs.tx, label FROM purchase_txs
            JOIN purchases ON purchases.id = purchase_txs.purchase WHERE label IS NOT NULL AND state <> 0";
        let spent = "SELECT spender, SUM(atoms), COUNT(*) FROM spends
            JOIN coins ON coins.tx = spends.tx AND coins.output = spends.output GROUP BY spender";
        let from_purses = "SELECT DISTINCT spender, 0 FROM spends
            JOIN purse_coins ON purse_coins.tx = spends.tx AND purse_coins.output = spends.output";
        let splits = "SELECT DISTINCT spends.tx, 0 FROM spends JOIN tickets ON tickets.tx = spends.spender";
        Ok(Self {
            received: map(db, "SELECT tx, SUM(atoms) FROM coins GROUP BY tx", |row| Ok(row.get::<_, Column<_>>(1)?.0))?,
            spent: map(db, spent, |row| Ok((row.get::<_, Column<_>>(1)?.0, row.get(2)?)))?,
            to_purses: map(db, "SELECT tx, SUM(atoms) FROM purse_coins GROUP BY tx", |row| {
                Ok(row.get::<_, Column<_>>(1)?.0)
            })?,
            from_purses: map(db, from_purses, |_| Ok(()))?.into_keys().collect(),
            splits: map(db, splits, |_| Ok(()))?.into_keys().collect(),
            bought: tickets.iter().map(|ticket| (ticket.id, ticket)).collect(),
            ended: tickets.iter().filter_map(|ticket| Some((ticket.ending?.id, ticket))).collect(),
            requests: map(db, requests, |row| row.get(1))?,
            coins,
            labels,
        })
    }

    /// What a transaction did for the account; nothing when it touches purses alone.
    pub(super) fn parts(&self, row: &Row) -> Vec<Part> {
        let locked =
            |tickets: &HashMap<TxId, &Ticket>| tickets.get(&row.id).map(|ticket| Change::up(ticket.own_price()));
        let (bought, ended) = (locked(&self.bought), locked(&self.ended));
        let received = self.received.get(&row.id).copied();
        let (spent, inputs) = self.spent.get(&row.id).copied().unwrap_or_default();
        if received.is_none() && inputs == 0 && bought.is_none() && ended.is_none() {
            return Vec::new();
        }
        let locked = bought.unwrap_or_default().minus(ended.unwrap_or_default());
        let received = Change::up(received.unwrap_or_default());
        let change = received.plus(locked).minus(Change::up(spent));
        let fee = self.fee(row, spent, inputs);
        let to_purse = if inputs > 0 { self.to_purses.get(&row.id).copied().unwrap_or_default() } else { Amount::ZERO };
        let rest = change.plus(Change::up(fee)).plus(Change::up(to_purse));
        let part = |kind, change, locked| Part { kind, change, locked, label: self.label(row) };
        let none = Change::default();
        let mut parts = Vec::new();
        if let Some(kind) = self.kind(row, inputs, rest, to_purse) {
            parts.push(part(kind, rest, locked));
        }
        if to_purse > Amount::ZERO {
            parts.push(part(EntryKind::Purse, none.minus(Change::up(to_purse)), none));
        }
        if fee > Amount::ZERO {
            parts.push(part(EntryKind::Fee, none.minus(Change::up(fee)), none));
        }
        parts
    }

    /// What the account paid as fee: known where it spent all inputs.
    fn fee(&self, row: &Row, spent: Amount, inputs: u32) -> Amount {
        if inputs == 0 || usize::try_from(inputs) != Ok(row.tx.inputs.len()) {
            return Amount::ZERO;
        }
        let paid = Amount::checked_sum(row.tx.outputs.iter().filter_map(|output| output.value.amount().ok()));
        paid.and_then(|paid| spent.checked_sub(paid)).unwrap_or_default()
    }

    /// What a transaction did beside fees and what went to a purse; nothing when that was all.
    fn kind(&self, row: &Row, inputs: u32, rest: Change, to_purse: Amount) -> Option<EntryKind> {
        Some(match row.kind {
            TxKind::Ticket => EntryKind::Ticket,
            TxKind::Vote => EntryKind::Vote,
            TxKind::Revocation => EntryKind::Revocation,
            _ if inputs == 0 && self.from_purses.contains(&row.id) => EntryKind::Purse,
            _ if rest > Change::default() => EntryKind::Received,
            _ if rest < Change::default() => EntryKind::Sent,
            _ if self.splits.contains(&row.id) => EntryKind::Split,
            _ if to_purse > Amount::ZERO => return None,
            _ => EntryKind::Moved,
        })
    }

    /// What the request is called, or else the first of the coins that has a label.
    fn label(&self, row: &Row) -> Option<String> {
        self.requests.get(&row.id).cloned().or_else(|| {
            let mut coins = self.coins.get(&row.id)?.iter();
            coins.find_map(|(coin, path)| self.labels.at(*coin, *path)).map(ToString::to_string)
        })
    }
}

/// Reads a value for each transaction.
fn map<T>(
    db: &Connection,
    sql: &str,
    value: impl Fn(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
) -> Result<HashMap<TxId, T>, WalletError> {
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| Ok((row.get::<_, Column<TxId>>(0)?.0, value(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
