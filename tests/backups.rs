//! Backup files and passphrases: what comes back is what was there, and signs the same.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "cmd/fixtures.rs"]
#[allow(dead_code, reason = "the command line cases write them")]
mod fixtures;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{hex, list, text};
use dcrcold_signer::keystore::{Access, Contents, KeyStoreError, LockedStore, create};
use dcrcold_signer::sealed::{Kdf, Passphrase, SealedError};
use tempfile::TempDir;
use zeroize::Zeroizing;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");

/// A folder with the files of the command line cases.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in fixtures::files() {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn run(folder: &Path, store: &str, passphrase: &str, args: &[&str]) -> Output {
    let mut command = Command::new(SIGNER);
    command.current_dir(folder).args(["--store", store, "--passphrase-file", passphrase]).args(args);
    command.output().unwrap()
}

fn done(folder: &Path, store: &str, passphrase: &str, args: &[&str]) -> String {
    let output = run(folder, store, passphrase, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn contents(file: &Path, text: &str) -> Contents {
    LockedStore::open(file, Access::Read).unwrap().unlock(passphrase(text)).unwrap().into_contents()
}

#[test]
fn a_backup_brings_all_back_and_signs_the_same() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let case = list(common::Vectors::load("builder.json").get("cases"))[0].clone();
    let (request, id) = (hex(&case["transfer"]["request"]), text(&case["transfer"]["id"]));
    fs::write(path("first"), &request).unwrap();
    // A key store that knows voters, limits, generations and what it signed.
    done(folder.path(), "keystore", "passphrase", &["sign", "first", "--out", "answer-1", "--approve", id]);
    done(folder.path(), "keystore", "passphrase", &["limits", "--tickets", "7"]);
    done(folder.path(), "keystore", "passphrase", &["export", "voter", "--generation", "3", "--out", "v3"]);
    let copy = ["backup", "--out", "copy", "--backup-passphrase-file", "backup-passphrase", "--kdf-memory", "8"];
    done(folder.path(), "keystore", "passphrase", &copy);
    // Another passphrase for the restored one, and the files of the first are gone.
    let before = contents(&path("keystore"), "correct horse");
    fs::rename(path("keystore.journal"), path("kept.journal")).unwrap();
    fs::remove_file(path("keystore")).unwrap();
    let restore = ["restore", "--backup", "copy", "--backup-passphrase-file", "backup-passphrase", "--kdf-memory", "8"];
    done(folder.path(), "far/keystore", "wrong-passphrase", &restore);
    let after = contents(&path("far/keystore"), "battery staple");
    assert_eq!(*after.encode(), *before.encode());
    assert!(after.history().is_some_and(|history| history.marks == before.history().unwrap().marks));
    assert_eq!((after.limits().tickets, after.generations().len()), (7, 2));

    // The journal does not travel in it, and every review says so until it is back.
    let review = done(folder.path(), "far/keystore", "wrong-passphrase", &["inspect", "request-again", "--review"]);
    assert!(review.contains("memory is incomplete"), "{review}");
    fs::copy(path("kept.journal"), path("far/keystore.journal")).unwrap();
    let review = done(folder.path(), "far/keystore", "wrong-passphrase", &["inspect", "request-again", "--review"]);
    assert!(!review.contains("memory is incomplete") && review.contains("coins signed before"), "{review}");
    // The marks hold: what is far beyond them is refused.
    let far = run(folder.path(), "far/keystore", "wrong-passphrase", &["inspect", "request-far", "--review"]);
    assert_eq!(far.status.code(), Some(3), "{}", String::from_utf8_lossy(&far.stderr));
    let sign = ["sign", "first", "--out", "answer-2", "--approve", id];
    done(folder.path(), "far/keystore", "wrong-passphrase", &sign);
    assert_eq!(fs::read(path("answer-2")).unwrap(), hex(&case["transfer"]["answer"]));
    assert_eq!(fs::read(path("answer-1")).unwrap(), fs::read(path("answer-2")).unwrap());
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let folder = folder();
    let path = folder.path().join("keystore");
    let before = contents(&path, "correct horse");
    done(folder.path(), "keystore", "passphrase", &["passphrase", "--new-passphrase-file", "backup-passphrase"]);
    let error = LockedStore::open(&path, Access::Read).unwrap().unlock(passphrase("correct horse")).err();
    assert!(matches!(error, Some(KeyStoreError::Sealed(SealedError::WrongPassphrase))));
    assert_eq!(*contents(&path, "staple battery").encode(), *before.encode());
    let kdf = |path: &Path| u32::from_le_bytes(fs::read(path).unwrap()[9..13].try_into().unwrap());
    assert_eq!(kdf(&path), 8 * 1024, "the work stays as it was");
    done(
        folder.path(),
        "keystore",
        "backup-passphrase",
        &["passphrase", "--new-passphrase-file", "passphrase", "--kdf-memory", "16"],
    );
    assert_eq!(kdf(&path), 16 * 1024);
    assert_eq!(*contents(&path, "correct horse").encode(), *before.encode());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), fixtures::files().len(), "nothing is left beside it");
}

#[test]
fn a_passphrase_that_cannot_be_written_stays_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inner/keys");
    let case = list(common::Vectors::load("builder.json").get("cases"))[0].clone();
    create(&path, &fixtures::contents(&case), &passphrase("old"), Kdf::with_memory(8).unwrap()).unwrap();
    let mut store = LockedStore::open(&path, Access::Write).unwrap().unlock(passphrase("old")).unwrap();
    // The folder goes away under it.
    fs::rename(folder.path().join("inner"), folder.path().join("moved")).unwrap();
    assert!(matches!(store.change_passphrase(passphrase("new"), None), Err(KeyStoreError::File(_))));
    fs::rename(folder.path().join("moved"), folder.path().join("inner")).unwrap();
    store.update(|_| Ok::<(), KeyStoreError>(())).unwrap();
    drop(store);
    assert!(LockedStore::open(&path, Access::Read).unwrap().unlock(passphrase("old")).is_ok());
}

/// What fails makes no folder and no key store.
#[test]
fn a_failed_start_leaves_nothing_behind() {
    let folder = folder();
    let count = || fs::read_dir(folder.path()).unwrap().count();
    let before = count();
    let with: [&[&str]; 6] = [
        &["new", "--account", "999999999"],
        &["new", "--mix", "dice", "--mix-file", "bip39-words"],
        &["new", "--kdf-memory", "4"],
        &["restore", "--seed-file", "bad-seed-words", "--kdf-memory", "8"],
        &["restore", "--seed-file", "seed-words", "--coin-type", "1"],
        &["restore", "--backup", "copy", "--backup-passphrase-file", "passphrase"],
    ];
    for args in with {
        let output = run(folder.path(), "new/folder/of/keys", "passphrase", args);
        assert!(!output.status.success(), "{args:?}");
        assert_eq!(count(), before, "{args:?}");
    }
    println!("failed starts: {} cases", with.len());
    // A folder that was there before stays, with what is in it.
    fs::create_dir(folder.path().join("kept")).unwrap();
    let output = run(folder.path(), "kept/below/keys", "passphrase", with[3]);
    assert!(!output.status.success());
    assert_eq!(fs::read_dir(folder.path().join("kept")).unwrap().count(), 0);
}
