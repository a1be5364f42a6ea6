//! A session: from the first command to the last, with nothing left behind on the device.

use std::time::Duration;

use dcrcold_core::apdu::{Apdu, Command, Exchange, Failure, Instruction, Reply, SpendingAccount, Status};
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::path::KeyPath;
use dcrcold_core::rule::Rule;

use super::app::AppName;
use super::capabilities::{Capabilities, Version};
use super::error::{DeviceError, LOCKED_SYSTEM, Lie};
use super::request::{RegisteredVoter, Watched, record};
use super::stock;
use crate::address::Address;
use crate::hd::{Derivation, ExtendedKeyData};
use crate::name::Name;
use crate::transfer::{Capacity, WatchExport};
use crate::voter::VoterKeys;

/// How long a device may take that works by itself: the last piece of a request makes a Ledger derive some eighty keys.
const MACHINE: Duration = Duration::from_secs(90);
/// How long a person may take to read and compare.
const PERSON: Duration = Duration::from_secs(30 * 60);

/// How long to wait for the reply to a command, for those who carry it.
#[must_use]
pub fn patience(command: &Apdu) -> Duration {
    match Instruction::of(command.as_bytes()) {
        Some(instruction) if instruction.asks_a_person() => PERSON,
        Some(_) => MACHINE,
        None => stock::patience(command.as_bytes(), MACHINE, PERSON).unwrap_or(MACHINE),
    }
}

/// What a session is doing, for a person who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The device asks the person.
    Look(Question),
    /// So many bytes of a request are over.
    Sent {
        /// How many.
        bytes: usize,
        /// Of so many.
        of: usize,
    },
    /// So many signatures are here.
    Signed {
        /// How many.
        signatures: u32,
        /// Of so many.
        of: u32,
    },
}

/// What a device asks on its screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether the host may see an account. It does not ask again for the account that was approved last.
    Account(SpendingAccount),
    /// Whether this is the address.
    Address(Address),
    /// Whether the account's tickets may be voted by this voter.
    Voter(Fingerprint),
    /// Whether to pay so many outputs; what Ledger's own app asks.
    Outputs(u32),
    /// Whether to sign everything.
    Review {
        /// How many pages there are to read.
        pages: u32,
        /// The words that stand on the last screen.
        words: [&'static str; 4],
    },
}

/// The public side of an account, by the word of the device alone: there is nothing yet to compare it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceAccount {
    /// The account's key.
    pub key: ExtendedKeyData,
    /// The fingerprint of the coin type's key. Nothing that a host knows says whether it is right; it is in no address and
    /// no signature, only in what is printed of an account.
    pub parent_fingerprint: [u8; 4],
}

impl DeviceAccount {
    /// What a signer's watch export would say. A device derives strictly and has no voter of its own.
    #[must_use]
    pub fn export(&self, of: SpendingAccount, capacity: Capacity, name: Name) -> WatchExport {
        WatchExport {
            account: of.account,
            key: self.key,
            parent_fingerprint: self.parent_fingerprint,
            derivation: Derivation::Strict,
            own_voter: None,
            capacity,
            name,
            birthday: None,
        }
    }
}

/// A session with a device on which the app is open.
///
/// One that is dropped in the middle of something has the device forget it.
pub struct Session<E: Exchange>
where
    E::Error: std::error::Error + 'static,
{
    exchange: E,
    capabilities: Capabilities,
    /// Whether the device may hold something of a request.
    holds: bool,
}

impl<E: Exchange> Session<E>
where
    E::Error: std::error::Error + 'static,
{
    /// Opens a session: ends whatever another host left on the device, and asks what the device is.
    ///
    /// # Errors
    /// [`DeviceError::Connection`], [`DeviceError::Locked`], [`DeviceError::Busy`], [`DeviceError::OtherApp`],
    /// [`DeviceError::OtherVersion`].
    pub fn open(mut exchange: E) -> Result<Self, DeviceError<E::Error>> {
        let first = send(&mut exchange, &Command::Abort.write())?;
        match first.outcome() {
            Ok(_) => {}
            // An app takes this command in every state: it is not the app that answers, because it is asking somebody.
            Err(Failure::Status(Status::OutOfOrder)) => return Err(DeviceError::Busy),
            Err(failure @ (Failure::Status(Status::Class | Status::Instruction) | Failure::Unknown(_))) => {
                return Err(other_app(exchange, failure));
            }
            Err(failure) => return Err(failure.into()),
        }
        let reply = send(&mut exchange, &Command::Version.write())?;
        match Capabilities::read(reply.outcome()?)? {
            Version::Known(capabilities) => Ok(Self { exchange, capabilities, holds: false }),
            Version::Other { major, minor } => Err(DeviceError::OtherVersion { major, minor }),
        }
    }

    /// What the device takes.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The public side of an account; the person is asked, unless this account was approved just before.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub fn account(
        &mut self,
        of: SpendingAccount,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<DeviceAccount, DeviceError<E::Error>> {
        self.serves(of)?;
        progress(Progress::Look(Question::Account(of)));
        let data = self.exact::<69>(&Command::Account(of))?;
        let (key, rest) = data.split_first_chunk::<33>().expect("33 of 69 bytes");
        let (chain_code, rest) = rest.split_first_chunk::<32>().expect("32 of 36 bytes");
        let parent_fingerprint = *rest.first_chunk().expect("4 of 4 bytes");
        let key = ExtendedKeyData::from_bytes(key, chain_code);
        let key = key.map_err(|_| Lie::NoKey { account: of.account.to_string() })?;
        Ok(DeviceAccount { key, parent_fingerprint })
    }

    /// Shows an address on the device and waits until the person has compared it.
    ///
    /// # Errors
    /// [`DeviceError`]; [`Lie::OtherAddress`] when it is not the one that the account's key gives.
    pub fn address(
        &mut self,
        of: &Watched<'_>,
        path: KeyPath,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Address, DeviceError<E::Error>> {
        self.serves(of.of())?;
        let expected = Address::of_key_hash(of.network, of.key.address_hash(path)?);
        progress(Progress::Look(Question::Address(expected)));
        let found = self.exact::<35>(&Command::Address { of: of.of(), path })?;
        if found.as_slice() == expected.to_string().as_bytes() {
            return Ok(expected);
        }
        let shown = |byte: &u8| if byte.is_ascii_alphanumeric() { char::from(*byte) } else { '?' };
        Err(Lie::OtherAddress { found: found.iter().map(shown).collect(), expected }.into())
    }

    /// Has the person approve a voter for an account; the host keeps what comes back, which the device has taken once.
    ///
    /// # Errors
    /// [`DeviceError`]; [`DeviceError::Refused`] for a voter whose keys could spend, and for an own voter;
    /// [`Lie::UnknownMark`] when the device does not take its own mark.
    pub fn register(
        &mut self,
        of: SpendingAccount,
        voter: &VoterKeys,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<RegisteredVoter, DeviceError<E::Error>> {
        self.serves(of)?;
        let record = record(of, voter).map_err(|_| Failure::Status(Status::Data))?;
        let expected = voter.fingerprint(of.network);
        progress(Progress::Look(Question::Voter(expected)));
        let data = self.exact::<32>(&Command::Register(record))?;
        let (mac, found) = data.split_first_chunk::<16>().expect("16 of 32 bytes");
        let found = Fingerprint::from_bytes(*found.first_chunk().expect("16 of 16 bytes"));
        if found != expected {
            return Err(Lie::OtherVoter { found, expected }.into());
        }
        let registered = RegisteredVoter { record, mac: *mac };
        match self.hold(&Command::Voter { record, mac: *mac }) {
            Err(DeviceError::Refused(refusal)) if refusal.rule == Rule::VoterUnknown => {
                Err(Lie::UnknownMark { fingerprint: expected }.into())
            }
            other => other.map(|()| registered),
        }
    }

    /// Whether the device has to do with the network of an account.
    pub(super) fn serves(&self, of: SpendingAccount) -> Result<(), DeviceError<E::Error>> {
        let network = of.network;
        if self.capabilities.serves(network) { Ok(()) } else { Err(DeviceError::NotServed { network }) }
    }

    /// Whether the device may hold something of a request.
    pub(super) const fn holds(&self) -> bool {
        self.holds
    }

    /// Has the device forget request and voter.
    pub(super) fn abort(&mut self) -> Result<(), DeviceError<E::Error>> {
        self.holds = false;
        send(&mut self.exchange, &Command::Abort.write())?.outcome()?;
        Ok(())
    }

    /// Sends a command that the device remembers until the next abort.
    pub(super) fn hold(&mut self, command: &Command<'_>) -> Result<(), DeviceError<E::Error>> {
        self.holds = true;
        self.exact::<0>(command).map(drop)
    }

    /// Sends a command and takes a reply of exactly so many bytes.
    pub(super) fn exact<const N: usize>(&mut self, command: &Command<'_>) -> Result<[u8; N], DeviceError<E::Error>> {
        let reply = self.ask(command)?;
        let data = reply.outcome()?;
        Ok(data.try_into().map_err(|_| Lie::Length {
            command: command.instruction().name(),
            found: data.len(),
            expected: N,
        })?)
    }

    /// Sends a command and takes any reply that says done.
    pub(super) fn ask(&mut self, command: &Command<'_>) -> Result<Reply, DeviceError<E::Error>> {
        let reply = send(&mut self.exchange, &command.write());
        // A device that says no has forgotten, if it is right, and is told again; one that is gone is told nothing.
        self.holds &= reply.is_ok();
        let reply = reply?;
        reply.outcome()?;
        Ok(reply)
    }
}

impl<E: Exchange> Drop for Session<E>
where
    E::Error: std::error::Error + 'static,
{
    fn drop(&mut self) {
        if self.holds {
            // Nobody is left to be told when it fails; the next session begins with an abort too.
            let _ = self.abort();
        }
    }
}

fn send<E: Exchange>(exchange: &mut E, command: &Apdu) -> Result<Reply, DeviceError<E::Error>>
where
    E::Error: std::error::Error + 'static,
{
    exchange.exchange(command).map_err(DeviceError::Connection)
}

/// What answers instead of the app.
fn other_app<E: Exchange>(mut exchange: E, failure: Failure) -> DeviceError<E::Error>
where
    E::Error: std::error::Error + 'static,
{
    match exchange.exchange(&AppName::ask()) {
        Err(error) => DeviceError::Connection(error),
        Ok(reply) => match (reply.outcome(), failure) {
            (Err(Failure::Status(Status::Locked) | LOCKED_SYSTEM), _) => DeviceError::Locked,
            (Ok(data), _) => DeviceError::OtherApp { found: AppName::read(data) },
            (Err(_), Failure::Status(_)) => DeviceError::OtherApp { found: None },
            (Err(_), failure) => DeviceError::Failed(failure),
        },
    }
}
