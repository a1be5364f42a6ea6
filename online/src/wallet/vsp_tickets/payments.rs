//! Fee transactions: written down with their coins locked before any VSP sees them, kept until they are mined, and
//! given up only when no ticket depends on them.

use std::cmp::Reverse;
use std::collections::HashSet;

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::path::Index;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};
use rusqlite::{Connection, OptionalExtension, params};

use super::super::db::column::Column;
use super::super::{Clock, PurseCoin, Wallet, WalletError, db, purse};
use super::rows::{paid_by, save, step};
use super::{Step, VspState, VspTicket};
use crate::vsp::VspAddress;

/// A fee transaction about to be written down.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The VSP that it pays.
    pub vsp: VspAddress,
    /// Whose purse pays.
    pub voter: Fingerprint,
    /// The transaction, signed.
    pub tx: Transaction,
    /// The index of the purse key that gets the change.
    pub change: Option<Index>,
}

/// What became of a fee transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// It waits to be sent by the VSP, or to be mined.
    Waiting,
    /// It is in a block.
    Mined,
    /// It was given up.
    Released,
    /// It can never be mined: a block holds another one that spends a coin of its.
    Replaced,
}

impl Wallet {
    /// The coins for the next fee transaction of a purse: first those that must be in it, then the others, large ones
    /// first. Those of fee transactions that were given up must be, so that at most one of all these can ever be mined.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn fee_coins(&self, voter: &Fingerprint) -> Result<(Vec<PurseCoin>, Vec<PurseCoin>), WalletError> {
        let sql = "SELECT fee_inputs.tx, fee_inputs.output FROM fee_inputs
            JOIN fee_payments ON fee_payments.tx = fee_inputs.payment WHERE fee_payments.released = 1";
        let mut query = self.db.prepare_cached(sql)?;
        let freed = query.query_map([], |row| {
            let (Column(id), index) = (row.get(0)?, row.get(1)?);
            Ok(OutPoint { id, index, tree: Tree::Regular })
        })?;
        let freed: HashSet<OutPoint> = freed.collect::<Result<_, _>>()?;
        let mut coins = purse::free(&self.db, voter)?;
        coins.sort_by_key(|coin| Reverse(coin.value));
        Ok(coins.into_iter().partition(|coin| freed.contains(&coin.outpoint)))
    }

    /// The first purse key that nothing uses.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn free_purse_key(&self, voter: &Fingerprint) -> Result<Option<Index>, WalletError> {
        Ok(Index::new(purse::first_free(&self.db, voter)?.into()))
    }

    /// Writes a fee transaction down, locks its coins and makes it the payment of all these tickets, or nothing of that:
    /// says whether every ticket and every coin was still as it was read.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn write_payment(
        &mut self,
        payment: &Payment,
        tickets: &[VspTicket],
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let id = payment.tx.id();
        let tx = db::begin(&mut self.db)?;
        let free: HashSet<OutPoint> = purse::free(&tx, &payment.voter)?.iter().map(|coin| coin.outpoint).collect();
        if !payment.tx.inputs.iter().all(|input| free.contains(&input.previous)) {
            return Ok(false);
        }
        insert(&tx, &id, payment, clock)?;
        for ticket in tickets {
            let paid = VspTicket { state: VspState::FeeWritten, payment: Some(id), trouble: None, ..ticket.clone() };
            if !save(&tx, ticket, &paid)? {
                return Ok(false);
            }
            let sql = "INSERT INTO fee_tickets (payment, ticket, atoms) VALUES (?1, ?2, ?3)
                ON CONFLICT (payment, ticket) DO UPDATE SET atoms = excluded.atoms";
            tx.execute(sql, params![Column(id), Column(ticket.ticket), ticket.fee.map(|fee| Column(fee.amount))])?;
            step(&tx, (&ticket.ticket, &ticket.vsp), &Step::with("fee written", &id.to_string()), clock)?;
        }
        tx.commit()?;
        Ok(true)
    }

    /// A fee transaction and what became of it.
    ///
    /// # Errors
    /// When the wallet file cannot be read, or there is none.
    pub fn payment(&self, id: &TxId) -> Result<(Transaction, PaymentState), WalletError> {
        let sql = "SELECT raw, released, (SELECT height FROM txs WHERE txs.id = fee_payments.tx) IS NOT NULL,
            tx IN replaced_payments FROM fee_payments WHERE tx = ?1";
        let (raw, released, mined, replaced): (Vec<u8>, bool, bool, bool) =
            self.db.query_row(sql, [Column(*id)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let tx = Transaction::decode(&raw).map_err(|error| WalletError::Damaged { what: error.to_string() })?;
        let state = match (mined, released, replaced) {
            (true, _, _) => PaymentState::Mined,
            (false, true, _) => PaymentState::Released,
            (false, false, true) => PaymentState::Replaced,
            (false, false, false) => PaymentState::Waiting,
        };
        Ok((tx, state))
    }

    /// What a fee transaction takes for its place in a block, once its coins are known.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn payment_fee(&self, tx: &Transaction) -> Result<Option<Amount>, WalletError> {
        let mut query = self.db.prepare_cached("SELECT atoms FROM purse_coins WHERE tx = ?1 AND output = ?2")?;
        let mut paid = Some(Amount::ZERO);
        for input in &tx.inputs {
            let coin = query.query_row(params![Column(input.previous.id), input.previous.index], |row| row.get(0));
            let coin: Option<Column<Amount>> = coin.optional()?;
            paid = paid.zip(coin).and_then(|(paid, coin)| paid.checked_add(coin.0));
        }
        let spent = tx.outputs.iter().map(|output| output.value.amount().ok()).collect::<Option<Vec<_>>>();
        Ok(paid.zip(spent.and_then(Amount::checked_sum)).and_then(|(paid, spent)| paid.checked_sub(spent)))
    }

    /// The tickets whose fee a transaction pays.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn tickets_paid_by(&self, payment: &TxId) -> Result<Vec<VspTicket>, WalletError> {
        paid_by(&self.db, self.network(), payment)
    }

    /// The transaction made for the fee of a ticket with a VSP that is mined or still may be, whether the ticket was taken
    /// off it or not.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn standing_payment(&self, ticket: &VspTicket) -> Result<Option<TxId>, WalletError> {
        let sql = "SELECT fee_payments.tx FROM fee_tickets JOIN fee_payments ON fee_payments.tx = fee_tickets.payment
            LEFT JOIN txs ON txs.id = fee_payments.tx AND txs.height IS NOT NULL
            WHERE fee_tickets.ticket = ?1 AND fee_payments.vsp = ?2
            AND (txs.id IS NOT NULL OR released = 0 AND fee_payments.tx NOT IN replaced_payments)
            ORDER BY txs.id IS NULL LIMIT 1";
        let row = params![Column(ticket.ticket), Column(ticket.vsp.clone())];
        Ok(self.db.query_row(sql, row, |row| Ok(row.get::<_, Column<_>>(0)?.0)).optional()?)
    }

    /// Makes a transaction that was made for a ticket's fee before its payment again.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn attach_payment(&mut self, old: &VspTicket, payment: &TxId, clock: &dyn Clock) -> Result<bool, WalletError> {
        let tx = db::begin(&mut self.db)?;
        let new = VspTicket { state: VspState::FeeWritten, payment: Some(*payment), trouble: None, ..old.clone() };
        if !save(&tx, old, &new)? {
            return Ok(false);
        }
        tx.execute("UPDATE fee_payments SET released = 0 WHERE tx = ?1", [Column(*payment)])?;
        step(&tx, (&old.ticket, &old.vsp), &Step::with("fee written before", &payment.to_string()), clock)?;
        tx.commit()?;
        Ok(true)
    }

    /// Takes a ticket off its fee transaction, in a new state; the last one frees the coins, unless it is mined.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn detach_payment(
        &mut self,
        old: &VspTicket,
        state: VspState,
        it: &Step<'_>,
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        let new = VspTicket { state, payment: None, fee: None, reported: None, ..old.clone() };
        if !save(&tx, old, &new)? {
            return Ok(false);
        }
        step(&tx, (&old.ticket, &old.vsp), it, clock)?;
        if let Some(payment) = old.payment
            && paid_by(&tx, network, &payment)?.is_empty()
        {
            let sql = "UPDATE fee_payments SET released = 1
                WHERE tx = ?1 AND NOT EXISTS (SELECT 1 FROM txs WHERE txs.id = ?1 AND height IS NOT NULL)";
            tx.execute(sql, [Column(payment)])?;
        }
        tx.commit()?;
        Ok(true)
    }
}

fn insert(db: &Connection, id: &TxId, payment: &Payment, clock: &dyn Clock) -> Result<(), WalletError> {
    // The same coins and fees make the same transaction again.
    let sql = "INSERT INTO fee_payments (tx, vsp, voter, raw, change, released, created)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6) ON CONFLICT (tx) DO UPDATE SET released = 0";
    let (id, vsp, voter) = (Column(*id), Column(payment.vsp.clone()), Column(payment.voter));
    db.execute(sql, params![id, vsp, voter, payment.tx.encode(), payment.change.map(Column), clock.now().0])?;
    let mut input = db.prepare_cached("INSERT OR IGNORE INTO fee_inputs (payment, tx, output) VALUES (?1, ?2, ?3)")?;
    for spent in &payment.tx.inputs {
        input.execute(params![id, Column(spent.previous.id), spent.previous.index])?;
    }
    Ok(())
}
