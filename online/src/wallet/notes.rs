//! What a person says of coins: which are not to be spent, and what they are called.

use std::collections::{HashMap, HashSet};

use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::KeyPath;
use dcrcold_core::request::Label;
use dcrcold_signer::address::Address;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::coins::unspent;
use super::db::column::{Column, optional_path, path};
use super::{Clock, Coin, CoinId, CoinsOf, Wallet, WalletError, db};

/// What a person said of a coin or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// What an address is called.
    Address {
        /// The address.
        address: Address,
        /// The label.
        label: Label,
    },
    /// What a coin is called, or whether it is to be left alone.
    Coin {
        /// The coin.
        coin: CoinId,
        /// The label, if it has one of its own.
        label: Option<Label>,
        /// Whether it is frozen; none where nothing is said of it.
        frozen: Option<bool>,
    },
}

/// What coins and addresses are called.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    coins: HashMap<CoinId, Label>,
    addresses: HashMap<KeyPath, Label>,
}

impl Labels {
    /// What a coin is called: its own label, or else its address's.
    #[must_use]
    pub fn of(&self, coin: &Coin) -> Option<&Label> {
        self.at(coin.outpoint.into(), coin.path)
    }

    /// The same for an output at a path that may be spent already.
    #[must_use]
    pub fn at(&self, coin: CoinId, path: KeyPath) -> Option<&Label> {
        self.coins.get(&coin).or_else(|| self.addresses.get(&path))
    }
}

impl Wallet {
    /// Keeps coins from being chosen, or lets them be chosen again, all of them or none; says of each whether that changed
    /// anything.
    ///
    /// A request that spends one already goes on.
    ///
    /// # Errors
    /// [`WalletError::UnknownCoin`] unless all are unspent coins of the account.
    pub fn freeze(&mut self, coins: &[CoinId], frozen: bool, clock: &dyn Clock) -> Result<Vec<bool>, WalletError> {
        let tx = db::begin(&mut self.db)?;
        let known: HashSet<CoinId> = unspent(&tx)?.iter().map(|coin| coin.outpoint.into()).collect();
        let mut changed = Vec::with_capacity(coins.len());
        for coin in coins {
            if !known.contains(coin) {
                return Err(WalletError::UnknownCoin { coin: *coin });
            }
            changed.push(put_frozen(&tx, coin, frozen, clock)?);
        }
        tx.commit()?;
        Ok(changed)
    }

    /// Calls a coin or an address something; no label takes away what it was called.
    ///
    /// # Errors
    /// [`WalletError::UnknownCoin`], [`WalletError::ForeignAddress`].
    pub fn set_label(&mut self, what: &CoinsOf, label: Option<Label>) -> Result<(), WalletError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        put_label(&tx, network, what, label)?;
        Ok(tx.commit()?)
    }

    /// All that was said of coins and addresses, coins that are spent among them.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn notes(&self) -> Result<Vec<Note>, WalletError> {
        let labels = self.labels()?;
        let mut frozen = self.db.prepare_cached("SELECT tx, output FROM frozen")?;
        let frozen =
            frozen.query_map([], |row| Ok(CoinId { tx: row.get::<_, Column<_>>(0)?.0, output: row.get(1)? }))?;
        let frozen: HashSet<CoinId> = frozen.collect::<Result<_, _>>()?;
        let mut coins: Vec<CoinId> = labels.coins.keys().chain(&frozen).copied().collect();
        coins.sort_unstable_by_key(|coin| (*coin.tx.as_bytes(), coin.output));
        coins.dedup();
        let mut paths: Vec<_> = labels.addresses.iter().collect();
        paths.sort_unstable_by_key(|(path, _)| (path.branch.number(), path.index.number()));
        let address =
            |(path, label): (&KeyPath, &Label)| Ok(Note::Address { address: self.address_at(*path)?, label: *label });
        let mut notes: Vec<Note> = paths.into_iter().map(address).collect::<Result<_, WalletError>>()?;
        notes.extend(coins.into_iter().map(|coin| Note::Coin {
            coin,
            label: labels.coins.get(&coin).copied(),
            frozen: frozen.contains(&coin).then_some(true),
        }));
        Ok(notes)
    }

    /// Takes in what was said elsewhere, in one step; says of each whether it is of a coin or an address of the account.
    ///
    /// What it does not say of a coin stays as it is, and so does what is said of others.
    ///
    /// # Errors
    /// When the wallet file cannot be written.
    pub fn take_notes(&mut self, notes: &[Note], clock: &dyn Clock) -> Result<Vec<bool>, WalletError> {
        let network = self.network();
        let tx = db::begin(&mut self.db)?;
        let unspent: HashSet<CoinId> = unspent(&tx)?.iter().map(|coin| coin.outpoint.into()).collect();
        let mut taken = Vec::with_capacity(notes.len());
        for note in notes {
            let (labelled, frozen) = match *note {
                Note::Address { address, label } => ((CoinsOf::Address(address), Some(label)), None),
                Note::Coin { coin, label, frozen } => {
                    ((CoinsOf::Coin(coin), label), frozen.filter(|_| unspent.contains(&coin)).map(|it| (coin, it)))
                }
            };
            let known = match labelled {
                (what, Some(label)) => match put_label(&tx, network, &what, Some(label)) {
                    Err(WalletError::UnknownCoin { .. } | WalletError::ForeignAddress { .. }) => false,
                    done => done.map(|()| true)?,
                },
                (_, None) => frozen.is_some(),
            };
            if let Some((coin, frozen)) = frozen {
                put_frozen(&tx, &coin, frozen, clock)?;
            }
            taken.push(known);
        }
        tx.commit()?;
        Ok(taken)
    }

    /// What coins and addresses are called.
    ///
    /// # Errors
    /// When the wallet file cannot be read.
    pub fn labels(&self) -> Result<Labels, WalletError> {
        let mut coins = self.db.prepare_cached("SELECT tx, output, label FROM coin_labels")?;
        let coins = coins.query_map([], |row| {
            Ok((CoinId { tx: row.get::<_, Column<TxId>>(0)?.0, output: row.get(1)? }, label(row)?))
        })?;
        let mut addresses = self.db.prepare_cached("SELECT branch, idx, label FROM address_labels")?;
        let addresses = addresses.query_map([], |row| Ok((path(row, 0)?, label(row)?)))?;
        Ok(Labels { coins: coins.collect::<Result<_, _>>()?, addresses: addresses.collect::<Result<_, _>>()? })
    }

    /// The address of a key of the account.
    ///
    /// # Errors
    /// When the key cannot be derived, with a probability of 2^-127.
    pub fn address_at(&self, path: KeyPath) -> Result<Address, WalletError> {
        Ok(Address::of_key_hash(self.network(), self.keys.account.hash(path)?))
    }
}

/// Freezes a coin or lets it be chosen again; says whether that changed anything.
fn put_frozen(db: &Connection, coin: &CoinId, frozen: bool, clock: &dyn Clock) -> Result<bool, WalletError> {
    let rows = if frozen {
        let sql = "INSERT OR IGNORE INTO frozen (tx, output, at) VALUES (?1, ?2, ?3)";
        db.prepare_cached(sql)?.execute(params![Column(coin.tx), coin.output, clock.now().0])?
    } else {
        let sql = "DELETE FROM frozen WHERE tx = ?1 AND output = ?2";
        db.prepare_cached(sql)?.execute(params![Column(coin.tx), coin.output])?
    };
    Ok(rows > 0)
}

fn put_label(db: &Connection, network: Network, what: &CoinsOf, label: Option<Label>) -> Result<(), WalletError> {
    match what {
        CoinsOf::Coin(coin) => {
            let sql = "SELECT 1 FROM coins WHERE tx = ?1 AND output = ?2";
            let key = params![Column(coin.tx), coin.output];
            let known = db.query_row(sql, key, |_| Ok(())).optional()?;
            known.ok_or(WalletError::UnknownCoin { coin: *coin })?;
            db.execute("DELETE FROM coin_labels WHERE tx = ?1 AND output = ?2", key)?;
            if let Some(label) = label {
                let sql = "INSERT INTO coin_labels (tx, output, label) VALUES (?1, ?2, ?3)";
                db.execute(sql, params![Column(coin.tx), coin.output, label.as_str()])?;
            }
        }
        CoinsOf::Address(address) => {
            let path = path_of(db, address, network)?;
            let (branch, index) = (Column(path.branch), Column(path.index));
            db.execute("DELETE FROM address_labels WHERE branch = ?1 AND idx = ?2", params![branch, index])?;
            if let Some(label) = label {
                let sql = "INSERT INTO address_labels (branch, idx, label) VALUES (?1, ?2, ?3)";
                db.execute(sql, params![branch, index, label.as_str()])?;
            }
        }
    }
    Ok(())
}

fn label(row: &Row<'_>) -> rusqlite::Result<Label> {
    let text: String = row.get(2)?;
    Label::new(text.as_bytes()).ok_or(rusqlite::Error::InvalidQuery)
}

/// The key of the account that an address pays.
pub(crate) fn path_of(db: &Connection, address: &Address, network: Network) -> Result<KeyPath, WalletError> {
    let foreign = || WalletError::ForeignAddress { address: *address };
    let payee = address.payee().filter(|_| address.network() == network).ok_or_else(foreign)?;
    let sql = "SELECT branch, idx FROM scripts WHERE hash = ?1 AND is_script = ?2";
    let key = params![Column(*payee.hash()), payee.is_script()];
    let path = db.prepare_cached(sql)?.query_row(key, |row| optional_path(row, 0)).optional()?;
    path.flatten().ok_or_else(foreign)
}
