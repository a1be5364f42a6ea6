//! Bringing the coins of a purse home: which can go, and the row that is written before they do.
//!
//! A sweep is a transaction of our own like those of purchases: it spends coins of a purse and pays the account. Its
//! coins count as spent, and what it pays as unconfirmed, from the moment it is written down.

use std::cmp::Reverse;
use std::collections::HashSet;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_signer::tx::{OutPoint, Transaction};

use super::db::column::Column;
use super::watch::{self, Watch};
use super::{PurseCoin, Wallet, WalletError, chain_store, db, purse, record};

/// The coins of a purse, divided by whether they can be brought home.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurseCoins {
    /// Can go, those of the highest values first.
    pub free: Vec<PurseCoin>,
    /// A fee transaction that is not mined means to spend them.
    pub in_fees: Vec<PurseCoin>,
    /// Wait to be mined.
    pub unmined: Vec<PurseCoin>,
    /// Come from coinbases and must wait.
    pub immature: Vec<PurseCoin>,
}

impl Wallet {
    /// The coins of a purse and what keeps some of them there.
    ///
    /// One that waits to be mined stays: the transaction that makes it may never come about, and a sweep with it.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn coins_of_purse(&self, voter: &Fingerprint) -> Result<PurseCoins, WalletError> {
        let tip = chain_store::scanned(&self.db)?;
        let mut coins = PurseCoins::default();
        for coin in purse::unspent(&self.db)?.into_iter().filter(|coin| coin.voter == *voter) {
            let part = match coin {
                PurseCoin { locked_by: Some(_), .. } => &mut coins.in_fees,
                PurseCoin { height: None, .. } => &mut coins.unmined,
                _ if coin.is_free(tip) => &mut coins.free,
                _ => &mut coins.immature,
            };
            part.push(coin);
        }
        coins.free.sort_by_key(|coin| Reverse(coin.value));
        Ok(coins)
    }

    /// What is in one voter's purse, whatever keeps it there.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn purse_of(&self, voter: &Fingerprint) -> Result<Amount, WalletError> {
        let coins = purse::unspent(&self.db)?;
        let values = coins.iter().filter(|coin| coin.voter == *voter).map(|coin| coin.value);
        let what = "a purse holds more than can exist";
        Amount::checked_sum(values).ok_or_else(|| WalletError::Damaged { what: what.into() })
    }

    /// The sweeps of a purse that wait to be mined.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn waiting_sweeps(&self, voter: &Fingerprint) -> Result<Vec<Transaction>, WalletError> {
        let sql = "SELECT DISTINCT spends.spender FROM spends
            JOIN purse_coins ON purse_coins.tx = spends.tx AND purse_coins.output = spends.output
            WHERE purse_coins.voter = ?1";
        let mut query = self.db.prepare_cached(sql)?;
        let spenders = query.query_map([Column(*voter)], |row| Ok(row.get::<_, Column<TxId>>(0)?.0))?;
        let spenders: HashSet<TxId> = spenders.collect::<Result<_, _>>()?;
        let mut waiting = record::waiting(&self.db)?;
        waiting.retain(|tx| spenders.contains(&tx.id()));
        Ok(waiting)
    }

    /// Writes a sweep down before it is sent; says whether all its coins were still free.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn write_sweep(&mut self, voter: &Fingerprint, sweep: &Transaction) -> Result<bool, WalletError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        let free: HashSet<OutPoint> = purse::free(&tx, voter)?.iter().map(|coin| coin.outpoint).collect();
        if !sweep.inputs.iter().all(|input| free.contains(&input.previous)) {
            return Ok(false);
        }
        record::own(&tx, network, &Watch::load(&tx)?, sweep)?;
        watch::extend(&tx, &self.keys, false)?;
        tx.commit()?;
        Ok(true)
    }

    /// Forgets a sweep that the network refused, unless it is mined; its coins are in the purse as before.
    ///
    /// Nothing is lost should it be mined all the same: it pays the account, as any other sweep of these coins does.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn forget_sweep(&mut self, id: &TxId) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        record::forget(&tx, id)?;
        Ok(tx.commit()?)
    }
}
