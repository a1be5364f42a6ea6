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

    /// How many tickets blocks can hold before the price may change, when `first` holds their split, or tickets if
    /// there is none.
    #[must_use]
    pub fn room(&self, network: Network, funding: Funding, first: Height) -> u32 {
        let blocks = self.ends().0.saturating_sub(first.0).saturating_sub(u32::from(funding == Funding::Split));
        blocks.saturating_mul(network.params().max_tickets_per_block)
    }

    /// What an answer still leads to that is back in time for some tickets and not for all, the most tickets first; what
    /// is left over waits for the next price.
    #[must_use]
    pub fn partial(&self, network: Network, tickets: u32, funding: Funding) -> Vec<Partial> {
        let outcome = |first| Partial { first, tickets: self.room(network, funding, first) };
        let outcomes = (self.tip.height.0 + 1..self.ends().0).map(Height).map(outcome);
        outcomes.filter(|partial| (1..tickets).contains(&partial.tickets)).collect()
    }
}

/// What comes of many tickets when their answer is back too late for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partial {
    /// The last block that may hold the first of the transactions.
    pub first: Height,
    /// So many tickets at most are mined before the price may change.
    pub tickets: u32,
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
    fn an_answer_that_is_too_late_for_all_tickets_is_in_time_for_some() {
        let partial = |tickets, funding| {
            let found = window().partial(Network::Mainnet, tickets, funding);
            found.into_iter().map(|partial| (partial.first.0, partial.tickets)).collect::<Vec<_>>()
        };
        // The whole of 45 is in time with the split in block 284.
        assert_eq!(partial(45, Funding::Split), [(285, 40), (286, 20)]);
        assert_eq!(partial(45, Funding::Direct), [(286, 40), (287, 20)]);
        assert_eq!(partial(20, Funding::Split), []);
        let late = PriceWindow { tip: BlockId { height: Height(285), ..window().tip }, blocks_left: 2, ..window() };
        let room = [1, 2].map(|more| late.room(Network::Mainnet, Funding::Split, Height(285 + more)));
        assert_eq!(room, [20, 0]);
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
