//! The purses of voters: small coins that pay VSP fees, apart from the coins of the account.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::path::Index;
use dcrcold_signer::tx::{OutPoint, Tree};
use rusqlite::{Connection, Row};

use super::GAP_LIMIT;
use super::db::column::Column;
use super::{Wallet, WalletError, chain_store};

/// A coin of a purse that nothing on the chain has spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PurseCoin {
    /// The output.
    pub outpoint: OutPoint,
    /// Its value.
    pub value: Amount,
    /// Whose purse.
    pub voter: Fingerprint,
    /// The index of its key.
    pub index: Index,
    /// The block that holds it; none while it waits to be mined.
    pub height: Option<Height>,
    /// Blocks after its own before it can be spent.
    pub maturity: u32,
    /// The fee transaction that means to spend it.
    pub locked_by: Option<TxId>,
}

impl PurseCoin {
    /// Whether the next fee transaction may spend it. One that waits to be mined will do: a VSP sends the fee much later.
    #[must_use]
    pub fn is_free(&self, tip: Height) -> bool {
        let mature = self.height.is_none_or(|height| height.0.saturating_add(self.maturity) <= tip.0.saturating_add(1));
        self.locked_by.is_none() && mature
    }
}

/// What is in the purses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurseBalance {
    /// Can pay fees.
    pub free: Amount,
    /// Is spent by fee transactions that are not mined yet.
    pub in_fees: Amount,
    /// Comes from coinbases and must wait.
    pub immature: Amount,
}

/// The coins of all purses, those of the lowest keys first.
///
/// A fee transaction keeps its coins until it is mined, given up, or can never be mined.
const UNSPENT: &str = "
    SELECT purse_coins.tx, purse_coins.output, purse_coins.atoms, purse_coins.voter, purse_coins.idx, txs.height,
        purse_coins.maturity,
        (SELECT fee_payments.tx FROM fee_inputs JOIN fee_payments ON fee_payments.tx = fee_inputs.payment
         WHERE fee_inputs.tx = purse_coins.tx AND fee_inputs.output = purse_coins.output
         AND fee_payments.released = 0 AND fee_payments.tx NOT IN replaced_payments)
    FROM purse_coins JOIN txs ON txs.id = purse_coins.tx
    WHERE NOT EXISTS (
        SELECT 1 FROM spends WHERE spends.tx = purse_coins.tx AND spends.output = purse_coins.output)
    ORDER BY purse_coins.voter, purse_coins.idx, purse_coins.tx, purse_coins.output";

impl Wallet {
    /// The coins of all purses that nothing on the chain has spent.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purse_coins(&self) -> Result<Vec<PurseCoin>, WalletError> {
        unspent(&self.db)
    }

    /// What is in the purses as of the last block searched.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purse(&self) -> Result<PurseBalance, WalletError> {
        let tip = chain_store::scanned(&self.db)?;
        let mut balance = PurseBalance::default();
        for coin in unspent(&self.db)? {
            let part = match coin.locked_by {
                Some(_) => &mut balance.in_fees,
                None if coin.is_free(tip) => &mut balance.free,
                None => &mut balance.immature,
            };
            let sum = part.checked_add(coin.value);
            *part = sum.ok_or_else(|| WalletError::Damaged { what: "the purses hold more than can exist".into() })?;
        }
        Ok(balance)
    }
}

/// The coins of all purses.
pub(crate) fn unspent(db: &Connection) -> Result<Vec<PurseCoin>, WalletError> {
    let mut query = db.prepare_cached(UNSPENT)?;
    let coins = query.query_map([], read)?;
    Ok(coins.collect::<Result<_, _>>()?)
}

/// The coins of a voter's purse that a fee transaction may spend now.
pub(crate) fn free(db: &Connection, voter: &Fingerprint) -> Result<Vec<PurseCoin>, WalletError> {
    let tip = chain_store::scanned(db)?;
    let mut coins = unspent(db)?;
    coins.retain(|coin| coin.voter == *voter && coin.is_free(tip));
    Ok(coins)
}

/// One above the highest index of a purse that the chain, a purchase or a fee transaction knows.
pub(crate) fn first_free(db: &Connection, voter: &Fingerprint) -> Result<u32, WalletError> {
    let sql = "SELECT MAX(
        IFNULL((SELECT MAX(idx) FROM purse_coins WHERE voter = ?1), -1),
        IFNULL((SELECT MAX(purse_index) FROM purchases WHERE voter = ?1 AND state <> 0), -1),
        IFNULL((SELECT MAX(change) FROM fee_payments WHERE voter = ?1), -1)
    ) + 1";
    Ok(db.prepare_cached(sql)?.query_row([Column(*voter)], |row| row.get(0))?)
}

/// The index of the next top-up: a signer takes none far beyond the last one that it signed, whatever fees used since.
pub(crate) fn next_top_up(db: &Connection, voter: &Fingerprint) -> Result<u32, WalletError> {
    let sql = "SELECT MAX(purse_index) FROM purchases WHERE voter = ?1 AND state > 1";
    let signed: Option<u32> = db.prepare_cached(sql)?.query_row([Column(*voter)], |row| row.get(0))?;
    let free = first_free(db, voter)?;
    Ok(signed.map_or(free, |signed| free.min(signed.saturating_add(GAP_LIMIT))))
}

fn read(row: &Row<'_>) -> rusqlite::Result<PurseCoin> {
    let (Column::<TxId>(id), index, Column(value)) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (Column(voter), Column(key)) = (row.get(3)?, row.get(4)?);
    let height: Option<Column<Height>> = row.get(5)?;
    let locked_by: Option<Column<TxId>> = row.get(7)?;
    Ok(PurseCoin {
        outpoint: OutPoint { id, index, tree: Tree::Regular },
        value,
        voter,
        index: key,
        height: height.map(|height| height.0),
        maturity: row.get(6)?,
        locked_by: locked_by.map(|id| id.0),
    })
}
