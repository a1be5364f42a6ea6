//! The rows of tickets with VSPs, and the exchanges that are kept.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::address::Address;
use rusqlite::{Connection, Params, Row, params};

use super::super::db::column::Column;
use super::super::{Clock, UnixTime, Wallet, WalletError, db};
use super::{Fee, Step, Trouble, VspState, VspTicket};
use crate::vsp::{FeeState, Timestamp, VspAddress};

const COLUMNS: &str = "SELECT ticket, vsp, voter, idx, state, fee_address, fee_atoms, fee_expires, payment, reported,
    last_time, failures, retry_at, trouble, voting FROM vsp_tickets";

impl Wallet {
    /// All tickets with all VSPs, in the order of tickets.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn vsp_tickets(&self) -> Result<Vec<VspTicket>, WalletError> {
        let mut query = self.db.prepare_cached(&format!("{COLUMNS} ORDER BY ticket, vsp"))?;
        let network = self.network();
        let rows = query.query_map([], |row| read(row, network))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The tickets with one VSP, in the order of the keys that deal for them.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn tickets_with(&self, vsp: &VspAddress) -> Result<Vec<VspTicket>, WalletError> {
        let mut query = self.db.prepare_cached(&format!("{COLUMNS} WHERE vsp = ?1 ORDER BY voter, idx, ticket"))?;
        let network = self.network();
        let rows = query.query_map([Column(vsp.clone())], |row| read(row, network))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Means a ticket for a VSP; with others, where nothing was paid yet, it is over then. Doing it again changes nothing.
    ///
    /// Another voter's key takes over from one that the VSP was not told of. Says whether this key deals for the ticket.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn want_vsp(
        &mut self,
        ticket: &TxId,
        vsp: &VspAddress,
        key: (Fingerprint, Index),
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let (voter, index) = key;
        let tx = db::begin(&mut self.db)?;
        let sql = "INSERT INTO vsp_tickets (ticket, vsp, voter, idx, state, last_time, failures)
            VALUES (?1, ?2, ?3, ?4, 0, 0, 0)
            ON CONFLICT (ticket, vsp) DO UPDATE SET voter = excluded.voter, idx = excluded.idx, state = 0,
                failures = 0, retry_at = NULL, trouble = NULL
            WHERE (state = ?5 OR state = 0 AND voter <> excluded.voter) AND payment IS NULL";
        let (id, address) = (Column(*ticket), Column(vsp.clone()));
        let ended = VspState::Ended.code();
        if tx.execute(sql, params![id, address, Column(voter), Column(index), ended])? > 0 {
            step(&tx, (ticket, vsp), &Step::new("wanted"), clock)?;
            let sql = "UPDATE vsp_tickets SET state = ?3, trouble = NULL, retry_at = NULL
                WHERE ticket = ?1 AND vsp <> ?2 AND state <= ?4";
            tx.execute(sql, params![id, address, ended, VspState::FeeSet.code()])?;
        }
        let sql = "SELECT voter FROM vsp_tickets WHERE ticket = ?1 AND vsp = ?2";
        let Column(dealing) = tx.query_row(sql, params![Column(*ticket), Column(vsp.clone())], |row| row.get(0))?;
        tx.commit()?;
        Ok(voter == dealing)
    }

    /// Writes a step down that is about to be done.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn vsp_step(&mut self, row: &VspTicket, it: &Step<'_>, clock: &dyn Clock) -> Result<(), WalletError> {
        let tx = db::begin(&mut self.db)?;
        step(&tx, (&row.ticket, &row.vsp), it, clock)?;
        Ok(tx.commit()?)
    }

    /// Changes a row, unless another process changed it since it was read; says whether it did.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn save_vsp_ticket(
        &mut self,
        old: &VspTicket,
        new: &VspTicket,
        it: Option<&Step<'_>>,
        clock: &dyn Clock,
    ) -> Result<bool, WalletError> {
        let tx = db::begin(&mut self.db)?;
        if !save(&tx, old, new)? {
            return Ok(false);
        }
        if let Some(it) = it {
            step(&tx, (&old.ticket, &old.vsp), it, clock)?;
        }
        tx.commit()?;
        Ok(true)
    }

    /// Keeps an exchange, in which no voting key may be.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn keep_exchange(&mut self, row: &VspTicket, exchange: &str) -> Result<(), WalletError> {
        let sql = "INSERT INTO evidence (ticket, vsp, exchange) VALUES (?1, ?2, ?3)";
        self.db.execute(sql, params![Column(row.ticket), Column(row.vsp.clone()), exchange])?;
        Ok(())
    }

    /// The exchanges about a ticket, oldest first.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn exchanges(&self, ticket: &TxId) -> Result<Vec<String>, WalletError> {
        let mut query = self.db.prepare_cached("SELECT exchange FROM evidence WHERE ticket = ?1 ORDER BY number")?;
        let rows = query.query_map([Column(*ticket)], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The steps of a ticket with all VSPs, oldest first: what, more about it, when.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn vsp_steps(&self, ticket: &TxId) -> Result<Vec<(String, Option<String>, UnixTime)>, WalletError> {
        let sql = "SELECT step, detail, at FROM vsp_steps WHERE ticket = ?1 ORDER BY number";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([Column(*ticket)], |row| Ok((row.get(0)?, row.get(1)?, UnixTime(row.get(2)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Writes a step down.
pub(super) fn step(
    db: &Connection,
    (ticket, vsp): (&TxId, &VspAddress),
    step: &Step<'_>,
    clock: &dyn Clock,
) -> Result<(), WalletError> {
    let sql = "INSERT INTO vsp_steps (ticket, vsp, step, detail, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = params![Column(*ticket), Column(vsp.clone()), step.name, step.detail, clock.now().0];
    db.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Changes a row that is still as it was read; says whether it was.
pub(super) fn save(db: &Connection, old: &VspTicket, new: &VspTicket) -> Result<bool, WalletError> {
    let sql = "UPDATE vsp_tickets SET state = ?5, fee_address = ?6, fee_atoms = ?7, fee_expires = ?8, payment = ?9,
        reported = ?10, last_time = ?11, failures = ?12, retry_at = ?13, trouble = ?14, voting = ?15, idx = ?18
        WHERE ticket = ?1 AND vsp = ?2 AND state = ?3 AND payment IS ?4 AND last_time = ?16 AND voter = ?17";
    let fee = new.fee.as_ref();
    let trouble = new.trouble.as_ref();
    let changed = db.prepare_cached(sql)?.execute(params![
        Column(old.ticket),
        Column(old.vsp.clone()),
        old.state.code(),
        old.payment.map(Column),
        new.state.code(),
        fee.map(|fee| fee.address.to_string()),
        fee.map(|fee| Column(fee.amount)),
        fee.map(|fee| fee.expires.0),
        new.payment.map(Column),
        new.reported.map(FeeState::word),
        new.last_time.0,
        trouble.map_or(0, |trouble| trouble.failures),
        trouble.and_then(|trouble| trouble.retry_at).map(|at| at.0),
        trouble.map(|trouble| trouble.reason.as_str()),
        new.voting,
        old.last_time.0,
        Column(old.voter),
        Column(new.index),
    ])?;
    Ok(changed > 0)
}

/// The tickets whose fee a transaction pays.
pub(super) fn paid_by(db: &Connection, network: Network, payment: &TxId) -> Result<Vec<VspTicket>, WalletError> {
    find(db, network, "payment = ?1", [Column(*payment)])
}

/// The rows for which a condition holds, in the order of tickets.
pub(super) fn find(
    db: &Connection,
    network: Network,
    condition: &str,
    values: impl Params,
) -> Result<Vec<VspTicket>, WalletError> {
    let mut query = db.prepare_cached(&format!("{COLUMNS} WHERE {condition} ORDER BY ticket, vsp"))?;
    let rows = query.query_map(values, |row| read(row, network))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>, network: Network) -> rusqlite::Result<VspTicket> {
    let out_of_range = |column| rusqlite::Error::IntegralValueOutOfRange(column, -1);
    let payment: Option<Column<TxId>> = row.get(8)?;
    let reported: Option<String> = row.get(9)?;
    Ok(VspTicket {
        ticket: row.get::<_, Column<TxId>>(0)?.0,
        vsp: row.get::<_, Column<VspAddress>>(1)?.0,
        voter: row.get::<_, Column<Fingerprint>>(2)?.0,
        index: row.get::<_, Column<Index>>(3)?.0,
        state: VspState::from_code(row.get(4)?).ok_or(out_of_range(4))?,
        fee: fee(row, network)?,
        payment: payment.map(|payment| payment.0),
        reported: reported.and_then(|word| FeeState::from_word(&word)),
        last_time: Timestamp(row.get(10)?),
        trouble: trouble(row)?,
        voting: row.get(14)?,
    })
}

fn fee(row: &Row<'_>, network: Network) -> rusqlite::Result<Option<Fee>> {
    let address: Option<String> = row.get(5)?;
    let amount: Option<Column<Amount>> = row.get(6)?;
    let Some((address, Column(amount))) = address.zip(amount) else { return Ok(None) };
    let address = Address::parse(&address, network)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, rusqlite::types::Type::Text, Box::new(error)))?;
    Ok(Some(Fee { address, amount, expires: Timestamp(row.get(7)?) }))
}

fn trouble(row: &Row<'_>) -> rusqlite::Result<Option<Trouble>> {
    let reason: Option<String> = row.get(13)?;
    let Some(reason) = reason else { return Ok(None) };
    let retry_at: Option<i64> = row.get(12)?;
    Ok(Some(Trouble { reason, failures: row.get(11)?, retry_at: retry_at.map(UnixTime) }))
}
