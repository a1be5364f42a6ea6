//! Sealed files and key stores that are damaged, foreign, in use or in the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_signer::file::FileError;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{Access, AccountEntry, Contents, KeyStore, KeyStoreError, LockedStore, create};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness, Sealed, SealedError, seal};
use dcrcold_signer::seed::Seed;
use zeroize::Zeroizing;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).expect("not empty")
}

fn kdf() -> Kdf {
    Kdf::with_memory(8).expect("the least that is allowed")
}

fn sealed() -> Vec<u8> {
    let randomness = Randomness { salt: [1; 16], nonce: [2; 24] };
    seal(b"content", &passphrase("right"), kdf(), &randomness).expect("8 MiB are there")
}

fn parse_error(file: &[u8]) -> Option<SealedError> {
    Sealed::parse(file).err()
}

fn contents() -> Contents {
    let entry = AccountEntry { account: Account::FIRST, name: "main".parse().expect("a name") };
    let seed = Seed::from_bytes(&[7; 32]).expect("32 bytes");
    let network = Network::Simnet;
    Contents::new(seed, network, CoinType::standard(network), Derivation::Decred, entry, None)
}

#[test]
fn a_wrong_passphrase_is_told_from_a_malformed_file() {
    let file = sealed();
    let open = |file: &[u8], text| Sealed::parse(file).unwrap().open(&passphrase(text));
    assert_eq!(**open(&file, "right").as_ref().unwrap(), *b"content");
    assert_eq!(open(&file, "Right").err(), Some(SealedError::WrongPassphrase));
    assert_eq!(parse_error(b"DCRCOLD"), Some(SealedError::NotSealed));
    assert_eq!(parse_error(&[0; 100]), Some(SealedError::NotSealed));
    assert!(matches!(parse_error(&file[..76]), Some(SealedError::Truncated { found: 76, least: 77 })));
    assert!(Passphrase::new(Zeroizing::default()).is_err());
}

#[test]
fn every_altered_byte_is_noticed() {
    let file = sealed();
    // The bytes of the key derivation are covered one by one in the next test; here each try costs 8 MiB of work.
    for position in (0..file.len()).filter(|position| !(9..21).contains(position)) {
        let mut altered = file.clone();
        altered[position] ^= 1;
        let error = match Sealed::parse(&altered) {
            Ok(sealed) => sealed.open(&passphrase("right")).err(),
            Err(error) => Some(error),
        };
        assert!(error.is_some(), "byte {position}");
    }
    let mut longer = file.clone();
    longer.push(0);
    assert_eq!(Sealed::parse(&longer).unwrap().open(&passphrase("right")).err(), Some(SealedError::WrongPassphrase));
}

#[test]
fn greedy_and_lazy_files_are_refused_before_any_work() {
    let with = |at: usize, number: u32| {
        let mut file = sealed();
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
        parse_error(&file)
    };
    for (at, numbers) in [(9, vec![0, 8 * 1024 - 1, 1024 * 1024 + 1, u32::MAX]), (13, vec![0, 11]), (17, vec![0, 17])] {
        for number in numbers {
            assert!(matches!(with(at, number), Some(SealedError::Kdf { .. })), "{number} at {at}");
        }
    }
    assert_eq!(with(9, 1024 * 1024), None);
    assert!(Kdf::with_memory(7).is_err() && Kdf::with_memory(1025).is_err() && Kdf::with_memory(u32::MAX).is_err());
    let mut version = sealed();
    version[8] = 2;
    assert_eq!(parse_error(&version), Some(SealedError::Version { found: 2 }));
}

#[test]
fn a_key_store_is_created_once_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/folder/keys.dcrcold");
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    let before = fs::read(&path).unwrap();
    let error = create(&path, &contents(), &passphrase("right"), kdf()).unwrap_err();
    assert!(matches!(error, KeyStoreError::File(FileError::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn a_key_store_in_use_is_not_written_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();

    let reader = LockedStore::open(&path, Access::Read).unwrap();
    assert!(LockedStore::open(&path, Access::Read).is_ok());
    assert!(matches!(LockedStore::open(&path, Access::Write), Err(KeyStoreError::InUse { .. })));
    drop(reader);

    let mut store = LockedStore::open(&path, Access::Write).unwrap().unlock(passphrase("right")).unwrap();
    assert!(matches!(LockedStore::open(&path, Access::Read), Err(KeyStoreError::InUse { .. })));
    let generation = Generation::new(1).unwrap();
    store
        .update(|contents| {
            assert!(contents.add_generation(generation));
            Ok::<(), KeyStoreError>(())
        })
        .unwrap();
    // The lock moved to the new file.
    assert!(matches!(LockedStore::open(&path, Access::Read), Err(KeyStoreError::InUse { .. })));
    drop(store);
    let store = LockedStore::open(&path, Access::Read).unwrap().unlock(passphrase("right")).unwrap();
    assert_eq!(store.contents().generations(), [Generation::FIRST, generation]);
}

fn new_generation(store: &mut KeyStore, number: u64) -> Result<(), KeyStoreError> {
    store.update(|contents| {
        contents.add_generation(Generation::new(number).expect("below 16"));
        Ok(())
    })
}

/// Another process waits for the moment in which the new file lies there and nobody holds it.
#[test]
fn the_lock_cannot_be_taken_while_the_key_store_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();
    let mut store = LockedStore::open(&path, Access::Write).unwrap().unlock(passphrase("right")).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let thief = scope.spawn(|| {
            let mut stolen = 0;
            while !done.load(Ordering::Relaxed) {
                stolen += u32::from(LockedStore::open(&path, Access::Write).is_ok());
            }
            stolen
        });
        let results: Vec<_> = (1..16).map(|number| new_generation(&mut store, number)).collect();
        done.store(true, Ordering::Relaxed);
        assert_eq!(thief.join().unwrap(), 0, "the lock was free for a moment");
        results.into_iter().for_each(Result::unwrap);
    });
}

#[test]
fn a_key_store_behind_a_link_is_replaced_where_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("keys"), folder.path().join("link"));
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let mut store = LockedStore::open(&link, Access::Write).unwrap().unlock(passphrase("right")).unwrap();
    new_generation(&mut store, 5).unwrap();
    drop(store);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let store = LockedStore::open(&path, Access::Read).unwrap().unlock(passphrase("right")).unwrap();
    assert_eq!(store.contents().generations().len(), 2);
}

#[test]
fn a_key_store_opened_for_reading_is_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();
    let mut store = LockedStore::open(&path, Access::Read).unwrap().unlock(passphrase("right")).unwrap();
    assert!(matches!(new_generation(&mut store, 1), Err(KeyStoreError::OnlyRead { .. })));
    assert_eq!(store.contents().generations(), [Generation::FIRST]);
}

/// The folder goes away under the key store, so that nothing can be written any more.
#[test]
fn a_change_that_cannot_be_written_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner/keys");
    create(&path, &contents(), &passphrase("right"), kdf()).unwrap();
    let mut store = LockedStore::open(&path, Access::Write).unwrap().unlock(passphrase("right")).unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    assert!(matches!(new_generation(&mut store, 1), Err(KeyStoreError::File(FileError::Io { .. }))));
    assert_eq!(store.contents().generations(), [Generation::FIRST]);
}

#[test]
fn every_write_has_its_own_salt_and_nonce() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    for path in [&a, &b] {
        create(path, &contents(), &passphrase("right"), kdf()).unwrap();
    }
    let (a, b) = (fs::read(a).unwrap(), fs::read(b).unwrap());
    assert_eq!(a[..21], b[..21]);
    assert_ne!(a[21..37], b[21..37]);
    assert_ne!(a[37..61], b[37..61]);
}
