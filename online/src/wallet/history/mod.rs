//! The history of the account: what every transaction changed, and what the account owned after it.

mod facts;

use std::fmt;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;

use super::balance::Balance;
use super::{UnixTime, Wallet, WalletError, chain_store};
use facts::{Facts, Part, rows};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Somebody paid the account, or it mined.
    Received,
    /// Somebody was paid.
    Sent,
    /// Coins became others of the account.
    Moved,
    /// Coins became those of which tickets are made.
    Split,
    /// A ticket was bought.
    Ticket,
    /// A ticket voted: what it locked returned with the reward.
    Vote,
    /// A ticket was revoked: what it locked returned.
    Revocation,
    /// A voter's purse was paid, or brought home.
    Purse,
    /// The fee of the transaction.
    Fee,
}

impl EntryKind {
    /// The name of the kind, as exports write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Sent => "sent",
            Self::Moved => "moved",
            Self::Split => "split",
            Self::Ticket => "ticket",
            Self::Vote => "vote",
            Self::Revocation => "revocation",
            Self::Purse => "purse",
            Self::Fee => "fee",
        }
    }
}

/// A number of atoms of either sign; prints as DCR with eight decimals and no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(i64);

impl Change {
    /// The atoms.
    #[must_use]
    pub const fn atoms(self) -> i64 {
        self.0
    }

    fn up(amount: Amount) -> Self {
        Self(i64::try_from(amount.atoms()).expect("all coins that can exist are less than 2^63 atoms"))
    }

    /// `self + other`. No sum of a few amounts comes near 2^63.
    const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{:#}", Amount::from_atoms(self.0.unsigned_abs()).unwrap_or_default())
    }
}

/// A part of what a transaction did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The time of the block; none while it waits to be mined.
    pub time: Option<UnixTime>,
    /// The height of the block.
    pub height: Option<Height>,
    /// The transaction.
    pub tx: TxId,
    /// What happened.
    pub kind: EntryKind,
    /// By how much what the account owns changed.
    pub change: Change,
    /// By how much what is in tickets changed, which is a part of what it owns.
    pub locked: Change,
    /// What it owns after this.
    pub balance: Amount,
    /// What the request or the coin is called.
    pub label: Option<String>,
}

impl Wallet {
    /// What every transaction changed, in the order of blocks, those not mined last.
    ///
    /// # Errors
    /// When the wallet file cannot be read, or the changes do not sum up to the balance.
    pub fn history(&self) -> Result<Vec<Entry>, WalletError> {
        let damaged = |what: String| WalletError::Damaged { what };
        // One look at the file, lest another process moves coins between two of them.
        let snapshot = self.db.unchecked_transaction()?;
        let tickets = self.tickets()?;
        let balance = Balance::of(&self.coins()?, &tickets, self.height()?);
        let facts = Facts::read(&self.db, &tickets, self.labels()?)?;
        let (mut entries, mut sum) = (Vec::new(), Change::default());
        for row in rows(&self.db)? {
            let header = row.height.map(|height| chain_store::header_at(&self.db, height)).transpose()?.flatten();
            let time = header.map(|header| UnixTime(header.timestamp.into()));
            for part in facts.parts(&row) {
                sum = sum.plus(part.change);
                let balance = u64::try_from(sum.0).ok().and_then(|atoms| Amount::from_atoms(atoms).ok());
                let balance = balance.ok_or_else(|| damaged(format!("after {} it owns {sum} DCR", row.id)))?;
                let (height, tx) = (row.height, row.id);
                let Part { kind, change, locked, label } = part;
                entries.push(Entry { time, height, tx, kind, change, locked, balance, label });
            }
        }
        drop(snapshot);
        let total = balance.map(|balance| Change::up(balance.total()));
        if total == Some(sum) { Ok(entries) } else { Err(damaged(format!("its history sums up to {sum} DCR"))) }
    }
}
