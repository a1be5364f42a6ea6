//! A Ledger on USB: found, locked against other processes, asked with a patience of our own.
//!
//! The reports of 64 bytes and their framing are the work of `ledger-transport-hid` over `hidapi`. What that leaves out is
//! here: a choice between devices, one program at a time, an end of waiting, replies that somebody else had asked for,
//! and words for what went wrong. Nothing that passes is ever written down; `log`, to which the transport hands every
//! report, is compiled out below.

mod bus;
mod choice;
mod error;
mod hid;
mod lock;
mod worker;

use std::time::Duration;

use dcrcold_signer::device::{Apdu, AppName, Exchange, Reply, patience};

pub use self::bus::{Bus, Found, Link};
pub use self::error::{UDEV_FILE, UDEV_RULE, UsbError, explain};
pub use self::hid::HidBus;
pub use self::lock::LockFolder;
use self::worker::Worker;

const _: () = assert!(
    matches!(log::STATIC_MAX_LEVEL, log::LevelFilter::Off),
    "commands and replies would reach a log: this package needs the features of `log` that turn it off"
);

/// How long a device may take to say which app is open; it does so by itself, in milliseconds.
const GREETING: Duration = Duration::from_secs(5);
/// How often a device is opened again before its old replies are given up on.
const OPENINGS: usize = 2;

/// A Ledger that this process alone talks to.
pub struct Usb {
    found: Found,
    app: Option<AppName>,
    /// Gone after the first failure: nobody knows then which reply would be the next one.
    worker: Option<Worker>,
    patience: fn(&Apdu) -> Duration,
}

impl Usb {
    /// Opens the Ledger with this path or serial number, or the only one there is.
    ///
    /// Replies that another program had asked for and did not wait for are thrown away. After a failure the way back is
    /// another `connect`, which a device that was unplugged, or changed its app, needs in any case.
    ///
    /// # Errors
    /// [`UsbError`].
    pub fn connect(bus: &mut impl Bus, wanted: Option<&str>, locks: &LockFolder) -> Result<Self, UsbError> {
        let found = choice::choose(bus.devices()?, wanted)?;
        for _ in 0..OPENINGS {
            let lock = locks.lock(&found)?;
            let worker = Worker::start(bus.open(&found)?, lock);
            if let Some(app) = greet(&worker)? {
                return Ok(Self { found, app: app.0, worker: Some(worker), patience });
            }
        }
        Err(UsbError::Stale)
    }

    /// The same, with another idea of how long a device may take for a command.
    #[must_use]
    pub fn with_patience(self, patience: fn(&Apdu) -> Duration) -> Self {
        Self { patience, ..self }
    }

    /// Which device it is.
    #[must_use]
    pub const fn found(&self) -> &Found {
        &self.found
    }

    /// The app that was open when the connection was made, if the device told.
    #[must_use]
    pub const fn app(&self) -> Option<&AppName> {
        self.app.as_ref()
    }
}

/// What a device said to the greeting.
struct Greeted(Option<AppName>);

/// Asks twice which app is open. Answers that differ are out of step: the first is to a command of somebody else.
fn greet(worker: &Worker) -> Result<Option<Greeted>, UsbError> {
    let ask = AppName::ask();
    let first = worker.exchange(ask.as_bytes(), GREETING)?;
    let second = worker.exchange(ask.as_bytes(), GREETING)?;
    if first != second {
        return Ok(None);
    }
    let reply = Reply::from_bytes(&second).ok_or(UsbError::Garbled("it is too long"))?;
    match reply.outcome().map(AppName::read) {
        Ok(Some(app)) => Ok(Some(Greeted(Some(app)))),
        // Whoever says "done" has said a name, or has said it to somebody else.
        Ok(None) => Ok(None),
        Err(_) => Ok(Some(Greeted(None))),
    }
}

impl Exchange for Usb {
    type Error = UsbError;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, UsbError> {
        // Put back only when all went well.
        let worker = self.worker.take().ok_or(UsbError::Unplugged)?;
        let reply = worker.exchange(command.as_bytes(), (self.patience)(command))?;
        let reply = Reply::from_bytes(&reply).ok_or(UsbError::Garbled("it is too long"))?;
        self.worker = Some(worker);
        Ok(reply)
    }
}
