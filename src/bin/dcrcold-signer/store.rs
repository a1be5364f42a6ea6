//! Where the key store is, and opening it.

use std::env;
use std::path::PathBuf;

use dcrcold_core::path::{Account, Branch, Generation, Index};
use dcrcold_signer::cli::{Failure, FailureKind, printable};
use dcrcold_signer::file::FileError;
use dcrcold_signer::keystore::{Access, AccountEntry, Contents, KeyStore, KeyStoreError, LockedStore};
use dcrcold_signer::passphrase::PassphraseFrom;

use crate::cli::Global;

/// The folder and the file below the data folder.
const DEFAULT_STORE: &str = "dcrcold-signer/keystore";

/// The key store that is meant: `--store`, or the one in the data folder.
pub(crate) fn path(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(path) = &global.store {
        return Ok(path.clone());
    }
    let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
    let data =
        data.ok_or_else(|| Failure::new(FailureKind::Usage, "neither XDG_DATA_HOME nor HOME is an absolute path"));
    Ok(data.map_err(|failure| failure.hint("give --store FILE"))?.join(DEFAULT_STORE))
}

fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The key store that is meant, which must be there: it is better told before a person has done anything for it.
pub(crate) fn existing(global: &Global) -> Result<PathBuf, Failure> {
    let path = path(global)?;
    match path.metadata() {
        Ok(_) => Ok(path),
        Err(_) => open(global, Access::Read).map(|_| path),
    }
}

/// Locks the key store, asks for its passphrase and opens it.
pub(crate) fn open(global: &Global, access: Access) -> Result<KeyStore, Failure> {
    let path = path(global)?;
    let locked = LockedStore::open(&path, access).map_err(|error| {
        let missing = matches!(&error, KeyStoreError::File(FileError::Io { source, .. })
            if source.kind() == std::io::ErrorKind::NotFound);
        let failure = match &error {
            KeyStoreError::Sealed(_) => Failure::from(error).about(&path),
            _ => Failure::from(error),
        };
        if missing {
            failure.hint("make a key store with `dcrcold-signer new` or `restore`, or name it with --store")
        } else {
            failure
        }
    })?;
    let question = format!("Passphrase of {}: ", printable(&path.display().to_string()));
    let passphrase = PassphraseFrom::new(global.passphrase_file.as_ref()).existing(&question)?;
    locked.unlock(passphrase).map_err(|error| Failure::from(error).about(&path))
}

/// The account that is meant: the given one, or the first of the key store.
pub(crate) fn account(contents: &Contents, number: Option<u32>) -> Result<&AccountEntry, Failure> {
    let found = match number {
        None => contents.accounts().first(),
        Some(number) => Account::new(number.into()).and_then(|account| contents.find_account(account)),
    };
    found.ok_or_else(|| {
        let held: Vec<_> = contents.accounts().iter().map(|entry| entry.account.to_string()).collect();
        let number = number.unwrap_or_default();
        Failure::new(FailureKind::Usage, format!("account {number} is not in the key store"))
            .hint(format!("it holds {}", held.join(", ")))
    })
}

/// The generation that is meant: the given one, or the newest in use.
pub(crate) fn generation(contents: &Contents, number: Option<u8>) -> Result<Generation, Failure> {
    match number {
        None => Ok(contents.generations().last().copied().unwrap_or_default()),
        Some(number) => Generation::new(number.into())
            .ok_or_else(|| Failure::new(FailureKind::Usage, format!("generation is {number}, expected 0 to 15"))),
    }
}

/// A branch and an index, in range.
pub(crate) fn branch_and_index(branch: u8, index: u32) -> Result<(Branch, Index), Failure> {
    let usage = |message: String| Failure::new(FailureKind::Usage, message);
    let branch = Branch::new(branch.into()).ok_or_else(|| usage(format!("branch is {branch}, expected 0 or 1")))?;
    let most = Index::LIMIT - 1;
    let index = Index::new(index.into()).ok_or_else(|| usage(format!("index is {index}, expected 0 to {most}")))?;
    Ok((branch, index))
}
