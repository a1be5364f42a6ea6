//! What a signer remembers of the requests that it approved, and what a request leaves behind in that memory.

use super::{Reviewable, Work};
use crate::amount::Amount;
use crate::hash::{Fingerprint, TransferId, TxId};
use crate::path::{AccountPath, Index};
use crate::purchase::total;
use crate::request::{Funding, Input, Recipient, Rest, Spending, Voting};

/// How much a signer remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recall {
    /// All that there is to remember, or it never remembers anything.
    Whole,
    /// Nothing yet, and its keys may be older than itself, as after a restore.
    Empty,
    /// Not all: requests that it approved are lost.
    Incomplete,
}

/// What indexes are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The internal branch of a spending account.
    Internal(AccountPath),
    /// The voting and alt-sign keys of a voter.
    Voter(Fingerprint),
    /// The purse keys of a voter.
    Purse(Fingerprint),
}

/// How far the indexes of approved requests have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nobody counts here.
    Uncounted,
    /// It is not known.
    Unknown,
    /// Every approved one is below this number.
    Below(u32),
}

/// An output of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outpoint {
    /// The transaction.
    pub id: TxId,
    /// The output's place in it.
    pub output: u32,
}

/// A request that was approved before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Its id.
    pub request: TransferId,
    /// What its inputs are worth together.
    pub spent: Amount,
}

/// The memory of a signer. It speaks of approved requests only.
pub trait Memory {
    /// How much it remembers.
    fn recall(&mut self) -> Recall;

    /// How far indexes have come.
    fn mark(&mut self, counter: Counter) -> Mark;

    /// The request that spends `coin`, the latest for `number` 0, then those before it; never the one with the id `but`.
    fn spent_by(&mut self, coin: &Outpoint, but: &TransferId, number: u32) -> Option<Earlier>;

    /// The request that names key `index` of a voter, counted likewise.
    fn named_by(&mut self, voter: &Fingerprint, index: Index, but: &TransferId, number: u32) -> Option<Earlier>;
}

/// No memory: nothing is refused and nothing warned of. For whoever does not sign, such as the online side.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMemory;

impl Memory for NoMemory {
    fn recall(&mut self) -> Recall {
        Recall::Whole
    }

    fn mark(&mut self, _: Counter) -> Mark {
        Mark::Uncounted
    }

    fn spent_by(&mut self, _: &Outpoint, _: &TransferId, _: u32) -> Option<Earlier> {
        None
    }

    fn named_by(&mut self, _: &Fingerprint, _: Index, _: &TransferId, _: u32) -> Option<Earlier> {
        None
    }
}

/// Indexes in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first one.
    pub first: Index,
    /// How many there are.
    pub count: u32,
}

impl Run {
    /// One above the last index.
    #[must_use]
    pub const fn end(&self) -> u32 {
        self.first.number().saturating_add(self.count)
    }
}

/// The indexes that a request takes into use.
///
/// The paths of inputs are not among them: whoever knows the account's public key can pay any of its keys, and would
/// raise the mark by that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// On the internal branch of the account.
    pub internal: Option<Run>,
    /// The voter that the next two are about.
    pub voter: Option<Fingerprint>,
    /// Keys that vote and sign for the voter.
    pub voting: Option<Run>,
    /// Keys of the voter's purse; of those that a send pays the highest one.
    pub purse: Option<Run>,
}

impl<const INPUTS: usize, const TICKETS: usize> Work<INPUTS, TICKETS> {
    pub(super) fn uses(&self) -> Uses {
        match self {
            Self::Purchase(purchase) => {
                let request = &purchase.request;
                let count = match request.funding {
                    Funding::Split => request.tickets.saturating_mul(2).saturating_add(1),
                    Funding::Direct => request.tickets,
                };
                let internal = Some(Run { first: request.first_internal, count });
                let purse = request.purse.map(|purse| Run { first: purse.index, count: 1 });
                match request.voting {
                    Voting::Voter { fingerprint, first } => {
                        let voting = Some(Run { first, count: request.tickets });
                        Uses { internal, voter: Some(fingerprint), voting, purse }
                    }
                    Voting::Foreign(_) => Uses { internal, ..Uses::default() },
                }
            }
            Self::Send(send) => {
                let internal = match send.request.rest {
                    Rest::Change(first) => Some(Run { first, count: 1 }),
                    Rest::Sweep => None,
                };
                let purses = send.request.outputs.as_slice().iter().filter_map(|output| match output.recipient {
                    Recipient::Purse { fingerprint, index } => Some((index, fingerprint)),
                    Recipient::Address(_) => None,
                });
                let highest = purses.max_by_key(|(index, _)| *index);
                let purse = highest.map(|(first, _)| Run { first, count: 1 });
                Uses { internal, voter: highest.map(|(_, voter)| voter), voting: None, purse }
            }
            Self::Register(register) => {
                let voting = Some(Run { first: register.request.first, count: register.tickets.count() });
                Uses { voter: Some(register.request.fingerprint), voting, ..Uses::default() }
            }
        }
    }

    fn spending(&self) -> Option<&Spending<INPUTS>> {
        match self {
            Self::Purchase(purchase) => Some(&purchase.request.spending),
            Self::Send(send) => Some(&send.request.spending),
            Self::Register(_) => None,
        }
    }

    /// What the inputs are worth together; nothing for a registration.
    pub(super) fn spent(&self) -> Amount {
        self.spending().and_then(|spending| total(spending).ok()).unwrap_or_default()
    }

    /// The inputs of the request, then what its tickets take from the split.
    pub(super) fn outpoints(&self) -> impl Iterator<Item = Outpoint> {
        let inputs = self.spending().into_iter().flat_map(|spending| {
            let outpoint = |input: &Input| Some(Outpoint { id: spending.parent(input)?, output: input.output });
            spending.inputs.as_slice().iter().filter_map(outpoint)
        });
        let split = match self {
            Self::Purchase(purchase) => purchase.split().map(|split| (split.id, purchase.request.tickets)),
            Self::Send(_) | Self::Register(_) => None,
        };
        let of_split = |(id, tickets)| (0..tickets).map(move |output| Outpoint { id, output });
        inputs.chain(split.into_iter().flat_map(of_split))
    }
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Reviewable<INPUTS, TICKETS, EARLIER> {
    /// The indexes that the request takes into use.
    #[must_use]
    pub fn uses(&self) -> Uses {
        self.work.uses()
    }

    /// What the inputs are worth together; nothing for a registration.
    #[must_use]
    pub fn spent(&self) -> Amount {
        self.work.spent()
    }

    /// The outputs that signatures for this request spend: the request's inputs, then those that its tickets take from
    /// the split.
    pub fn outpoints(&self) -> impl Iterator<Item = Outpoint> {
        self.work.outpoints()
    }
}
