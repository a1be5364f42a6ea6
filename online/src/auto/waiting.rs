//! Why nothing is prepared, as it is told to scripts.

use serde::Serialize;

use super::decide::Reason;

/// Why nothing is prepared, with the figures that this is about; the others are left out. Amounts in atoms.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The reason, in a word.
    pub reason: &'static str,
    /// The same for people.
    pub waits_for: String,
    /// The price window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// Tickets of earlier requests that are in the window or may still get there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<u32>,
    /// Blocks that are left of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks_left: Option<u32>,
    /// The price of the next block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<u64>,
    /// The most that a ticket locks by the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<u64>,
    /// What can be spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spendable: Option<u64>,
    /// What the rule keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<u64>,
}

impl From<&Reason> for Waiting {
    fn from(reason: &Reason) -> Self {
        let told = Self { reason: reason.name(), waits_for: reason.to_string(), ..Self::default() };
        match *reason {
            Reason::NoRule => told,
            Reason::Done { window } => Self { window: Some(window.0), ..told },
            Reason::Full { window, tickets } => Self { window: Some(window.0), tickets: Some(tickets), ..told },
            Reason::Price { price, most } => Self { price: Some(price.atoms()), max_price: Some(most.atoms()), ..told },
            Reason::LateInWindow { blocks_left } => Self { blocks_left: Some(blocks_left), ..told },
            Reason::TooLittle { spendable, keep } => {
                Self { spendable: Some(spendable.atoms()), keep: Some(keep.atoms()), ..told }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dcrcold_core::amount::Amount;
    use serde_json::{json, to_value};

    use super::*;
    use crate::wallet::auto::Window;

    #[test]
    fn scripts_are_told_what_people_are_told() {
        let dcr = |number: u64| Amount::from_atoms(number * 100_000_000).unwrap();
        let (window, price, most) = (Window(7), dcr(3), dcr(2));
        let cases = [
            (Reason::NoRule, json!({ "reason": "no-rule", "waits_for": "no rule is set" })),
            (
                Reason::Done { window },
                json!({ "reason": "done", "waits_for": "price window 7 had its request", "window": 7 }),
            ),
            (
                Reason::Full { window, tickets: 2 },
                json!({
                    "reason": "full",
                    "waits_for": "2 tickets of earlier requests may be mined in price window 7",
                    "window": 7,
                    "tickets": 2,
                }),
            ),
            (
                Reason::Price { price, most },
                json!({
                    "reason": "price",
                    "waits_for": "the price is 3.00000000 DCR, the rule pays 2.00000000 DCR at most",
                    "price": 300_000_000,
                    "max_price": 200_000_000,
                }),
            ),
            (
                Reason::LateInWindow { blocks_left: 1 },
                json!({ "reason": "late-in-window", "waits_for": "the price changes in 1 block", "blocks_left": 1 }),
            ),
            (
                Reason::TooLittle { spendable: dcr(5), keep: dcr(4) },
                json!({
                    "reason": "too-little",
                    "waits_for": "5.00000000 DCR can be spent, the rule keeps 4.00000000 DCR, and the rest makes no ticket",
                    "spendable": 500_000_000,
                    "keep": 400_000_000,
                }),
            ),
        ];
        println!("{} reasons", cases.len());
        for (reason, told) in cases {
            assert_eq!(to_value(Waiting::from(&reason)).unwrap(), told);
        }
    }
}
