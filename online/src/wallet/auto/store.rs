//! The rule and its requests in the wallet file.

use std::path::{Path, PathBuf};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TransferId;
use dcrcold_signer::percent::Percent;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::db::column::Column;
use super::super::purchase::PurchaseState;
use super::super::{Clock, UnixTime, WalletError};
use super::{AutoRequest, Rule, Window};

pub(super) fn rule(db: &Connection) -> Result<Option<Rule>, WalletError> {
    let sql = "SELECT max_price, keep, tickets, max_fees, headroom, voter, vsp, folder FROM auto_rule";
    Ok(db.prepare_cached(sql)?.query_row([], read_rule).optional()?)
}

fn read_rule(row: &Row<'_>) -> rusqlite::Result<Rule> {
    let (Column(max_price), Column(keep), Column(max_fees)) = (row.get(0)?, row.get(1)?, row.get(3)?);
    Ok(Rule {
        max_price,
        keep,
        tickets: row.get(2)?,
        max_fees,
        headroom: Percent::from_hundredths(row.get(4)?),
        voter: row.get::<_, Option<Column<_>>>(5)?.map(|voter| voter.0),
        vsp: row.get::<_, Option<Column<_>>>(6)?.map(|vsp| vsp.0),
        folder: PathBuf::from(row.get::<_, String>(7)?),
    })
}

pub(super) fn set_rule(db: &Connection, rule: Option<&Rule>, clock: &dyn Clock) -> Result<(), WalletError> {
    db.execute("DELETE FROM auto_rule", [])?;
    let Some(rule) = rule else { return Ok(()) };
    let sql =
        "INSERT INTO auto_rule (only_row, max_price, keep, tickets, max_fees, headroom, voter, vsp, folder, since)
        VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let (voter, vsp) = (rule.voter.map(Column), rule.vsp.clone().map(Column));
    db.execute(
        sql,
        params![
            Column(rule.max_price),
            Column(rule.keep),
            rule.tickets,
            Column(rule.max_fees),
            rule.headroom.hundredths(),
            voter,
            vsp,
            text(&rule.folder)?,
            clock.now().0
        ],
    )?;
    Ok(())
}

pub(super) fn put(db: &Connection, id: &TransferId, window: Window, file: &Path) -> Result<(), WalletError> {
    let sql = "INSERT INTO auto_requests (request, price_window, file, written, told, failures)
        VALUES (?1, ?2, ?3, 0, 0, 0)";
    db.execute(sql, params![Column(*id), window.0, text(file)?])?;
    Ok(())
}

/// `change` is a constant of the caller.
pub(super) fn mark(db: &Connection, id: &TransferId, change: &'static str) -> Result<(), WalletError> {
    db.execute(&format!("UPDATE auto_requests SET {change} WHERE request = ?1"), [Column(*id)])?;
    Ok(())
}

pub(super) fn requests(db: &Connection) -> Result<Vec<AutoRequest>, WalletError> {
    let sql = "SELECT id, state, tickets, amount, expiry, created, price_window, file, written, told, failures,
            (SELECT MAX(at) FROM purchase_steps WHERE purchase = id)
        FROM auto_requests JOIN purchases ON purchases.id = auto_requests.request ORDER BY price_window DESC";
    let mut query = db.prepare_cached(sql)?;
    let requests = query.query_map([], read)?;
    Ok(requests.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<AutoRequest> {
    let code: u8 = row.get(1)?;
    let (Column(id), Column(amount), Column(expiry)) = (row.get(0)?, row.get(3)?, row.get(4)?);
    Ok(AutoRequest {
        id,
        state: PurchaseState::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, code.into()))?,
        tickets: row.get(2)?,
        amount,
        expiry,
        created: UnixTime(row.get(5)?),
        window: Window(row.get(6)?),
        file: PathBuf::from(row.get::<_, String>(7)?),
        written: row.get(8)?,
        told: row.get(9)?,
        failures: row.get(10)?,
        changed: UnixTime(row.get(11)?),
    })
}

pub(super) fn had_request(db: &Connection, window: Window) -> Result<bool, WalletError> {
    let mut query = db.prepare_cached("SELECT 1 FROM auto_requests WHERE price_window = ?1")?;
    Ok(query.exists([window.0])?)
}

/// Tickets that were prepared by the rule and are in blocks from `start` on, or may still get there after `tip`.
pub(super) fn tickets_in(db: &Connection, start: Height, tip: Height) -> Result<u32, WalletError> {
    let sql = "SELECT COUNT(*) FROM auto_requests
        JOIN purchases ON purchases.id = auto_requests.request AND purchases.state <> 0
        JOIN purchase_txs ON purchase_txs.purchase = purchases.id AND purchase_txs.position > 0
        LEFT JOIN txs ON txs.id = purchase_txs.tx
        WHERE CASE WHEN txs.height IS NULL THEN purchases.expiry > ?2 + 1 ELSE txs.height >= ?1 END";
    Ok(db.prepare_cached(sql)?.query_row(params![Column(start), Column(tip)], |row| row.get(0))?)
}

/// A path as the file holds it.
fn text(path: &Path) -> Result<&str, WalletError> {
    path.to_str().ok_or_else(|| WalletError::NotText { path: path.to_owned() })
}
