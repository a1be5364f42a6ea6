//! What a person is shown before approving: one page after the other, the same on every signer.
//!
//! Pages come in a fixed order: the network, warnings, what is asked for, what it costs, where money returns, who
//! votes; then, under their own heading, what only the online computer says. A page is a label and a value that prints
//! in a few short lines.

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

/// The heading of everything that is only claimed.
pub const CLAIMED_HEADING: &str = "from the online computer, not checked";

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.value)
    }
}

impl<const INPUTS: usize, const TICKETS: usize> Reviewable<INPUTS, TICKETS> {
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
