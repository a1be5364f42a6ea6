//! A key store on disk with its journal.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use dcrcold_core::policy::{Rule, Warning};
use dcrcold_core::review::Origin;
use dcrcold_signer::journal::Journal;
use dcrcold_signer::keystore::{Access, Contents, KeyStore, KeyStoreError, LockedStore, create};
use dcrcold_signer::sealed::{Kdf, Passphrase};
use dcrcold_signer::signer::{Reviewed, SignerError, StoreMemory, review};
use dcrcold_signer::transfer::Answer;
use tempfile::TempDir;
use zeroize::Zeroizing;

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// What opens the key store.
pub const PASSPHRASE: &str = "correct horse";

pub fn passphrase() -> Passphrase {
    Passphrase::new(Zeroizing::new(PASSPHRASE.to_owned())).unwrap()
}

/// A key store on disk.
pub struct OnDisk {
    pub folder: TempDir,
}

impl OnDisk {
    pub fn new(contents: &Contents) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let this = Self { folder };
        create(&this.store(), contents, &passphrase(), Kdf::with_memory(8).unwrap()).unwrap();
        this
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("keystore")
    }

    pub fn journal(&self) -> PathBuf {
        Journal::path_of(&self.store())
    }

    pub fn open(&self, access: Access) -> KeyStore {
        self.locked(access).unwrap().unlock(passphrase()).unwrap()
    }

    /// Locks the key store. A process that another test is starting holds what this one has open, for a moment.
    pub fn locked(&self, access: Access) -> Result<LockedStore, KeyStoreError> {
        let start = Instant::now();
        loop {
            match LockedStore::open(&self.store(), access) {
                Err(KeyStoreError::InUse { .. }) if start.elapsed() < PATIENCE => sleep(Duration::from_millis(5)),
                result => return result,
            }
        }
    }

    pub fn review(&self, request: &[u8]) -> Result<(Reviewed, StoreMemory, KeyStore), SignerError> {
        let store = self.open(Access::Write);
        let mut memory = StoreMemory::open(&store).unwrap();
        Ok((review(request, store.contents(), &mut memory)?, memory, store))
    }

    pub fn warnings(&self, request: &[u8]) -> Vec<Warning> {
        let (reviewed, ..) = self.review(request).unwrap();
        let origins = reviewed.request().pages().map(|page| page.origin);
        origins.filter_map(|origin| if let Origin::Warned(warning) = origin { Some(warning) } else { None }).collect()
    }

    pub fn sign(&self, request: &[u8]) -> Result<Answer, SignerError> {
        let (reviewed, mut memory, mut store) = self.review(request)?;
        let id = *reviewed.request().id();
        reviewed.approve(&id).unwrap().sign(&mut memory.with(&mut store))
    }

    /// Approves whatever comes, and sees that it is refused by this rule: no answer, and nothing remembered.
    pub fn refuses(&self, request: &[u8], rule: Rule) {
        let before = self.records();
        match self.sign(request) {
            Err(SignerError::Refused(refusal)) => assert_eq!(refusal.rule, rule),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("signed, expected {rule}"),
        }
        assert_eq!(self.records(), before, "approved");
    }

    pub fn records(&self) -> usize {
        StoreMemory::open(&self.open(Access::Read)).unwrap().journal().entries().len()
    }
}
