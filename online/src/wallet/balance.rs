//! What the account owns, divided by what can be done with it.

use std::collections::HashMap;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{TransferId, TxId};

use super::coins::{Coin, CoinState};
use super::db::column::Column;
use super::tickets::Ticket;
use super::{Wallet, WalletError};

/// What the account owns. The parts add up to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Can be spent now.
    pub spendable: Amount,
    /// Is spent by a request that was prepared and not carried out yet.
    pub locked_by_requests: Amount,
    /// Could be spent, and the person wants it left alone.
    pub frozen: Amount,
    /// Comes from coinbases, votes, revocations and ticket change and must wait.
    pub immature: Amount,
    /// Is in tickets, mined or not, that neither voted nor were revoked.
    pub locked_by_tickets: Amount,
    /// Waits to be mined.
    pub unconfirmed: Amount,
}

impl Balance {
    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Amount {
        self.sum().expect("a balance of a wallet was summed before")
    }

    /// `None` when that is more than all coins that exist.
    pub(super) fn of(coins: &[Coin], tickets: &[Ticket], tip: Height) -> Option<Self> {
        let mut balance = Self::default();
        for coin in coins {
            let part = match coin.state(tip) {
                CoinState::Spendable => &mut balance.spendable,
                CoinState::Locked => &mut balance.locked_by_requests,
                CoinState::Frozen => &mut balance.frozen,
                CoinState::Immature { .. } => &mut balance.immature,
                CoinState::Unconfirmed => &mut balance.unconfirmed,
            };
            *part = part.checked_add(coin.value)?;
        }
        for ticket in tickets.iter().filter(|ticket| ticket.ending.is_none()) {
            balance.locked_by_tickets = balance.locked_by_tickets.checked_add(ticket.own_price())?;
        }
        balance.sum().map(|_| balance)
    }

    fn sum(&self) -> Option<Amount> {
        let waiting = [self.immature, self.locked_by_tickets, self.unconfirmed];
        Amount::checked_sum([self.spendable, self.locked_by_requests, self.frozen].into_iter().chain(waiting))
    }
}

impl Wallet {
    /// What the account owns as of the last block searched.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn balance(&self) -> Result<Balance, WalletError> {
        // One look at the file, lest another process moves coins between two of them.
        let snapshot = self.db.unchecked_transaction()?;
        let balance = Balance::of(&self.coins()?, &self.tickets()?, self.height()?);
        drop(snapshot);
        let what = "its coins are worth more than all coins that can exist";
        balance.ok_or_else(|| WalletError::Damaged { what: what.into() })
    }

    /// The request that bought each ticket; tickets that were bought elsewhere are not among them.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn bought_by(&self) -> Result<HashMap<TxId, TransferId>, WalletError> {
        let sql = "SELECT tx, purchase FROM purchase_txs JOIN purchases ON id = purchase
            WHERE position > 0 AND state <> 0 AND tx IN (SELECT tx FROM tickets)";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([], |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get::<_, Column<_>>(1)?.0)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
