//! The price window as people are shown it: how long the price holds, what comes then, by when an answer must be back.

use dcrcold::chain::PriceWindow;
use dcrcold::chain::window::Chance;
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;
use serde::Serialize;

use crate::coins::When;
use crate::date::{local, utc};
use crate::money::Money;

/// The price at a tip, and what is known of times.
pub(crate) struct Outlook {
    pub(crate) network: Network,
    pub(crate) price: PriceWindow,
    /// Without a wallet nobody knows the time of a block.
    pub(crate) when: Option<When>,
}

/// The present window and the next; amounts in atoms, times in UTC.
#[derive(Serialize)]
pub(crate) struct Window {
    /// The first block that may have another price, and about when it is mined.
    ends_at: u32,
    ends_on: Option<String>,
    blocks_left: u32,
    minutes_left: u32,
    next_min: u64,
    next_expected: u64,
    next_max: u64,
    /// Percent above the price that would be enough in the next window: as expected, and whatever happens.
    headroom_expected: f64,
    headroom_sure: f64,
}

/// The last block that may hold the first transaction of an answer, and about when it is mined.
#[derive(Serialize)]
pub(crate) struct Deadline {
    sure_block: Option<u32>,
    sure_on: Option<String>,
    /// If the price then allows it.
    possible_block: Option<u32>,
    possible_on: Option<String>,
}

/// What an answer leads to that is too late for all tickets and not for some.
#[derive(Serialize)]
pub(crate) struct Partial {
    /// So many at most.
    tickets: u32,
    before_block: u32,
    before_on: Option<String>,
}

impl Outlook {
    /// About how many minutes the price holds.
    pub(crate) fn minutes_left(&self) -> u32 {
        self.price.blocks_left.saturating_mul(self.network.params().target_block_seconds) / 60
    }

    pub(crate) fn window(&self) -> Window {
        let (estimate, ends) = (&self.price.estimate, self.price.ends());
        Window {
            ends_at: ends.0,
            ends_on: self.stamp(ends),
            blocks_left: self.price.blocks_left,
            minutes_left: self.minutes_left(),
            next_min: estimate.min.atoms(),
            next_expected: estimate.expected.atoms(),
            next_max: estimate.max.atoms(),
            headroom_expected: percent(self.above(estimate.expected)),
            headroom_sure: percent(self.above(estimate.max)),
        }
    }

    pub(crate) fn deadline(&self, amount: Amount, expiry: Height, blocks: u32) -> Deadline {
        let found = self.price.deadline(self.network, amount, expiry, blocks);
        Deadline {
            sure_block: found.sure.map(|height| height.0),
            sure_on: found.sure.and_then(|height| self.stamp(height)),
            possible_block: found.possible.map(|height| height.0),
            possible_on: found.possible.and_then(|height| self.stamp(height)),
        }
    }

    /// How long the price holds, and what it becomes.
    pub(crate) fn lines(&self, money: Money) -> [String; 3] {
        let (estimate, blocks) = (&self.price.estimate, self.price.blocks_left);
        let last = self.price.ends().0.saturating_sub(1);
        let plural = if blocks == 1 { "block" } else { "blocks" };
        [
            format!("  holds for  {blocks} {plural}, about {} minutes, up to block {last}", self.minutes_left()),
            format!("  then       {}, if tickets are bought as they were", money.of(estimate.expected)),
            format!("             {} at least, {} at most", money.number(estimate.min), money.of(estimate.max)),
        ]
    }

    /// What headroom costs, and what it is good for.
    pub(crate) fn headroom(&self, amount: Amount, tickets: u32, money: Money) -> Vec<String> {
        let Some(each) = amount.checked_sub(self.price.next) else {
            return vec![format!(
                "headroom     none: the tickets wait until the price is {} or less",
                money.of(amount)
            )];
        };
        let all = each.checked_mul(tickets.into()).unwrap_or_default();
        let sure = self.above(self.price.estimate.max);
        let fits = match self.price.chance(amount) {
            Chance::Sure => "enough for the next window, whatever happens".to_owned(),
            Chance::Good => format!("enough for the next window as expected; {sure} is for certain"),
            Chance::Small | Chance::None => {
                let expected = self.above(self.price.estimate.expected);
                format!("too little for the next window: as expected it takes {expected}, {sure} is for certain")
            }
        };
        let mut lines = Vec::new();
        if each > Amount::ZERO {
            lines.push(format!(
                "headroom     {} of all tickets: locked with them, back with their votes",
                money.of(all)
            ));
        } else {
            lines.push("headroom     none".to_owned());
        }
        lines.push(format!("             {fits}"));
        lines
    }

    /// What becomes of many tickets whose answer is late for this price; nothing where the next price does not matter.
    pub(crate) fn partial(&self, amount: Amount, tickets: u32, funding: Funding) -> Vec<Partial> {
        if amount < self.price.next || self.price.chance(amount) == Chance::Sure {
            return Vec::new();
        }
        let outcomes = self.price.partial(self.network, tickets, funding).into_iter();
        let told = outcomes.map(|partial| Partial {
            tickets: partial.tickets,
            before_block: partial.first.0,
            before_on: self.stamp(partial.first),
        });
        told.collect()
    }

    /// The same in words.
    pub(crate) fn partial_lines(&self, partial: &[Partial], tickets: u32) -> Vec<String> {
        let line =
            |it: &Partial| format!("  {:<10} {}", format!("{} of {tickets}", it.tickets), self.before(it.before_block));
        let waits = (!partial.is_empty()).then(|| "             the others wait for the next price".to_owned());
        partial.iter().map(line).chain(waits).collect()
    }

    fn before(&self, height: u32) -> String {
        let time = self.when.as_ref().and_then(|when| when.time_of(Height(height)));
        let time = time.map_or_else(String::new, |time| format!(", about {}", local(time)));
        format!("before block {height}{time}")
    }

    /// By when the answer must be here.
    pub(crate) fn answer_by(&self, deadline: &Deadline) -> Vec<String> {
        let mut lines: Vec<String> = deadline.sure_block.map(|block| self.before(block)).into_iter().collect();
        lines.extend(deadline.possible_block.map(|block| format!("{}, if the price then fits", self.before(block))));
        if lines.is_empty() {
            lines.push("cannot be in time for a price that fits".to_owned());
        }
        let name = |number| if number == 0 { "answer      " } else { "  or        " };
        lines.iter().enumerate().map(|(number, line)| format!("{} {line}", name(number))).collect()
    }

    fn stamp(&self, height: Height) -> Option<String> {
        self.when.as_ref().and_then(|when| when.time_of(height)).map(utc)
    }

    fn above(&self, amount: Amount) -> Percent {
        above(amount, self.price.next)
    }
}

/// How far an amount is above a price, rounded up; nothing if it is not.
pub(crate) fn above(amount: Amount, price: Amount) -> Percent {
    let (least, above) = (u128::from(price.atoms()), amount.checked_sub(price));
    let whole = u128::from(Percent::WHOLE.hundredths());
    let hundredths = (u128::from(above.unwrap_or_default().atoms()) * whole).div_ceil(least.max(1));
    Percent::from_hundredths(u32::try_from(hundredths).unwrap_or(u32::MAX))
}

fn percent(percent: Percent) -> f64 {
    f64::from(percent.hundredths()) / 100.0
}
