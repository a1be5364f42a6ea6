//! A voting station: all voters of a folder, over one source of the chain.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, Fingerprint, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::Index;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::tx::Transaction;

use super::choices::{self, ballot};
use super::keys::VotingKeys;
use super::memory::{Casting, Memory, Watched};
use super::{Folder, HotVoter, Totals, VoterError};
use crate::chain::{BlockId, ChainError, VoteSource, Winners};
use crate::vsp::Preferences;
use crate::wallet::{Clock, UnixTime};

/// Blocks below the highest one voted on that are still voted on, dcrd's `maxReorgDepthNotify`.
pub const MOST_DEPTH: u32 = 6;
/// Seconds since a block was made after which nobody votes on it: dcrd takes itself for synced within as long.
pub const MOST_AGE: i64 = 24 * 60 * 60;
/// What dcrd says when the same ticket voted on the same block by another transaction.
const VOTED_OTHERWISE: &str = "already votes on block";

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
    folder: Folder,
    preferences: HashMap<Fingerprint, Preferences>,
    /// Calls that were not answered yet.
    calls: Vec<Winners>,
    answered: u64,
    caught_up: bool,
}

/// What a station did.
#[derive(Debug, Default)]
pub struct Report {
    /// The tip, once all blocks are searched.
    pub tip: Option<BlockId>,
    /// The votes sent.
    pub cast: Vec<Cast>,
    /// Blocks that were not voted on.
    pub skipped: Vec<(BlockId, Skip)>,
    /// What went wrong without keeping anybody from voting.
    pub problems: Vec<String>,
}

/// A vote that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// The ticket.
    pub ticket: TxId,
    /// The block voted on.
    pub block: BlockId,
    /// The vote.
    pub vote: TxId,
    /// Whether this station votes with the ticket on the block for the first time.
    pub first: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The network took it.
    Sent,
    /// The network had it before.
    Known,
    /// The same ticket voted on the same block already, with other choices.
    VotedOtherwise,
    /// The tip was another block already when it arrived.
    Late,
    /// The network refuses it.
    Refused {
        /// The node's words.
        reason: String,
    },
}

/// Why a block is not voted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Skip {
    /// The chain has grown beyond it, or was set back.
    #[error("the tip is block {tip} by now")]
    NotAtTip {
        /// Height of the tip.
        tip: Height,
    },
    /// Blocks far above were voted on before.
    #[error("block {voted} was voted on before, more than {MOST_DEPTH} blocks above")]
    TooDeep {
        /// The highest block voted on.
        voted: Height,
    },
    /// The block was made long ago.
    #[error("the block is {age} s old, at most {MOST_AGE} s are voted on")]
    Old {
        /// Seconds since then.
        age: i64,
    },
    /// The source does not have the block any more.
    #[error("the block is gone")]
    Gone,
    /// The block is another one than was told.
    #[error("the block told is {found} at height {height}")]
    OtherBlock {
        /// What the source has under that hash.
        found: BlockHash,
        /// Its height.
        height: Height,
    },
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
        if let Some(skip) = self.skip(source, now, winners.block, tip)? {
            report.skipped.push((winners.block, skip));
            return Ok(());
        }
        let spends = self.treasury_spends(source, &ours, report);
        for (id, ticket) in ours {
            match self.vote(&ticket, &winners.block, &spends) {
                Ok(vote) => {
                    let casting = Casting { block: winners.block, ticket: id, vote: vote.id() };
                    let cast = self.cast(source, now, &casting, &vote, &mut report.problems)?;
                    report.cast.push(cast);
                }
                Err(error) => report.problems.push(format!("ticket {id} cannot vote: {error}")),
            }
        }
        Ok(())
    }

    /// Why a block is not to be voted on.
    fn skip(
        &self,
        source: &mut dyn VoteSource,
        now: UnixTime,
        block: BlockId,
        tip: BlockId,
    ) -> Result<Option<Skip>, VoterError> {
        if block.height != tip.height {
            return Ok(Some(Skip::NotAtTip { tip: tip.height }));
        }
        let voted = self.memory.highest_vote()?.unwrap_or(Height(0));
        if block.height.0.saturating_add(MOST_DEPTH) < voted.0 {
            return Ok(Some(Skip::TooDeep { voted }));
        }
        let header = match source.block(&block.hash) {
            Ok(found) => found.header,
            Err(ChainError::UnknownBlock { .. }) => return Ok(Some(Skip::Gone)),
            Err(error) => return Err(error.into()),
        };
        let (found, height) = (header.id(), header.height);
        if found != block.hash || height != block.height {
            return Ok(Some(Skip::OtherBlock { found, height }));
        }
        let age = now.0 - i64::from(header.timestamp);
        // Blocks of a simnet are made whenever somebody wants one.
        let old = age > MOST_AGE && self.network != Network::Simnet;
        Ok(old.then_some(Skip::Old { age }))
    }

    /// Reads the choices anew, and the treasury spends if there are choices on any; a vote without them is better than none.
    fn treasury_spends(
        &mut self,
        source: &mut dyn VoteSource,
        ours: &[(TxId, Watched)],
        report: &mut Report,
    ) -> Vec<Transaction> {
        for (_, Watched { voter, .. }) in ours {
            match choices::load(&self.folder.choices_file(voter)) {
                Ok(preferences) => drop(self.preferences.insert(*voter, preferences)),
                Err(error) => report.problems.push(error.to_string()),
            }
        }
        let on_treasury = |preferences: &Preferences| {
            !preferences.treasury_keys.is_empty() || !preferences.treasury_spends.is_empty()
        };
        if !self.preferences.values().any(on_treasury) {
            return Vec::new();
        }
        source.treasury_spends().unwrap_or_else(|error| {
            report.problems.push(format!("treasury spends are not known: {error}"));
            Vec::new()
        })
    }

    fn vote(&self, ticket: &Watched, block: &BlockId, spends: &[Transaction]) -> Result<Transaction, VoterError> {
        let position = self.fingerprints.iter().position(|known| *known == ticket.voter);
        let voter = position.and_then(|position| self.voters.get(position)).ok_or(VoterError::NoVoters)?;
        let tx = Transaction::decode(&ticket.raw)?;
        let nothing = Preferences::default();
        let preferences = self.preferences.get(&ticket.voter).unwrap_or(&nothing);
        voter.vote(&tx, ticket.index, &ballot(self.network, block, preferences, spends))
    }

    fn cast(
        &self,
        source: &mut dyn VoteSource,
        now: UnixTime,
        casting: &Casting,
        vote: &Transaction,
        problems: &mut Vec<String>,
    ) -> Result<Cast, VoterError> {
        let mut tell = |error: VoterError| problems.push(error.to_string());
        let first = self.memory.will_send(casting, now).unwrap_or_else(|error| {
            tell(error);
            true
        });
        let outcome = match source.send(vote) {
            Ok(_) => Outcome::Sent,
            Err(ChainError::AlreadyKnown) => Outcome::Known,
            Err(ChainError::Rejected { reason }) if reason.contains(VOTED_OTHERWISE) => Outcome::VotedOtherwise,
            Err(ChainError::Rejected { .. }) if source.tip()?.height != casting.block.height => Outcome::Late,
            Err(ChainError::Rejected { reason }) => Outcome::Refused { reason },
            Err(error) => return Err(error.into()),
        };
        let written = match &outcome {
            Outcome::Sent | Outcome::Known => self.memory.was_sent(casting, None),
            Outcome::Refused { reason } => self.memory.was_sent(casting, Some(reason)),
            Outcome::VotedOtherwise | Outcome::Late => Ok(()),
        };
        written.unwrap_or_else(tell);
        Ok(Cast { ticket: casting.ticket, block: casting.block, vote: casting.vote, first, outcome })
    }
}
