//! Ledger's own Decred app: what it can do, and a refusal with its reason of what it cannot.
//!
//! It is told from ours by its name. It gives keys, shows addresses and signs plain sends; it answers 6f00 to every output
//! of a ticket, and signs messages in a form that no VSP takes. Its screen does not show all that it signs unless the
//! outputs come one by one; it checks neither the trees of inputs nor whose keys sign. So a send is streamed output by
//! output, and nothing that comes back is used before every signature was verified over the transaction built here.
//! Source: `LedgerHQ/app-decred` 1.3.14.

mod reason;
mod send;
mod wire;

use std::time::Duration;

use dcrcold_core::apdu::{Exchange, SpendingAccount};
use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, HARDENED, KeyPath};

pub use self::reason::NotByStock;
use self::wire::{Ask, Version, patience_of};
use super::app::AppName;
use super::error::{DeviceError, Lie};
use super::request::{Watched, coin_type};
use super::session::{DeviceAccount, Progress, Question};
use crate::address::Address;
use crate::hd::ExtendedKeyData;
use crate::key::PublicKey;

/// What the app calls itself; for the testnet there is another one.
const NAMES: [&str; 2] = ["Decred", "Decred Test"];
/// The purpose of all paths, BIP-44.
const PURPOSE: u32 = 44 | HARDENED;

/// A session with the stock app.
pub struct StockApp<E: Exchange>
where
    E::Error: std::error::Error + 'static,
{
    exchange: E,
    version: Version,
}

/// Whether an app is the stock one, for which network ever.
#[must_use]
pub fn is_stock(app: &AppName) -> bool {
    NAMES.contains(&app.name.as_str())
}

/// How long to wait for the reply to a command of the stock app; `None` when it is none.
pub(super) fn patience(command: &[u8], machine: Duration, person: Duration) -> Option<Duration> {
    patience_of(command).map(|asks| if asks { person } else { machine })
}

/// A public key as the app gives it.
struct Key {
    key: PublicKey,
    address: String,
    chain_code: [u8; 32],
}

impl<E: Exchange> StockApp<E>
where
    E::Error: std::error::Error + 'static,
{
    /// Opens a session with the app for the mainnet.
    ///
    /// # Errors
    /// [`DeviceError::Connection`], [`DeviceError::Locked`]; [`NotByStock::Network`] for the app of the testnet, whose
    /// keys are those of the mainnet; [`NotByStock::Halted`].
    pub fn open(mut exchange: E) -> Result<Self, DeviceError<E::Error>> {
        let version = Version::read(&send::ask(&mut exchange, &Ask::version())?).ok_or(NotByStock::Unknown)?;
        let coin = send::ask(&mut exchange, &Ask::coin())?;
        match wire::serves(&coin) {
            Some(Network::Mainnet) => Ok(Self { exchange, version }),
            Some(_) => Err(NotByStock::Network.into()),
            None => Err(NotByStock::Unknown.into()),
        }
    }

    /// The version of the app: major, minor, patch.
    #[must_use]
    pub const fn version(&self) -> [u8; 3] {
        self.version.0
    }

    /// The public side of an account. The app gives it away without asking anybody.
    ///
    /// # Errors
    /// [`DeviceError`]; [`NotByStock::Path`] before anything is sent.
    pub fn account(&mut self, of: SpendingAccount) -> Result<DeviceAccount, DeviceError<E::Error>> {
        reachable(of.network, of.account)?;
        let path = account_path(of.account);
        let coin = self.key(&path[..2], Ask::key)?;
        let account = self.key(&path, Ask::key)?;
        let [a, b, c, d, ..] = *Hash160::of(&coin.key.to_bytes()).as_bytes();
        let key = ExtendedKeyData::new(account.key, account.chain_code);
        Ok(DeviceAccount { key, parent_fingerprint: [a, b, c, d] })
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
        reachable(of.network, of.account)?;
        let expected = Address::of_key_hash(of.network, of.key.address_hash(path)?);
        progress(Progress::Look(Question::Address(expected)));
        let found = self.key(&key_path(of.account, path), Ask::shown_key)?;
        if found.address == expected.to_string() {
            Ok(expected)
        } else {
            Err(Lie::OtherAddress { found: found.address, expected }.into())
        }
    }

    /// A key, its address compared with itself.
    fn key(&mut self, path: &[u32], ask: fn(&[u32]) -> Ask) -> Result<Key, DeviceError<E::Error>> {
        let reply = send::ask(&mut self.exchange, &ask(path))?;
        let (key, address, chain_code) = wire::read_key(&reply).ok_or_else(|| Lie::NoKey {
            account: path.iter().map(|step| (step & !HARDENED).to_string()).collect::<Vec<_>>().join("/"),
        })?;
        let expected = Address::of_key_hash(Network::Mainnet, key.hash());
        if address == expected.to_string() {
            Ok(Key { key, address, chain_code })
        } else {
            Err(Lie::OtherAddress { found: address, expected }.into())
        }
    }
}

/// Sees that the app has this account: a path that it does not have halts it.
fn reachable(network: Network, account: AccountPath) -> Result<(), NotByStock> {
    if network != Network::Mainnet {
        return Err(NotByStock::Network);
    }
    if account.coin_type == coin_type(network) {
        Ok(())
    } else {
        Err(NotByStock::Path { coin_type: account.coin_type.number() })
    }
}

fn account_path(account: AccountPath) -> [u32; 3] {
    [PURPOSE, account.coin_type.number() | HARDENED, account.account.number() | HARDENED]
}

fn key_path(account: AccountPath, path: KeyPath) -> [u32; 5] {
    let [purpose, coin, account] = account_path(account);
    [purpose, coin, account, path.branch.number(), path.index.number()]
}
