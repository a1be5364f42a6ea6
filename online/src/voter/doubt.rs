//! The blocks that are not voted on.
//!
//! What a station remembers of its votes keeps it from helping a chain that leaves the one it voted on further below than
//! honest chains do: whoever holds such a chain back in secret lacks votes, not work. Only blocks that were voted on
//! forbid anything, by their height, and only as long as they can be of the same schedule as the block in question. Where
//! they cannot, work decides: a height far above is dear, since the target falls by half for every half-life that a chain
//! is ahead of its time. So a node that makes heights up stops nobody from voting once it is gone.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_core::net::Network;
use dcrcold_signer::block::{BlockHeader, CompactTarget, genesis};

use super::VoterError;
use super::station::Station;
use crate::chain::work::{Target, WorkRules, work_hash};
use crate::chain::{BlockId, ChainError, VoteSource};
use crate::wallet::UnixTime;

/// Blocks below the highest one voted on that are still voted on, dcrd's `maxReorgDepthNotify`.
pub const MOST_DEPTH: u32 = 6;
/// Seconds since a block was made after which nobody votes on it: dcrd takes itself for synced within as long.
pub const MOST_AGE: i64 = 24 * 60 * 60;
/// Seconds that the time of a block may be ahead of the clock, dcrd `internal/blockchain/validate.go`.
pub const MOST_AHEAD: i64 = 2 * 60 * 60;
/// Half-lives that a block may seem ahead of its schedule: targets follow from the time of the block before, and times
/// are off by hours.
const LENIENCE: i64 = 2;

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
    /// The block says to come from the future.
    #[error("the block is {ahead} s ahead of this computer's clock, at most {MOST_AHEAD} s are voted on")]
    Ahead {
        /// Seconds until then.
        ahead: i64,
    },
    /// Nobody worked for the block.
    #[error("the block does not have the work that it claims")]
    NoWork,
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

/// What the header of a block says of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) height: Height,
    /// Seconds since 1970.
    pub(super) time: u32,
    pub(super) bits: CompactTarget,
}

impl From<&BlockHeader> for Place {
    fn from(header: &BlockHeader) -> Self {
        Self { height: header.height, time: header.timestamp, bits: header.bits }
    }
}

impl Place {
    /// Whether a block here, further down, leaves room for `above` on the schedule of targets.
    fn can_be_below(&self, above: &Self, network: Network) -> bool {
        let limit = WorkRules::of(network).limit.to_compact();
        let rules = WorkRules { start: self.bits, ..WorkRules::of(network) };
        let lenience = LENIENCE * rules.half_life;
        // At the limit nothing says how far behind its schedule a chain is, at most since it began.
        let behind = if self.bits == limit { seconds(genesis::header(network).timestamp, self.time) } else { 0 };
        let blocks = above.height.0.saturating_sub(self.height.0);
        let expected = rules.next_bits(blocks, seconds(self.time, above.time) + lenience + behind.max(0));
        let [found, expected] = [above.bits, expected].map(Target::from_compact);
        found.is_some_and(|found| expected.is_some_and(|expected| found <= expected))
    }
}

fn seconds(from: u32, until: u32) -> i64 {
    i64::from(until) - i64::from(from)
}

fn has_work(network: Network, header: &BlockHeader) -> bool {
    let met = |target: Target| target.is_met_by(&work_hash(&header.encode()));
    WorkRules::of(network).allows(header.bits) && Target::from_compact(header.bits).is_some_and(met)
}

impl Station {
    /// Where a block is, or why it is not to be voted on.
    pub(super) fn examine(
        &self,
        source: &mut dyn VoteSource,
        UnixTime(now): UnixTime,
        block: BlockId,
        tip: BlockId,
    ) -> Result<Result<Place, Skip>, VoterError> {
        if block.height != tip.height {
            return Ok(Err(Skip::NotAtTip { tip: tip.height }));
        }
        let header = match source.block(&block.hash) {
            Ok(found) => found.header,
            Err(ChainError::UnknownBlock { .. }) => return Ok(Err(Skip::Gone)),
            Err(error) => return Err(error.into()),
        };
        let (found, height) = (header.id(), header.height);
        if found != block.hash || height != block.height {
            return Ok(Err(Skip::OtherBlock { found, height }));
        }
        if !has_work(self.network, &header) {
            return Ok(Err(Skip::NoWork));
        }
        let age = now.saturating_sub(i64::from(header.timestamp));
        if age < -MOST_AHEAD {
            return Ok(Err(Skip::Ahead { ahead: -age }));
        }
        // Blocks of a simnet are made whenever somebody wants one.
        if age > MOST_AGE && self.network != Network::Simnet {
            return Ok(Err(Skip::Old { age }));
        }
        let place = Place::from(&header);
        Ok(self.too_deep(&place)?.map_or(Ok(place), Err))
    }

    /// Whether a block that was voted on forbids one far below it.
    fn too_deep(&self, place: &Place) -> Result<Option<Skip>, VoterError> {
        let voted = self.memory.votes_above(Height(place.height.0.saturating_add(MOST_DEPTH)))?;
        let highest = voted.iter().find(|voted| place.can_be_below(voted, self.network));
        Ok(highest.map(|voted| Skip::TooDeep { voted: voted.height }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of mainnet, so many blocks and seconds after one with a target as they were in 2024.
    fn mainnet(blocks: u32, seconds: u32, bits: u32) -> Place {
        Place { height: Height(900_000 + blocks), time: 1_724_000_000 + seconds, bits: CompactTarget(bits) }
    }

    #[test]
    fn blocks_on_schedule_are_of_one_chain_and_made_up_ones_are_not() {
        let (usual, half, easiest) = (0x1a10_0000, 0x1a08_0000, 0x1d00_ffff);
        let below = mainnet(0, 0, usual);
        let cases = [
            // On time, and up to a day ahead.
            (mainnet(7, 2_100, usual), true),
            (mainnet(1000, 300_000, usual), true),
            (mainnet(288, 0, usual), true),
            (mainnet(289, 0, usual), false),
            // Ahead with the work that it takes.
            (mainnet(432, 0, half), true),
            (mainnet(434, 0, half), false),
            // Without any.
            (mainnet(7, 2_100, easiest), false),
            (mainnet(1000, 7_200, usual), false),
            (mainnet(u32::MAX - 900_000, u32::MAX - 1_724_000_000, easiest), false),
            // Late blocks are easy ones.
            (mainnet(10, 30 * 86_400, easiest), true),
        ];
        for (above, possible) in cases {
            assert_eq!(below.can_be_below(&above, Network::Mainnet), possible, "{above:?}");
        }
        println!("places of blocks: {} cases", cases.len());
    }

    /// Whatever was voted on without work says nothing about a block that took some.
    #[test]
    fn an_easy_block_above_forbids_no_hard_one_below() {
        let hard = mainnet(0, 0, 0x1a10_0000);
        let mut cases = 0;
        for blocks in [7, 100, 10_000, 1_000_000] {
            for easier in [0x1a50_0000, 0x1b10_0000, 0x1d00_ffff] {
                let easy = mainnet(blocks, blocks * 300, easier);
                assert!(!hard.can_be_below(&easy, Network::Mainnet), "{easy:?}");
                // The other way round a liar gets no votes far below an honest block.
                let time = hard.time.saturating_sub(blocks * 300);
                let below = Place { height: Height(hard.height.0.saturating_sub(blocks)), time, ..easy };
                assert!(below.can_be_below(&hard, Network::Mainnet), "{below:?}");
                cases += 2;
            }
        }
        println!("easy and hard blocks: {cases} cases");
        assert_eq!(cases, 24);
    }
}
