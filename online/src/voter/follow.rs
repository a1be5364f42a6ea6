//! Finding the tickets of voters: among all live ones at first, and in every block from then on.
//!
//! Filters are of no use here: they hold the scripts that a ticket pays, not the one that votes with it.

use std::collections::BTreeMap;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_signer::block::{Block, BlockHeader, genesis};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::TICKET_INPUT;
use dcrcold_signer::tx::{Transaction, TxKind};

use super::VoterError;
use super::memory::{Ending, Found, Searched};
use super::station::Station;
use crate::chain::{BlockId, LiveTicket, VoteSource};

/// Blocks searched before others get their turn.
const BATCH: usize = 50;
/// Searched blocks that are looked at to find where another chain branches off.
const LOCATORS: u32 = 100;
/// Blocks that are searched one by one; after more of them than that, it is quicker to begin anew.
const MOST_BEHIND: u32 = 2000;

impl Station {
    /// Searches the next blocks; tells whether all are searched.
    pub(super) fn follow(&mut self, source: &mut dyn VoteSource) -> Result<bool, VoterError> {
        let tip = source.tip()?;
        let top = self.memory.top()?.filter(|top| top.height.0.saturating_add(MOST_BEHIND) >= tip.height.0);
        let Some(top) = top else {
            self.begin(source, tip)?;
            return Ok(false);
        };
        if self.ahead.front().is_none_or(|header| header.previous != top.hash) && !self.fetch_headers(source)? {
            return Ok(false);
        }
        let count = self.ahead.len().min(BATCH);
        let batch: Vec<BlockHeader> = self.ahead.drain(..count).collect();
        let mut searched = Vec::with_capacity(count);
        for header in &batch {
            let block = BlockId { hash: header.id(), height: header.height };
            searched.push(self.look_into(source, block)?);
        }
        self.memory.record(&searched)?;
        Ok(self.ahead.is_empty() && count < BATCH)
    }

    /// Finds the tickets that are live now. Those that are not yet are in the blocks searched next.
    fn begin(&mut self, source: &mut dyn VoteSource, tip: BlockId) -> Result<(), VoterError> {
        let height = Height(tip.height.0.saturating_sub(self.network.params().ticket_maturity + 1));
        let genesis = BlockId { hash: genesis::header(self.network).id(), height: Height(0) };
        let hash = if height.0 == 0 { None } else { source.block_at(height)? };
        let anchor = hash.map_or(genesis, |hash| BlockId { hash, height });
        let mut searched = Vec::new();
        // Blocks hold many tickets and are large.
        for (height, tickets) in self.live_by_height(source.live_tickets()?)? {
            searched.extend(self.fetch_tickets(source, height, &tickets)?);
        }
        self.ahead.clear();
        self.memory.begin_after(&anchor, &searched)
    }

    /// Those live tickets that are ours, by the height of their block.
    fn live_by_height(&mut self, live: Vec<LiveTicket>) -> Result<BTreeMap<Height, Vec<TxId>>, VoterError> {
        let mut found: BTreeMap<Height, Vec<TxId>> = BTreeMap::new();
        let mut left = live;
        let mut reached_far = false;
        // The more tickets are found, the higher the indexes that others may have.
        loop {
            let before = left.len();
            let mut others = Vec::with_capacity(before);
            for ticket in left {
                let Some((voter, index)) = self.keys.owner(&ticket.voting) else {
                    others.push(ticket);
                    continue;
                };
                self.keys.reach(voter, index)?;
                found.entry(ticket.height).or_default().push(ticket.id);
            }
            left = others;
            let none = left.len() == before;
            if none && reached_far {
                return Ok(found);
            }
            if none {
                self.keys.reach_far()?;
            }
            reached_far = none;
        }
    }

    /// Gets live tickets out of their block.
    fn fetch_tickets(
        &mut self,
        source: &mut dyn VoteSource,
        height: Height,
        live: &[TxId],
    ) -> Result<Option<Searched>, VoterError> {
        let mut searched = match source.block_at(height)? {
            Some(hash) => Some(self.look_into(source, BlockId { hash, height })?),
            None => None,
        };
        searched.iter_mut().for_each(|block| block.tickets.retain(|found| live.contains(&found.id)));
        let is_there = |id: &&TxId| searched.iter().flat_map(|block| &block.tickets).any(|found| found.id == **id);
        match live.iter().find(|id| !is_there(id)) {
            Some(ticket) => Err(VoterError::NotInBlock { ticket: *ticket, height }),
            None => Ok(searched),
        }
    }

    /// Gets the headers after the last searched block that is on the main chain, and takes back what is not; tells whether
    /// there is such a block.
    fn fetch_headers(&mut self, source: &mut dyn VoteSource) -> Result<bool, VoterError> {
        self.ahead.clear();
        let locators: Vec<_> = self.memory.last_blocks(LOCATORS)?.into_iter().map(|block| block.hash).collect();
        let headers = source.headers_after(&locators)?;
        let Some(first) = headers.first() else { return Ok(true) };
        let fork = BlockId { hash: first.previous, height: Height(first.height.0.saturating_sub(1)) };
        if !self.memory.has_searched(&fork)? {
            // Another chain from further back than is remembered.
            self.memory.forget_blocks()?;
            return Ok(false);
        }
        for pair in headers.windows(2) {
            let [before, header] = pair else { continue };
            let expected = before.id();
            if header.previous != expected || header.height.0 != before.height.0.saturating_add(1) {
                return Err(VoterError::Headers { found: header.id(), expected });
            }
        }
        self.memory.rewind(fork.height)?;
        self.ahead.extend(headers);
        Ok(true)
    }

    fn look_into(&mut self, source: &mut dyn VoteSource, id: BlockId) -> Result<Searched, VoterError> {
        let block = source.block(&id.hash)?;
        let found = block.id();
        if found != id.hash {
            return Err(VoterError::OtherBlock { found, expected: id.hash });
        }
        block.check_merkle(self.network)?;
        let tickets = self.find_tickets(&block)?;
        let mut endings = Vec::new();
        for (ticket, voted) in block.stake_transactions.iter().filter_map(ended_ticket) {
            endings.push((ticket, self.ending(&ticket, voted, id.height)?));
        }
        Ok(Searched { block: id, tickets, endings })
    }

    fn find_tickets(&mut self, block: &Block) -> Result<Vec<Found>, VoterError> {
        let mut tickets = Vec::new();
        for tx in block.stake_transactions.iter().filter(|tx| tx.kind() == TxKind::Ticket) {
            let Ok(ticket) = Ticket::read(tx) else { continue };
            let Some((voter, index)) = self.keys.owner(&ticket.voting) else { continue };
            let Some(fingerprint) = self.fingerprints.get(voter) else { continue };
            tickets.push(Found { id: ticket.id, voter: *fingerprint, index, raw: tx.encode() });
            self.keys.reach(voter, index)?;
        }
        Ok(tickets)
    }

    /// A revocation at the end of a ticket's life is its expiry, an earlier one says that it missed.
    fn ending(&self, ticket: &TxId, voted: bool, height: Height) -> Result<Ending, VoterError> {
        if voted {
            return Ok(Ending::Voted);
        }
        let params = self.network.params();
        let life = params.ticket_maturity + params.ticket_expiry;
        let mined = self.memory.ticket(ticket)?.map(|ticket| ticket.height);
        let expired = mined.is_some_and(|mined| height.0 >= mined.0.saturating_add(life));
        Ok(if expired { Ending::Expired } else { Ending::Missed })
    }
}

/// The ticket that a vote or a revocation ends, and whether it voted.
fn ended_ticket(tx: &Transaction) -> Option<(TxId, bool)> {
    match tx.kind() {
        TxKind::Vote => Some((tx.inputs.get(TICKET_INPUT)?.previous.id, true)),
        TxKind::Revocation => Some((tx.inputs.first()?.previous.id, false)),
        _ => None,
    }
}
