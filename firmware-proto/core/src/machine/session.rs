//! One memory for a request from its first byte to its last signature.
//!
//! Reading and checking fill it where it is: nothing as large as a request is ever on the stack. [`Receiver`] and what
//! it becomes are moved, as suits a host; a device keeps a [`Session`] and is handed references.

use super::past::{LISTED, Past};
use super::{FinishError, Keys, Memory, Reviewable, Voters, Work, check};
use crate::path::AccountPath;
use crate::policy::{Limits, Refusal};
use crate::purchase::Purchase;
use crate::register::Register;
use crate::request::{Claim, Header, Kind, Landing, Parameters, Places, Reader};
use crate::send::Send;

/// Room for a request, and how far it has come.
pub struct Session<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize = LISTED> {
    stage: Stage,
    /// What the reader fills in is a review only in [`Stage::Checked`], and nobody gets at it before.
    reader: Reader<INPUTS, TICKETS, Reviewable<INPUTS, TICKETS, EARLIER>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Receiving,
    Checked,
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Default for Session<INPUTS, TICKETS, EARLIER> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Session<INPUTS, TICKETS, EARLIER> {
    /// Without a request.
    #[must_use]
    pub const fn new() -> Self {
        Self { stage: Stage::Idle, reader: Reader::new(Reviewable::BLANK) }
    }

    /// Forgets the request.
    pub const fn end(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Whether there is no request.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }

    /// Forgets the request and expects another one.
    pub const fn begin(&mut self) -> Receiving<'_, INPUTS, TICKETS, EARLIER> {
        self.reader.restart();
        self.stage = Stage::Receiving;
        Receiving { session: self }
    }

    /// The request that is on its way.
    pub const fn receiving(&mut self) -> Option<Receiving<'_, INPUTS, TICKETS, EARLIER>> {
        match self.stage {
            Stage::Receiving => Some(Receiving { session: self }),
            Stage::Idle | Stage::Checked => None,
        }
    }

    /// The request that was checked.
    #[must_use]
    pub const fn reviewable(&self) -> Option<&Reviewable<INPUTS, TICKETS, EARLIER>> {
        match self.stage {
            Stage::Checked => Some(self.reader.landing()),
            Stage::Idle | Stage::Receiving => None,
        }
    }
}

/// A request on its way into a session.
pub struct Receiving<'a, const INPUTS: usize, const TICKETS: usize, const EARLIER: usize = LISTED> {
    session: &'a mut Session<INPUTS, TICKETS, EARLIER>,
}

impl<'a, const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Receiving<'a, INPUTS, TICKETS, EARLIER> {
    /// Takes the next bytes, in pieces of any size.
    ///
    /// # Errors
    /// The first rule that they break, then and ever after.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.session.reader.push(bytes)
    }

    /// The header, and how many bytes of the body are still to come; nothing before it was read whole.
    #[must_use]
    pub const fn header(&self) -> Option<(&Header, usize)> {
        self.session.reader.header()
    }

    /// Ends the request and compares it with keys, voters, limits and what was approved before.
    ///
    /// # Errors
    /// The rule that it breaks, or what the keys answered. The session has no request then.
    pub fn check<K, V, M>(
        self,
        keys: &mut K,
        voters: &mut V,
        memory: &mut M,
        limits: &Limits,
    ) -> Result<&'a Reviewable<INPUTS, TICKETS, EARLIER>, FinishError<K::Error>>
    where
        K: Keys,
        V: Voters<Error = K::Error>,
        M: Memory,
    {
        let Session { stage, reader } = self.session;
        *stage = Stage::Idle;
        reader.close()?;
        check::check(reader.landing_mut(), keys, voters, memory, limits)?;
        *stage = Stage::Checked;
        Ok(reader.landing())
    }
}

/// Takes a request's bytes, for a host.
#[derive(Default)]
pub struct Receiver<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize = LISTED> {
    session: Session<INPUTS, TICKETS, EARLIER>,
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Receiver<INPUTS, TICKETS, EARLIER> {
    /// Takes the next bytes, in pieces of any size.
    ///
    /// # Errors
    /// The first rule that they break, then and ever after.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.session.reader.push(bytes)
    }

    /// Ends the request and compares it with keys, voters, limits and what was approved before.
    ///
    /// # Errors
    /// The rule that it breaks, or what the keys answered.
    pub fn finish<K, V, M>(
        mut self,
        keys: &mut K,
        voters: &mut V,
        memory: &mut M,
        limits: &Limits,
    ) -> Result<Reviewable<INPUTS, TICKETS, EARLIER>, FinishError<K::Error>>
    where
        K: Keys,
        V: Voters<Error = K::Error>,
        M: Memory,
    {
        Receiving { session: &mut self.session }.check(keys, voters, memory, limits)?;
        Ok(self.session.reader.into_landing())
    }
}

impl<const INPUTS: usize, const TICKETS: usize> Work<INPUTS, TICKETS> {
    const PURCHASE: Self = Self::Purchase(Purchase::BLANK);
    const SEND: Self = Self::Send(Send::BLANK);
    const REGISTER: Self = Self::Register(Register::BLANK);
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Reviewable<INPUTS, TICKETS, EARLIER> {
    const BLANK: Self = Self {
        network: Header::BLANK.network,
        id: Header::BLANK.id,
        account: AccountPath::BLANK,
        claim: Claim::BLANK,
        label: None,
        voter: None,
        past: Past::BLANK,
        work: Work::PURCHASE,
    };
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Landing<INPUTS, TICKETS>
    for Reviewable<INPUTS, TICKETS, EARLIER>
{
    fn open(&mut self, header: &Header) {
        (self.network, self.id) = (header.network, header.id);
        (self.account, self.claim, self.label) = (AccountPath::BLANK, Claim::BLANK, None);
        (self.voter, self.past) = (None, Past::BLANK);
        match header.kind {
            Kind::Purchase => self.work = Work::PURCHASE,
            Kind::Send => self.work = Work::SEND,
            Kind::Register => self.work = Work::REGISTER,
        }
    }

    fn places(&mut self) -> Places<'_, INPUTS, TICKETS> {
        let parameters = match &mut self.work {
            Work::Purchase(purchase) => Parameters::Purchase(&mut purchase.request),
            Work::Send(send) => Parameters::Send(&mut send.request),
            Work::Register(register) => Parameters::Register(&mut register.request),
        };
        Places { account: &mut self.account, claim: &mut self.claim, label: &mut self.label, parameters }
    }
}
