//! Compares a request with what the signer remembers.

use super::Work;
use super::memory::{Counter, Earlier, Mark, Memory, Recall, Run, Uses};
use crate::amount::Amount;
use crate::hash::TransferId;
use crate::list::List;
use crate::path::{AccountPath, Index};
use crate::policy::{self, INDEX_REACH, Part, Refusal};

/// So many earlier requests a host lists; of more a review says that there are more.
pub const LISTED: usize = 8;

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
pub struct Met<const EARLIER: usize = LISTED> {
    list: List<Shared, EARLIER>,
    more: bool,
}

impl<const EARLIER: usize> Met<EARLIER> {
    const BLANK: Self = Self {
        list: List::new(Shared {
            earlier: Earlier { request: TransferId::from_bytes([0; 32]), spent: Amount::ZERO },
            count: 0,
        }),
        more: false,
    };

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
        let room = u32::try_from(EARLIER).unwrap_or(u32::MAX);
        for number in 0..room {
            let Some(earlier) = earlier(number) else { return };
            let known = self.list.as_mut_slice().iter_mut().find(|known| known.earlier.request == earlier.request);
            match known {
                Some(known) => known.count = known.count.saturating_add(1),
                None => self.more |= self.list.push(Shared { earlier, count: 1 }).is_err(),
            }
        }
        self.more |= earlier(room).is_some();
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
pub struct Past<const EARLIER: usize = LISTED> {
    recall: Recall,
    unmarked: List<Unmarked, 3>,
    coins: Met<EARLIER>,
    voter_keys: Met<EARLIER>,
}

impl<const EARLIER: usize> Past<EARLIER> {
    pub(super) const BLANK: Self = Self {
        recall: Recall::Whole,
        unmarked: List::new(Unmarked { part: Part::Request, index: Index::FIRST }),
        coins: Met::BLANK,
        voter_keys: Met::BLANK,
    };

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
    pub const fn coins(&self) -> &Met<EARLIER> {
        &self.coins
    }

    /// Requests that name the same keys of the voter.
    #[must_use]
    pub const fn voter_keys(&self) -> &Met<EARLIER> {
        &self.voter_keys
    }
}

/// Looks up in the signer's memory what a request uses.
///
/// # Errors
/// [`Rule::IndexTooFar`](crate::rule::Rule::IndexTooFar).
#[inline(never)]
pub(super) fn compare<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize>(
    past: &mut Past<EARLIER>,
    work: &Work<INPUTS, TICKETS>,
    id: &TransferId,
    account: AccountPath,
    memory: &mut impl Memory,
) -> Result<(), Refusal> {
    past.recall = memory.recall();
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
    Ok(())
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
