//! The coins of the account: which there are, and which can be spent now.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::path::KeyPath;
use dcrcold_core::script::StakeTag;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind};
use rusqlite::{Connection, OptionalExtension, Row};

use super::db::column::{Column, path};
use super::{Wallet, WalletError, chain_store};
use crate::chain::BlockId;

/// An output that a key of the account can spend, and that nothing has spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// The output.
    pub outpoint: OutPoint,
    /// Its value.
    pub value: Amount,
    /// The key.
    pub path: KeyPath,
    /// The stake opcode in front of its script.
    pub tag: Option<StakeTag>,
    /// The kind of the transaction that made it.
    pub kind: TxKind,
    /// The block that holds it; none while it waits to be mined.
    pub height: Option<Height>,
    /// Blocks after its own before it can be spent.
    pub maturity: u32,
    /// The request that means to spend it.
    pub locked_by: Option<TransferId>,
    /// Whether the person wants it left alone.
    pub frozen: bool,
}

/// What can be done with a coin now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoinState {
    /// It can be spent.
    Spendable,
    /// A request that was prepared spends it.
    Locked,
    /// It could be spent, and the person wants it left alone.
    Frozen,
    /// It can be spent in a block of this height or later.
    Immature {
        /// The height.
        spendable_at: Height,
    },
    /// It waits to be mined.
    Unconfirmed,
}

impl CoinState {
    /// The name of the state, as tables and JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spendable => "spendable",
            Self::Locked => "in-request",
            Self::Frozen => "frozen",
            Self::Immature { .. } => "immature",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

impl Coin {
    /// The first block that may spend the coin, once it is mined.
    ///
    /// Source: dcrd `internal/blockchain/validate.go`: spending height less own height is at least the maturity.
    #[must_use]
    pub fn spendable_at(&self) -> Option<Height> {
        self.height?.checked_add(self.maturity.max(1))
    }

    /// What can be done with the coin when `tip` is the last block.
    #[must_use]
    pub fn state(&self, tip: Height) -> CoinState {
        match self.spendable_at() {
            None => CoinState::Unconfirmed,
            Some(spendable_at) if tip.0.saturating_add(1) < spendable_at.0 => CoinState::Immature { spendable_at },
            Some(_) if self.locked_by.is_some() => CoinState::Locked,
            Some(_) if self.frozen => CoinState::Frozen,
            Some(_) => CoinState::Spendable,
        }
    }

    /// Whether a request may spend the coin when `tip` is the last block. No signer takes payouts of the treasury, which
    /// tickets cannot spend.
    #[must_use]
    pub fn is_input(&self, tip: Height) -> bool {
        self.state(tip) == CoinState::Spendable && self.tag != Some(StakeTag::Treasury)
    }
}

/// Every unspent coin, in the order of blocks, those not mined last.
///
/// A request keeps its coins while it can still be carried out: over a split, until something else has spent one of
/// them; in the direct form, until its tickets expire; or until another one takes its place. After a reorganisation two
/// may mean to spend a coin: the one of the lowest id is named.
const UNSPENT: &str = "
    SELECT coins.tx, coins.output, coins.tree, coins.atoms, coins.branch, coins.idx, coins.tag, txs.kind, txs.height,
        coins.maturity,
        (SELECT purchases.id FROM purchase_inputs JOIN purchases ON purchases.id = purchase_inputs.purchase
         WHERE purchase_inputs.tx = coins.tx AND purchase_inputs.output = coins.output AND purchases.state <> 0
         AND NOT EXISTS (SELECT 1 FROM purchases newer WHERE newer.replaces = purchases.id AND newer.id <> purchases.id
             AND newer.state <> 0)
         AND CASE WHEN EXISTS (SELECT 1 FROM purchase_txs split WHERE split.purchase = purchases.id AND position = 0)
             THEN NOT EXISTS (
                 SELECT 1 FROM purchase_inputs lost
                 JOIN spends ON spends.tx = lost.tx AND spends.output = lost.output
                 JOIN txs spender ON spender.id = spends.spender AND spender.height IS NOT NULL
                 WHERE lost.purchase = purchases.id
                 AND spends.spender NOT IN (SELECT tx FROM purchase_txs own WHERE own.purchase = purchases.id))
             ELSE purchases.expiry > (SELECT scanned + 1 FROM sync) END
         ORDER BY purchases.id LIMIT 1),
        EXISTS (SELECT 1 FROM frozen WHERE frozen.tx = coins.tx AND frozen.output = coins.output)
    FROM coins JOIN txs ON txs.id = coins.tx
    WHERE NOT EXISTS (SELECT 1 FROM spends WHERE spends.tx = coins.tx AND spends.output = coins.output)
    ORDER BY txs.height IS NULL, txs.height, coins.tx, coins.output";

impl Wallet {
    /// The coins of the account that nothing spends, in the order of blocks, those not mined last.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn coins(&self) -> Result<Vec<Coin>, WalletError> {
        unspent(&self.db)
    }

    /// The height of the last block that was searched for coins.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn height(&self) -> Result<Height, WalletError> {
        chain_store::scanned(&self.db)
    }
}

impl Wallet {
    /// A transaction that concerns the account.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn transaction(&self, id: &TxId) -> Result<Option<Transaction>, WalletError> {
        let mut query = self.db.prepare_cached("SELECT raw FROM txs WHERE id = ?1")?;
        let raw: Option<Vec<u8>> = query.query_row([Column(*id)], |row| row.get(0)).optional()?;
        let decode = |raw: Vec<u8>| Transaction::decode(&raw);
        raw.map(decode).transpose().map_err(|error| WalletError::Damaged { what: error.to_string() })
    }

    /// The block that holds a transaction; none while it waits to be mined or is not known.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn block_of(&self, id: &TxId) -> Result<Option<BlockId>, WalletError> {
        let sql = "SELECT chain.hash, chain.height FROM txs JOIN chain ON chain.height = txs.height WHERE txs.id = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let block = query.query_row([Column(*id)], |row| {
            let (Column(hash), Column(height)) = (row.get(0)?, row.get(1)?);
            Ok(BlockId { hash, height })
        });
        Ok(block.optional()?)
    }
}

pub(crate) fn unspent(db: &Connection) -> Result<Vec<Coin>, WalletError> {
    let mut query = db.prepare_cached(UNSPENT)?;
    let coins = query.query_map([], read)?;
    Ok(coins.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Coin> {
    let (Column::<TxId>(id), index, Column::<Tree>(tree)) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (Column(value), Column(kind)) = (row.get(3)?, row.get(7)?);
    let tag: Option<Column<StakeTag>> = row.get(6)?;
    let height: Option<Column<Height>> = row.get(8)?;
    let locked_by: Option<Column<TransferId>> = row.get(10)?;
    Ok(Coin {
        outpoint: OutPoint { id, index, tree },
        value,
        path: path(row, 4)?,
        tag: tag.map(|tag| tag.0),
        kind,
        height: height.map(|height| height.0),
        maturity: row.get(9)?,
        locked_by: locked_by.map(|id| id.0),
        frozen: row.get(11)?,
    })
}
