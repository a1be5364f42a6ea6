//! Why a device does not do what was asked, or is not believed.

use std::error::Error;

use dcrcold_core::apdu::{Failure, Status};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::rule::Refusal;

use super::app::AppName;
use super::stock::NotByStock;
use crate::address::Address;
use crate::hd::HdError;
use crate::transfer::{AnswerError, Kind};

/// What the system of a locked Ledger answers to everything, instead of the app's own word. Source: `StatusCodes` of
/// Ledger's `@ledgerhq/errors`.
pub(super) const LOCKED_SYSTEM: Failure = Failure::Unknown(0x5515);

/// Why a session did not bring what was asked for; nothing of what the device said is to be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError<E: Error + 'static> {
    /// The connection broke, or there was no answer in time. The device is in an unknown state, which the next session
    /// ends; no signature was kept.
    #[error("the connection to the device broke")]
    Connection(#[source] E),
    /// The person said no on the device.
    #[error("declined on the device")]
    Declined,
    /// The device waits for its PIN.
    #[error("the device is locked")]
    Locked,
    /// The device asks its person something, for a host that may be gone; until it is answered it takes no command.
    #[error("the device waits for an answer to what is on its screen")]
    Busy,
    /// The request breaks a rule of the device.
    #[error("refused by the device: {0}")]
    Refused(Refusal),
    /// Another app is open on the device, or none.
    #[error("the app that is open on the device is {}, expected Decred Staking", name_of(found.as_ref()))]
    OtherApp {
        /// The open app, if the device tells.
        found: Option<AppName>,
    },
    /// The app speaks another protocol.
    #[error("the app on the device speaks version {major}.{minor} of the protocol, expected 1")]
    OtherVersion {
        /// Its major version.
        major: u8,
        /// Its minor version.
        minor: u8,
    },
    /// The device has nothing to do with this network.
    #[error("the device does not serve {network}")]
    NotServed {
        /// The network.
        network: Network,
    },
    /// The app is too old for this kind of request.
    #[error("the app on the device does not take {kind}")]
    NotTaken {
        /// The kind.
        kind: Kind,
    },
    /// The request is larger than the device takes.
    #[error("request has {found} {what}, the device takes {most}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much of it.
        found: u32,
        /// How much the device takes.
        most: u32,
    },
    /// The person at this device did not approve the voter yet, or another device's did.
    #[error("voter {fingerprint} is not registered with this device")]
    VoterNotRegistered {
        /// The voter.
        fingerprint: Fingerprint,
    },
    /// Ledger's own app is open, which cannot do this.
    #[error(transparent)]
    NotByStock(#[from] NotByStock),
    /// The device did not do what a device of its version does.
    #[error("the device answers: {0}")]
    Failed(Failure),
    /// The device answers what cannot be true.
    #[error("do not trust this device: {0}")]
    Lie(#[from] Lie),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
}

fn name_of(app: Option<&AppName>) -> String {
    app.map_or_else(|| "another one".to_owned(), ToString::to_string)
}

impl<E: Error> From<Failure> for DeviceError<E> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Status(Status::Declined) => Self::Declined,
            Failure::Status(Status::Locked) | LOCKED_SYSTEM => Self::Locked,
            Failure::Refused(refusal) => Self::Refused(refusal),
            other => Self::Failed(other),
        }
    }
}

/// What a device said and what would have been true.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Lie {
    /// A reply that is longer or shorter than that of its command.
    #[error("the reply to {command} has {found} bytes, expected {expected}")]
    Length {
        /// The command.
        command: &'static str,
        /// The length of its reply.
        found: usize,
        /// The length of a right one.
        expected: usize,
    },
    /// Sizes that no device has.
    #[error("it claims to take {inputs} inputs, {tickets} tickets and {most_data} bytes in a command")]
    Capabilities {
        /// Inputs of a request.
        inputs: u32,
        /// Tickets of a request.
        tickets: u32,
        /// Bytes of a command.
        most_data: u8,
    },
    /// An account key that is no point of the curve.
    #[error("the key of account {account} is no public key")]
    NoKey {
        /// The account.
        account: String,
    },
    /// Another address than the account has there.
    #[error("it shows the address {found}, expected {expected}")]
    OtherAddress {
        /// What it said, other characters than those of addresses replaced.
        found: String,
        /// The address that the account has there.
        expected: Address,
    },
    /// Another voter than the one to be registered.
    #[error("it registered voter {found}, expected {expected}")]
    OtherVoter {
        /// The fingerprint that it answered.
        found: Fingerprint,
        /// The fingerprint of the voter.
        expected: Fingerprint,
    },
    /// Another request than the one sent.
    #[error("it read request {found}, expected {expected}")]
    OtherRequest {
        /// The id that it answered.
        found: TransferId,
        /// The id of the request.
        expected: TransferId,
    },
    /// A mark that it does not know a moment later.
    #[error("it does not know voter {fingerprint}, which it has just registered")]
    UnknownMark {
        /// The voter.
        fingerprint: Fingerprint,
    },
    /// Too few or too many pages.
    #[error("its review has {found} pages, expected {expected}")]
    PageCount {
        /// The number that it answered.
        found: u32,
        /// The number of the request's pages.
        expected: u32,
    },
    /// A page that says something else.
    #[error("page {} of its review is not what the request asks for", number + 1)]
    OtherPage {
        /// The number of the page, from 0.
        number: u32,
    },
    /// Other numbers of signatures.
    #[error("it announces {found:?} signatures for inputs, tickets and messages, expected {expected:?}")]
    Counts {
        /// What it answered.
        found: [u32; 3],
        /// What the request asks for.
        expected: [u32; 3],
    },
    /// No signature where there should be one.
    #[error("what it gives for input {number} is no signature")]
    NoSignature {
        /// The number of the input.
        number: u32,
    },
    /// A signature of another kind than its number has.
    #[error("signature {number} is of kind {found}, expected {expected}")]
    OtherKind {
        /// The number of the signature.
        number: u32,
        /// Its kind.
        found: u8,
        /// The kind that it should have.
        expected: u8,
    },
    /// A signature that is not by the account's key over what was reviewed.
    #[error(transparent)]
    WrongSignature(#[from] AnswerError),
}
