//! The whole device: the core, the keys of a seed, and somebody in front of it.

use std::convert::Infallible;

use dcrcold_core::apdu::{Apdu, Device, Exchange, Platform, Reply, User};
use dcrcold_signer::hd::HdError;

use crate::keys::SoftwareKeys;
use crate::seeds::TestSeed;

/// What the operating system of a Ledger is asked to name the app that is open.
const WHICH_APP: [u8; 5] = [0xb0, 1, 0, 0, 0];
/// What it is called here.
const APP_NAME: &str = "dcrcold simulator";
const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A device with room for what a Ledger has room for, 24 inputs and 20 tickets.
pub struct Simulator<U> {
    device: Device<24, 20>,
    platform: Platform<SoftwareKeys, U>,
}

impl<U: User> Simulator<U> {
    /// A device that has just started, with a seed and a person.
    ///
    /// # Errors
    /// [`HdError::UnusableSeed`] with a probability of 2^-127.
    pub fn new(seed: &TestSeed, user: U) -> Result<Self, HdError> {
        Ok(Self { device: Device::new(), platform: Platform { os: SoftwareKeys::new(seed)?, user } })
    }

    /// Answers a command, which can be any bytes; returns when the person has decided.
    pub fn answer(&mut self, command: &[u8]) -> Reply {
        if command == WHICH_APP {
            return which_app();
        }
        let mut reply = Reply::default();
        self.device.handle(&mut self.platform, command, &mut reply);
        reply
    }

    /// Pulls the plug and puts it back: the device forgets everything but its seed.
    pub fn restart(&mut self) {
        self.device = Device::new();
    }

    /// The person.
    #[must_use]
    pub const fn user(&self) -> &U {
        &self.platform.user
    }

    /// The person, to be told something else.
    pub const fn user_mut(&mut self) -> &mut U {
        &mut self.platform.user
    }
}

/// Format 1, name, version, flags, each after its length; what the app itself never sees.
fn which_app() -> Reply {
    let [name, version] = [APP_NAME, APP_VERSION].map(str::as_bytes);
    let field = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)], bytes].concat();
    let bytes = [&[1], &*field(name), &*field(version), &*field(&[0]), &[0x90, 0]].concat();
    Reply::from_bytes(&bytes).unwrap_or_default()
}

impl<U: User> Exchange for Simulator<U> {
    type Error = Infallible;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Infallible> {
        Ok(self.answer(command.as_bytes()))
    }
}
