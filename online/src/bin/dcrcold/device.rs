//! What the commands share that speak to a device.

use std::io::{IsTerminal, stderr};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::device_tcp::{DeviceTcp, LinkError};
use dcrcold::usb::{HidBus, LockFolder, Usb, UsbError};
use dcrcold_signer::cli::Failure;
use dcrcold_signer::device::{Apdu, DeviceError, Exchange, Progress, Question, Reply, Session, StockApp, is_stock};

use crate::cli::DeviceOptions;
use crate::context::Context;
use crate::failure::Explain;

/// How long a person may take to plug a Ledger in, unlock it and open the app.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a Ledger calls itself when no app is open.
const DASHBOARD: &str = "BOLOS";
/// How often it is looked for.
const LOOK: Duration = Duration::from_secs(1);

/// A session with our app.
pub(crate) type DeviceSession = Session<Carrier>;
/// Why a session failed.
pub(crate) type SessionError = DeviceError<CarrierError>;

/// A device, by the app that is open on it.
pub(crate) enum Device {
    Own(DeviceSession),
    Stock(StockApp<Carrier>),
}

/// What carries commands.
pub(crate) enum Carrier {
    Tcp(DeviceTcp),
    Usb(Usb),
}

/// Why nothing was carried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CarrierError {
    #[error(transparent)]
    Tcp(#[from] LinkError),
    #[error(transparent)]
    Usb(#[from] UsbError),
}

impl Exchange for Carrier {
    type Error = CarrierError;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, CarrierError> {
        match self {
            Self::Tcp(tcp) => Ok(tcp.exchange(command)?),
            Self::Usb(usb) => Ok(usb.exchange(command)?),
        }
    }
}

/// Opens a session with the device that was named. Somebody at a terminal may still plug it in, unlock it, open the app, and
/// answer what it was asking.
pub(crate) fn open(context: &Context, options: &DeviceOptions) -> Result<Device, Failure> {
    let waits = options.address().is_none() && stderr().is_terminal();
    let until = Instant::now() + PATIENCE;
    let mut told = None;
    loop {
        let error = match begin(options) {
            Err(error) if waits && may_pass(&error) && Instant::now() < until => error,
            other => return other.explain(),
        };
        let text = to_do(&error);
        if told.as_ref() != Some(&text) {
            context.tell(format_args!("{text}"));
            told = Some(text);
        }
        thread::sleep(LOOK);
    }
}

fn begin(options: &DeviceOptions) -> Result<Device, SessionError> {
    match Session::open(connect(options)?) {
        Err(DeviceError::OtherApp { found: Some(app) }) if is_stock(&app) => {
            StockApp::open(connect(options)?).map(Device::Stock)
        }
        other => other.map(Device::Own),
    }
}

fn connect(options: &DeviceOptions) -> Result<Carrier, SessionError> {
    let usb = || Usb::connect(&mut HidBus::new()?, options.node(), &LockFolder::of_user());
    let carrier = match options.address() {
        Some(address) => DeviceTcp::connect(address).map(Carrier::Tcp).map_err(CarrierError::from),
        None => usb().map(Carrier::Usb).map_err(CarrierError::from),
    };
    carrier.map_err(DeviceError::Connection)
}

/// Whether a person at the device can change it without any other command.
const fn may_pass(error: &SessionError) -> bool {
    match error {
        DeviceError::Connection(CarrierError::Usb(error)) => error.may_pass(),
        DeviceError::Locked | DeviceError::Busy | DeviceError::OtherApp { .. } => true,
        _ => false,
    }
}

fn to_do(error: &SessionError) -> String {
    let what = match error {
        DeviceError::Locked => "Enter the PIN on the device".to_owned(),
        DeviceError::Busy => "Answer or decline what is on the device".to_owned(),
        DeviceError::OtherApp { found: Some(app) } if app.name == DASHBOARD => {
            "Open Decred Staking on the device".to_owned()
        }
        DeviceError::OtherApp { found: Some(app) } => {
            format!("{app} is open on the device: close it, and open Decred Staking")
        }
        DeviceError::OtherApp { found: None } => "Close the app on the device, and open Decred Staking".to_owned(),
        _ => "Plug the Ledger in, enter its PIN and open Decred Staking".to_owned(),
    };
    format!("{what}; waiting for two minutes, Ctrl-C ends it.")
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
        Question::Outputs(outputs) => context.tell(format_args!(
            "Look at the device: it shows {outputs} outputs one by one, then the fee. Compare them with the request."
        )),
        Question::Review { pages, words } => context.tell(format_args!(
            "Look at the device: read its {pages} pages. The last screen shows the words {}.",
            words.join(" ")
        )),
    }
}
