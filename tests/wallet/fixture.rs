//! A wallet in a temporary folder, and the keys of its account.
#![allow(dead_code, unreachable_pub, reason = "several tests include this, each takes its own part")]

use std::path::PathBuf;

use dcrcold::wallet::purchase::Prepared;
use dcrcold::wallet::{AccountKeys, Clock, Coin, SyncReport, Ticket, UnixTime, Wallet, WalletError};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, Branch, CoinType, Generation, Index, KeyPath};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Answer, WatchExport};
use tempfile::TempDir;

#[path = "../common/watch.rs"]
mod watch;

use super::chain::{GENESIS_TIME, TestChain};
use watch::watch_export;

/// A clock that stands still.
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixTime {
        UnixTime(i64::from(GENESIS_TIME) + 1_000_000)
    }
}

pub struct Fixture {
    pub folder: TempDir,
    pub keys: AccountKeys,
}

/// What the cold side holds for a seed.
pub fn contents(seed: u8) -> Contents {
    let seed = Seed::from_bytes(&[seed; 32]).unwrap();
    let account = AccountEntry { account: Account::FIRST, name: "test".parse().unwrap() };
    let coin_type = CoinType::standard(Network::Simnet);
    Contents::new(seed, Network::Simnet, coin_type, Derivation::Decred, account, None)
}

/// The answer of the cold side to a prepared purchase.
pub fn sign(prepared: &Prepared) -> Answer {
    sign_bytes(&prepared.request, &prepared.id)
}

/// The answer of the cold side to any request.
pub fn sign_bytes(request: &[u8], id: &TransferId) -> Answer {
    let mut contents = contents(7);
    // As after an export of its hot keys.
    contents.add_generation(Generation::new(1).unwrap());
    let reviewed = review(request, &contents, &mut NoMemory).unwrap();
    reviewed.approve(id).unwrap().sign(&mut NoMemory).unwrap()
}

pub fn export(seed: u8) -> WatchExport {
    watch_export(&contents(seed))
}

impl Fixture {
    pub fn new() -> Self {
        let export = export(7);
        let keys = AccountKeys::new(Network::Simnet, export.account, &export.key).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), keys }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn wallet(&self, name: &str) -> Wallet {
        self.wallet_from(name, None)
    }

    pub fn wallet_from(&self, name: &str, birthday: Option<Height>) -> Wallet {
        Wallet::create(&self.path(name), Network::Simnet, &export(7), birthday, &StoppedClock).unwrap()
    }

    /// What a new wallet finds on a chain.
    pub fn found(&self, chain: &mut TestChain) -> Amount {
        let mut wallet = self.wallet("w");
        sync(&mut wallet, chain);
        wallet.balance().unwrap().total()
    }

    pub fn external(&self, index: u32) -> Hash160 {
        self.hash(Branch::External, index)
    }

    pub fn internal(&self, index: u32) -> Hash160 {
        self.hash(Branch::Internal, index)
    }

    fn hash(&self, branch: Branch, index: u32) -> Hash160 {
        self.keys.hash(KeyPath { branch, index: Index::new(index.into()).unwrap() }).unwrap()
    }
}

pub fn sync(wallet: &mut Wallet, chain: &mut TestChain) -> SyncReport {
    try_sync(wallet, chain).unwrap()
}

pub fn try_sync(wallet: &mut Wallet, chain: &mut TestChain) -> Result<SyncReport, WalletError> {
    wallet.sync(chain, &StoppedClock, &mut |_| {})
}

/// All that a wallet knows, to be compared.
pub fn state(wallet: &Wallet) -> (Height, Vec<Coin>, Vec<Ticket>) {
    (wallet.height().unwrap(), wallet.coins().unwrap(), wallet.tickets().unwrap())
}
