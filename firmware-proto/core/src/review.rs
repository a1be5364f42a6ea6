//! What a person is shown before approving: one page after the other, the same on every signer.
//!
//! Pages come in a fixed order, one [`Topic`] after the other: warnings, what is asked for, what it costs, where money
//! returns, who votes, until when; then what only the online computer says. A page is a label and a value that prints
//! in a few short lines. A large screen may show the pages of a topic together.

mod pages;
mod value;
mod warnings;

use core::fmt;

use crate::machine::Reviewable;
use crate::policy::Warning;

pub use value::{InCommon, Value};

/// One page of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// What it belongs to.
    pub topic: Topic,
    /// What the page is about.
    pub label: &'static str,
    /// What is so; prints in lines of at most 64 characters.
    pub value: Value<'a>,
    /// Whether this was checked, or is only claimed.
    pub origin: Origin,
}

/// Where a page's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was computed or checked here: signing makes it true.
    Checked,
    /// The signer's memory says so; whether it matters is for the person to decide.
    Warned(Warning),
    /// The online computer says so, and nothing here can check it.
    Claimed,
}

impl Origin {
    /// Its code in docs/ledger-protocol.md.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Checked => 0,
            Self::Warned(_) => 1,
            Self::Claimed => 2,
        }
    }
}

/// What the pages of a review are about, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// What the signer's memory says.
    Warnings,
    /// What is asked for.
    Request,
    /// What it costs.
    Cost,
    /// Where money returns.
    Returns,
    /// Who votes, and what a voter gets.
    Voting,
    /// Until when it can happen.
    Expiry,
    /// What the online computer says.
    Claims,
}

impl Topic {
    /// All of them in order.
    pub const ALL: [Self; 7] =
        [Self::Warnings, Self::Request, Self::Cost, Self::Returns, Self::Voting, Self::Expiry, Self::Claims];

    /// Its code in docs/ledger-protocol.md, its place in the order.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What stands above its pages; at most 40 characters.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Warnings => "decide about this first",
            Self::Request => "what is asked for",
            Self::Cost => "what it costs",
            Self::Returns => "where money returns",
            Self::Voting => "who votes",
            Self::Expiry => "until when",
            Self::Claims => CLAIMED_HEADING,
        }
    }
}

/// The heading of everything that is only claimed.
pub const CLAIMED_HEADING: &str = "from the online computer, not checked";

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.value)
    }
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Reviewable<INPUTS, TICKETS, EARLIER> {
    /// Page `number` of the review; `None` after the last one.
    #[must_use]
    pub fn page(&self, number: u32) -> Option<Page<'_>> {
        pages::page(self, number)
    }

    /// All pages in order.
    pub fn pages(&self) -> impl Iterator<Item = Page<'_>> {
        (0_u32..).map_while(|number| self.page(number))
    }
}
