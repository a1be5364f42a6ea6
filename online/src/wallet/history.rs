//! The history of the account: what every transaction changed, and what the account owned after it.

use std::collections::{HashMap, HashSet};
use std::fmt;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::KeyPath;
use dcrcold_signer::tx::{Transaction, TxKind};
use rusqlite::Connection;

use super::balance::Balance;
use super::db::column::{Column, path};
use super::notes::Labels;
use super::{CoinId, Ticket, UnixTime, Wallet, WalletError, chain_store, record};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Somebody paid the account, or it mined.
    Received,
    /// Somebody was paid.
    Sent,
    /// Coins became others of the account.
    Moved,
    /// Coins became those of which tickets are made.
    Split,
    /// A ticket was bought.
    Ticket,
    /// A ticket voted: what it locked returned with the reward.
    Vote,
    /// A ticket was revoked: what it locked returned.
    Revocation,
    /// A voter's purse was paid, or brought home.
    Purse,
    /// The fee of the transaction.
    Fee,
}

impl EntryKind {
    /// The name of the kind, as exports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Moved => "moved",
            Self::Split => "split",
            Self::Ticket => "ticket",
            Self::Vote => "vote",
            Self::Revocation => "revocation",
            Self::Purse => "purse",
            Self::Fee => "fee",
        }
    }
}

/// A number of atoms of either sign; prints as DCR with eight decimals and no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(i64);

impl Change {
    /// The atoms.
    #[must_use]
    pub const fn atoms(self) -> i64 {
        self.0
    }

    fn up(amount: Amount) -> Self {
        Self(i64::try_from(amount.atoms()).expect("all coins that can exist are less than 2^63 atoms"))
    }

    /// `self + other`. No sum of a few amounts comes near 2^63.
    const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{:#}", Amount::from_atoms(self.0.unsigned_abs()).unwrap_or_default())
    }
}

/// A part of what a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The time of the block; none while it waits to be mined.
    pub time: Option<UnixTime>,
    /// The height of the block.
    pub height: Option<Height>,
    /// The transaction.
    pub tx: TxId,
    /// What happened.
    pub kind: EntryKind,
    /// By how much what the account owns changed.
    pub change: Change,
    /// By how much what is in tickets changed, which is a part of what it owns.
    pub locked: Change,
    /// What it owns after this.
    pub balance: Amount,
    /// What the request or the coin is called.
    pub label: Option<String>,
}

impl Wallet {
    /// What every transaction changed, in the order of blocks, those not mined last.
    ///
    /// # Errors
    /// When the wallet file cannot be read, or the changes do not sum up to the balance.
    pub fn history(&self) -> Result<Vec<Entry>, WalletError> {
        let damaged = |what: String| WalletError::Damaged { what };
        // One look at the file, lest another process moves coins between two of them.
        let snapshot = self.db.unchecked_transaction()?;
        let tickets = self.tickets()?;
        let balance = Balance::of(&self.coins()?, &tickets, self.height()?);
        let facts = Facts::read(&self.db, &tickets, self.labels()?)?;
        let (mut entries, mut sum) = (Vec::new(), Change::default());
        for row in rows(&self.db)? {
            let header = row.height.map(|height| chain_store::header_at(&self.db, height)).transpose()?.flatten();
            let time = header.map(|header| UnixTime(header.timestamp.into()));
            for part in facts.parts(&row) {
                sum = sum.plus(part.change);
                let balance = u64::try_from(sum.0).ok().and_then(|atoms| Amount::from_atoms(atoms).ok());
                let balance = balance.ok_or_else(|| damaged(format!("after {} it owns {sum} DCR", row.id)))?;
                let (height, tx) = (row.height, row.id);
                let Part { kind, change, locked, label } = part;
                entries.push(Entry { time, height, tx, kind, change, locked, balance, label });
            }
        }
        drop(snapshot);
        let total = balance.map(|balance| Change::up(balance.total()));
        if total == Some(sum) { Ok(entries) } else { Err(damaged(format!("its history sums up to {sum} DCR"))) }
    }
}

/// A transaction as it lies in the file.
struct Row {
    id: TxId,
    kind: TxKind,
    height: Option<Height>,
    tx: Transaction,
}

/// All transactions: by height and place in the block, those not mined so that none comes before what it spends.
fn rows(db: &Connection) -> Result<Vec<Row>, WalletError> {
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
struct Part {
    kind: EntryKind,
    change: Change,
    locked: Change,
    label: Option<String>,
}

/// What the file says of all transactions.
struct Facts<'a> {
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
    fn read(db: &Connection, tickets: &'a [Ticket], labels: Labels) -> Result<Self, WalletError> {
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
    fn parts(&self, row: &Row) -> Vec<Part> {
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
