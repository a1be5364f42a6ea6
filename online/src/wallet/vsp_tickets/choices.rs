//! What is to be voted: for one ticket, or for all that have nothing of their own on the same matter.

use dcrcold_core::hash::TxId;
use rusqlite::{Connection, params};

use super::super::db::column::Column;
use super::super::{Wallet, WalletError, db};
use super::VspState;
use crate::vsp::{Preferences, PreferencesError, TreasuryPolicy};

const AGENDA: u8 = 0;
const TREASURY_KEY: u8 = 1;
const TREASURY_SPEND: u8 = 2;

/// Which tickets choices are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every ticket, unless it has a choice of its own on the same matter.
    All,
    /// One ticket.
    Ticket(TxId),
}

impl Scope {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::All => &[],
            Self::Ticket(id) => id.as_bytes(),
        }
    }
}

impl Wallet {
    /// Adds choices to those that there are; a choice on the same matter is replaced.
    ///
    /// # Errors
    /// [`PreferencesError::TooMany`] when a VSP would not take them all, for a ticket with choices of its own neither, or
    /// when the wallet file cannot be written.
    pub fn choose(&mut self, scope: Scope, preferences: &Preferences) -> Result<(), ChooseError> {
        let tx = db::begin(&mut self.db)?;
        put(&tx, scope, preferences)?;
        read(&tx, &scope)?.check()?;
        if scope == Scope::All {
            for ticket in with_their_own(&tx)? {
                let all = read(&tx, &Scope::Ticket(ticket))?;
                all.check().map_err(|source| ChooseError::Ticket { ticket, source })?;
            }
        }
        // What VSPs did not take before may be something else now.
        let sql = "UPDATE vsp_tickets SET trouble = NULL, failures = 0, retry_at = NULL WHERE state = ?1";
        tx.execute(sql, [VspState::Confirmed.code()]).map_err(WalletError::from)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(())
    }

    /// What is to be voted with a ticket, or with all tickets.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn preferences(&self, scope: Scope) -> Result<Preferences, WalletError> {
        read(&self.db, &scope)
    }
}

fn put(db: &Connection, scope: Scope, preferences: &Preferences) -> Result<(), WalletError> {
    let sql = "INSERT OR REPLACE INTO choices (ticket, kind, name, choice) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = db.prepare_cached(sql)?;
    let scope = scope.bytes();
    for (agenda, choice) in &preferences.agendas {
        insert.execute(params![scope, AGENDA, agenda.to_string(), choice.to_string()])?;
    }
    for (key, policy) in &preferences.treasury_keys {
        insert.execute(params![scope, TREASURY_KEY, key.to_string(), policy.word()])?;
    }
    for (spend, policy) in &preferences.treasury_spends {
        insert.execute(params![scope, TREASURY_SPEND, spend.to_string(), policy.word()])?;
    }
    Ok(())
}

/// The tickets that have choices of their own.
fn with_their_own(db: &Connection) -> Result<Vec<TxId>, WalletError> {
    let mut query = db.prepare_cached("SELECT DISTINCT ticket FROM choices WHERE ticket <> x''")?;
    let tickets = query.query_map([], |row| Ok(row.get::<_, Column<_>>(0)?.0))?;
    Ok(tickets.collect::<Result<_, _>>()?)
}

fn read(db: &Connection, scope: &Scope) -> Result<Preferences, WalletError> {
    // The ticket's own come last and replace those for all.
    let sql = "SELECT kind, name, choice FROM choices WHERE ticket = x'' OR ticket = ?1 ORDER BY length(ticket)";
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query([scope.bytes()])?;
    let mut preferences = Preferences::default();
    while let Some(row) = rows.next()? {
        let (kind, name, choice): (u8, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let damaged = || WalletError::Damaged { what: format!("choice {choice} on {name}") };
        let policy = || TreasuryPolicy::from_word(&choice).ok_or_else(damaged);
        match kind {
            AGENDA => {
                let agenda = name.parse().map_err(|_| damaged())?;
                preferences.agendas.insert(agenda, choice.parse().map_err(|_| damaged())?);
            }
            TREASURY_KEY => {
                preferences.treasury_keys.insert(name.parse().map_err(|_| damaged())?, policy()?);
            }
            TREASURY_SPEND => {
                preferences.treasury_spends.insert(name.parse().map_err(|_| damaged())?, policy()?);
            }
            _ => return Err(damaged()),
        }
    }
    Ok(preferences)
}

/// Why choices are not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChooseError {
    /// More than a VSP takes.
    #[error(transparent)]
    Preferences(#[from] PreferencesError),
    /// More than a VSP takes, together with the choices that a ticket has of its own.
    #[error("ticket {ticket} would have {source}")]
    Ticket {
        /// The ticket.
        ticket: TxId,
        /// What is too much.
        source: PreferencesError,
    },
    /// The wallet failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}
