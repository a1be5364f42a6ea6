//! What the commands share that speak to a device.

use dcrcold::device_tcp::{DeviceTcp, LinkError};
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::device::{DeviceError, Progress, Question, Session};

use crate::cli::DeviceOptions;
use crate::context::Context;
use crate::failure::Explain;

/// A session, whatever carries it.
pub(crate) type DeviceSession = Session<DeviceTcp>;
/// Why a session failed.
pub(crate) type SessionError = DeviceError<LinkError>;

/// Opens a session with the device that was named.
pub(crate) fn open(options: &DeviceOptions) -> Result<DeviceSession, Failure> {
    let address = options.address().ok_or_else(|| Failure::new(FailureKind::Usage, "no device was named"))?;
    let exchange = DeviceTcp::connect(address).map_err(SessionError::Connection).explain()?;
    Session::open(exchange).explain()
}

/// Tells the person when to look at the device.
pub(crate) fn tell(context: &Context, progress: &Progress) {
    let Progress::Look(question) = progress else { return };
    match question {
        Question::Account(of) => context.tell(format_args!(
            "Look at the device: it asks whether this computer may see all addresses of account {} on {}.",
            of.account, of.network
        )),
        Question::Address(address) => {
            context.tell(format_args!("Look at the device: does it show the address {address}?"));
        }
        Question::Voter(fingerprint) => context.tell(format_args!(
            "Look at the device: is this the voter that the voter's own machine shows? Its fingerprint is {fingerprint}."
        )),
        Question::Outputs(outputs) => {
            context.tell(format_args!("Look at the device: it shows {outputs} outputs, one after the other."));
        }
        Question::Review { pages, words } => context.tell(format_args!(
            "Look at the device: read its {pages} pages. The last screen shows the words {}.",
            words.join(" ")
        )),
    }
}
