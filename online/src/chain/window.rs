//! What a price window means for tickets that are signed elsewhere: until when their signatures are of use.
//!
//! Source: DCP0001; dcrd `internal/mempool/mempool.go` (`maybeAcceptTransaction`, `pruneStakeTx`).

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;

use super::PriceWindow;

/// Whether tickets that lock an amount fit the window after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chance {
    /// Not even if nobody buys any more.
    None,
    /// If fewer tickets are bought than expected.
    Small,
    /// If tickets go on being bought as they were.
    Good,
    /// Even if every block is full of tickets.
    Sure,
}

/// Until when an answer is of use: the last block that may hold the first of its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// For tickets that are mined whatever happens to the price; none if there is no such block.
    pub sure: Option<Height>,
    /// For tickets that are mined if the price allows it, where that is later.
    pub possible: Option<Height>,
}

impl PriceWindow {
    /// The first block that may have another price than `next`.
    #[must_use]
    pub const fn ends(&self) -> Height {
        Height(self.tip.height.0.saturating_add(self.blocks_left).saturating_add(1))
    }

    /// Whether tickets that lock `amount` fit the window after this one.
    #[must_use]
    pub fn chance(&self, amount: Amount) -> Chance {
        let estimate = &self.estimate;
        if amount >= estimate.max {
            Chance::Sure
        } else if amount >= estimate.expected {
            Chance::Good
        } else if amount >= estimate.min {
            Chance::Small
        } else {
            Chance::None
        }
    }

    /// Until when the answer to a request is of use, whose tickets lock `amount`, can be in blocks below `expiry` only, and
    /// take `blocks` blocks together with their split.
    #[must_use]
    pub fn deadline(&self, network: Network, amount: Amount, expiry: Height, blocks: u32) -> Deadline {
        let after = Height(self.ends().0.saturating_add(network.params().stake_difficulty_window));
        let chance = self.chance(amount);
        let sure_below = match (amount >= self.next, chance) {
            (true, Chance::Sure) => Some(after),
            (true, _) => Some(self.ends()),
            (false, _) => None,
        };
        let possible_below = if chance == Chance::None && expiry <= after { None } else { Some(expiry) };
        let last = |below: Height| {
            let last = Height(below.min(expiry).0.checked_sub(blocks)?);
            (last > self.tip.height).then_some(last)
        };
        let sure = sure_below.and_then(last);
        let possible = possible_below.and_then(last).filter(|last| Some(*last) > sure);
        Deadline { sure, possible }
    }
}

/// How many blocks tickets take at least: a block holds so many, and a split one block more.
#[must_use]
pub fn blocks_needed(network: Network, tickets: u32, funding: Funding) -> u32 {
    let full = tickets.div_ceil(network.params().max_tickets_per_block);
    full.saturating_add(u32::from(funding == Funding::Split))
}

#[cfg(test)]
mod tests {
    use dcrcold_core::hash::BlockHash;

    use super::*;
    use crate::chain::{BlockId, PriceEstimate};

    const EXPIRY: Height = Height(432);

    /// Block 199 of the window that ends with block 287, at a price of 100.
    fn window() -> PriceWindow {
        let amount = |atoms| Amount::from_atoms(atoms).unwrap();
        PriceWindow {
            tip: BlockId { hash: BlockHash::from_bytes([0; 32]), height: Height(199) },
            current: amount(100),
            next: amount(100),
            blocks_left: 88,
            estimate: PriceEstimate { min: amount(90), expected: amount(105), max: amount(120) },
        }
    }

    #[test]
    fn what_is_locked_decides_about_the_next_window() {
        assert_eq!(window().ends(), Height(288));
        let cases =
            [(89, Chance::None), (90, Chance::Small), (105, Chance::Good), (119, Chance::Good), (120, Chance::Sure)];
        for (atoms, expected) in cases {
            assert_eq!(window().chance(Amount::from_atoms(atoms).unwrap()), expected, "{atoms}");
        }
    }

    #[test]
    fn the_deadline_leaves_room_for_the_split_and_full_blocks() {
        let deadline = |atoms, expiry, blocks| {
            let amount = Amount::from_atoms(atoms).unwrap();
            let found = window().deadline(Network::Mainnet, amount, expiry, blocks);
            (found.sure.map(|height| height.0), found.possible.map(|height| height.0))
        };
        // Split in block 286 and tickets in block 287, the last of the window; then until block 431.
        assert_eq!(deadline(100, EXPIRY, 2), (Some(286), Some(430)));
        assert_eq!(deadline(100, EXPIRY, 4), (Some(284), Some(428)), "45 tickets");
        assert_eq!(deadline(120, EXPIRY, 2), (Some(430), None), "whatever happens");
        assert_eq!(deadline(120, Height(288), 2), (Some(286), None), "the tickets expire before");
        assert_eq!(deadline(95, EXPIRY, 1), (None, Some(431)), "below the price now");
        assert_eq!(deadline(80, EXPIRY, 1), (None, None), "below any price until the expiry");
        assert_eq!(deadline(80, Height(576), 1), (None, Some(575)), "nobody knows about later windows");
        assert_eq!(deadline(100, Height(201), 2), (None, None), "too late already");
    }

    #[test]
    fn a_block_holds_twenty_tickets() {
        let blocks = [(1, 2), (20, 2), (21, 3), (45, 4)];
        for (tickets, expected) in blocks {
            assert_eq!(blocks_needed(Network::Mainnet, tickets, Funding::Split), expected, "{tickets}");
            assert_eq!(blocks_needed(Network::Mainnet, tickets, Funding::Direct), expected - 1, "{tickets}");
        }
    }
}
