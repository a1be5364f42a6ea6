//! What the voters of a folder remember: the tickets they watch, the blocks they searched, the votes they cast.

use std::path::Path;
use std::time::Duration;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::block::CompactTarget;
use rusqlite::{Connection, OptionalExtension, Transaction as Step, TransactionBehavior, params};

use super::VoterError;
use super::doubt::Place;
use crate::chain::BlockId;
use crate::wallet::UnixTime;
use crate::wallet::db::column::Column;

/// What marks the file as one of ours: `DCRV` in ASCII.
const APPLICATION_ID: i32 = 0x4443_5256;
/// The version of the tables.
const VERSION: i32 = 2;
/// How long to wait for another process to finish its writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// Blocks kept to find out where another chain branches off.
const KEPT_BLOCKS: u32 = 1000;

/// How a ticket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Voted = 0,
    Missed = 1,
    Expired = 2,
    /// While nobody looked.
    Unseen = 3,
}

/// A ticket found in a block.
pub(super) struct Found {
    pub(super) id: TxId,
    pub(super) voter: Fingerprint,
    pub(super) index: Index,
    pub(super) raw: Vec<u8>,
}

/// What of a block concerns the voters.
pub(super) struct Searched {
    pub(super) block: BlockId,
    pub(super) tickets: Vec<Found>,
    pub(super) endings: Vec<(TxId, Ending)>,
}

/// A ticket that is watched.
pub(super) struct Watched {
    pub(super) voter: Fingerprint,
    pub(super) index: Index,
    pub(super) raw: Vec<u8>,
    pub(super) height: Height,
}

/// A vote about to be sent.
pub(super) struct Casting {
    pub(super) block: BlockId,
    pub(super) ticket: TxId,
    pub(super) vote: TxId,
    pub(super) place: Place,
}

/// Figures of all votes and tickets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Tickets that can still be called.
    pub watched: u64,
    /// Votes that the network has.
    pub cast: u64,
    /// Votes that the network refused.
    pub failed: u64,
    /// Tickets that were called and did not vote.
    pub missed: u64,
    /// Tickets whose votes are in blocks.
    pub voted: u64,
    /// When the last vote was sent first.
    pub last_vote: Option<UnixTime>,
}

/// The open file.
pub(super) struct Memory {
    db: Connection,
}

impl Memory {
    /// Opens the file, or makes one.
    pub(super) fn open(path: &Path, network: Network) -> Result<Self, VoterError> {
        let db = Connection::open(path)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let mut memory = Self { db };
        memory.prepare(path, network)?;
        Ok(memory)
    }

    fn prepare(&mut self, path: &Path, network: Network) -> Result<(), VoterError> {
        let step = self.begin()?;
        let number = |name| step.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        match (number("application_id")?, number("user_version")?) {
            (APPLICATION_ID, VERSION) => {}
            (APPLICATION_ID, 1) => {
                step.execute_batch(include_str!("schema_2.sql"))?;
                step.pragma_update(None, "user_version", VERSION)?;
            }
            (0, 0) => {
                step.execute_batch(include_str!("schema.sql"))?;
                step.execute("INSERT INTO station (only_row, network) VALUES (1, ?1)", [network.code()])?;
                step.pragma_update(None, "application_id", APPLICATION_ID)?;
                step.pragma_update(None, "user_version", VERSION)?;
            }
            _ => return Err(VoterError::NotAMemory { file: path.display().to_string() }),
        }
        let code: u8 = step.query_row("SELECT network FROM station", [], |row| row.get(0))?;
        let found = Network::from_code(code).unwrap_or(network);
        if found != network {
            return Err(VoterError::OtherNetwork { what: "the memory of votes", found, expected: network });
        }
        Ok(step.commit()?)
    }

    fn begin(&mut self) -> Result<Step<'_>, VoterError> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Makes sure that all blocks are searched for these voters: if one is new, the search begins anew.
    pub(super) fn watch(&mut self, voters: &[Fingerprint]) -> Result<(), VoterError> {
        let step = self.begin()?;
        let mut added = 0;
        for voter in voters {
            added += step.execute("INSERT OR IGNORE INTO voters VALUES (?1)", [Column(*voter)])?;
        }
        if added > 0 {
            step.execute("DELETE FROM blocks", [])?;
        }
        Ok(step.commit()?)
    }

    /// The highest index that a ticket of a voter uses.
    pub(super) fn highest(&self, voter: &Fingerprint) -> Result<Option<Index>, VoterError> {
        let sql = "SELECT MAX(idx) FROM tickets WHERE voter = ?1";
        let highest: Option<Column<Index>> = self.db.query_row(sql, [Column(*voter)], |row| row.get(0))?;
        Ok(highest.map(|Column(index)| index))
    }

    /// The last block that was searched.
    pub(super) fn top(&self) -> Result<Option<BlockId>, VoterError> {
        Ok(self.last_blocks(1)?.pop())
    }

    /// The last blocks that were searched, newest first.
    pub(super) fn last_blocks(&self, most: u32) -> Result<Vec<BlockId>, VoterError> {
        let mut query = self.db.prepare_cached("SELECT height, hash FROM blocks ORDER BY height DESC LIMIT ?1")?;
        let rows = query.query_map([most], |row| {
            let (Column(height), Column(hash)) = (row.get(0)?, row.get::<_, Column<BlockHash>>(1)?);
            Ok(BlockId { hash, height })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Whether a block is one of those searched.
    pub(super) fn has_searched(&self, block: &BlockId) -> Result<bool, VoterError> {
        let sql = "SELECT 1 FROM blocks WHERE height = ?1 AND hash = ?2";
        let found = self.db.query_row(sql, params![Column(block.height), Column(block.hash)], |_| Ok(()));
        Ok(found.optional()?.is_some())
    }

    /// Begins the search after a block, with the tickets that are live. What others became is not known.
    pub(super) fn begin_after(&mut self, block: &BlockId, live: &[Searched]) -> Result<(), VoterError> {
        let step = self.begin()?;
        step.execute("DELETE FROM blocks", [])?;
        let sql = "UPDATE tickets SET ending = ?1, ended = ?2 WHERE ending IS NULL";
        step.execute(sql, params![Ending::Unseen as i64, Column(block.height)])?;
        for Searched { block, tickets, .. } in live {
            put_tickets(&step, block, tickets)?;
        }
        put_block(&step, block)?;
        Ok(step.commit()?)
    }

    /// Forgets which blocks were searched, so that the search begins anew.
    pub(super) fn forget_blocks(&mut self) -> Result<(), VoterError> {
        self.db.execute("DELETE FROM blocks", [])?;
        Ok(())
    }

    /// Takes back what blocks above `height` did.
    pub(super) fn rewind(&mut self, height: Height) -> Result<(), VoterError> {
        let step = self.begin()?;
        let height = [Column(height)];
        step.execute("DELETE FROM blocks WHERE height > ?1", height)?;
        step.execute("DELETE FROM tickets WHERE height > ?1", height)?;
        step.execute("UPDATE tickets SET ending = NULL, ended = NULL WHERE ended > ?1", height)?;
        Ok(step.commit()?)
    }

    /// Writes down what was found in blocks that follow the last one searched.
    pub(super) fn record(&mut self, blocks: &[Searched]) -> Result<(), VoterError> {
        let step = self.begin()?;
        for Searched { block, tickets, endings } in blocks {
            put_block(&step, block)?;
            put_tickets(&step, block, tickets)?;
            for (ticket, ending) in endings {
                let sql = "UPDATE tickets SET ending = ?2, ended = ?3 WHERE id = ?1";
                step.execute(sql, params![Column(*ticket), *ending as i64, Column(block.height)])?;
            }
        }
        if let Some(last) = blocks.last() {
            let kept = last.block.height.0.saturating_sub(KEPT_BLOCKS);
            step.execute("DELETE FROM blocks WHERE height < ?1", [kept])?;
        }
        Ok(step.commit()?)
    }

    /// A ticket, whether it ended or not: a competing block may still call it.
    pub(super) fn ticket(&self, id: &TxId) -> Result<Option<Watched>, VoterError> {
        let mut query = self.db.prepare_cached("SELECT voter, idx, raw, height FROM tickets WHERE id = ?1")?;
        let ticket = query.query_row([Column(*id)], |row| {
            let (Column(voter), Column(index)) = (row.get(0)?, row.get(1)?);
            let (raw, Column(height)) = (row.get(2)?, row.get(3)?);
            Ok(Watched { voter, index, raw, height })
        });
        Ok(ticket.optional()?)
    }

    /// Writes a vote down before it is sent; tells whether it is new.
    pub(super) fn will_send(&self, casting: &Casting, now: UnixTime) -> Result<bool, VoterError> {
        let Casting { block, ticket, vote, place: Place { height, time, bits } } = casting;
        let sql = "INSERT INTO votes (block, ticket, height, vote, at, outcome, time, bits)
            VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)
            ON CONFLICT (block, ticket) DO UPDATE SET vote = excluded.vote WHERE vote <> excluded.vote";
        let known = "SELECT 1 FROM votes WHERE block = ?1 AND ticket = ?2";
        let known = self.db.query_row(known, params![Column(block.hash), Column(*ticket)], |_| Ok(())).optional()?;
        let hash = Column(block.hash);
        let values = params![hash, Column(*ticket), Column(*height), Column(*vote), now.0, time, bits.0];
        self.db.execute(sql, values)?;
        Ok(known.is_none())
    }

    /// Writes down what became of a vote: the network has it, or why it was refused.
    pub(super) fn was_sent(&self, casting: &Casting, refused: Option<&str>) -> Result<(), VoterError> {
        let outcome = if refused.is_some() { 2 } else { 1 };
        // A refusal does not undo that the network had it.
        let sql = "UPDATE votes SET outcome = ?3, reason = ?4 WHERE block = ?1 AND ticket = ?2 AND outcome <> 1";
        self.db.execute(sql, params![Column(casting.block.hash), Column(casting.ticket), outcome, refused])?;
        Ok(())
    }

    /// Where the blocks are that were voted on above a height, highest first.
    pub(super) fn votes_above(&self, height: Height) -> Result<Vec<Place>, VoterError> {
        let sql = "SELECT DISTINCT height, time, bits FROM votes WHERE height > ?1 ORDER BY height DESC";
        let mut query = self.db.prepare_cached(sql)?;
        let rows = query.query_map([Column(height)], |row| {
            Ok(Place {
                height: row.get::<_, Column<Height>>(0)?.0,
                time: row.get(1)?,
                bits: CompactTarget(row.get(2)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The figures.
    pub(super) fn totals(&self) -> Result<Totals, VoterError> {
        let count = |sql| self.db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let last: Option<i64> =
            self.db.query_row("SELECT MAX(at) FROM votes WHERE outcome = 1", [], |row| row.get(0))?;
        Ok(Totals {
            watched: count("SELECT COUNT(*) FROM tickets WHERE ending IS NULL")?,
            cast: count("SELECT COUNT(*) FROM votes WHERE outcome = 1")?,
            failed: count("SELECT COUNT(*) FROM votes WHERE outcome = 2")?,
            missed: count("SELECT COUNT(*) FROM tickets WHERE ending = 1")?,
            voted: count("SELECT COUNT(*) FROM tickets WHERE ending = 0")?,
            last_vote: last.map(UnixTime),
        })
    }
}

fn put_tickets(step: &Step<'_>, block: &BlockId, tickets: &[Found]) -> Result<(), VoterError> {
    let sql = "INSERT OR REPLACE INTO tickets (id, voter, idx, raw, height) VALUES (?1, ?2, ?3, ?4, ?5)";
    for Found { id, voter, index, raw } in tickets {
        let values = params![Column(*id), Column(*voter), Column(*index), raw, Column(block.height)];
        step.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

fn put_block(step: &Step<'_>, block: &BlockId) -> Result<(), VoterError> {
    let sql = "INSERT OR REPLACE INTO blocks (height, hash) VALUES (?1, ?2)";
    step.prepare_cached(sql)?.execute(params![Column(block.height), Column(block.hash)])?;
    Ok(())
}
