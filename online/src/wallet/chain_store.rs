//! The headers and filters of the main chain, in the wallet file: memory does not grow with the chain.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use rusqlite::{Connection, OptionalExtension, params};

use super::WalletError;
use super::db::column::Column;
use crate::chain::headers::HeaderChain;
use crate::chain::{BlockId, locator_heights};

/// Headers kept below the birthday, more than any rule looks back.
const KEPT_BELOW: u32 = 1024;

/// A block of the main chain as stored.
#[derive(Debug)]
pub(crate) struct StoredBlock {
    pub(crate) hash: BlockHash,
    pub(crate) header: BlockHeader,
    pub(crate) filter: Option<Vec<u8>>,
}

/// The last header stored, if any.
pub(crate) fn tip(db: &Connection) -> Result<Option<BlockId>, WalletError> {
    let sql = "SELECT hash, height FROM chain ORDER BY height DESC LIMIT 1";
    let tip = db.prepare_cached(sql)?.query_row([], |row| {
        let (Column(hash), Column(height)) = (row.get(0)?, row.get(1)?);
        Ok(BlockId { hash, height })
    });
    Ok(tip.optional()?)
}

/// The height of the first header stored, if any.
pub(crate) fn lowest(db: &Connection) -> Result<Option<Height>, WalletError> {
    let mut query = db.prepare_cached("SELECT MIN(height) FROM chain")?;
    let lowest: Option<Column<Height>> = query.query_row([], |row| row.get(0))?;
    Ok(lowest.map(|Column(height)| height))
}

/// The hash at a height.
pub(crate) fn hash_at(db: &Connection, height: Height) -> Result<Option<BlockHash>, WalletError> {
    let mut query = db.prepare_cached("SELECT hash FROM chain WHERE height = ?1")?;
    let hash = query.query_row([Column(height)], |row| Ok(row.get::<_, Column<BlockHash>>(0)?.0));
    Ok(hash.optional()?)
}

/// The header at a height.
pub(crate) fn header_at(db: &Connection, height: Height) -> Result<Option<BlockHeader>, WalletError> {
    let mut query = db.prepare_cached("SELECT header FROM chain WHERE height = ?1")?;
    let bytes: Option<Vec<u8>> = query.query_row([Column(height)], |row| row.get(0)).optional()?;
    bytes.map(|bytes| decode(&bytes)).transpose()
}

/// At most `count` blocks from `first` on, ascending.
pub(crate) fn blocks(db: &Connection, first: Height, count: u32) -> Result<Vec<StoredBlock>, WalletError> {
    let sql = "SELECT hash, header, filter FROM chain WHERE height >= ?1 ORDER BY height LIMIT ?2";
    let mut query = db.prepare_cached(sql)?;
    let mut rows = query.query(params![Column(first), count])?;
    let mut blocks = Vec::new();
    while let Some(row) = rows.next()? {
        let Column(hash) = row.get(0)?;
        let header = decode(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        blocks.push(StoredBlock { hash, header, filter: row.get(2)? });
    }
    Ok(blocks)
}

/// The end of the stored chain, ready to take further headers.
pub(crate) fn header_chain(db: &Connection, network: Network) -> Result<HeaderChain, WalletError> {
    let Some(tip) = tip(db)? else { return Ok(HeaderChain::genesis(network)) };
    let anchor: Option<u32> = db.query_row("SELECT anchor_time FROM sync", [], |row| row.get(0))?;
    let mut chain = HeaderChain::at(network, tip, anchor);
    let first = Height(tip.height.0.saturating_sub(HeaderChain::memory(network)));
    let mut query = db.prepare_cached("SELECT header FROM chain WHERE height >= ?1 ORDER BY height")?;
    let mut rows = query.query([Column(first)])?;
    while let Some(row) = rows.next()? {
        chain.remember(&decode(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?);
    }
    Ok(chain)
}

/// Hashes of stored blocks, the tip first, ever further apart, the lowest last: what tells a source where the wallet
/// stands.
pub(crate) fn locators(db: &Connection) -> Result<Vec<BlockHash>, WalletError> {
    let Some(tip) = tip(db)? else { return Ok(Vec::new()) };
    let mut hashes = Vec::new();
    for height in locator_heights(tip.height) {
        let Some(hash) = hash_at(db, height)? else { break };
        hashes.push(hash);
    }
    if let Some(lowest) = lowest(db)? {
        hashes.extend(hash_at(db, lowest)?.filter(|lowest| !hashes.contains(lowest)));
    }
    Ok(hashes)
}

/// Appends headers that were checked to follow the stored tip.
pub(crate) fn append(
    db: &Connection,
    headers: &[(BlockHash, &BlockHeader)],
    anchor_time: Option<u32>,
) -> Result<(), WalletError> {
    let mut insert = db.prepare_cached("INSERT INTO chain (height, hash, header) VALUES (?1, ?2, ?3)")?;
    for (hash, header) in headers {
        insert.execute(params![Column(header.height), Column(*hash), header.encode().as_slice()])?;
    }
    db.execute("UPDATE sync SET anchor_time = ?1", [anchor_time])?;
    Ok(())
}

/// Forgets headers that no rule and no coin needs any more.
pub(crate) fn prune(db: &Connection, birthday: Height) -> Result<(), WalletError> {
    let floor = birthday.0.saturating_sub(KEPT_BELOW);
    let sql = "DELETE FROM chain WHERE height < ?1 AND height < (SELECT MAX(height) FROM chain) - ?2";
    db.prepare_cached(sql)?.execute(params![floor, KEPT_BELOW])?;
    Ok(())
}

/// Forgets every block above `height`.
pub(crate) fn truncate(db: &Connection, height: Height) -> Result<(), WalletError> {
    db.prepare_cached("DELETE FROM chain WHERE height > ?1")?.execute([Column(height)])?;
    Ok(())
}

/// Keeps a filter that was checked against the header.
pub(crate) fn put_filter(db: &Connection, height: Height, filter: &[u8]) -> Result<(), WalletError> {
    let mut update = db.prepare_cached("UPDATE chain SET filter = ?2 WHERE height = ?1")?;
    update.execute(params![Column(height), filter])?;
    Ok(())
}

/// The height up to which blocks were searched for coins.
pub(crate) fn scanned(db: &Connection) -> Result<Height, WalletError> {
    let height = db.prepare_cached("SELECT scanned FROM sync")?.query_row([], |row| row.get(0));
    Ok(height.map(|Column(height)| height)?)
}

/// Says that blocks up to `height` were searched.
pub(crate) fn set_scanned(db: &Connection, height: Height) -> Result<(), WalletError> {
    db.prepare_cached("UPDATE sync SET scanned = ?1")?.execute([Column(height)])?;
    Ok(())
}

/// Whether the filters from before header commitments were held against their hash.
pub(crate) fn old_filters_proven(db: &Connection) -> Result<bool, WalletError> {
    Ok(db.query_row("SELECT old_filters_proven FROM sync", [], |row| row.get(0))?)
}

/// Says that they were, and are right.
pub(crate) fn set_old_filters_proven(db: &Connection) -> Result<(), WalletError> {
    db.execute("UPDATE sync SET old_filters_proven = 1", [])?;
    Ok(())
}

/// Forgets all filters.
pub(crate) fn forget_filters(db: &Connection) -> Result<(), WalletError> {
    db.execute("UPDATE chain SET filter = NULL", [])?;
    Ok(())
}

fn decode(bytes: &[u8]) -> Result<BlockHeader, WalletError> {
    BlockHeader::decode(bytes).map_err(|error| WalletError::Damaged { what: error.to_string() })
}
