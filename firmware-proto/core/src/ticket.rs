//! A ticket that was bought before, as a request to register it carries it.

use crate::amount::{Amount, Height};
use crate::hash::copy;
use crate::rule::{Refusal, Rule};
use crate::script::{COMMITMENT_SCRIPT, Commitment, Payee, Payment, StakeTag};

/// The prefix of a ticket with one input and three outputs, the longest of its kind.
pub const MAX_TICKET: usize = 172;

/// A ticket as it came in a request, not yet read.
///
/// Its length is a byte: twenty of these are the largest part of a device's session.
#[derive(Clone, Copy, Debug)]
pub struct TicketBytes {
    bytes: [u8; MAX_TICKET],
    length: u8,
}

impl TicketBytes {
    /// Before the first byte.
    pub(crate) const BLANK: Self = Self { bytes: [0; MAX_TICKET], length: 0 };

    /// Appends bytes.
    ///
    /// # Errors
    /// [`Rule::TicketMalformed`] when it grows longer than a ticket with three outputs.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let start = usize::from(self.length);
        let end = start.saturating_add(bytes.len());
        copy(self.bytes.get_mut(start..end).ok_or(Rule::TicketMalformed)?, bytes);
        self.length = u8::try_from(end).map_err(|_| Rule::TicketMalformed)?;
        Ok(())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&[])
    }

    /// Reads the ticket.
    ///
    /// # Errors
    /// [`Rule::TicketMalformed`], [`Rule::VoterAddressUnsupported`].
    pub fn parse(&self) -> Result<ExistingTicket, Refusal> {
        let ticket = parse(self.as_bytes()).ok_or(Rule::TicketMalformed)?;
        if ticket.voting.is_script() {
            return Err(Rule::VoterAddressUnsupported.into());
        }
        Ok(ticket)
    }
}

/// What a registration looks at in a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistingTicket {
    /// What the ticket locks.
    pub amount: Amount,
    /// Who votes.
    pub voting: Payee,
    /// Whom the vote or revocation pays.
    pub commitment: Commitment,
    /// The height at which the ticket can no longer be mined; 0 is never.
    pub expiry: Height,
}

/// Reads from the front of a slice.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    /// An output of script version 0: its value and script.
    fn output(&mut self) -> Option<(Amount, &'a [u8])> {
        let value = Amount::from_atoms(u64::from_le_bytes(self.take()?)).ok()?;
        let [0, 0, length] = self.take()? else { return None };
        let (script, rest) = self.0.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Some((value, script))
    }
}

fn parse(prefix: &[u8]) -> Option<ExistingTicket> {
    let mut bytes = Bytes(prefix);
    let [_, _, 1, 0, 1] = bytes.take()? else { return None };
    bytes.take::<41>()?;
    let [3] = bytes.take()? else { return None };
    let (amount, submission) = bytes.output()?;
    let submission = Payment::recognise(submission).filter(|it| it.tag == Some(StakeTag::Submission))?;
    let (_, commitment) = bytes.output()?;
    if commitment.len() != COMMITMENT_SCRIPT {
        return None;
    }
    let commitment = Commitment::recognise(commitment)?;
    let (_, change) = bytes.output()?;
    Payment::recognise(change).filter(|it| it.tag == Some(StakeTag::Change))?;
    bytes.take::<4>()?;
    let expiry = Height(u32::from_le_bytes(bytes.take()?));
    bytes.0.is_empty().then_some(ExistingTicket { amount, voting: submission.payee, commitment, expiry })
}
