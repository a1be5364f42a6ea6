//! The states of a signing session: receive, review, approve, sign. Each state consumes the one before.
//!
//! [`Receiver`] takes the bytes of a request. [`Receiver::finish`] compares it with keys, voters and limits and gives
//! a [`Reviewable`], or the rule that it breaks. Only [`Reviewable::approval`] makes an [`Approval`], and nothing signs
//! without one; [`Approved`] is a request together with its own. Nothing in here can be switched off by a build.

mod check;
mod keys;
mod memory;
mod past;
mod steps;

use crate::hash::{Sink, TransferId};
use crate::net::Network;
use crate::path::AccountPath;
use crate::policy::{Limits, Refusal, Rule};
use crate::purchase::Purchase;
use crate::register::{Register, Registration};
use crate::request::{Claim, Label, RequestReader, Voting};
use crate::send::Send;
use crate::words::check_words;

pub use keys::{Keys, Sign, VoterName, Voters};
pub use memory::{Counter, Earlier, Mark, Memory, NoMemory, Outpoint, Recall, Run, Uses};
pub use past::{LISTED, Met, Past, Shared, Unmarked};
pub use steps::{Signature, Step};

/// Why a request does not become a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishError<E> {
    /// A rule is broken.
    Refused(Refusal),
    /// The keys failed.
    Keys(E),
}

impl<E> From<Refusal> for FinishError<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<E> From<Rule> for FinishError<E> {
    fn from(rule: Rule) -> Self {
        Self::Refused(rule.into())
    }
}

/// Takes a request's bytes.
#[derive(Default)]
pub struct Receiver<const INPUTS: usize, const TICKETS: usize> {
    reader: RequestReader<INPUTS, TICKETS>,
}

impl<const INPUTS: usize, const TICKETS: usize> Receiver<INPUTS, TICKETS> {
    /// Takes the next bytes, in pieces of any size.
    ///
    /// # Errors
    /// The first rule that they break.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.reader.push(bytes)
    }

    /// Ends the request and compares it with keys, voters, limits and what was approved before.
    ///
    /// # Errors
    /// The rule that it breaks, or what the keys answered.
    pub fn finish<K, V, M>(
        self,
        keys: &mut K,
        voters: &mut V,
        memory: &mut M,
        limits: &Limits,
    ) -> Result<Reviewable<INPUTS, TICKETS>, FinishError<K::Error>>
    where
        K: Keys,
        V: Voters<Error = K::Error>,
        M: Memory,
    {
        check::check(self.reader.finish()?, keys, voters, memory, limits)
    }
}

/// What was asked for, checked and worked out.
#[derive(Clone, Debug)]
pub enum Work<const INPUTS: usize, const TICKETS: usize> {
    /// Tickets are bought.
    Purchase(Purchase<INPUTS, TICKETS>),
    /// Addresses are paid.
    Send(Send<INPUTS, TICKETS>),
    /// Tickets are registered.
    Register(Register<TICKETS>),
}

/// A request that breaks no rule, ready to be shown to a person.
#[derive(Clone, Debug)]
pub struct Reviewable<const INPUTS: usize, const TICKETS: usize> {
    network: Network,
    id: TransferId,
    account: AccountPath,
    claim: Claim,
    label: Option<Label>,
    voter: Option<VoterName>,
    past: Past,
    work: Work<INPUTS, TICKETS>,
}

impl<const INPUTS: usize, const TICKETS: usize> Reviewable<INPUTS, TICKETS> {
    /// The network.
    #[must_use]
    pub const fn network(&self) -> Network {
        self.network
    }

    /// The id of the request.
    #[must_use]
    pub const fn id(&self) -> &TransferId {
        &self.id
    }

    /// The words that a person types to approve.
    #[must_use]
    pub fn check_words(&self) -> [&'static str; 4] {
        check_words(&self.id)
    }

    /// The spending account.
    #[must_use]
    pub const fn account(&self) -> AccountPath {
        self.account
    }

    /// What the online side says of the chain, not checked.
    #[must_use]
    pub const fn claim(&self) -> &Claim {
        &self.claim
    }

    /// What the online side calls the request, not checked.
    #[must_use]
    pub const fn label(&self) -> Option<&Label> {
        self.label.as_ref()
    }

    /// The name of the voter, when a registered one votes or is paid.
    #[must_use]
    pub const fn voter(&self) -> Option<&VoterName> {
        self.voter.as_ref()
    }

    /// What the signer remembers that bears on the request.
    #[must_use]
    pub const fn past(&self) -> &Past {
        &self.past
    }

    /// What was asked for.
    #[must_use]
    pub const fn work(&self) -> &Work<INPUTS, TICKETS> {
        &self.work
    }

    /// What the message for ticket `number` says, when the request leads to one.
    #[must_use]
    pub fn registration(&self, number: u32) -> Option<Registration> {
        let (ticket, alt_sign) = match &self.work {
            Work::Purchase(purchase) => {
                let Voting::Voter { .. } = purchase.request().voting else { return None };
                let keys = purchase.keys().get(usize::try_from(number).ok()?)?;
                (purchase.ticket_id(number)?, keys.alt_sign?)
            }
            Work::Register(register) => {
                let ticket = register.tickets().get(usize::try_from(number).ok()?)?;
                (register.ticket_id(number)?, ticket.alt_sign)
            }
            Work::Send(_) => return None,
        };
        Some(Registration { network: self.network, timestamp: self.claim.time, ticket, alt_sign })
    }

    /// Writes the prefix of ticket `number`, bought or registered.
    pub fn write_ticket(&self, number: u32, mut sink: &mut dyn Sink) {
        match &self.work {
            Work::Purchase(purchase) => purchase.write_ticket(number, &mut sink),
            Work::Register(register) => sink.put(register.prefix(number).unwrap_or(&[])),
            Work::Send(_) => {}
        }
    }

    /// Writes the body of the message for ticket `number`; nothing when there is none.
    pub fn write_registration(&self, number: u32, sink: &mut impl Sink) {
        if let Some(registration) = self.registration(number) {
            registration.write(sink, |hex| self.write_ticket(number, hex));
        }
    }

    /// Approves the request that has exactly this id; ends the session otherwise.
    ///
    /// # Errors
    /// [`NotApproved`] when the id is another one.
    pub fn approve(self, id: &TransferId) -> Result<Approved<INPUTS, TICKETS>, NotApproved> {
        let approval = self.approval(id)?;
        Ok(Approved { reviewed: self, approval, next: 0 })
    }

    /// Approves the request that has exactly this id where it is, for whoever has no room to move it.
    ///
    /// # Errors
    /// [`NotApproved`] when the id is another one.
    pub fn approval(&self, id: &TransferId) -> Result<Approval, NotApproved> {
        if *id == self.id { Ok(Approval { id: self.id }) } else { Err(NotApproved) }
    }

    /// Approves with the four check words, which a person typed after having seen all pages.
    ///
    /// Whoever lets a person try again compares with [`Self::check_words`] first.
    ///
    /// # Errors
    /// [`NotApproved`] when the words are other ones.
    pub fn approve_with_words(self, words: [&str; 4]) -> Result<Approved<INPUTS, TICKETS>, NotApproved> {
        let same = self.check_words().iter().zip(words).all(|(word, typed)| word.eq_ignore_ascii_case(typed));
        let id = self.id;
        if same { self.approve(&id) } else { Err(NotApproved) }
    }
}

/// The id or the words belong to another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotApproved;

impl core::fmt::Display for NotApproved {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the approval is for another request")
    }
}

impl core::error::Error for NotApproved {}

/// That a person approved the request with one id. It is of no use with any other.
#[derive(Debug)]
pub struct Approval {
    id: TransferId,
}

/// A request that a person approved.
#[derive(Debug)]
pub struct Approved<const INPUTS: usize, const TICKETS: usize> {
    reviewed: Reviewable<INPUTS, TICKETS>,
    approval: Approval,
    next: u32,
}

/// What a device keeps of a session, at its 24 inputs and 20 tickets.
const DEVICE_STATE: usize = 6 * 1024;
const _: () = assert!(size_of::<Receiver<24, 20>>() <= DEVICE_STATE);
const _: () = assert!(size_of::<Approved<24, 20>>() <= DEVICE_STATE);
