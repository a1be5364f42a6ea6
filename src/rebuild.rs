//! The online side of a trip: rebuilds what a request asks for and completes it with the answer's signatures.
//!
//! It runs the same core over the same bytes as the signer, with public keys only. An answer brings nothing but
//! signatures; every transaction in [`Completed`] was built here.

mod public;

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::Remainder;
use dcrcold_core::hash::TxId;
use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable, Step, Work};
use dcrcold_core::policy::Limits;
use dcrcold_core::rule::Refusal;

use crate::hd::{ExtendedKeyData, HdError};
use crate::key::MessageSignature;
use crate::transfer::{Answer, AnswerError};
use crate::tx::{Transaction, TxError, signature_script};
use crate::wire::Buffer;

pub use public::{KnownVoters, WatchKeys};

/// Inputs that a host takes in one request.
pub const HOST_INPUTS: usize = 256;
/// Tickets that a host takes in one request.
pub const HOST_TICKETS: usize = 100;

/// No limit: what a signer allows is its own business, and the online side only rebuilds.
pub const NO_LIMITS: Limits = Limits {
    ticket: Amount::constant::<2_100_000_000_000_000>(),
    tickets: u32::MAX,
    total: Amount::constant::<2_100_000_000_000_000>(),
    fee: Amount::constant::<2_100_000_000_000_000>(),
    fee_rate: FeeRate::from_atoms_per_kb(u64::MAX),
    purse: Amount::constant::<2_100_000_000_000_000>(),
    headroom: u32::MAX,
    expiry_distance: u32::MAX,
};

/// A request as a host sees it after the core has checked it.
pub type HostReviewable = Reviewable<HOST_INPUTS, HOST_TICKETS>;

/// Why a request cannot be rebuilt or completed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// The request breaks a rule.
    #[error("{0}")]
    Refused(Refusal),
    /// A key could not be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// The answer does not fit.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// What the builder wrote does not read back.
    #[error("the builder's transaction does not read back")]
    Built(#[from] TxError),
}

/// Rebuilds a request, given as a plain container.
///
/// # Errors
/// [`RebuildError::Refused`], [`RebuildError::Keys`].
pub fn rebuild(
    request: &[u8],
    keys: &mut WatchKeys<'_>,
    voters: &mut KnownVoters<'_>,
    limits: &Limits,
) -> Result<Box<HostReviewable>, RebuildError> {
    let mut receiver = Box::new(Receiver::<HOST_INPUTS, HOST_TICKETS>::default());
    receiver.push(request).map_err(RebuildError::Refused)?;
    match receiver.finish(keys, voters, &mut NoMemory, limits) {
        Ok(reviewable) => Ok(Box::new(reviewable)),
        Err(FinishError::Refused(refusal)) => Err(RebuildError::Refused(refusal)),
        Err(FinishError::Keys(error)) => Err(error.into()),
    }
}

/// A signed message that registers a ticket with a VSP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRegistration {
    /// The ticket.
    pub ticket: TxId,
    /// The body, exactly the bytes that were signed.
    pub body: String,
    /// The signature of the commitment's key.
    pub signature: MessageSignature,
}

/// Everything that an answered request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completed {
    /// The split or send; none in a direct purchase and in a registration.
    pub funding: Option<Transaction>,
    /// The tickets.
    pub tickets: Vec<Transaction>,
    /// The messages for a VSP.
    pub registrations: Vec<SignedRegistration>,
}

/// Completes a request with an answer, all of it or nothing; verifies every signature first.
///
/// # Errors
/// [`RebuildError::Answer`], [`RebuildError::Keys`].
pub fn complete(
    request: &HostReviewable,
    answer: &Answer,
    account: &ExtendedKeyData,
) -> Result<Completed, RebuildError> {
    answer.verify(request, account)?;
    let mut unsigned = transactions(request)?;
    let mut signatures = answer.inputs.iter().chain(&answer.tickets);
    let mut inputs = unsigned.iter_mut().flat_map(|tx| &mut tx.inputs);
    for step in (0..).map_while(|number| request.step(number)) {
        let (Step::Input { path, .. } | Step::Ticket { path, .. }) = step else { break };
        let (Some(input), Some(signature)) = (inputs.next(), signatures.next()) else { break };
        input.signature_script = signature_script(signature, &account.address_key(path)?);
    }
    let funding = has_funding(request).then(|| unsigned.remove(0));
    Ok(Completed { funding, tickets: unsigned, registrations: registrations(request, &answer.messages) })
}

/// The unsigned transactions of a request: the split or send, if there is one, then the tickets that are bought.
///
/// # Errors
/// [`RebuildError::Built`], which would be a defect of the builder.
pub fn transactions(request: &HostReviewable) -> Result<Vec<Transaction>, RebuildError> {
    let mut prefixes = Vec::new();
    match request.work() {
        Work::Purchase(purchase) => {
            if purchase.split().is_some() {
                prefixes.push(bytes(|sink| purchase.write_split(sink)));
            }
            prefixes.extend(
                (0..purchase.request().tickets).map(|number| bytes(|sink| purchase.write_ticket(number, sink))),
            );
        }
        Work::Send(send) => prefixes.push(bytes(|sink| send.write(sink))),
        Work::Register(_) => {}
    }
    prefixes.iter().map(|prefix| Ok(Transaction::decode_prefix(prefix)?)).collect()
}

/// Fee and change of the split or send, if there is one.
#[must_use]
pub fn remainder(request: &HostReviewable) -> Option<&Remainder> {
    match request.work() {
        Work::Purchase(purchase) => purchase.split().map(|split| &split.remainder),
        Work::Send(send) => Some(send.remainder()),
        Work::Register(_) => None,
    }
}

fn has_funding(request: &HostReviewable) -> bool {
    remainder(request).is_some()
}

fn registrations(request: &HostReviewable, signatures: &[MessageSignature]) -> Vec<SignedRegistration> {
    let signed = (0..).zip(signatures).map_while(|(number, signature)| {
        let ticket = request.registration(number)?.ticket;
        let body = String::from_utf8(bytes(|sink| request.write_registration(number, sink))).ok()?;
        Some(SignedRegistration { ticket, body, signature: *signature })
    });
    signed.collect()
}

fn bytes(write: impl FnOnce(&mut Buffer)) -> Vec<u8> {
    let mut buffer = Buffer(Vec::new());
    write(&mut buffer);
    buffer.0
}
