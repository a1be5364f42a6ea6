//! The headers of the best chain in a file of their own: a cache, made anew when it is damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

use crate::chain::BlockId;
use crate::chain::genesis::genesis_hash;
use crate::chain::work::Work;

/// The version of the file's tables.
const VERSION: u32 = 1;
/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Headers below the tip that are looked at when the file is opened.
const LOOKED_AT: u32 = 1000;

const TABLES: &str = "
    CREATE TABLE header (height INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE chain (network TEXT NOT NULL, work BLOB NOT NULL) STRICT;
";

/// Why the file of headers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// SQLite cannot read or write it.
    #[error("the file of headers cannot be used")]
    Sqlite(#[from] rusqlite::Error),
    /// The file cannot be removed.
    #[error("the file of headers cannot be made anew")]
    Io(#[from] std::io::Error),
    /// What is in it is not what was written.
    #[error("the file of headers is damaged at height {height}")]
    Damaged {
        /// The height.
        height: Height,
    },
}

impl StoreError {
    /// Whether the file holds something else than was written, so that it is of no use to anybody.
    pub(in super::super) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Io(_) => false,
            Self::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) => {
                matches!(failure.code, ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
            }
            // A value of another kind, or none.
            Self::Sqlite(_) => true,
        }
    }
}

/// The headers of one chain above the genesis block, and how much work they took.
pub(super) struct Store {
    db: Connection,
    network: Network,
    /// Where the file is, if there is one.
    path: Option<PathBuf>,
}

impl Store {
    /// Opens or makes the file; one that is damaged or of another network is made anew. One that cannot be used for
    /// another reason stays as it is.
    pub(super) fn open(path: &Path, network: Network) -> Result<Self, StoreError> {
        let opened = Self::at(path, network).and_then(|store| store.check().map(|()| store));
        match opened {
            Err(error) if error.is_damage() => {}
            opened => return opened,
        }
        remove(path)?;
        Self::at(path, network)
    }

    /// Begins anew: what was read from the file is not what was written.
    pub(super) fn renew(&mut self) -> Result<(), StoreError> {
        let path = self.path.clone();
        // Lets go of the file.
        *self = Self::in_memory(self.network)?;
        if let Some(path) = path {
            remove(&path)?;
            *self = Self::at(&path, self.network)?;
        }
        Ok(())
    }

    fn at(path: &Path, network: Network) -> Result<Self, StoreError> {
        Ok(Self { path: Some(path.to_owned()), ..Self::from(Connection::open(path)?, network)? })
    }

    /// Looks whether all of a file is whole, and of this network; the last block.
    pub(super) fn examine(db: Connection, network: Network) -> Result<BlockId, StoreError> {
        let store = Self { db, network, path: None };
        store.check()?;
        let tip = store.tip()?;
        let words: String = store.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if words != "ok" {
            return Err(StoreError::Damaged { height: tip.height });
        }
        let (mut previous, mut work) = (BlockId { hash: genesis_hash(network), height: Height(0) }, Work::ZERO);
        while previous != tip {
            let headers = store.headers(Height(previous.height.0 + 1), LOOKED_AT)?;
            for header in &headers {
                if header.previous != previous.hash || header.height.0 != previous.height.0 + 1 {
                    return Err(StoreError::Damaged { height: header.height });
                }
                previous = BlockId { hash: header.id(), height: header.height };
                work = work.plus(Work::of(header.bits));
            }
            if headers.is_empty() {
                break;
            }
        }
        if previous == tip && work == store.work()? { Ok(tip) } else { Err(StoreError::Damaged { height: tip.height }) }
    }

    /// Keeps headers in memory alone.
    pub(super) fn in_memory(network: Network) -> Result<Self, StoreError> {
        Self::from(Connection::open_in_memory()?, network)
    }

    fn from(mut db: Connection, network: Network) -> Result<Self, StoreError> {
        db.busy_timeout(PATIENCE)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if tx.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))? == 0 {
            tx.execute_batch(TABLES)?;
            let work = Work::ZERO.to_be_bytes();
            tx.execute("INSERT INTO chain (network, work) VALUES (?1, ?2)", params![network.name(), work])?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        tx.commit()?;
        Ok(Self { db, network, path: None })
    }

    /// Sees that the file is this network's, and that the last headers follow each other.
    fn check(&self) -> Result<(), StoreError> {
        let damaged = |height| Err(StoreError::Damaged { height });
        let version: u32 = self.db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version != VERSION {
            return damaged(Height(0));
        }
        let network: String = self.db.query_row("SELECT network FROM chain", [], |row| row.get(0))?;
        let tip = self.tip()?;
        if network != self.network.name() {
            return damaged(tip.height);
        }
        let first = Height(tip.height.0.saturating_sub(LOOKED_AT).max(1));
        let mut previous = self.hash_at(Height(first.0 - 1))?;
        for header in self.headers(first, LOOKED_AT + 1)? {
            if previous != Some(header.previous) {
                return damaged(header.height);
            }
            previous = Some(header.id());
        }
        if previous == Some(tip.hash) { Ok(()) } else { damaged(tip.height) }
    }

    /// The last block.
    pub(super) fn tip(&self) -> Result<BlockId, StoreError> {
        tip_of(&self.db, self.network)
    }

    /// The work of all headers.
    pub(super) fn work(&self) -> Result<Work, StoreError> {
        let bytes = self.db.query_row("SELECT work FROM chain", [], |row| row.get(0))?;
        Ok(Work::from_be_bytes(&bytes))
    }

    /// The hash at a height.
    pub(super) fn hash_at(&self, height: Height) -> Result<Option<BlockHash>, StoreError> {
        if height == Height(0) {
            return Ok(Some(genesis_hash(self.network)));
        }
        let mut query = self.db.prepare_cached("SELECT hash FROM header WHERE height = ?1")?;
        Ok(query.query_row([height.0], |row| row.get(0)).optional()?.map(hash))
    }

    /// The height of a block of the chain.
    pub(super) fn height_of(&self, block: &BlockHash) -> Result<Option<Height>, StoreError> {
        if *block == genesis_hash(self.network) {
            return Ok(Some(Height(0)));
        }
        let mut query = self.db.prepare_cached("SELECT height FROM header WHERE hash = ?1")?;
        Ok(query.query_row([block.as_bytes()], |row| row.get(0)).optional()?.map(Height))
    }

    /// At most `count` headers from `first` on, each of them as it was written.
    pub(super) fn headers(&self, first: Height, count: u32) -> Result<Vec<BlockHeader>, StoreError> {
        let sql = "SELECT height, hash, bytes FROM header WHERE height >= ?1 ORDER BY height LIMIT ?2";
        let mut query = self.db.prepare_cached(sql)?;
        let mut rows = query.query(params![first.0, count])?;
        let mut headers = Vec::new();
        while let Some(row) = rows.next()? {
            let height = Height(row.get(0)?);
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            match BlockHeader::decode(bytes) {
                Ok(header) if header.id() == hash(row.get(1)?) && header.height == height => headers.push(header),
                _ => return Err(StoreError::Damaged { height }),
            }
        }
        Ok(headers)
    }

    /// Puts headers in the place of all above `fork`, at once, unless another process changed the chain that ends in
    /// `tip`; says whether it did not.
    pub(super) fn replace(
        &mut self,
        tip: BlockId,
        fork: Height,
        headers: &[(BlockHash, BlockHeader)],
        work: Work,
    ) -> Result<bool, StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if tip_of(&tx, self.network)? != tip {
            return Ok(false);
        }
        tx.execute("DELETE FROM header WHERE height > ?1", [fork.0])?;
        {
            let mut insert = tx.prepare_cached("INSERT INTO header (height, hash, bytes) VALUES (?1, ?2, ?3)")?;
            for (hash, header) in headers {
                insert.execute(params![header.height.0, hash.as_bytes(), header.encode()])?;
            }
        }
        tx.execute("UPDATE chain SET work = ?1", [work.to_be_bytes()])?;
        tx.commit()?;
        Ok(true)
    }
}

/// Removes the file, and what SQLite keeps beside it.
fn remove(path: &Path) -> Result<(), StoreError> {
    for end in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        if fs::exists(&name)? {
            fs::remove_file(&name)?;
        }
    }
    Ok(())
}

fn tip_of(db: &Connection, network: Network) -> Result<BlockId, StoreError> {
    let mut query = db.prepare_cached("SELECT hash, height FROM header ORDER BY height DESC LIMIT 1")?;
    let tip = query.query_row([], |row| Ok(BlockId { hash: hash(row.get(0)?), height: Height(row.get(1)?) }));
    Ok(tip.optional()?.unwrap_or_else(|| BlockId { hash: genesis_hash(network), height: Height(0) }))
}

fn hash(bytes: [u8; 32]) -> BlockHash {
    BlockHash::from_bytes(bytes)
}
