//! The commands that a host and a device exchange: docs/ledger-protocol.md in code, for both sides.
//!
//! [`Command`] is read by a device and written by a host, [`Reply`] the other way round, so that both sides share one
//! text of the protocol. [`Device`] answers commands; [`Exchange`] is whatever carries them: USB, Speculos, a test.

mod command;
mod device;
mod instruction;
mod keys;
mod platform;
mod reply;
mod status;
mod voter;

use crate::net::Network;
use crate::path::HARDENED;

pub use command::{Apdu, Command, SpendingAccount, chunks};
pub use device::Device;
pub use instruction::Instruction;
pub use platform::{ExtendedKey, Fault, Os, Platform, Prompt, Signed, Turn, User};
pub use reply::{Failure, MAX_REPLY, Reply};
pub use status::Status;
pub use voter::{MAC_LENGTH, MAX_NAME, Mac, RecordError, VoterRecord};

/// The class byte of every command. The stock Decred app has another one and refuses this with [`Status::Instruction`].
pub const CLA: u8 = 0xdc;
/// Another major version shares nothing with this one but the version command.
pub const MAJOR: u8 = 1;
/// A higher minor version adds commands, and bytes at the end of replies.
pub const MINOR: u8 = 0;
/// The most data that a command carries.
pub const MAX_DATA: usize = 255;
/// The node of SLIP-21 whose key makes the marks of voters: the zero byte of every label, then the label.
pub const VOTER_NODE: &[u8; 18] = b"\0dcrcold voter mac";
/// The code of the highest kind of request that is taken.
pub const HIGHEST_KIND: u8 = 3;

/// Carries commands to a device and brings its replies back.
pub trait Exchange {
    /// Why no reply came.
    type Error;

    /// Sends a command and waits for its reply, as long as the person at the device takes.
    ///
    /// # Errors
    /// When the reply does not come or is not one.
    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Self::Error>;
}

/// The bits of networks in the reply to `version`.
#[must_use]
pub const fn network_bit(network: Network) -> u8 {
    match network {
        Network::Mainnet => 1,
        Network::Testnet3 => 2,
        Network::Simnet => 4,
    }
}

/// The hardened path `44'/coin'/number'`.
const fn account_path(coin_type: u32, number: u32) -> [u32; 3] {
    [44 | HARDENED, coin_type | HARDENED, number | HARDENED]
}
