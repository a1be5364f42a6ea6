//! The states of a signing session: receive, review, approve, sign. Each state consumes the one before.
//!
//! [`Receiver`] takes the bytes of a request. [`Receiver::finish`] compares it with keys, voters and limits and gives
//! a [`Reviewable`], or the rule that it breaks. Only [`Reviewable::approval`] makes an [`Approval`], and nothing signs
//! without one; [`Approved`] is a request together with its own. A [`Session`] goes through the same states without
//! moving the request. Nothing in here can be switched off by a build.

mod check;
mod keys;
mod memory;
mod past;
mod session;
mod steps;

use crate::hash::{Sink, TransferId};
use crate::net::Network;
use crate::path::AccountPath;
use crate::policy::{Refusal, Rule};
use crate::purchase::Purchase;
use crate::register::{Register, Registration};
use crate::request::{Claim, Label, Voting};
use crate::send::Send;
use crate::words::check_words;

pub use keys::{Keys, Sign, VoterName, Voters};
pub use memory::{Counter, Earlier, Mark, Memory, NoMemory, Outpoint, Recall, Run, Uses};
pub use past::{LISTED, Met, Past, Shared, Unmarked};
pub use session::{Receiver, Receiving, Session};
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
///
/// It lists as many as `EARLIER` of the requests that it has something in common with.
#[derive(Clone, Debug)]
pub struct Reviewable<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize = LISTED> {
    network: Network,
    id: TransferId,
    account: AccountPath,
    claim: Claim,
    label: Option<Label>,
    voter: Option<VoterName>,
    past: Past<EARLIER>,
    work: Work<INPUTS, TICKETS>,
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Reviewable<INPUTS, TICKETS, EARLIER> {
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
    pub const fn past(&self) -> &Past<EARLIER> {
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
    pub fn approve(self, id: &TransferId) -> Result<Approved<INPUTS, TICKETS, EARLIER>, NotApproved> {
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
    pub fn approve_with_words(self, words: [&str; 4]) -> Result<Approved<INPUTS, TICKETS, EARLIER>, NotApproved> {
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
pub struct Approved<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize = LISTED> {
    reviewed: Reviewable<INPUTS, TICKETS, EARLIER>,
    approval: Approval,
    next: u32,
}
