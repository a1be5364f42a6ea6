//! A voting station: all voters of a folder, over one source of the chain.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use dcrcold_core::hash::Fingerprint;
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::block::BlockHeader;

use super::keys::VotingKeys;
use super::memory::{Casting, Memory};
use super::report::Report;
use super::{Folder, HotVoter, Totals, VoterError};
use crate::chain::{BlockId, VoteSource, Winners};
use crate::vsp::Preferences;
use crate::wallet::{Clock, UnixTime};

/// Calls kept until they are answered; of more than that the oldest are below the tip, or the source makes them up.
const MOST_CALLS: usize = 256;

/// Voters that watch their tickets and vote when one is called.
///
/// It votes on every block at the height of the tip, so on all that compete, and on no other: not on one below the tip,
/// not far below what it voted on before, not on an old one. Votes are deterministic, so that any number of stations may
/// have the same keys.
pub struct Station {
    pub(super) network: Network,
    pub(super) voters: Vec<HotVoter>,
    pub(super) fingerprints: Vec<Fingerprint>,
    pub(super) keys: VotingKeys,
    pub(super) memory: Memory,
    /// Headers that follow the last searched block.
    pub(super) ahead: VecDeque<BlockHeader>,
    pub(super) folder: Folder,
    pub(super) preferences: HashMap<Fingerprint, Preferences>,
    /// Calls that were not answered yet.
    calls: Vec<Winners>,
    answered: u64,
    caught_up: bool,
}

impl Station {
    /// Opens what the voters of a folder remember.
    ///
    /// # Errors
    /// [`VoterError::NoVoters`], [`VoterError::OtherNetwork`], or why the memory cannot be used.
    pub fn open(folder: &Folder, voters: Vec<HotVoter>) -> Result<Self, VoterError> {
        let network = voters.first().ok_or(VoterError::NoVoters)?.network();
        if let Some(other) = voters.iter().map(HotVoter::network).find(|other| *other != network) {
            return Err(VoterError::OtherNetwork { what: "a hot file", found: other, expected: network });
        }
        let fingerprints: Vec<_> = voters.iter().map(HotVoter::fingerprint).collect();
        let mut memory = Memory::open(&folder.memory_file(), network)?;
        memory.watch(&fingerprints)?;
        let mut highest = Vec::with_capacity(voters.len());
        for fingerprint in &fingerprints {
            highest.push(memory.highest(fingerprint)?.unwrap_or_default());
        }
        let keys = VotingKeys::new(voters.iter().map(HotVoter::public).collect(), &highest)?;
        Ok(Self {
            network,
            voters,
            fingerprints,
            keys,
            memory,
            ahead: VecDeque::new(),
            folder: folder.clone(),
            preferences: HashMap::new(),
            calls: Vec::new(),
            answered: 0,
            caught_up: false,
        })
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// Says that tickets of a voter may use indexes up to this one.
    ///
    /// # Errors
    /// [`VoterError::Keys`].
    pub fn expect(&mut self, voter: &Fingerprint, highest: Index) -> Result<(), VoterError> {
        let known = self.fingerprints.iter().position(|known| known == voter);
        known.map_or(Ok(()), |voter| Ok(self.keys.reach(voter, highest)?))
    }

    /// The figures of all votes and tickets.
    ///
    /// # Errors
    /// [`VoterError::Memory`].
    pub fn totals(&self) -> Result<Totals, VoterError> {
        self.memory.totals()
    }

    /// How many calls were answered, whether they concerned the voters or not.
    #[must_use]
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// The voters.
    pub fn voters(&self) -> impl Iterator<Item = &Fingerprint> {
        self.fingerprints.iter()
    }

    /// Whether all blocks up to the tip were searched for tickets.
    #[must_use]
    pub const fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// Does what there is to do: searches new blocks for tickets, and votes with those that are called.
    ///
    /// Waits no longer than `timeout` when there is nothing to do, and returns early while many blocks are left to be
    /// searched. After an error it can be called again: what was not answered is answered then.
    ///
    /// # Errors
    /// [`VoterError`].
    pub fn attend(
        &mut self,
        source: &mut dyn VoteSource,
        clock: &dyn Clock,
        timeout: Duration,
    ) -> Result<Report, VoterError> {
        let timeout = if self.caught_up { timeout } else { Duration::ZERO };
        let calls = source.calls(timeout)?;
        self.calls.extend(calls);
        let old = self.calls.len().saturating_sub(MOST_CALLS);
        self.calls.drain(..old);
        let mut report = Report::default();
        match self.follow(source) {
            Ok(caught_up) => self.caught_up = caught_up,
            // A full disk keeps no ticket that is known from voting.
            Err(error @ VoterError::Memory(_)) if self.caught_up => report.problems.push(error.to_string()),
            Err(error) => return Err(error),
        }
        if !self.caught_up {
            return Ok(report);
        }
        let tip = source.tip()?;
        report.tip = Some(tip);
        while let Some(winners) = self.calls.first().cloned() {
            self.answer(source, clock.now(), &winners, tip, &mut report)?;
            self.calls.remove(0);
            self.answered += 1;
        }
        Ok(report)
    }

    /// Votes on a block with every ticket of ours that is called.
    fn answer(
        &mut self,
        source: &mut dyn VoteSource,
        now: UnixTime,
        winners: &Winners,
        tip: BlockId,
        report: &mut Report,
    ) -> Result<(), VoterError> {
        let mut ours = Vec::new();
        for id in &winners.tickets {
            let known = self.memory.ticket(id)?;
            ours.extend(known.filter(|ticket| self.fingerprints.contains(&ticket.voter)).map(|ticket| (*id, ticket)));
        }
        if ours.is_empty() {
            return Ok(());
        }
        let place = match self.examine(source, now, winners.block, tip)? {
            Ok(place) => place,
            Err(skip) => {
                report.skipped.push((winners.block, skip));
                return Ok(());
            }
        };
        let spends = self.treasury_spends(source, &ours, report);
        for (id, ticket) in ours {
            match self.vote(&ticket, &winners.block, &spends) {
                Ok(vote) => {
                    let casting = Casting { block: winners.block, ticket: id, vote: vote.id(), place };
                    let cast = self.cast(source, now, &casting, &vote, &mut report.problems)?;
                    report.cast.push(cast);
                }
                Err(error) => report.problems.push(format!("ticket {id} cannot vote: {error}")),
            }
        }
        Ok(())
    }
}
