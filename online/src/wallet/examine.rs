//! What the wallet knows about itself, for whoever looks for what is wrong.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_signer::block::commitment;
use dcrcold_signer::tx::OutPoint;
use rusqlite::Connection;

use super::chain_store::StoredBlock;
use super::db::column::Column;
use super::old_filters::OldFilters;
use super::{CoinId, Wallet, WalletError, chain_store, db};
use crate::chain::BlockId;

/// Blocks that are read together.
const BATCH: u32 = 2000;

/// A signed transaction of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its place among those of the request: 0 is the split or the payment.
    pub position: u32,
    /// Its id.
    pub id: TxId,
    /// Whether it was noted as sent.
    pub noted: bool,
    /// The block that holds it.
    pub height: Option<Height>,
}

/// A request for registrations that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outstanding {
    /// The request.
    pub id: TransferId,
    /// How many tickets it names.
    pub tickets: u32,
}

/// The blocks that a wallet file keeps something of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptBlocks {
    /// How many headers.
    pub headers: usize,
    /// How many filters.
    pub filters: usize,
}

/// What a wallet file holds of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What it is, in the singular.
    pub what: &'static str,
    /// What names each.
    pub keys: Vec<Vec<u8>>,
}

impl Wallet {
    /// The form of a file and the one that this program writes.
    ///
    /// # Errors
    /// [`WalletError::NotAWallet`], [`WalletError::Newer`], or why it cannot be read.
    pub(crate) fn form_of(db: &Connection) -> Result<(u32, u32), WalletError> {
        db::form(db)
    }

    /// The last block of the chain as the wallet knows it.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn tip(&self) -> Result<Option<BlockId>, WalletError> {
        chain_store::tip(&self.db)
    }

    /// The headers and filters of the wallet, each header held against its hash and the one before, each filter against
    /// the header that commits to it.
    ///
    /// Filters from before headers committed to any were proven together when the wallet fetched them.
    ///
    /// # Errors
    /// [`WalletError::Damaged`] names the first that is not as it was written.
    pub fn kept_blocks(&self) -> Result<KeptBlocks, WalletError> {
        let damaged = |height: Height, what| WalletError::Damaged { what: format!("{what} of block {height}") };
        let (mut kept, mut previous) = (KeptBlocks::default(), None);
        let mut next = chain_store::lowest(&self.db)?.unwrap_or_default();
        loop {
            let blocks = chain_store::blocks(&self.db, next, BATCH)?;
            let Some(last) = blocks.last() else { return Ok(kept) };
            let end = last.header.height;
            for StoredBlock { hash, header, filter } in &blocks {
                if *hash != header.id() || previous.is_some_and(|previous| previous != header.previous) {
                    return Err(damaged(header.height, "the header"));
                }
                previous = Some(*hash);
                kept.headers += 1;
                let Some(filter) = filter else { continue };
                kept.filters += 1;
                if OldFilters::proves_header(self.old_filters.as_ref(), header.height) {
                    let wrong = |_| damaged(header.height, "the filter");
                    commitment::check_filter(self.network(), header, filter).map_err(wrong)?;
                }
            }
            next = Height(end.0.saturating_add(1));
        }
    }

    /// The signed transactions of a request, in the order of sending.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn parts(&self, id: &TransferId) -> Result<Vec<Part>, WalletError> {
        let sql = "SELECT purchase_txs.position, tx, txs.id IS NOT NULL, txs.height
            FROM purchase_txs LEFT JOIN txs ON txs.id = tx
            WHERE purchase = ?1 AND purchase_txs.raw IS NOT NULL ORDER BY purchase_txs.position";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([Column(*id)], |row| {
            let (Column(id), height): (_, Option<Column<Height>>) = (row.get(1)?, row.get(3)?);
            Ok(Part { position: row.get(0)?, id, noted: row.get(2)?, height: height.map(|height| height.0) })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A coin of a request that another transaction has spent, if there is one.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn lost_coin(&self, id: &TransferId) -> Result<Option<OutPoint>, WalletError> {
        super::purchase::lost_coin(&self.db, id)
    }

    /// Coins that several requests mean to spend, each with two of them; one that takes the place of another is meant to.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn coins_wanted_twice(&self) -> Result<Vec<(CoinId, [TransferId; 2])>, WalletError> {
        let sql = "SELECT tx, output, MIN(purchase), MAX(purchase) FROM purchase_inputs
            JOIN purchases ON purchases.id = purchase
            WHERE state IN (1, 2) AND NOT EXISTS (SELECT 1 FROM spends
                WHERE spends.tx = purchase_inputs.tx AND spends.output = purchase_inputs.output)
            AND NOT EXISTS (SELECT 1 FROM purchases newer
                WHERE newer.replaces = purchases.id AND newer.id <> purchases.id AND newer.state <> 0)
            GROUP BY tx, output HAVING COUNT(*) > 1 ORDER BY tx, output";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([], |row| {
            let (Column(tx), Column(first), Column(second)) = (row.get(0)?, row.get(2)?, row.get(3)?);
            Ok((CoinId { tx, output: row.get(1)? }, [first, second]))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The requests for registrations that wait for their answers.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn outstanding_registrations(&self) -> Result<Vec<Outstanding>, WalletError> {
        let sql = "SELECT id, tickets FROM registration_requests WHERE answered = 0 ORDER BY created, id";
        let mut query = self.db.prepare_cached(sql)?;
        let rows =
            query.query_map([], |row| Ok(Outstanding { id: row.get::<_, Column<_>>(0)?.0, tickets: row.get(1)? }))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What no chain and no seed brings back.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn unrecoverable(&self) -> Result<Vec<Held>, WalletError> {
        let kept = [
            ("request", "SELECT id FROM purchases WHERE state <> 0"),
            ("answer", "SELECT id FROM purchases WHERE answer IS NOT NULL"),
            ("registration", "SELECT CAST(ticket || voter AS BLOB) FROM registrations"),
            ("fee payment", "SELECT tx FROM fee_payments"),
            ("VSP", "SELECT CAST(address AS BLOB) FROM vsps"),
            ("voter", "SELECT fingerprint FROM voters"),
            (
                "label",
                "SELECT CAST(hex(tx) || output || label AS BLOB) FROM coin_labels
                UNION ALL SELECT CAST(branch || '/' || idx || label AS BLOB) FROM address_labels",
            ),
            ("frozen coin", "SELECT CAST(hex(tx) || output AS BLOB) FROM frozen"),
            ("voting choice", "SELECT CAST(hex(ticket) || kind || name || '=' || choice AS BLOB) FROM choices"),
            (
                "auto rule",
                "SELECT CAST(max_price || '/' || keep || '/' || tickets || '/' || folder AS BLOB) FROM auto_rule",
            ),
        ];
        let mut all = Vec::with_capacity(kept.len());
        for (what, sql) in kept {
            let mut query = self.db.prepare_cached(sql)?;
            let keys = query.query_map([], |row| row.get(0))?.collect::<Result<Vec<Vec<u8>>, _>>()?;
            all.push(Held { what, keys });
        }
        Ok(all)
    }
}
