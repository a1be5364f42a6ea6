//! Whether the rule wants a request now.

use std::fmt;

use dcrcold_core::amount::Amount;

use crate::chain::PriceWindow;
use crate::plural::count;
use crate::wallet::auto::{Rule, Standing, Window};

/// Blocks that a split and its tickets take; with fewer left in a window, the tickets would be in the next one.
const BLOCKS_NEEDED: u32 = 2;

/// What the rule says of the present block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// At most so many tickets may be prepared.
    Prepare {
        /// How many.
        most: u32,
    },
    /// Nothing is prepared.
    Wait(Reason),
}

/// Why nothing is prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No rule is set.
    NoRule,
    /// The window had its request.
    Done {
        /// The window.
        window: Window,
    },
    /// Earlier requests may fill what the rule allows in this window.
    Full {
        /// The window.
        window: Window,
        /// Their tickets that are in it or may still get there.
        tickets: u32,
    },
    /// The price is above the rule.
    Price {
        /// The price.
        price: Amount,
        /// The most that a ticket may lock.
        most: Amount,
    },
    /// The window is nearly over.
    LateInWindow {
        /// Its blocks that are left.
        blocks_left: u32,
    },
    /// A single ticket would leave less than the rule keeps.
    TooLittle {
        /// What can be spent.
        spendable: Amount,
        /// What the rule keeps.
        keep: Amount,
    },
}

impl Reason {
    /// A word for scripts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoRule => "no-rule",
            Self::Done { .. } => "done",
            Self::Full { .. } => "full",
            Self::Price { .. } => "price",
            Self::LateInWindow { .. } => "late-in-window",
            Self::TooLittle { .. } => "too-little",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRule => write!(f, "no rule is set"),
            Self::Done { window } => write!(f, "price window {window} had its request"),
            Self::Full { window, tickets } => {
                write!(f, "{} of earlier requests may be mined in price window {window}", count(*tickets, "ticket"))
            }
            Self::Price { price, most } => write!(f, "the price is {price}, the rule pays {most} at most"),
            Self::LateInWindow { blocks_left } => write!(f, "the price changes in {}", count(*blocks_left, "block")),
            Self::TooLittle { spendable, keep } => {
                write!(f, "{spendable} can be spent, the rule keeps {keep}, and the rest makes no ticket")
            }
        }
    }
}

/// What the rule says when the wallet stands so at this price.
#[must_use]
pub fn decide(rule: &Rule, standing: &Standing, price: &PriceWindow) -> Decision {
    let left = rule.tickets.saturating_sub(standing.tickets);
    let Standing { window, spendable, .. } = *standing;
    let reason = if standing.had_request {
        Reason::Done { window }
    } else if left == 0 {
        Reason::Full { window, tickets: standing.tickets }
    } else if price.blocks_left < BLOCKS_NEEDED {
        Reason::LateInWindow { blocks_left: price.blocks_left }
    } else {
        let Some(each) = rule.locks(price.next) else {
            return Decision::Wait(Reason::Price { price: price.next, most: rule.max_price });
        };
        // A little more than coins suffice for, lest this has to know fees.
        let most = spendable.checked_sub(rule.keep).map_or(0, |free| free.atoms() / each.atoms().max(1));
        match left.min(u32::try_from(most).unwrap_or(u32::MAX)) {
            0 => Reason::TooLittle { spendable, keep: rule.keep },
            most => return Decision::Prepare { most },
        }
    };
    Decision::Wait(reason)
}

#[cfg(test)]
mod tests {
    use dcrcold_core::amount::Height;
    use dcrcold_core::hash::BlockHash;
    use dcrcold_signer::percent::Percent;

    use super::*;
    use crate::chain::{BlockId, PriceEstimate};

    const DCR: u64 = 100_000_000;

    fn dcr(number: u64) -> Amount {
        Amount::from_atoms(number * DCR).unwrap()
    }

    fn rule() -> Rule {
        Rule {
            max_price: dcr(200),
            keep: dcr(50),
            tickets: 5,
            max_fees: dcr(1),
            headroom: Percent::from_hundredths(500),
            voter: None,
            vsp: None,
            folder: "/requests".into(),
        }
    }

    fn standing(spendable: u64) -> Standing {
        Standing { window: Window(7), had_request: false, tickets: 0, spendable: dcr(spendable) }
    }

    fn price(atoms: u64, blocks_left: u32) -> PriceWindow {
        let price = Amount::from_atoms(atoms).unwrap();
        let tip = BlockId { hash: BlockHash::from_bytes([1; 32]), height: Height(1_000) };
        let estimate = PriceEstimate { min: price, expected: price, max: price };
        PriceWindow { tip, current: price, next: price, blocks_left, estimate }
    }

    #[test]
    fn every_reason_to_wait_is_named() {
        let full = Standing { tickets: 5, ..standing(1_000) };
        let done = Standing { had_request: true, ..full };
        let cases = [
            (done, price(100 * DCR, 9), "done"),
            (full, price(100 * DCR, 9), "full"),
            (standing(1_000), price(100 * DCR, 1), "late-in-window"),
            (standing(1_000), price(200 * DCR + 1, 9), "price"),
            (standing(149), price(100 * DCR, 9), "too-little"),
            (standing(49), price(100 * DCR, 9), "too-little"),
        ];
        println!("{} reasons", cases.len());
        for (standing, price, name) in cases {
            match decide(&rule(), &standing, &price) {
                Decision::Wait(reason) => assert_eq!(reason.name(), name, "{reason}"),
                Decision::Prepare { most } => panic!("{most} tickets, expected {name}"),
            }
        }
    }

    #[test]
    fn as_many_are_prepared_as_rule_window_and_balance_allow() {
        let cases = [
            (standing(10_000), 5),
            (Standing { tickets: 3, ..standing(10_000) }, 2),
            (standing(365), 3),
            (standing(364), 2),
        ];
        for (standing, most) in cases {
            assert_eq!(decide(&rule(), &standing, &price(100 * DCR, 9)), Decision::Prepare { most });
        }
    }

    #[test]
    fn headroom_ends_at_the_rule() {
        let locks = |atoms| rule().locks(Amount::from_atoms(atoms).unwrap()).map(Amount::atoms);
        assert_eq!(locks(100 * DCR), Some(105 * DCR));
        assert_eq!(locks(199 * DCR), Some(200 * DCR));
        assert_eq!((locks(200 * DCR), locks(200 * DCR + 1)), (Some(200 * DCR), None));
    }
}
