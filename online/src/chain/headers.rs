//! What a header alone must satisfy to follow its parent.
//!
//! Linkage, height and proof of work always; the target and the ticket price from DCP0011 on. The headers before it are
//! those that lead to the block which every node assumes valid.
//! Source: dcrd `internal/blockchain/validate.go`, `difficulty.go`.

use std::collections::VecDeque;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::agenda::Agenda;
use dcrcold_signer::block::{BlockHeader, CompactTarget};
use dcrcold_signer::stake::difficulty::{StakeHeader, headers_needed, next_price};

use super::BlockId;
use super::genesis::{assumed_valid, genesis_hash};
use super::work::{Target, WorkRules, work_hash};

/// The blocks whose median time a block must be later than.
const MEDIAN_BLOCKS: usize = 11;
/// How far ahead of the clock a header's time may be, in seconds.
const MAX_SECONDS_AHEAD: i64 = 2 * 60 * 60;
/// The votes of a block that are not a minority of the five called.
const LEAST_VOTERS: u16 = 3;

/// The vote bits of blocks before the first that holds votes.
const EARLY_VOTE_BITS: u16 = 1;

/// Why a header does not follow its parent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// It follows another block.
    #[error("it follows block {found}, expected {expected}")]
    Previous {
        /// The parent named.
        found: BlockHash,
        /// The tip so far.
        expected: BlockHash,
    },
    /// Its height is not one more than its parent's.
    #[error("its height is {found}, expected {expected}")]
    Height {
        /// The height found.
        found: Height,
        /// The height expected.
        expected: Height,
    },
    /// It stands where the main chain has another block for good.
    #[error("it is not block {expected}, which every node assumes valid")]
    Checkpoint {
        /// The block of the main chain.
        expected: BlockHash,
    },
    /// It claims another target than the rules give.
    #[error("its target is {found:#010x}, expected {expected:#010x}")]
    Bits {
        /// The target found, in compact form.
        found: u32,
        /// The target expected.
        expected: u32,
    },
    /// Its work hash does not meet its target.
    #[error("its work does not meet the target {bits:#010x}")]
    Work {
        /// The target, in compact form.
        bits: u32,
    },
    /// It carries another ticket price than the rules give.
    #[error("its ticket price is {found} atoms, expected {expected}")]
    Price {
        /// The atoms found.
        found: i64,
        /// The price expected.
        expected: Amount,
    },
    /// Its time is not after the median of the blocks before it.
    #[error("its time {found} is not after {median}, the median of the 11 blocks before it")]
    TooOld {
        /// The time found.
        found: u32,
        /// The median.
        median: u32,
    },
    /// Its time lies in the future.
    #[error("its time {found} is more than two hours ahead of this computer's clock, {now}")]
    TooNew {
        /// The time found.
        found: u32,
        /// The time now.
        now: i64,
    },
    /// It claims a number of votes that no block can have.
    #[error("it claims {found} votes")]
    Voters {
        /// The number claimed.
        found: u16,
    },
    /// It judges its parent before there are votes to do so.
    #[error("its vote bits are {found:#06x}, expected 0x0001 before voting begins")]
    VoteBits {
        /// The bits found.
        found: u16,
    },
    /// It claims a number of new tickets that no block can have.
    #[error("it claims {found} new tickets")]
    FreshStake {
        /// The number claimed.
        found: u8,
    },
}

/// A header as far as later ones depend on it.
#[derive(Clone, Copy, Debug)]
struct Recent {
    stake: StakeHeader,
    time: u32,
}

/// The end of a chain of headers, to which more are added one by one. Its size does not depend on the chain's length.
#[derive(Clone, Debug)]
pub struct HeaderChain {
    network: Network,
    rules: WorkRules,
    tip: BlockId,
    anchor_time: Option<u32>,
    recent: VecDeque<Recent>,
}

impl HeaderChain {
    /// A chain of the genesis block alone.
    #[must_use]
    pub fn genesis(network: Network) -> Self {
        Self::at(network, BlockId { hash: genesis_hash(network), height: Height(0) }, None)
    }

    /// A chain that ends in `tip`; [`Self::remember`] tells it what came before.
    #[must_use]
    pub fn at(network: Network, tip: BlockId, anchor_time: Option<u32>) -> Self {
        Self { network, rules: WorkRules::of(network), tip, anchor_time, recent: VecDeque::new() }
    }

    /// How many headers up to the tip later ones depend on.
    #[must_use]
    pub const fn memory(network: Network) -> u32 {
        headers_needed(network)
    }

    /// Takes a header that was checked before; the tip comes last.
    pub fn remember(&mut self, header: &BlockHeader) {
        // A price that is no amount is refused by `check` before it gets here.
        let price = header.sbits.amount().unwrap_or_default();
        let stake = StakeHeader { pool_size: header.pool_size, fresh_stake: header.fresh_stake, price };
        self.recent.push_back(Recent { stake, time: header.timestamp });
        if self.recent.len() > Self::memory(self.network) as usize {
            self.recent.pop_front();
        }
    }

    /// The last block.
    #[must_use]
    pub const fn tip(&self) -> BlockId {
        self.tip
    }

    /// The time of the block that targets are counted from, once it was seen.
    #[must_use]
    pub const fn anchor_time(&self) -> Option<u32> {
        self.anchor_time
    }

    /// Checks a header and makes it the tip; `now` is the time in seconds since 1970.
    ///
    /// # Errors
    /// The rule that the header breaks; the chain is then as before.
    pub fn push(&mut self, header: &BlockHeader, now: i64) -> Result<BlockHash, HeaderError> {
        self.check_link(header)?;
        check_stake(self.network, header)?;
        self.check_time(header, now)?;
        self.check_work(header)?;
        self.check_price(header)?;
        let hash = header.id();
        self.tip = BlockId { hash, height: header.height };
        if header.height.0 == self.rules.anchor_height {
            self.anchor_time = Some(header.timestamp);
        }
        self.remember(header);
        Ok(hash)
    }

    fn check_link(&self, header: &BlockHeader) -> Result<(), HeaderError> {
        let (found, expected) = (header.previous, self.tip.hash);
        if found != expected {
            return Err(HeaderError::Previous { found, expected });
        }
        let (found, expected) = (header.height, Height(self.tip.height.0.saturating_add(1)));
        if found != expected {
            return Err(HeaderError::Height { found, expected });
        }
        match assumed_valid(self.network) {
            Some(block) if block.height == found && block.hash != header.id() => {
                Err(HeaderError::Checkpoint { expected: block.hash })
            }
            _ => Ok(()),
        }
    }

    fn check_time(&self, header: &BlockHeader, now: i64) -> Result<(), HeaderError> {
        let found = header.timestamp;
        if i64::from(found) > now.saturating_add(MAX_SECONDS_AHEAD) {
            return Err(HeaderError::TooNew { found, now });
        }
        let mut times: Vec<_> = self.recent.iter().rev().take(MEDIAN_BLOCKS).map(|recent| recent.time).collect();
        times.sort_unstable();
        match times.get(MEDIAN_BLOCKS / 2) {
            Some(median) if times.len() == MEDIAN_BLOCKS && found <= *median => {
                Err(HeaderError::TooOld { found, median: *median })
            }
            _ => Ok(()),
        }
    }

    fn check_work(&self, header: &BlockHeader) -> Result<(), HeaderError> {
        if !Agenda::Blake3Pow.is_active(self.network, header.height) {
            // The target itself followed another rule then, so it is believed.
            return self.check_hash(header, header.id().as_bytes());
        }
        let expected = self.required_bits();
        if let Some(expected) = expected.filter(|expected| *expected != header.bits) {
            return Err(HeaderError::Bits { found: header.bits.0, expected: expected.0 });
        }
        self.check_hash(header, &work_hash(&header.encode()))
    }

    fn check_hash(&self, header: &BlockHeader, hash: &[u8; 32]) -> Result<(), HeaderError> {
        let met = Target::from_compact(header.bits).is_some_and(|target| target.is_met_by(hash));
        if self.rules.allows(header.bits) && met { Ok(()) } else { Err(HeaderError::Work { bits: header.bits.0 }) }
    }

    /// The target of the block after the tip, if the block that it is counted from was seen.
    fn required_bits(&self) -> Option<CompactTarget> {
        let Some(blocks) = self.tip.height.0.checked_sub(self.rules.anchor_height) else {
            return Some(self.rules.start);
        };
        let (anchor, tip) = (self.anchor_time?, self.recent.back()?.time);
        Some(self.rules.next_bits(blocks, i64::from(tip) - i64::from(anchor)))
    }

    fn check_price(&self, header: &BlockHeader) -> Result<(), HeaderError> {
        let lookup = |height: Height| match self.tip.height.above(height) {
            _ if height == Height(0) => Some(StakeHeader { pool_size: 0, fresh_stake: 0, price: Amount::ZERO }),
            Some(below) => {
                let place = self.recent.len().checked_sub(1)?.checked_sub(below as usize)?;
                self.recent.get(place).map(|recent| recent.stake)
            }
            None => None,
        };
        // Headers from before DCP0001 follow another rule, and a chain that begins in the middle knows too little.
        let Ok(expected) = next_price(self.network, self.tip.height, lookup) else { return Ok(()) };
        let checked = Agenda::Blake3Pow.is_active(self.network, header.height);
        if checked && header.sbits.amount() != Ok(expected) {
            return Err(HeaderError::Price { found: header.sbits.0, expected });
        }
        Ok(())
    }
}

fn check_stake(network: Network, header: &BlockHeader) -> Result<(), HeaderError> {
    let params = network.params();
    let voting = header.height.0 >= params.stake_validation_height;
    let most = u16::try_from(params.tickets_per_block).unwrap_or(u16::MAX);
    let voters = if voting { LEAST_VOTERS..=most } else { 0..=0 };
    if !voters.contains(&header.voters) {
        return Err(HeaderError::Voters { found: header.voters });
    }
    if !voting && header.vote_bits != EARLY_VOTE_BITS {
        return Err(HeaderError::VoteBits { found: header.vote_bits });
    }
    if u32::from(header.fresh_stake) > params.max_tickets_per_block {
        return Err(HeaderError::FreshStake { found: header.fresh_stake });
    }
    Ok(())
}
