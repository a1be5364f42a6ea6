//! The tickets of the account and what became of each.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::KeyPath;
use dcrcold_core::script::Payee;
use dcrcold_signer::tx::TxKind;
use rusqlite::{Connection, Row};

use super::db::column::{Column, optional_path, payee};
use super::{Wallet, WalletError};

/// Where a ticket is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TicketState {
    /// It waits to be mined.
    Unmined,
    /// It is mined and not yet in the lottery.
    Immature,
    /// It is in the lottery.
    Live,
    /// It voted; what it paid cannot be spent yet.
    Voted,
    /// It was called and did not vote, so its block revoked it; what came back cannot be spent yet.
    Missed,
    /// It was never called, so a block revoked it; what came back cannot be spent yet.
    Expired,
    /// A transaction of its owner revoked it, as before DCP0009; what came back cannot be spent yet.
    Revoked,
    /// It voted or was revoked, and what it paid can be spent.
    MaturedBack,
}

impl TicketState {
    /// The name of the state, as tables and JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unmined => "unmined",
            Self::Immature => "immature",
            Self::Live => "live",
            Self::Voted => "voted",
            Self::Missed => "missed",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::MaturedBack => "matured-back",
        }
    }
}

/// How a ticket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The vote or revocation.
    pub id: TxId,
    /// Voted, missed, expired or revoked.
    pub how: TicketState,
    /// The block that holds it; none while it waits to be mined.
    pub height: Option<Height>,
    /// What it pays to the account.
    pub paid: Amount,
}

/// A ticket that the account paid for, or that pays the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The ticket.
    pub id: TxId,
    /// What it locks.
    pub price: Amount,
    /// What the account committed to it: the price and the fee, or its share of them.
    pub committed: Amount,
    /// All commitments together.
    pub committed_by_all: Amount,
    /// Who votes with it.
    pub voting: Payee,
    /// Where the reward goes, or the first part of it that is ours; none if all of it goes elsewhere.
    pub reward_path: Option<KeyPath>,
    /// The block that holds it; none while it waits to be mined.
    pub height: Option<Height>,
    /// How it ended.
    pub ending: Option<Ending>,
}

impl Ticket {
    /// The first block at which the ticket is in the lottery.
    #[must_use]
    pub fn live_at(&self, network: Network) -> Option<Height> {
        self.height?.checked_add(network.params().ticket_maturity)
    }

    /// The block that revokes the ticket if it is never called.
    #[must_use]
    pub fn expires_at(&self, network: Network) -> Option<Height> {
        self.live_at(network)?.checked_add(network.params().ticket_expiry)
    }

    /// The first block that may spend what came back.
    #[must_use]
    pub fn returns_at(&self, network: Network) -> Option<Height> {
        self.ending?.height?.checked_add(network.params().coinbase_maturity)
    }

    /// Where the ticket is in its life when `tip` is the last block.
    #[must_use]
    pub fn state(&self, network: Network, tip: Height) -> TicketState {
        let next = tip.0.saturating_add(1);
        match (self.ending, self.live_at(network)) {
            (Some(_), _) if self.returns_at(network).is_some_and(|returns| returns.0 <= next) => {
                TicketState::MaturedBack
            }
            (Some(ending), _) => ending.how,
            (None, None) => TicketState::Unmined,
            (None, Some(live)) if tip < live => TicketState::Immature,
            (None, Some(_)) => TicketState::Live,
        }
    }

    /// The account's share of what the ticket locks, rounded down.
    #[must_use]
    pub fn own_price(&self) -> Amount {
        let share = u128::from(self.price.atoms()) * u128::from(self.committed.atoms());
        let share = share.checked_div(self.committed_by_all.atoms().into()).unwrap_or_default();
        u64::try_from(share).ok().and_then(|atoms| Amount::from_atoms(atoms).ok()).unwrap_or_default()
    }
}

/// The version of revocations that blocks make themselves, DCP0009.
const AUTO_REVOCATION: u16 = 2;

const TICKETS: &str = "
    SELECT tickets.tx, tickets.price, tickets.voting_hash, tickets.voting_is_script, txs.height,
        (SELECT IFNULL(SUM(atoms), 0) FROM commitments WHERE tx = tickets.tx),
        (SELECT IFNULL(SUM(atoms), 0) FROM commitments WHERE tx = tickets.tx AND branch IS NOT NULL),
        own.branch, own.idx,
        spends.spender, ends.kind, ends.height,
        (SELECT IFNULL(SUM(atoms), 0) FROM coins WHERE coins.tx = spends.spender),
        substr(ends.raw, 1, 2)
    FROM tickets JOIN txs ON txs.id = tickets.tx
    LEFT JOIN commitments own ON own.tx = tickets.tx AND own.position =
        (SELECT MIN(position) FROM commitments ours WHERE ours.tx = tickets.tx AND ours.branch IS NOT NULL)
    LEFT JOIN spends ON spends.tx = tickets.tx AND spends.output = 0
    LEFT JOIN txs ends ON ends.id = spends.spender
    ORDER BY txs.height IS NULL, txs.height, txs.position, tickets.tx";

impl Wallet {
    /// The tickets of the account, oldest first, those not mined last.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn tickets(&self) -> Result<Vec<Ticket>, WalletError> {
        tickets(&self.db, self.network())
    }
}

pub(crate) fn tickets(db: &Connection, network: Network) -> Result<Vec<Ticket>, WalletError> {
    let mut query = db.prepare_cached(TICKETS)?;
    let tickets = query.query_map([], |row| read(row, network))?;
    Ok(tickets.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>, network: Network) -> rusqlite::Result<Ticket> {
    let height: Option<Column<Height>> = row.get(4)?;
    let height = height.map(|height| height.0);
    let (Column(committed_by_all), Column(committed)) = (row.get(5)?, row.get(6)?);
    Ok(Ticket {
        id: row.get::<_, Column<TxId>>(0)?.0,
        price: row.get::<_, Column<Amount>>(1)?.0,
        voting: payee(row, 2)?,
        height,
        committed,
        committed_by_all,
        reward_path: optional_path(row, 7)?,
        ending: ending(row, network, height)?,
    })
}

fn ending(row: &Row<'_>, network: Network, mined: Option<Height>) -> rusqlite::Result<Option<Ending>> {
    let Some(Column(id)) = row.get::<_, Option<Column<TxId>>>(9)? else { return Ok(None) };
    let Column(kind) = row.get::<_, Column<TxKind>>(10)?;
    let height = row.get::<_, Option<Column<Height>>>(11)?.map(|height| height.0);
    let Column(paid) = row.get(12)?;
    let version = u16::from_le_bytes(row.get(13)?);
    let how = match kind {
        TxKind::Vote => TicketState::Voted,
        _ if version < AUTO_REVOCATION => TicketState::Revoked,
        _ => revoked(network, mined, height),
    };
    Ok(Some(Ending { id, how, height, paid }))
}

/// Why a block revoked a ticket: only one that was never called lives to its expiry.
///
/// Source: dcrwallet `wallet/wallet.go`, which splits them in the same way.
fn revoked(network: Network, mined: Option<Height>, revoked: Option<Height>) -> TicketState {
    let params = network.params();
    let lived = revoked.zip(mined).and_then(|(revoked, mined)| revoked.above(mined));
    match lived {
        Some(blocks) if blocks >= params.ticket_maturity + params.ticket_expiry => TicketState::Expired,
        _ => TicketState::Missed,
    }
}
