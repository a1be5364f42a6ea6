//! The coins that a block creates, and who gets which share of them.
//!
//! Source: dcrd `blockchain/standalone/subsidy.go`, DCP0010, DCP0012.

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::{Network, Params};

use crate::agenda::Agenda;

/// How the subsidy was split between work and votes; a tenth always went to the treasury.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubsidySplit {
    /// Six tenths for work, three for votes.
    Original,
    /// 10 hundredths for work, 80 for votes.
    Dcp0010,
    /// 1 hundredth for work, 89 for votes.
    Dcp0012,
}

impl SubsidySplit {
    /// The split in force for the block at `height`.
    #[must_use]
    pub const fn of_block(network: Network, height: Height) -> Self {
        if Agenda::SubsidySplitRound2.is_active(network, height) {
            Self::Dcp0012
        } else if Agenda::SubsidySplit.is_active(network, height) {
            Self::Dcp0010
        } else {
            Self::Original
        }
    }

    /// Shares of work and votes, and of how many.
    const fn shares(self) -> (u64, u64, u64) {
        match self {
            Self::Original => (6, 3, 10),
            Self::Dcp0010 => (10, 80, 100),
            Self::Dcp0012 => (1, 89, 100),
        }
    }
}

/// Whether the treasury gets its tenth whatever the number of votes, as since DCP0006.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreasuryShare {
    /// Less for each vote that is missing.
    ByVotes,
    /// The whole tenth.
    Whole,
}

/// Every interval the subsidy is multiplied by this,
pub const REDUCTION_MULTIPLIER: u64 = 100;
/// and divided by this.
pub const REDUCTION_DIVISOR: u64 = 101;

/// The subsidy of the block at `height`, before it is split.
#[must_use]
pub fn block_subsidy(network: Network, height: Height) -> Amount {
    amount(full(network.params(), height))
}

/// The subsidy of one vote on the block at `voted_on`, included in the block after it.
///
/// The height voted on fixes the amount, but the block that includes the vote fixes the split.
#[must_use]
pub fn vote_subsidy(network: Network, voted_on: Height) -> Amount {
    let including = Height(voted_on.0.saturating_add(1));
    vote_subsidy_with(network, voted_on, SubsidySplit::of_block(network, including))
}

/// The subsidy of one vote under a given split.
#[must_use]
pub fn vote_subsidy_with(network: Network, voted_on: Height, split: SubsidySplit) -> Amount {
    let params = network.params();
    let (_, share, of) = split.shares();
    if voted_on.0.saturating_add(1) < params.stake_validation_height {
        return Amount::ZERO;
    }
    amount(full(params, voted_on) * share / (of * u64::from(params.tickets_per_block)))
}

/// The subsidy of the work on the block at `height` with `votes` votes; less for each vote that is missing.
#[must_use]
pub fn work_subsidy(network: Network, height: Height, votes: u16, split: SubsidySplit) -> Amount {
    let params = network.params();
    let (share, _, of) = split.shares();
    match height.0 {
        1 => amount(params.block_one_subsidy),
        _ => amount(by_votes(params, height, votes, full(params, height) * share / of)),
    }
}

/// The subsidy of the treasury in the block at `height` with `votes` votes.
#[must_use]
pub fn treasury_subsidy(network: Network, height: Height, votes: u16, share: TreasuryShare) -> Amount {
    let params = network.params();
    if height.0 <= 1 || !has_majority(params, height, votes) {
        return Amount::ZERO;
    }
    let tenth = full(params, height) / 10;
    match share {
        TreasuryShare::ByVotes => amount(by_votes(params, height, votes, tenth)),
        TreasuryShare::Whole => amount(tenth),
    }
}

/// Whether a block at `height` may have as few as `votes` votes.
fn has_majority(params: &Params, height: Height, votes: u16) -> bool {
    height.0 < params.stake_validation_height || u32::from(votes) > params.tickets_per_block / 2
}

/// What of `whole` remains with `votes` votes; everything before there are votes.
fn by_votes(params: &Params, height: Height, votes: u16, whole: u64) -> u64 {
    if !has_majority(params, height, votes) {
        0
    } else if height.0 < params.stake_validation_height {
        whole
    } else {
        u64::from(votes) * whole / u64::from(params.tickets_per_block)
    }
}

fn full(params: &Params, height: Height) -> u64 {
    match height.0 {
        0 => 0,
        1 => params.block_one_subsidy,
        height => reduced(params.base_subsidy, height / params.subsidy_reduction_interval),
    }
}

/// The subsidy after a number of reductions.
pub(super) fn reduced(subsidy: u64, reductions: u32) -> u64 {
    let mut subsidy = subsidy;
    for _ in 0..reductions {
        if subsidy == 0 {
            break;
        }
        subsidy = subsidy * REDUCTION_MULTIPLIER / REDUCTION_DIVISOR;
    }
    subsidy
}

/// The supply after the block at `height` if no vote was ever missing, as DCP0001 estimates it.
#[must_use]
pub fn estimated_supply(network: Network, height: Height) -> u64 {
    let params = network.params();
    if height.0 == 0 {
        return 0;
    }
    let interval = u64::from(params.subsidy_reduction_interval);
    let mut subsidy = params.base_subsidy;
    let mut supply = params.block_one_subsidy;
    for _ in 0..height.0 / params.subsidy_reduction_interval {
        if subsidy == 0 {
            break;
        }
        supply += interval * subsidy;
        subsidy = reduced(subsidy, 1);
    }
    supply += (1 + u64::from(height.0) % interval) * subsidy;
    // Blocks 0 and 1 were counted twice: with what they created and with what any other block does.
    supply - 2 * params.base_subsidy
}

fn amount(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).expect("no subsidy of the three networks exceeds 21,000,000 DCR")
}
