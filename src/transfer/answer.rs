//! Kind 4, the signatures for a request.
//!
//! 0: id of the request · 1: 64-byte r ‖ s for each input of the split or send · 2: the same for each ticket · 3:
//! 65-byte message signature for each registration; 1 to 3 are absent when empty.

use dcrcold_core::cbor::{CborError, Reader, Writer};
use dcrcold_core::hash::{Sink, TransferId};
use dcrcold_core::machine::{Reviewable, Step};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, KeyPath};

use super::content::Fields;
use super::{BodyError, Content, Encode, Kind};
use crate::hd::{ChildNumber, ExtendedKeyData, HdError};
use crate::key::{MessageSignature, Signature};
use crate::message::recover;

/// The signatures for a request, all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The request that is answered.
    pub request: TransferId,
    /// One for each input of the split or send.
    pub inputs: Vec<Signature>,
    /// One for each ticket.
    pub tickets: Vec<Signature>,
    /// One for each registration.
    pub messages: Vec<MessageSignature>,
}

impl Answer {
    /// Checks that the answer is for `request` and that every signature is there, in order, by the right key.
    ///
    /// `account` is the key of the spending account.
    ///
    /// # Errors
    /// What is wrong. Nothing of such an answer is to be used.
    pub fn verify<const INPUTS: usize, const TICKETS: usize>(
        &self,
        request: &Reviewable<INPUTS, TICKETS>,
        account: &ExtendedKeyData,
    ) -> Result<(), AnswerError> {
        if self.request != *request.id() {
            return Err(AnswerError::OtherRequest { found: self.request, expected: *request.id() });
        }
        let [inputs, tickets, messages] = request.counts();
        same_count("input", self.inputs.len(), inputs)?;
        same_count("ticket", self.tickets.len(), tickets)?;
        same_count("message", self.messages.len(), messages)?;
        let [external, internal] = Branch::ALL.map(|branch| account.child(ChildNumber::from_raw(branch.number())));
        let (external, internal) = (external?, internal?);
        let key = |path: KeyPath| {
            let branch = if path.branch == Branch::External { &external } else { &internal };
            Ok::<_, HdError>(*branch.child(ChildNumber::from_raw(path.index.number()))?.key())
        };
        let mut signatures = self.inputs.iter().chain(&self.tickets);
        let mut message_signatures = self.messages.iter();
        for step in (0..).map_while(|number| request.step(number)) {
            let right = match step {
                Step::Input { path, digest } | Step::Ticket { path, digest } => {
                    let key = key(path)?;
                    signatures.next().is_some_and(|signature| key.verify(&digest, signature).is_ok())
                }
                Step::Message { path, digest } => {
                    let key = key(path)?;
                    let signature = message_signatures.next().filter(|signature| signature.has_low_s());
                    let signer = signature.map(|signature| recover(signature, &digest));
                    matches!(signer, Some(Ok(signer)) if signer.key == key && signer.hash == key.hash())
                }
            };
            if !right {
                return Err(wrong_signature(&step));
            }
        }
        Ok(())
    }
}

fn same_count(what: &'static str, found: usize, expected: u32) -> Result<(), AnswerError> {
    if found as u64 == u64::from(expected) { Ok(()) } else { Err(AnswerError::Count { what, found, expected }) }
}

fn wrong_signature(step: &Step) -> AnswerError {
    let (what, path) = match *step {
        Step::Input { path, .. } => ("input", path),
        Step::Ticket { path, .. } => ("ticket", path),
        Step::Message { path, .. } => ("message", path),
    };
    AnswerError::WrongSignature { what, path }
}

impl Encode for Answer {
    const KIND: Kind = Kind::Answer;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        let lists = [self.inputs.len(), self.tickets.len(), self.messages.len()];
        writer.map(1 + lists.iter().filter(|length| **length > 0).count() as u64);
        writer.uint(0).bytes(self.request.as_bytes());
        for (key, signatures) in [(1, &self.inputs), (2, &self.tickets)] {
            put_list(writer, key, signatures.iter().map(|signature| signature.as_bytes().as_slice()));
        }
        put_list(writer, 3, self.messages.iter().map(|signature| signature.as_bytes().as_slice()));
    }
}

fn put_list<'a>(writer: &mut Writer<&mut dyn Sink>, key: u64, items: impl ExactSizeIterator<Item = &'a [u8]>) {
    if items.len() > 0 {
        writer.uint(key).array(items.len() as u64);
        items.for_each(|item| {
            writer.bytes(item);
        });
    }
}

impl Content for Answer {
    fn read(_network: Network, reader: &mut Reader<'_>) -> Result<Self, BodyError> {
        let mut fields = Fields::open(reader)?;
        let request = TransferId::from_bytes(fields.expect(0)?.array_of_bytes()?);
        let inputs = read_list(fields.find(1)?, Signature::from_bytes)?;
        let tickets = read_list(fields.find(2)?, Signature::from_bytes)?;
        let messages = read_list(fields.find(3)?, MessageSignature::from_bytes)?;
        fields.end()?;
        Ok(Self { request, inputs, tickets, messages })
    }
}

fn read_list<const N: usize, T>(reader: Option<&mut Reader<'_>>, make: fn([u8; N]) -> T) -> Result<Vec<T>, BodyError> {
    let Some(reader) = reader else { return Ok(Vec::new()) };
    let length = reader.array()?;
    if length == 0 {
        return Err(CborError::Unexpected.into());
    }
    // Grows with what is really there, never with what a head claims.
    let mut list = Vec::new();
    for _ in 0..length {
        list.push(make(reader.array_of_bytes()?));
    }
    Ok(list)
}

/// Why an answer is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It answers another request.
    #[error("answer is for the request {found}, expected {expected}")]
    OtherRequest {
        /// The request that it answers.
        found: TransferId,
        /// The request at hand.
        expected: TransferId,
    },
    /// Signatures are missing or too many.
    #[error("answer holds {found} {what} signatures, expected {expected}")]
    Count {
        /// Of what kind.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: u32,
    },
    /// A signature by another key, over something else, or with high S.
    #[error("{what} signature by the key {path} is wrong")]
    WrongSignature {
        /// Of what kind.
        what: &'static str,
        /// Whose signature it should be.
        path: KeyPath,
    },
    /// A key that cannot be derived.
    #[error(transparent)]
    Key(#[from] HdError),
}
