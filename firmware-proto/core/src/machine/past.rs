//! Compares a request with what the signer remembers.

use super::Work;
use super::memory::{Counter, Earlier, Mark, Memory, Recall, Run, Uses};
use crate::hash::TransferId;
use crate::list::List;
use crate::path::{AccountPath, Index};
use crate::policy::{self, INDEX_REACH, Part, Refusal};

/// So many earlier requests are listed; of more a review says that there are more.
pub const LISTED: usize = 8;
/// The same, as memories count.
const LISTED_COUNT: u32 = 8;

/// An earlier request, and how many coins or keys it has in common with the one at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared {
    /// The earlier request.
    pub earlier: Earlier,
    /// How many.
    pub count: u32,
}

/// Earlier requests that have something in common with the one at hand.
#[derive(Clone, Debug)]
pub struct Met {
    list: List<Shared, LISTED>,
    more: bool,
}

impl Met {
    fn new() -> Self {
        let request = TransferId::from_bytes([0; 32]);
        let filler = Shared { earlier: Earlier { request, spent: crate::amount::Amount::ZERO }, count: 0 };
        Self { list: List::new(filler), more: false }
    }

    /// The requests, in the order in which coins or keys lead to them.
    #[must_use]
    pub fn listed(&self) -> &[Shared] {
        self.list.as_slice()
    }

    /// Whether there are more than are listed.
    #[must_use]
    pub const fn more(&self) -> bool {
        self.more
    }

    /// Takes all requests that share one coin or key.
    fn meet(&mut self, mut earlier: impl FnMut(u32) -> Option<Earlier>) {
        for number in 0..LISTED_COUNT {
            let Some(earlier) = earlier(number) else { return };
            let known = self.list.as_mut_slice().iter_mut().find(|known| known.earlier.request == earlier.request);
            match known {
                Some(known) => known.count = known.count.saturating_add(1),
                None => self.more |= self.list.push(Shared { earlier, count: 1 }).is_err(),
            }
        }
        self.more |= earlier(LISTED_COUNT).is_some();
    }
}

/// An index that could not be compared with any mark, and is so high that a restore might not find its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unmarked {
    /// What it counts.
    pub part: Part,
    /// The index.
    pub index: Index,
}

/// What the signer's memory has to say about a request.
#[derive(Clone, Debug)]
pub struct Past {
    recall: Recall,
    unmarked: List<Unmarked, 3>,
    coins: Met,
    voter_keys: Met,
}

impl Past {
    /// How much the signer remembers.
    #[must_use]
    pub const fn recall(&self) -> Recall {
        self.recall
    }

    /// High indexes that could not be compared.
    #[must_use]
    pub fn unmarked(&self) -> &[Unmarked] {
        self.unmarked.as_slice()
    }

    /// Requests that spend the same coins.
    #[must_use]
    pub const fn coins(&self) -> &Met {
        &self.coins
    }

    /// Requests that name the same keys of the voter.
    #[must_use]
    pub const fn voter_keys(&self) -> &Met {
        &self.voter_keys
    }
}

/// Looks up in the signer's memory what a request uses.
///
/// # Errors
/// [`Rule::IndexTooFar`](crate::rule::Rule::IndexTooFar).
pub(super) fn compare<const INPUTS: usize, const TICKETS: usize>(
    work: &Work<INPUTS, TICKETS>,
    id: &TransferId,
    account: AccountPath,
    memory: &mut impl Memory,
) -> Result<Past, Refusal> {
    let filler = Unmarked { part: Part::Request, index: Index::FIRST };
    let mut past =
        Past { recall: memory.recall(), unmarked: List::new(filler), coins: Met::new(), voter_keys: Met::new() };
    let uses = work.uses();
    check_marks(&uses, account, memory, &mut past.unmarked)?;
    for coin in work.outpoints() {
        past.coins.meet(|number| memory.spent_by(&coin, id, number));
    }
    if let (Some(voter), Some(run)) = (uses.voter, uses.voting) {
        for index in (0..run.count).filter_map(|step| run.first.plus(step)) {
            past.voter_keys.meet(|number| memory.named_by(&voter, index, id, number));
        }
    }
    Ok(past)
}

fn check_marks(
    uses: &Uses,
    account: AccountPath,
    memory: &mut impl Memory,
    unmarked: &mut List<Unmarked, 3>,
) -> Result<(), Refusal> {
    let mut check = |part, counter: Option<Counter>, run: Option<Run>| {
        let (Some(counter), Some(Run { first: index, .. })) = (counter, run) else { return Ok(()) };
        match memory.mark(counter) {
            Mark::Uncounted => {}
            // The first keys of a branch are found by every restore.
            Mark::Unknown if index.number() < INDEX_REACH => {}
            // There is room for one of each part.
            Mark::Unknown => drop(unmarked.push(Unmarked { part, index })),
            Mark::Below(end) => policy::check_index(part, index, end)?,
        }
        Ok(())
    };
    check(Part::AddressIndex, Some(Counter::Internal(account)), uses.internal)?;
    check(Part::VoterIndex, uses.voter.map(Counter::Voter), uses.voting)?;
    check(Part::PurseIndex, uses.voter.map(Counter::Purse), uses.purse)
}
