//! What goes wrong on the way to a device, and what a person can do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use hidapi::HidError;
use ledger_transport_hid::LedgerHIDError;

use super::bus::Found;

/// The rule that lets whoever sits at the computer use a Ledger.
pub const UDEV_RULE: &str = r#"KERNEL=="hidraw*", ATTRS{idVendor}=="2c97", TAG+="uaccess""#;
/// Where the rule belongs. Rules with `uaccess` have to come before those that begin with 73.
pub const UDEV_FILE: &str = "/etc/udev/rules.d/70-ledger.rules";

/// Why nothing comes from a device. What passed is no part of it: it would say what somebody owns.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UsbError {
    /// No Ledger is plugged in.
    #[error("no Ledger is plugged in")]
    NoDevice,
    /// The one that was asked for is not plugged in.
    #[error("no Ledger {wanted} is plugged in, but {}", listed(found))]
    NotThere {
        /// What was asked for.
        wanted: String,
        /// All that are there.
        found: Vec<Found>,
    },
    /// More than one, and nobody said which.
    #[error("{} Ledgers are plugged in: {}", found.len(), listed(found))]
    Several {
        /// Those that it could be.
        found: Vec<Found>,
    },
    /// The system does not let this user at it.
    #[error("no permission to use the Ledger at {}", path.display())]
    Permission {
        /// Its node.
        path: PathBuf,
    },
    /// Another process has it.
    #[error("another program talks to the Ledger at {}", path.display())]
    Busy {
        /// Its node.
        path: PathBuf,
    },
    /// There is no telling whether another process has it.
    #[error("cannot lock {}: {source}", path.display())]
    Lock {
        /// The folder or file of the lock.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It is gone. Opening and closing an app looks the same.
    #[error("it was unplugged, or its app was opened or closed")]
    Unplugged,
    /// There was no reply in time.
    #[error("no answer in {} s", after.as_secs())]
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// What it says is no reply.
    #[error("what it says is no reply: {0}")]
    Garbled(&'static str),
    /// It answers what another program had asked, and goes on doing so.
    #[error("it answers what another program had asked")]
    Stale,
    /// The library that knows USB fails.
    #[error("USB: {0}")]
    Library(String),
}

fn listed(found: &[Found]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl UsbError {
    /// What a person can do about it, a line each.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        let text = match self {
            Self::NoDevice => "plug it in and enter its PIN; a cable that only charges shows no device",
            Self::NotThere { .. } | Self::Several { .. } => "say which one with --ledger=PATH",
            Self::Permission { .. } => {
                return vec![
                    format!(
                        "as root, write the next line to {UDEV_FILE}, run `udevadm control --reload`, plug it in again"
                    ),
                    UDEV_RULE.to_owned(),
                ];
            }
            Self::Busy { .. } => "wait until the other program is done, or end it",
            Self::Unplugged => "plug it in, open the app and run the same command again; nothing was signed halfway",
            Self::Timeout { .. } | Self::Garbled(_) | Self::Stale => {
                "close other wallet programs, unplug the Ledger, plug it in and run the same command again"
            }
            Self::Lock { .. } | Self::Library(_) => return Vec::new(),
        };
        vec![text.to_owned()]
    }

    /// Whether there was no connection at all, in contrast to one that broke.
    #[must_use]
    pub const fn is_at_the_start(&self) -> bool {
        use UsbError as E;
        matches!(
            self,
            E::NoDevice
                | E::NotThere { .. }
                | E::Several { .. }
                | E::Permission { .. }
                | E::Busy { .. }
                | E::Lock { .. }
        )
    }

    /// Whether it may go away by itself when the person plugs the device in or opens an app.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::NoDevice | Self::NotThere { .. } | Self::Unplugged)
    }
}

/// What a failure of the transport means for a device whose node is still `there` or is not.
///
/// The library has words of the system in its errors and no codes, so that nothing but the node tells an unplugged
/// device from a broken one.
#[must_use]
pub fn explain(error: LedgerHIDError, there: bool) -> UsbError {
    use LedgerHIDError as E;
    match error {
        E::DeviceNotFound => UsbError::NoDevice,
        E::Io(_) | E::Hid(_) | E::Comm("USB write error. Could not send whole message") if !there => {
            UsbError::Unplugged
        }
        E::Hid(HidError::IoError { error }) | E::Io(error) => UsbError::Library(error.to_string()),
        E::Hid(HidError::HidApiError { message }) => UsbError::Library(message),
        E::Hid(HidError::OpenHidDeviceWithDeviceInfoError { .. }) => UsbError::Library("cannot open it".to_owned()),
        E::Hid(error) => UsbError::Library(error.to_string()),
        E::Comm("USB write error. Could not send whole message") => {
            UsbError::Library("a report was sent in part".to_owned())
        }
        E::Comm(what) => UsbError::Garbled(what),
        E::UTF8(_) => UsbError::Garbled("it is no text"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_of_the_transport_has_a_meaning() {
        let hid = || LedgerHIDError::Hid(HidError::HidApiError { message: "No such device".to_owned() });
        let io = || LedgerHIDError::Io(io::Error::from(io::ErrorKind::BrokenPipe));
        let written = || LedgerHIDError::Comm("USB write error. Could not send whole message");
        let cases = [
            (LedgerHIDError::DeviceNotFound, false, "no Ledger is plugged in"),
            (hid(), false, "it was unplugged, or its app was opened or closed"),
            (hid(), true, "USB: No such device"),
            (io(), false, "it was unplugged, or its app was opened or closed"),
            (io(), true, "USB: broken pipe"),
            (written(), false, "it was unplugged, or its app was opened or closed"),
            (written(), true, "USB: a report was sent in part"),
            (LedgerHIDError::Comm("Invalid channel"), true, "what it says is no reply: Invalid channel"),
            (LedgerHIDError::Comm("Invalid sequence idx"), true, "what it says is no reply: Invalid sequence idx"),
            (LedgerHIDError::Comm("response was too short"), true, "what it says is no reply: response was too short"),
            (LedgerHIDError::Hid(HidError::InitializationError), true, "USB: Failed to initialize hidapi"),
        ];
        let ran = cases.len();
        for (error, there, text) in cases {
            assert_eq!(explain(error, there).to_string(), text);
        }
        println!("failures of the transport: {ran} cases");
        assert_eq!(ran, 11);
    }

    #[test]
    fn the_rule_for_udev_is_printed_where_it_is_needed() {
        let hints = UsbError::Permission { path: "/dev/hidraw0".into() }.hints();
        assert!(hints[0].contains(UDEV_FILE) && hints[1] == UDEV_RULE, "{hints:?}");
        assert!(include_str!("../../../docs/ledger.md").contains(&format!("    {UDEV_RULE}\n")));
    }
}
