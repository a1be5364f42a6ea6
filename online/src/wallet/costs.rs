//! What a ticket cost and brought, to the atom, and when it is expected back.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;

use super::db::column::Column;
use super::{Ticket, TicketState, UnixTime, Wallet, WalletError, chain_store};

/// What a ticket cost beside what it locks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// The ticket's own fee, or the account's share of it.
    pub ticket_fee: Amount,
    /// Its share of the fee of the split that made its coin.
    pub split_fee: Amount,
    /// What VSPs got for it, and its share of the transactions that paid them; only what is mined.
    pub vsp_fee: Amount,
}

impl Costs {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> Amount {
        Amount::checked_sum([self.ticket_fee, self.split_fee, self.vsp_fee]).unwrap_or_default()
    }
}

/// A tip, and what follows from it for tickets that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The last block searched.
    pub tip: Height,
    /// Its time.
    pub time: UnixTime,
    /// How many tickets are in the lottery.
    pub pool: u32,
}

impl Outlook {
    /// About when a block will be, or was.
    #[must_use]
    pub fn time_of(&self, network: Network, height: Height) -> UnixTime {
        let blocks = i64::from(height.0) - i64::from(self.tip.0);
        let seconds = blocks.saturating_mul(network.params().target_block_seconds.into());
        UnixTime(self.time.0.saturating_add(seconds))
    }

    /// The first block that may spend what a ticket locks: known once it has ended; before, on average, since every live
    /// ticket is as likely to be called as any other.
    #[must_use]
    pub fn returns_at(&self, network: Network, ticket: &Ticket) -> Option<Height> {
        if ticket.ending.is_some() {
            return ticket.returns_at(network);
        }
        let params = network.params();
        let pool = if self.pool == 0 { params.ticket_pool_size } else { self.pool / params.tickets_per_block.max(1) };
        let mined = ticket.height.unwrap_or(Height(self.tip.0.saturating_add(1)));
        let live = mined.checked_add(params.ticket_maturity)?.max(self.tip);
        let called = live.checked_add(pool)?;
        let expires = mined.checked_add(params.ticket_maturity)?.checked_add(params.ticket_expiry)?;
        called.min(expires).checked_add(params.coinbase_maturity)
    }
}

impl Wallet {
    /// The last block searched, for estimates.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn outlook(&self) -> Result<Option<Outlook>, WalletError> {
        let tip = chain_store::scanned(&self.db)?;
        let header = chain_store::header_at(&self.db, tip)?;
        Ok(header.map(|header| Outlook { tip, time: UnixTime(header.timestamp.into()), pool: header.pool_size }))
    }

    /// What a ticket cost beside what it locks.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn costs(&self, ticket: &Ticket) -> Result<Costs, WalletError> {
        let ticket_fee = ticket.committed.checked_sub(ticket.own_price()).unwrap_or_default();
        let (split_fee, vsp_fee) = (self.split_share(&ticket.id)?, self.vsp_share(&ticket.id)?);
        Ok(Costs { ticket_fee, split_fee, vsp_fee })
    }

    /// The share of a ticket in the fee of its split, rounded up.
    fn split_share(&self, ticket: &TxId) -> Result<Amount, WalletError> {
        let sql = "SELECT split.tx, purchases.tickets,
            (SELECT IFNULL(SUM(coins.atoms), 0) FROM spends
             JOIN coins ON coins.tx = spends.tx AND coins.output = spends.output WHERE spends.spender = split.tx)
            FROM purchase_txs own JOIN purchases ON purchases.id = own.purchase
            JOIN purchase_txs split ON split.purchase = own.purchase AND split.position = 0
            JOIN txs ON txs.id = split.tx
            WHERE own.tx = ?1 AND own.position > 0 LIMIT 1";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query([Column(*ticket)])?;
        let Some(row) = rows.next()? else { return Ok(Amount::ZERO) };
        let (Column(split), tickets, Column(spent)): (Column<TxId>, u32, Column<Amount>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let outputs = self.transaction(&split)?.map(|tx| tx.outputs).unwrap_or_default();
        let paid = Amount::checked_sum(outputs.iter().filter_map(|output| output.value.amount().ok()));
        let fee = paid.and_then(|paid| spent.checked_sub(paid)).unwrap_or_default();
        Ok(share(fee, tickets.into()))
    }

    /// What mined fee transactions paid for a ticket, and its share of their own fees; a VSP may send one long after.
    fn vsp_share(&self, ticket: &TxId) -> Result<Amount, WalletError> {
        let mut query = self.db.prepare_cached(
            "SELECT own.payment, own.atoms, (SELECT COUNT(*) FROM fee_tickets WHERE payment = own.payment)
             FROM fee_tickets own JOIN txs ON txs.id = own.payment AND txs.height IS NOT NULL
             WHERE own.ticket = ?1 AND own.atoms IS NOT NULL",
        )?;
        let paid = query.query_map([Column(*ticket)], |row| {
            Ok((row.get::<_, Column<TxId>>(0)?.0, row.get::<_, Column<Amount>>(1)?.0, row.get::<_, u32>(2)?))
        })?;
        let mut sum = Amount::ZERO;
        for paid in paid {
            let (payment, fee, tickets) = paid?;
            let (tx, _) = self.payment(&payment)?;
            let own = self.payment_fee(&tx)?.unwrap_or_default();
            sum = Amount::checked_sum([sum, fee, share(own, tickets.into())]).unwrap_or(sum);
        }
        Ok(sum)
    }
}

/// A part of a sum, rounded up, so that the parts never add up to less.
fn share(sum: Amount, parts: u64) -> Amount {
    Amount::from_atoms(sum.atoms().div_ceil(parts.max(1))).unwrap_or_default()
}

/// What the account's tickets came to, as `getstakeinfo` of dcrwallet counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StakeInfo {
    /// Tickets that wait to be mined.
    pub unmined: u64,
    /// Tickets that are mined and not in the lottery yet.
    pub immature: u64,
    /// Tickets in the lottery.
    pub live: u64,
    /// Tickets that voted.
    pub voted: u64,
    /// Tickets that were called and did not vote.
    pub missed: u64,
    /// Tickets that were never called.
    pub expired: u64,
    /// Tickets that were revoked, for whatever reason.
    pub revoked: u64,
    /// All that votes paid beyond what the tickets locked.
    pub rewards: Amount,
}

impl StakeInfo {
    /// Counts tickets.
    #[must_use]
    pub fn of(tickets: &[Ticket], network: Network, tip: Height) -> Self {
        let mut info = Self::default();
        for ticket in tickets {
            let how = ticket.ending.map_or_else(|| ticket.state(network, tip), |ending| ending.how);
            let count = match how {
                TicketState::Unmined => &mut info.unmined,
                TicketState::Immature => &mut info.immature,
                TicketState::Live | TicketState::MaturedBack => &mut info.live,
                TicketState::Voted => &mut info.voted,
                TicketState::Missed => &mut info.missed,
                TicketState::Expired => &mut info.expired,
                TicketState::Revoked => &mut info.revoked,
            };
            *count += 1;
            let reward = ticket.ending.and_then(|ending| ending.paid.checked_sub(ticket.own_price()));
            info.rewards = info.rewards.checked_add(reward.unwrap_or_default()).unwrap_or(info.rewards);
        }
        info.revoked += info.missed + info.expired;
        info
    }
}
