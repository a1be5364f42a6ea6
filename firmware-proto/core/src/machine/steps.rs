//! Signing, one signature after the other: the inputs of the split or send, the tickets, the messages.

use super::{Approval, Approved, Reviewable, Sign, Work};
use crate::hash::{MessageHash, SignatureHash, TransferId, signature_hash_all};
use crate::path::KeyPath;

/// A signature, and what it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// For an input of the split or send: r and s.
    Input([u8; 64]),
    /// For a ticket: r and s.
    Ticket([u8; 64]),
    /// For the message that registers a ticket: recovery byte, r and s.
    Message([u8; 65]),
}

/// What one signature signs, and with which key. The signer signs it; the online machine verifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An input of the split or send.
    Input {
        /// The key.
        path: KeyPath,
        /// The digest.
        digest: SignatureHash,
    },
    /// A ticket's only input.
    Ticket {
        /// The key.
        path: KeyPath,
        /// The digest.
        digest: SignatureHash,
    },
    /// The message that registers a ticket.
    Message {
        /// The key.
        path: KeyPath,
        /// The digest.
        digest: MessageHash,
    },
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Reviewable<INPUTS, TICKETS, EARLIER> {
    /// How many signatures there are of each kind: inputs, tickets, messages.
    #[must_use]
    pub fn counts(&self) -> [u32; 3] {
        match &self.work {
            Work::Purchase(purchase) => {
                let tickets = purchase.request.tickets;
                let inputs = purchase.split().map_or(0, |_| purchase.request.spending.inputs.count());
                let messages = if self.registration(0).is_some() { tickets } else { 0 };
                [inputs, tickets, messages]
            }
            Work::Send(send) => [send.request.spending.inputs.count(), 0, 0],
            Work::Register(register) => [0, 0, register.tickets.count()],
        }
    }

    /// Makes signature `number`, the same one however often it is asked for; `None` after the last one, and
    /// when the approval is for another request.
    ///
    /// # Errors
    /// What the keys answered; the same signature can be tried again.
    pub fn signature<K: Sign>(
        &self,
        approval: &Approval,
        number: u32,
        keys: &mut K,
    ) -> Result<Option<Signature>, K::Error> {
        let step = if approval.id == self.id { self.step(number) } else { None };
        let Some(step) = step else { return Ok(None) };
        Ok(Some(match step {
            Step::Input { path, digest } => Signature::Input(keys.sign(path, &digest)?),
            Step::Ticket { path, digest } => Signature::Ticket(keys.sign(path, &digest)?),
            Step::Message { path, digest } => Signature::Message(keys.sign_message(path, &digest)?),
        }))
    }

    /// What signature `number` signs; `None` after the last one.
    #[must_use]
    pub fn step(&self, number: u32) -> Option<Step> {
        let [inputs, tickets, _] = self.counts();
        if number < inputs {
            return self.input_step(number);
        }
        let number = number.checked_sub(inputs)?;
        if number < tickets {
            return self.ticket_step(number);
        }
        self.message_step(number.checked_sub(tickets)?)
    }

    fn input_step(&self, number: u32) -> Option<Step> {
        let (id, spending) = match &self.work {
            Work::Purchase(purchase) => (purchase.split()?.id, &purchase.request.spending),
            Work::Send(send) => (send.id, &send.request.spending),
            Work::Register(_) => return None,
        };
        let input = spending.inputs.as_slice().get(usize::try_from(number).ok()?)?;
        let script = input.coin?.payment().script();
        let digest = signature_hash_all(&id, spending.inputs.count(), number, script.as_bytes());
        Some(Step::Input { path: input.path, digest })
    }

    fn ticket_step(&self, number: u32) -> Option<Step> {
        let Work::Purchase(purchase) = &self.work else { return None };
        let (path, payment) = purchase.ticket_coin(number)?;
        let id = purchase.ticket_id(number)?;
        let digest = signature_hash_all(&id, 1, 0, payment.script().as_bytes());
        Some(Step::Ticket { path, digest })
    }

    fn message_step(&self, number: u32) -> Option<Step> {
        let path = match &self.work {
            Work::Purchase(purchase) => purchase.reward_path(number)?,
            Work::Register(register) => register.path(number)?,
            Work::Send(_) => return None,
        };
        let digest = self.registration(number)?.message_hash(|sink| self.write_ticket(number, sink));
        Some(Step::Message { path, digest })
    }
}

impl<const INPUTS: usize, const TICKETS: usize, const EARLIER: usize> Approved<INPUTS, TICKETS, EARLIER> {
    /// The id of the approved request.
    #[must_use]
    pub const fn id(&self) -> &TransferId {
        &self.reviewed.id
    }

    /// The request as it was reviewed.
    #[must_use]
    pub const fn request(&self) -> &Reviewable<INPUTS, TICKETS, EARLIER> {
        &self.reviewed
    }

    /// Makes the next signature; `None` after the last one.
    ///
    /// # Errors
    /// What the keys answered; the same signature can be tried again.
    pub fn next<K: Sign>(&mut self, keys: &mut K) -> Result<Option<Signature>, K::Error> {
        let signature = self.reviewed.signature(&self.approval, self.next, keys)?;
        if signature.is_some() {
            self.next = self.next.saturating_add(1);
        }
        Ok(signature)
    }
}
