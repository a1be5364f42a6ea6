//! The real bus: `ledger-transport-hid` over `hidapi`.

use std::path::PathBuf;

use hidapi::{DeviceInfo, HidApi};
use ledger_transport::APDUCommand;
use ledger_transport_hid::{LedgerHIDError, TransportNativeHID};
use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::bus::{Bus, Found, Link};
use super::error::{UsbError, explain};

/// The length of a report.
const REPORT: usize = 64;
/// How long silence lasts, in milliseconds, before it is believed.
const SILENCE: i32 = 100;
/// The most reports that are thrown away; a reply has at most five.
const MOST_REPORTS: usize = 1_000;

/// The Ledgers on USB.
pub struct HidBus(HidApi);

impl HidBus {
    /// Asks the system which devices there are.
    ///
    /// # Errors
    /// [`UsbError::Library`].
    pub fn new() -> Result<Self, UsbError> {
        HidApi::new().map(Self).map_err(|error| explain(error.into(), true))
    }

    fn info(&self, found: &Found) -> Result<&DeviceInfo, UsbError> {
        TransportNativeHID::list_ledgers(&self.0).find(|info| path(info) == found.path).ok_or(UsbError::Unplugged)
    }

    /// Reads and forgets what a device says by itself. The transport does not: it would take the answer to a question of
    /// a program that ended early for the answer to the next one.
    fn drain(&self, info: &DeviceInfo) -> Result<(), LedgerHIDError> {
        let device = info.open_device(&self.0)?;
        let mut report = [0; REPORT];
        for _ in 0..MOST_REPORTS {
            if device.read_timeout(&mut report, SILENCE)? == 0 {
                break;
            }
        }
        Ok(())
    }
}

impl Bus for HidBus {
    fn devices(&mut self) -> Result<Vec<Found>, UsbError> {
        self.0.refresh_devices().map_err(|error| explain(error.into(), true))?;
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(printable);
        let found = |info: &DeviceInfo| Found {
            path: path(info),
            serial: text(info.serial_number()),
            product: text(info.product_string()),
        };
        Ok(TransportNativeHID::list_ledgers(&self.0).map(found).collect())
    }

    fn open(&mut self, found: &Found) -> Result<Box<dyn Link>, UsbError> {
        match access(&found.path, Access::READ_OK | Access::WRITE_OK) {
            Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => {
                return Err(UsbError::Permission { path: found.path.clone() });
            }
            Err(Errno::NOENT) => return Err(UsbError::Unplugged),
            _ => {}
        }
        let info = self.info(found)?;
        let opened = self.drain(info).and_then(|()| TransportNativeHID::open_device(&self.0, info));
        let transport = opened.map_err(|error| explain(error, found.path.exists()))?;
        Ok(Box::new(Hid { transport, path: found.path.clone() }))
    }
}

fn path(info: &DeviceInfo) -> PathBuf {
    PathBuf::from(info.path().to_string_lossy().into_owned())
}

/// Names come from the device and go to a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|char| if matches!(char, ' '..='~') { char } else { '?' }).collect()
}

/// An open device.
struct Hid {
    transport: TransportNativeHID,
    path: PathBuf,
}

impl Link for Hid {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, UsbError> {
        // The transport writes the length itself.
        let (&[cla, ins, p1, p2, _], data) =
            command.split_first_chunk().ok_or(UsbError::Library("a command without a head".to_owned()))?;
        let answer = self.transport.exchange(&APDUCommand { cla, ins, p1, p2, data });
        let answer = answer.map_err(|error| explain(error, self.path.exists()))?;
        Ok([answer.apdu_data(), &answer.retcode().to_be_bytes()].concat())
    }
}
