//! What is left of a request: what of it is mined, and what it would still spend.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{TransferId, TxId};
use rusqlite::{Connection, params};

use super::super::db::column::Column;
use super::super::{CoinId, WalletError};
use super::{PurchaseError, PurchaseState, RequestKind, store};

/// A transaction of a request.
pub(super) struct Part {
    pub(super) position: u32,
    pub(super) tx: TxId,
    pub(super) mined: bool,
}

/// What is left of a request.
pub(super) struct Left {
    pub(super) kind: RequestKind,
    pub(super) state: PurchaseState,
    /// The steps written down so far, by which another process at work is noticed.
    pub(super) steps: u32,
    pub(super) parts: Vec<Part>,
    /// What it would still spend: the coins that the split made for tickets which are not mined, or its own inputs.
    pub(super) coins: Vec<CoinId>,
}

impl Left {
    /// What is left of a request that nothing took the place of; it may have been given up.
    pub(super) fn of(db: &Connection, id: &TransferId) -> Result<Self, PurchaseError> {
        let state = store::state(db, id)?.ok_or(PurchaseError::UnknownRequest { id: *id })?;
        if let Some(by) = store::replaced_by(db, id)? {
            return Err(PurchaseError::Replaced { id: *id, by });
        }
        let mut left = Self {
            kind: store::kind(db, id)?,
            state,
            steps: store::steps(db, id)?,
            parts: parts(db, id)?,
            coins: Vec::new(),
        };
        left.coins = match left.split() {
            Some(split) if split.mined && left.kind == RequestKind::Purchase => {
                let coins = left.missing().map(|ticket| CoinId { tx: split.tx, output: ticket.position - 1 });
                unspent(db, coins)?
            }
            _ => inputs(db, id)?,
        };
        Ok(left)
    }

    /// The split, or the payment.
    pub(super) fn split(&self) -> Option<&Part> {
        self.parts.first().filter(|part| part.position == 0)
    }

    /// Whether a split has to be mined before the tickets.
    pub(super) fn split_to_come(&self) -> bool {
        self.split().is_some_and(|split| !split.mined)
    }

    /// The tickets that are not mined.
    pub(super) fn missing(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.position > 0 && !part.mined)
    }

    pub(super) fn tickets_missing(&self) -> u32 {
        u32::try_from(self.missing().count()).unwrap_or(u32::MAX)
    }

    /// Whether there is nothing more to come.
    pub(super) fn is_done(&self) -> bool {
        self.parts.iter().all(|part| part.mined)
    }

    /// The least of the coins.
    pub(super) fn least_coin(&self, db: &Connection) -> Result<Amount, WalletError> {
        let mut query = db.prepare_cached("SELECT atoms FROM coins WHERE tx = ?1 AND output = ?2")?;
        let mut least = None;
        for coin in &self.coins {
            let mut rows = query.query(params![Column(coin.tx), coin.output])?;
            let Some(row) = rows.next()? else { return Ok(Amount::ZERO) };
            let Column(value) = row.get::<_, Column<Amount>>(0)?;
            least = Some(least.map_or(value, |least: Amount| least.min(value)));
        }
        Ok(least.unwrap_or_default())
    }
}

fn parts(db: &Connection, id: &TransferId) -> Result<Vec<Part>, WalletError> {
    let sql = "SELECT own.position, own.tx, txs.height IS NOT NULL FROM purchase_txs own
        LEFT JOIN txs ON txs.id = own.tx WHERE own.purchase = ?1 ORDER BY own.position";
    let mut query = db.prepare_cached(sql)?;
    let parts = query.query_map([Column(*id)], |row| {
        Ok(Part { position: row.get(0)?, tx: row.get::<_, Column<_>>(1)?.0, mined: row.get(2)? })
    })?;
    Ok(parts.collect::<Result<_, _>>()?)
}

/// Those of the coins that no block spends.
fn unspent(db: &Connection, coins: impl Iterator<Item = CoinId>) -> Result<Vec<CoinId>, WalletError> {
    let sql = "SELECT 1 FROM spends JOIN txs ON txs.id = spends.spender AND txs.height IS NOT NULL
        WHERE spends.tx = ?1 AND spends.output = ?2";
    let mut query = db.prepare_cached(sql)?;
    let mut unspent = Vec::new();
    for coin in coins {
        if !query.exists(params![Column(coin.tx), coin.output])? {
            unspent.push(coin);
        }
    }
    Ok(unspent)
}

/// The coins of a request that no block spends.
fn inputs(db: &Connection, id: &TransferId) -> Result<Vec<CoinId>, WalletError> {
    let sql = "SELECT inputs.tx, inputs.output FROM purchase_inputs inputs WHERE purchase = ?1 AND NOT EXISTS (
        SELECT 1 FROM spends JOIN txs ON txs.id = spends.spender AND txs.height IS NOT NULL
        WHERE spends.tx = inputs.tx AND spends.output = inputs.output)";
    let mut query = db.prepare_cached(sql)?;
    let coins =
        query.query_map([Column(*id)], |row| Ok(CoinId { tx: row.get::<_, Column<_>>(0)?.0, output: row.get(1)? }))?;
    Ok(coins.collect::<Result<_, _>>()?)
}
