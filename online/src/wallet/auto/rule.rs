//! The rule, and how a finished request is held against it.

use std::path::PathBuf;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;

use super::super::CoinId;
use super::outcome::Outcome;
use crate::vsp::VspAddress;

/// By which requests are prepared while nobody is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The most that a ticket locks.
    pub max_price: Amount,
    /// What stays spendable beside the request, what returns from it counted.
    pub keep: Amount,
    /// The most tickets of one price window.
    pub tickets: u32,
    /// The most that a request pays beside what its tickets lock and what returns: fees, and what a purse gets for VSPs.
    pub max_fees: Amount,
    /// What each ticket locks above the price, as far as the rule allows it.
    pub headroom: Percent,
    /// Who votes; none is the voter of the account's own seed, whichever generation it is in.
    pub voter: Option<Fingerprint>,
    /// The VSP that the tickets are meant for.
    pub vsp: Option<VspAddress>,
    /// Where requests and news of them are put.
    pub folder: PathBuf,
}

/// How a request goes beyond the rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// The price window has its request.
    #[error("price window {window} had its request already")]
    SecondInWindow {
        /// The window.
        window: Window,
    },
    /// More tickets than are left of the window's.
    #[error("found {found} tickets, {most} are left of those that the rule allows in this price window")]
    Tickets {
        /// What the request buys.
        found: usize,
        /// What is left.
        most: u32,
    },
    /// A ticket that locks more.
    #[error("ticket {ticket} locks {found}, the rule allows {most}")]
    Price {
        /// Which one, from 1 on.
        ticket: usize,
        /// What it locks.
        found: Amount,
        /// What it may lock.
        most: Amount,
    },
    /// More goes elsewhere.
    #[error("fees and purse take {found}, the rule allows {most}")]
    Fees {
        /// What goes elsewhere.
        found: Amount,
        /// What may.
        most: Amount,
    },
    /// Too little stays.
    #[error("{found} would stay spendable, the rule keeps {least}")]
    Keep {
        /// What would stay.
        found: Amount,
        /// What must.
        least: Amount,
    },
    /// A coin that the account cannot spend now.
    #[error("coin {coin} is none that can be spent")]
    Coin {
        /// The coin.
        coin: CoinId,
    },
    /// A ticket that is not made as the rule has it.
    #[error("ticket {ticket} {what}")]
    Ticket {
        /// Which one, from 1 on.
        ticket: usize,
        /// What it does otherwise.
        what: &'static str,
    },
}

impl Rule {
    /// What a ticket locks at a price; none when the price is above the rule.
    #[must_use]
    pub fn locks(&self, price: Amount) -> Option<Amount> {
        if price > self.max_price {
            return None;
        }
        let whole = u128::from(Percent::WHOLE.hundredths());
        let raised = u128::from(price.atoms()) * (whole + u128::from(self.headroom.hundredths())) / whole;
        // More than all coins that exist is more than the rule allows, too.
        let raised = u64::try_from(raised).ok().and_then(|atoms| Amount::from_atoms(atoms).ok());
        Some(raised.unwrap_or(self.max_price).min(self.max_price))
    }

    /// Holds what a request does against the rule; `left` tickets may still be bought in this window.
    ///
    /// # Errors
    /// The first [`Breach`].
    pub fn check(&self, outcome: &Outcome, left: u32) -> Result<(), Breach> {
        let (found, most) = (outcome.locked.len(), left.min(self.tickets));
        if u32::try_from(found).is_ok_and(|found| found > most) {
            return Err(Breach::Tickets { found, most });
        }
        if let Some((ticket, found)) = (1..).zip(&outcome.locked).find(|(_, locked)| **locked > self.max_price) {
            return Err(Breach::Price { ticket, found: *found, most: self.max_price });
        }
        if outcome.elsewhere > self.max_fees {
            return Err(Breach::Fees { found: outcome.elsewhere, most: self.max_fees });
        }
        if outcome.left < self.keep {
            return Err(Breach::Keep { found: outcome.left, least: self.keep });
        }
        Ok(())
    }
}

/// The number of a price window: in all its blocks, tickets have one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(pub u32);

impl Window {
    /// The window of the block after `tip`.
    #[must_use]
    pub fn after(network: Network, tip: Height) -> Self {
        Self(tip.0.saturating_add(1) / network.params().stake_difficulty_window)
    }

    /// Its first block.
    #[must_use]
    pub fn start(self, network: Network) -> Height {
        Height(self.0.saturating_mul(network.params().stake_difficulty_window))
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_kept_to_the_atom() {
        let amount = |atoms| Amount::from_atoms(atoms).unwrap();
        let rule = Rule {
            max_price: amount(100),
            keep: amount(50),
            tickets: 3,
            max_fees: amount(10),
            headroom: Percent::from_hundredths(0),
            voter: None,
            vsp: None,
            folder: "/".into(),
        };
        let outcome = |tickets, locked, elsewhere, left| Outcome {
            locked: vec![amount(locked); tickets],
            elsewhere: amount(elsewhere),
            left: amount(left),
        };
        let cases = [
            (outcome(3, 100, 10, 50), 3, None),
            (outcome(4, 100, 10, 50), 9, Some("found 4 tickets, 3 are left")),
            (outcome(3, 100, 10, 50), 2, Some("found 3 tickets, 2 are left")),
            (outcome(3, 101, 10, 50), 3, Some("ticket 1 locks 0.00000101 DCR")),
            (outcome(3, 100, 11, 50), 3, Some("fees and purse take 0.00000011 DCR")),
            (outcome(3, 100, 10, 49), 3, Some("0.00000049 DCR would stay spendable")),
        ];
        println!("{} outcomes", cases.len());
        for (outcome, left, expected) in cases {
            let found = rule.check(&outcome, left).err().map(|breach| breach.to_string());
            match expected {
                None => assert_eq!(found, None),
                Some(expected) => assert!(found.as_ref().is_some_and(|it| it.starts_with(expected)), "{found:?}"),
            }
        }
    }
}
