//! What goes wrong with a device.

use dcrcold::device_tcp::LinkError;
use dcrcold::usb::UsbError;
use dcrcold_core::rule::Rule;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::device::{DeviceError, NotByStock};

use super::Explained;
use crate::device::{CarrierError, SessionError};

impl From<SessionError> for Explained {
    fn from(error: SessionError) -> Self {
        use DeviceError as E;
        let failure = |kind| Failure::new(kind, &error);
        let device = || failure(FailureKind::Device);
        Self(match &error {
            E::Connection(carrier) => match carrier {
                CarrierError::Tcp(link) => link_failure(Failure::caused(FailureKind::Device, &error), link),
                CarrierError::Usb(usb) => usb_failure(&error, usb),
            },
            E::NotByStock(reason) => stock_failure(device(), *reason),
            E::Declined => failure(FailureKind::Declined).hint("nothing was signed"),
            E::Locked => device().hint("unlock it with its PIN, then try again"),
            E::Busy => device().hint("answer or decline what is on the device first, then run the same command again"),
            E::Refused(refusal) => refused_by_device(failure(FailureKind::Refused), refusal.rule),
            E::OtherApp { .. } => device().hint("close the open app and open Decred Staking on the device"),
            E::OtherVersion { .. } => device().hint("bring this program and the app on the device to the same version"),
            E::NotServed { .. } => device().hint("a simulator serves the test networks only; see --network"),
            E::NotTaken { .. } => device().hint("bring the app on the device up to date"),
            E::TooLarge { .. } => failure(FailureKind::Refused).hint("make several requests"),
            E::Lie(_) => device().hint("nothing that it said was used; is its app the one that you installed?"),
            E::VoterNotRegistered { .. } => {
                device().hint("make the voter known with: dcrcold voter import FILE; then the device can be shown it")
            }
            E::Failed(_) => device().hint("close the app, open it again and run the same command again"),
            E::Keys(_) => device(),
            _ => device(),
        })
    }
}

/// What to do about a connection that broke.
fn link_failure(failure: Failure, error: &LinkError) -> Failure {
    match error {
        LinkError::NotLoopback { .. } => failure.hint("Speculos and the simulator run on this computer"),
        LinkError::Connect { .. } => failure.hint("start the simulator or Speculos first"),
        LinkError::Lost
        | LinkError::Timeout { .. }
        | LinkError::TooLong { .. }
        | LinkError::Unasked
        | LinkError::Io(_) => failure.hint("no signature was kept; run the same command again, it begins anew"),
        _ => failure,
    }
}

/// What to do about a Ledger on USB.
fn usb_failure(error: &SessionError, usb: &UsbError) -> Failure {
    let failure = match usb.is_at_the_start() {
        true => Failure::new(FailureKind::Device, usb),
        false => Failure::caused(FailureKind::Device, error),
    };
    usb.hints().into_iter().fold(failure, Failure::hint)
}

/// What to do about Ledger's own app.
fn stock_failure(failure: Failure, reason: NotByStock) -> Failure {
    match reason {
        NotByStock::Halted => failure.hint("close the app and open it again"),
        NotByStock::Tickets
        | NotByStock::Registrations
        | NotByStock::Purse
        | NotByStock::Network
        | NotByStock::Path { .. }
        | NotByStock::Unknown
        | NotByStock::Parent { .. } => {
            failure.hint("close it and open Decred Staking on the device, or sign with dcrcold-signer")
        }
        _ => failure,
    }
}

/// What to do about a rule of the device. The others are about the request, and docs/policy.md has them all.
#[expect(clippy::wildcard_enum_match_arm, reason = "a rule's name and meaning say what is wrong with the request")]
fn refused_by_device(failure: Failure, rule: Rule) -> Failure {
    match rule {
        Rule::InputNotOurs | Rule::CommitmentNotOurs => {
            failure.hint("is this the device that the wallet was made from? another seed or passphrase has other keys")
        }
        Rule::VoterOwnNotExportable => {
            failure.hint("a device gives out no hot keys; make a voter of its own with: dcrcold voter new")
        }
        _ => failure,
    }
}
