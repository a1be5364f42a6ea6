//! Writes down what a transaction means for the account, and takes it back again.

use std::collections::HashSet;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payment, StakeTag};
use dcrcold_signer::block::Block;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind, TxOut};
use rusqlite::{Connection, OptionalExtension, params};

use super::db::column::Column;
use super::watch::{self, Owner, Watch};
use super::{WalletError, chain_store};

/// Where a transaction was mined: height, and position in its tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mined {
    pub(crate) height: Height,
    pub(crate) position: u32,
}

/// Records what of a block concerns the account; doing it again changes nothing.
pub(crate) fn block(db: &Connection, network: Network, watch: &Watch, block: &Block) -> Result<(), WalletError> {
    tree(&Recorder { db, network, watch, tree: Tree::Regular }, block.header.height, &block.transactions)?;
    stake_tree(db, network, watch, block)
}

/// Records as [`block()`] what remains of a block that the next one disapproves of.
pub(crate) fn stake_tree(db: &Connection, network: Network, watch: &Watch, block: &Block) -> Result<(), WalletError> {
    tree(&Recorder { db, network, watch, tree: Tree::Stake }, block.header.height, &block.stake_transactions)
}

fn tree(recorder: &Recorder<'_>, height: Height, transactions: &[Transaction]) -> Result<(), WalletError> {
    for (position, tx) in (0..).zip(transactions) {
        recorder.record(tx, Some(Mined { height, position }))?;
    }
    Ok(())
}

/// Records a transaction of our own before it is sent.
pub(crate) fn own(db: &Connection, network: Network, watch: &Watch, tx: &Transaction) -> Result<(), WalletError> {
    let tree = if tx.kind() == TxKind::Ticket { Tree::Stake } else { Tree::Regular };
    let recorder = Recorder { db, network, watch, tree };
    recorder.record(tx, None)
}

/// The transactions that we sent and that wait to be mined, those first that others spend from.
pub(crate) fn waiting(db: &Connection) -> Result<Vec<Transaction>, WalletError> {
    let sql = "SELECT id, raw FROM txs WHERE height IS NULL AND own = 1 ORDER BY kind, id";
    let mut query = db.prepare_cached(sql)?;
    let rows = query.query_map([], |row| Ok((row.get::<_, Column<TxId>>(0)?.0, row.get::<_, Vec<u8>>(1)?)))?;
    let mut left = Vec::new();
    for row in rows {
        let (id, raw) = row?;
        let tx = Transaction::decode(&raw).map_err(|error| WalletError::Damaged { what: error.to_string() })?;
        left.push((id, tx));
    }
    let mut sorted = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let ids: HashSet<TxId> = left.iter().map(|(id, _)| *id).collect();
        let depends = |tx: &Transaction| tx.inputs.iter().any(|input| ids.contains(&input.previous.id));
        // Ids are hashes, so nothing depends on itself and every round finds some.
        let (later, next): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, tx)| depends(tx));
        sorted.extend(next.into_iter().map(|(_, tx)| tx));
        left = later;
    }
    Ok(sorted)
}

/// Takes back all blocks above `height`; transactions that we sent wait to be mined again.
pub(crate) fn undo_above(db: &Connection, height: Height) -> Result<(), WalletError> {
    let foreign = "DELETE FROM txs WHERE height > ?1 AND own = 0";
    db.prepare_cached(foreign)?.execute([Column(height)])?;
    let own = "UPDATE txs SET height = NULL, position = NULL WHERE height > ?1";
    db.prepare_cached(own)?.execute([Column(height)])?;
    Ok(())
}

/// Takes back the regular transactions of a block that the next one disapproves of; its stake transactions stay.
pub(crate) fn undo_regular(db: &Connection, height: Height) -> Result<(), WalletError> {
    let (regular, coinbase) = (Column(TxKind::Regular), Column(TxKind::Coinbase));
    let foreign = "DELETE FROM txs WHERE height = ?1 AND kind IN (?2, ?3) AND own = 0";
    db.prepare_cached(foreign)?.execute(params![Column(height), regular, coinbase])?;
    let own = "UPDATE txs SET height = NULL, position = NULL WHERE height = ?1 AND kind = ?2";
    db.prepare_cached(own)?.execute(params![Column(height), regular])?;
    Ok(())
}

/// Forgets a transaction that is not mined and never will be, and all that spend from it.
pub(crate) fn forget(db: &Connection, id: &TxId) -> Result<(), WalletError> {
    let mut doomed = vec![*id];
    while let Some(id) = doomed.pop() {
        let mut waits = db.prepare_cached("SELECT 1 FROM txs WHERE id = ?1 AND height IS NULL")?;
        if waits.query_row([Column(id)], |_| Ok(())).optional()?.is_none() {
            continue;
        }
        let mut query = db.prepare_cached("SELECT DISTINCT spender FROM spends WHERE tx = ?1")?;
        let children = query.query_map([Column(id)], |row| Ok(row.get::<_, Column<TxId>>(0)?.0))?;
        doomed.extend(children.collect::<Result<Vec<_>, _>>()?);
        db.prepare_cached("DELETE FROM txs WHERE id = ?1")?.execute([Column(id)])?;
    }
    Ok(())
}

struct Recorder<'a> {
    db: &'a Connection,
    network: Network,
    watch: &'a Watch,
    tree: Tree,
}

/// An output that a key of the account or of a purse can spend.
struct Coin<'a> {
    output: u32,
    value: &'a TxOut,
    tag: Option<StakeTag>,
    owner: Owner,
}

impl Recorder<'_> {
    fn record(&self, tx: &Transaction, mined: Option<Mined>) -> Result<(), WalletError> {
        let kind = tx.kind();
        let coins = self.coins(tx, kind);
        let spends = self.spends(tx)?;
        // One that commits less than it locks is in no valid block.
        let ticket = if kind == TxKind::Ticket { Ticket::read(tx).ok() } else { None };
        let ticket = ticket.filter(|ticket| ticket.fee().is_some());
        let shares = ticket.iter().flat_map(|ticket| &ticket.shares);
        let pays_us = shares.map(|share| share.commitment.payee).any(|payee| self.watch.path(&payee).is_some());
        if coins.is_empty() && spends.is_empty() && !pays_us {
            return Ok(());
        }
        let id = tx.id();
        self.put_tx(&id, tx, kind, mined)?;
        for coin in &coins {
            self.put_coin(&id, tx, kind, coin)?;
        }
        for (input, spent) in spends {
            if mined.is_some() {
                self.forget_rivals(&id, spent)?;
            }
            self.put_spend(&id, input, spent)?;
        }
        ticket.map_or(Ok(()), |ticket| self.put_ticket(&ticket, mined))
    }

    /// The outputs that pay us; a ticket's first output is for its vote alone.
    fn coins<'t>(&self, tx: &'t Transaction, kind: TxKind) -> Vec<Coin<'t>> {
        let first = usize::from(kind == TxKind::Ticket);
        let outputs = (0..).zip(&tx.outputs).skip(first);
        let coin = |(output, value): (u32, &'t TxOut)| {
            let payment = Payment::recognise(&value.script)?;
            let owner = self.watch.owner(&payment.payee).filter(|owner| may_own(*owner, payment.tag))?;
            let fits = payment.tag.is_some() == (self.tree == Tree::Stake);
            let worth = value.value.amount().is_ok_and(|amount| amount != Amount::ZERO);
            let spendable = value.script_version == 0 && worth && fits;
            spendable.then_some(Coin { output, value, tag: payment.tag, owner })
        };
        outputs.filter_map(coin).collect()
    }

    /// The inputs that spend a coin of ours or a ticket that we follow.
    fn spends<'t>(&self, tx: &'t Transaction) -> Result<Vec<(u32, &'t OutPoint)>, WalletError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM coins WHERE tx = ?1 AND output = ?2)
            OR EXISTS (SELECT 1 FROM purse_coins WHERE tx = ?1 AND output = ?2)
            OR (?2 = 0 AND EXISTS (SELECT 1 FROM tickets WHERE tx = ?1))";
        let mut query = self.db.prepare_cached(sql)?;
        let mut spends = Vec::new();
        for (number, input) in (0..).zip(&tx.inputs) {
            let outpoint = &input.previous;
            if query.query_row(params![Column(outpoint.id), outpoint.index], |row| row.get(0))? {
                spends.push((number, outpoint));
            }
        }
        Ok(spends)
    }

    fn put_tx(&self, id: &TxId, tx: &Transaction, kind: TxKind, mined: Option<Mined>) -> Result<(), WalletError> {
        let sql = "INSERT INTO txs (id, kind, raw, height, position, own) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (id) DO UPDATE SET raw = excluded.raw, height = excluded.height, position = excluded.position
            WHERE excluded.height IS NOT NULL";
        let height = mined.map(|mined| Column(mined.height));
        let position = mined.map(|mined| mined.position);
        let own = mined.is_none();
        let row = params![Column(*id), Column(kind), tx.encode(), height, position, own];
        self.db.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn put_coin(&self, id: &TxId, tx: &Transaction, kind: TxKind, coin: &Coin<'_>) -> Result<(), WalletError> {
        let maturity = maturity(self.network, tx, kind, coin.tag);
        let path = match coin.owner {
            Owner::Account(path) => path,
            Owner::Purse { voter, index } => {
                let sql = "INSERT OR IGNORE INTO purse_coins (tx, output, atoms, voter, idx, maturity)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
                let atoms = coin.value.value.0;
                let row = params![Column(*id), coin.output, atoms, Column(voter), Column(index), maturity];
                self.db.prepare_cached(sql)?.execute(row)?;
                return Ok(());
            }
            Owner::Other => return Ok(()),
        };
        let sql = "INSERT OR IGNORE INTO coins (tx, output, tree, atoms, tag, branch, idx, maturity)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let (branch, index) = (Column(path.branch), Column(path.index));
        let (tree, tag) = (Column(self.tree), coin.tag.map(Column));
        let atoms = coin.value.value.0;
        let row = params![Column(*id), coin.output, tree, atoms, tag, branch, index, maturity];
        self.db.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    /// Forgets what waits to be mined and spends an output that `id` has spent.
    fn forget_rivals(&self, id: &TxId, spent: &OutPoint) -> Result<(), WalletError> {
        let sql = "SELECT spender FROM spends JOIN txs ON txs.id = spender
            WHERE tx = ?1 AND output = ?2 AND spender <> ?3 AND height IS NULL";
        let row = params![Column(spent.id), spent.index, Column(*id)];
        let mut query = self.db.prepare_cached(sql)?;
        let rivals = query.query_map(row, |row| Ok(row.get::<_, Column<TxId>>(0)?.0))?;
        for rival in rivals.collect::<Result<Vec<_>, _>>()? {
            forget(self.db, &rival)?;
        }
        Ok(())
    }

    fn put_spend(&self, id: &TxId, input: u32, spent: &OutPoint) -> Result<(), WalletError> {
        let sql = "INSERT OR IGNORE INTO spends (spender, input, tx, output) VALUES (?1, ?2, ?3, ?4)";
        self.db.prepare_cached(sql)?.execute(params![Column(*id), input, Column(spent.id), spent.index])?;
        Ok(())
    }

    fn put_ticket(&self, ticket: &Ticket, mined: Option<Mined>) -> Result<(), WalletError> {
        let sql = "INSERT OR IGNORE INTO tickets (tx, price, voting_hash, voting_is_script) VALUES (?1, ?2, ?3, ?4)";
        let (id, hash) = (Column(ticket.id), Column(*ticket.voting.hash()));
        let row = params![id, Column(ticket.price), hash, ticket.voting.is_script()];
        let new = self.db.prepare_cached(sql)?.execute(row)? > 0;
        // Blocks searched before this ticket was known may hold its end, which nobody was looking for.
        let scanned = chain_store::scanned(self.db)?;
        let late = new && mined.is_some_and(|mined| mined.height < scanned);
        let sql = "INSERT INTO commitments (tx, position, hash, is_script, atoms, branch, idx)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (tx, position) DO UPDATE SET branch = excluded.branch, idx = excluded.idx";
        let mut insert = self.db.prepare_cached(sql)?;
        for (position, share) in (0_u32..).zip(&ticket.shares) {
            let (payee, atoms) = (share.commitment.payee, Column(share.commitment.amount));
            let path = self.watch.path(&payee);
            if path.is_none() {
                watch::add_foreign(self.db, &payee, late)?;
            }
            let (branch, index) = (path.map(|path| Column(path.branch)), path.map(|path| Column(path.index)));
            let hash = Column(*payee.hash());
            insert.execute(params![id, position, hash, payee.is_script(), atoms, branch, index])?;
        }
        Ok(())
    }
}

/// Whether coins with a stake opcode count: those of a purse are plain.
fn may_own(owner: Owner, tag: Option<StakeTag>) -> bool {
    match owner {
        Owner::Account(_) => true,
        Owner::Purse { .. } => tag.is_none(),
        Owner::Other => false,
    }
}

/// How many blocks after its own a coin can be spent.
///
/// Source: dcrd `internal/blockchain/validate.go`, `CheckTransactionInputs`.
fn maturity(network: Network, tx: &Transaction, kind: TxKind, tag: Option<StakeTag>) -> u32 {
    let params = network.params();
    let created = matches!(kind, TxKind::Coinbase | TxKind::Vote | TxKind::Revocation | TxKind::TreasurySpend);
    // What comes out of a transaction with an expiry must wait as long as a coinbase.
    if created || tx.expiry != 0 {
        params.coinbase_maturity
    } else if tag == Some(StakeTag::Change) {
        params.ticket_change_maturity
    } else {
        0
    }
}
