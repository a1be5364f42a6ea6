//! Reviews and signs requests with the keys of a key store.
//!
//! The core's machine does the work; here it gets its keys and voters. The offline program runs this, and nothing that
//! has a network does.

mod keys;
mod memory;
mod voters;

use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::{Approved, FinishError, Memory, NotApproved, Receiver, Signature as Made};
use dcrcold_core::rule::Refusal;

pub use self::keys::SpendingKeys;
pub use self::memory::{JournalState, OpenMemory, Remember, RememberError, StoreMemory};
pub use self::voters::{RegisteredVoters, check_voter};
use crate::hd::HdError;
use crate::key::{MessageSignature, Signature};
use crate::keystore::Contents;
use crate::rebuild::{HOST_INPUTS, HOST_TICKETS, HostReviewable};
use crate::transfer::{Answer, AnswerError};

/// A request that breaks no rule, together with the keys that could sign it.
pub struct Reviewed {
    request: Box<HostReviewable>,
    keys: SpendingKeys,
}

/// Reads a request, plain container first, and holds it against the content of a key store and what was signed before.
///
/// # Errors
/// [`SignerError::Refused`] with the rule that it breaks.
pub fn review(request: &[u8], contents: &Contents, memory: &mut impl Memory) -> Result<Reviewed, SignerError> {
    let mut receiver = Box::<Receiver<HOST_INPUTS, HOST_TICKETS>>::default();
    receiver.push(request)?;
    let mut keys = SpendingKeys::new(contents)?;
    let mut voters = RegisteredVoters::new(contents)?;
    let request = receiver.finish(&mut keys, &mut voters, memory, contents.limits())?;
    Ok(Reviewed { request: Box::new(request), keys })
}

impl Reviewed {
    /// What was asked for, with all pages that a person is shown.
    #[must_use]
    pub const fn request(&self) -> &HostReviewable {
        &self.request
    }

    /// Approves the request with this id.
    ///
    /// # Errors
    /// [`NotApproved`].
    pub fn approve(self, id: &TransferId) -> Result<ReadyToSign, NotApproved> {
        Ok(ReadyToSign { approved: self.request.approve(id)?, keys: self.keys })
    }

    /// Approves the request with the four words that a person typed after the last page.
    ///
    /// # Errors
    /// [`NotApproved`].
    pub fn approve_with_words(self, words: [&str; 4]) -> Result<ReadyToSign, NotApproved> {
        Ok(ReadyToSign { approved: self.request.approve_with_words(words)?, keys: self.keys })
    }
}

/// An approved request.
pub struct ReadyToSign {
    approved: Approved<HOST_INPUTS, HOST_TICKETS>,
    keys: SpendingKeys,
}

impl ReadyToSign {
    /// Has the request remembered, then makes all signatures and verifies each of them, so that a fault of the machine
    /// cannot leak a key.
    ///
    /// # Errors
    /// [`SignerError::Remember`], [`SignerError::Keys`], [`SignerError::Fault`].
    pub fn sign(mut self, memory: &mut impl Remember) -> Result<Answer, SignerError> {
        memory.remember(self.approved.request())?;
        let request = *self.approved.id();
        let mut answer = Answer { request, inputs: Vec::new(), tickets: Vec::new(), messages: Vec::new() };
        while let Some(signature) = self.approved.next(&mut self.keys)? {
            match signature {
                Made::Input(bytes) => answer.inputs.push(Signature::from_bytes(bytes)),
                Made::Ticket(bytes) => answer.tickets.push(Signature::from_bytes(bytes)),
                Made::Message(bytes) => answer.messages.push(MessageSignature::from_bytes(bytes)),
            }
        }
        answer.verify(self.approved.request(), self.keys.account()).map_err(SignerError::Fault)?;
        Ok(answer)
    }
}

/// Why a request is not reviewed or signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// It breaks a rule.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A key cannot be derived.
    #[error("key cannot be derived")]
    Keys(#[from] HdError),
    /// It cannot be written down what is signed.
    #[error(transparent)]
    Remember(#[from] RememberError),
    /// A signature that was just made is wrong.
    #[error("signature that was just made is wrong: do not trust this machine")]
    Fault(#[source] AnswerError),
}

impl From<FinishError<HdError>> for SignerError {
    fn from(error: FinishError<HdError>) -> Self {
        match error {
            FinishError::Refused(refusal) => Self::Refused(refusal),
            FinishError::Keys(error) => Self::Keys(error),
        }
    }
}
