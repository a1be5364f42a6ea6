//! Making and opening a wallet.

use std::path::Path;

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Content, Encode, WatchExport};
use rusqlite::{Connection, params};

use super::db::column::Column;
use super::old_filters::OldFilters;
use super::voters::WalletKeys;
use super::{Clock, Wallet, WalletError, db};

/// The first block that can hold coins.
const FIRST_BLOCK: Height = Height(1);

impl Wallet {
    /// Makes a wallet for the account of a watch export.
    ///
    /// No coin of the account may be in a block below the birthday: `birthday`, or else what the export says, or else
    /// the first block. A birthday before headers committed to filters means the first block too, because old filters
    /// are proven together only.
    ///
    /// # Errors
    /// [`WalletError::Exists`], [`WalletError::JournalLeft`], or why the file cannot be written; then there is none.
    pub fn create(
        path: &Path,
        network: Network,
        export: &WatchExport,
        birthday: Option<Height>,
        clock: &dyn Clock,
    ) -> Result<Self, WalletError> {
        let birthday = birthday.or(export.birthday).unwrap_or(FIRST_BLOCK).max(FIRST_BLOCK);
        let proven = OldFilters::of(network).is_none_or(|old| birthday >= old.first_proven);
        let birthday = if proven { birthday } else { FIRST_BLOCK };
        let bytes = export.to_container(network)?.encode();
        db::create(path, |db| fill(db, network, &bytes, birthday, clock))?;
        Self::open(path)
    }

    /// Opens a wallet.
    ///
    /// # Errors
    /// [`WalletError::Missing`], [`WalletError::NotAWallet`], [`WalletError::Newer`], [`WalletError::Damaged`].
    pub fn open(path: &Path) -> Result<Self, WalletError> {
        Self::read(db::open(path)?)
    }

    fn read(db: Connection) -> Result<Self, WalletError> {
        let row = db.query_row("SELECT export, birthday FROM wallet", [], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Column<Height>>(1)?.0))
        });
        let (bytes, birthday) = row.map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => WalletError::Damaged { what: "it names no account".into() },
            other => other.into(),
        })?;
        let container = Container::parse(&bytes)?;
        let export = WatchExport::from_container(&container)?;
        let keys = WalletKeys::new(container.network(), &export)?;
        let old_filters = OldFilters::of(container.network());
        Ok(Self { db, keys, export, birthday, old_filters })
    }

    /// Copies the wallet to a new file, while other processes may be at work on it.
    ///
    /// # Errors
    /// [`WalletError::Exists`], [`WalletError::JournalLeft`], or why the file cannot be written; then there is none.
    pub fn copy_to(&self, path: &Path) -> Result<(), WalletError> {
        db::copy(&self.db, path)
    }

    /// The account as the cold side exported it.
    #[must_use]
    pub const fn export(&self) -> &WatchExport {
        &self.export
    }

    /// No coin of the account is in a block below.
    #[must_use]
    pub const fn birthday(&self) -> Height {
        self.birthday
    }
}

fn fill(
    db: &mut Connection,
    network: Network,
    export: &[u8],
    birthday: Height,
    clock: &dyn Clock,
) -> Result<(), WalletError> {
    let tx = db::begin(db)?;
    let sql = "INSERT INTO wallet (only_row, network, export, birthday, created) VALUES (1, ?1, ?2, ?3, ?4)";
    tx.execute(sql, params![network.code(), export, Column(birthday), clock.now().0])?;
    let scanned = Height(birthday.0.saturating_sub(1));
    tx.execute("INSERT INTO sync (only_row, scanned) VALUES (1, ?1)", [Column(scanned)])?;
    Ok(tx.commit()?)
}
