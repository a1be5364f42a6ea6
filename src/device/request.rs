//! What a host knows before it asks a device: the account, its voters, and what a request leads to.

use dcrcold_core::apdu::{ExtendedKey, Mac, RecordError, SpendingAccount, VoterRecord};
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::machine::Work;
use dcrcold_core::net::Network;
use dcrcold_core::path::{AccountPath, CoinType};
use dcrcold_core::request::{Recipient, Voting};

use crate::hd::ExtendedKeyData;
use crate::rebuild::{HostReviewable, KnownVoters, NO_LIMITS, RebuildError, WatchKeys, rebuild};
use crate::transfer::Kind;
use crate::voter::VoterKeys;

/// An account on a device, with the public keys that the host has of it.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    /// The network.
    pub network: Network,
    /// Coin type and account.
    pub account: AccountPath,
    /// The account's key.
    pub key: &'a ExtendedKeyData,
    /// The voters that requests may name.
    pub voters: &'a [VoterKeys],
}

impl Watched<'_> {
    /// The account as commands name it.
    #[must_use]
    pub const fn of(&self) -> SpendingAccount {
        SpendingAccount { network: self.network, account: self.account }
    }
}

/// The coin type that devices use for a network: 42 for mainnet and 1 for all others, SLIP-44.
#[must_use]
pub fn coin_type(network: Network) -> CoinType {
    let number = if network == Network::Mainnet { 42 } else { 1 };
    CoinType::new(network, number).expect("42 belongs to mainnet, and 1 to every test network")
}

/// A request that the host has rebuilt, so that it knows everything which a right device will answer.
pub struct CheckedRequest<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) review: Box<HostReviewable>,
    pub(super) watched: Watched<'a>,
}

impl<'a> CheckedRequest<'a> {
    /// Rebuilds a request, given as a plain container. What a device allows at most is its own business.
    ///
    /// # Errors
    /// [`RebuildError`]; such a request is not worth a device's time.
    pub fn read(bytes: &'a [u8], watched: Watched<'a>) -> Result<Self, RebuildError> {
        let mut keys = WatchKeys::new(watched.network, watched.account, watched.key);
        let mut voters = KnownVoters::new(watched.network, watched.key, watched.voters);
        Ok(Self { bytes, review: rebuild(bytes, &mut keys, &mut voters, &NO_LIMITS)?, watched })
    }

    /// What the request leads to.
    #[must_use]
    pub const fn review(&self) -> &HostReviewable {
        &self.review
    }

    /// The registered voter that the request names.
    #[must_use]
    pub fn voter(&self) -> Option<Fingerprint> {
        match self.review.work() {
            Work::Purchase(purchase) => match purchase.request().voting {
                Voting::Voter { fingerprint, .. } => Some(fingerprint),
                Voting::Foreign(_) => None,
            },
            Work::Send(send) => send.request().outputs.as_slice().iter().find_map(|output| match output.recipient {
                Recipient::Purse { fingerprint, .. } => Some(fingerprint),
                Recipient::Address(_) => None,
            }),
            Work::Register(register) => Some(register.request().fingerprint),
        }
    }

    /// Its kind, how many inputs it has, and how many tickets or outputs, which share one room on a device.
    pub(super) fn size(&self) -> (Kind, u32, u32) {
        match self.review.work() {
            Work::Purchase(purchase) => {
                (Kind::Purchase, purchase.request().spending.inputs.count(), purchase.request().tickets)
            }
            Work::Send(send) => (Kind::Send, send.request().spending.inputs.count(), send.request().outputs.count()),
            Work::Register(register) => (Kind::Register, 0, register.request().paths.count()),
        }
    }
}

/// A voter that the person approved on a device, and the device's mark on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredVoter {
    pub(super) record: VoterRecord,
    pub(super) mac: Mac,
}

impl RegisteredVoter {
    /// Puts a voter and the mark of a device together; whether they fit, the device says.
    ///
    /// # Errors
    /// [`RecordError`] for a name that is too long for a device.
    pub fn new(of: SpendingAccount, voter: &VoterKeys, mac: Mac) -> Result<Self, RecordError> {
        Ok(Self { record: record(of, voter)?, mac })
    }

    /// The mark, for the host to keep.
    #[must_use]
    pub const fn mac(&self) -> &Mac {
        &self.mac
    }
}

/// A voter as a device takes it.
pub(super) fn record(of: SpendingAccount, voter: &VoterKeys) -> Result<VoterRecord, RecordError> {
    let key =
        |account: &ExtendedKeyData| ExtendedKey { key: account.key().to_bytes(), chain_code: *account.chain_code() };
    VoterRecord::new(of, voter.name.as_str(), voter.accounts.each_ref().map(key))
}
