//! The file of a key store: locked while it is in use, replaced in one step.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::Contents;
use crate::file::{self, FileError, Readers};
use crate::sealed::{Kdf, Passphrase, Randomness, Sealed, SealedError, seal};
use crate::transfer::BodyError;

/// The largest key store that is read.
const MAX_FILE: usize = 1 << 20;

/// What a process does with a key store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads; others may read at the same time.
    Read,
    /// It may write; nobody else has the file open.
    Write,
}

/// Makes a new key store, with the folder it lies in.
///
/// # Errors
/// [`FileError::Exists`] above all: no key store is ever overwritten.
pub fn create(path: &Path, contents: &Contents, passphrase: &Passphrase, kdf: Kdf) -> Result<(), KeyStoreError> {
    let bytes = seal(&contents.encode(), passphrase, kdf, &Randomness::draw()?)?;
    let made = file::make_folder_of(path)?;
    file::write_new(path, &bytes, Readers::Owner).inspect_err(|_| made.remove())?;
    Ok(())
}

/// A key store that is locked and read, but not open.
pub struct LockedStore {
    path: PathBuf,
    access: Access,
    lock: File,
    bytes: Vec<u8>,
}

impl LockedStore {
    /// Locks and reads a key store, so that all that needs no passphrase is known to be right.
    ///
    /// # Errors
    /// [`KeyStoreError::InUse`], [`KeyStoreError::File`], [`KeyStoreError::Sealed`].
    pub fn open(path: &Path, access: Access) -> Result<Self, KeyStoreError> {
        let lock = lock(path, access)?;
        let bytes = file::read_from(&lock, path, MAX_FILE)?;
        Sealed::parse(&bytes)?;
        Ok(Self { path: path.to_owned(), access, lock, bytes })
    }

    /// Opens the key store.
    ///
    /// # Errors
    /// [`KeyStoreError::Sealed`] for a wrong passphrase, [`KeyStoreError::Contents`].
    pub fn unlock(self, passphrase: Passphrase) -> Result<KeyStore, KeyStoreError> {
        let sealed = Sealed::parse(&self.bytes)?;
        let kdf = sealed.kdf();
        let plain: Zeroizing<Vec<u8>> = sealed.open(&passphrase)?;
        let contents = Contents::decode(&plain).map_err(KeyStoreError::Contents)?;
        Ok(KeyStore { path: self.path, access: self.access, lock: self.lock, passphrase, kdf, contents })
    }
}

/// Locks a key store without waiting.
fn lock(path: &Path, access: Access) -> Result<File, KeyStoreError> {
    let error = FileError::io("open", path);
    loop {
        let file = File::open(path).map_err(&error)?;
        let result = match access {
            Access::Read => file.try_lock_shared(),
            Access::Write => file.try_lock(),
        };
        match result {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(KeyStoreError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(FileError::io("lock", path)(source).into()),
        }
        // Somebody may have replaced the file between opening and locking; then the lock is on the old one.
        let (held, found) = (file.metadata().map_err(&error)?, fs::metadata(path).map_err(&error)?);
        if (held.dev(), held.ino()) == (found.dev(), found.ino()) {
            return Ok(file);
        }
    }
}

/// An open key store. The file stays locked until this is dropped.
pub struct KeyStore {
    path: PathBuf,
    access: Access,
    lock: File,
    passphrase: Passphrase,
    kdf: Kdf,
    contents: Contents,
}

impl KeyStore {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What this process may do with it.
    #[must_use]
    pub const fn access(&self) -> Access {
        self.access
    }

    /// The content.
    #[must_use]
    pub const fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Takes the content and lets go of the file.
    #[must_use]
    pub fn into_contents(self) -> Contents {
        self.contents
    }

    /// Seals the content under another passphrase from now on, in one step: after a crash one of both opens it.
    ///
    /// # Errors
    /// As [`Self::update`]; the old passphrase stays then.
    pub fn change_passphrase(&mut self, passphrase: Passphrase, kdf: Option<Kdf>) -> Result<(), KeyStoreError> {
        let kdf = kdf.unwrap_or(self.kdf);
        let kdf = std::mem::replace(&mut self.kdf, kdf);
        let passphrase = std::mem::replace(&mut self.passphrase, passphrase);
        self.update(|_| Ok(())).inspect_err(|_| (self.kdf, self.passphrase) = (kdf, passphrase))
    }

    /// Changes the content and writes the file.
    ///
    /// # Errors
    /// [`KeyStoreError::OnlyRead`] unless it was opened for [`Access::Write`], what `change` refuses, or why the file
    /// cannot be written: then the old content stays, in memory as in the file.
    pub fn update<E: From<KeyStoreError>>(
        &mut self,
        change: impl FnOnce(&mut Contents) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.access == Access::Read {
            return Err(KeyStoreError::OnlyRead { path: self.path.clone() }.into());
        }
        let before = self.contents.encode();
        if let Err(error) = change(&mut self.contents).and_then(|()| Ok(self.save()?)) {
            self.contents = Contents::decode(&before).expect("what was written a moment ago reads back");
            return Err(error);
        }
        Ok(file::sync_folder(&self.path).map_err(KeyStoreError::from)?)
    }

    fn save(&mut self) -> Result<(), KeyStoreError> {
        let bytes = seal(&self.contents.encode(), &self.passphrase, self.kdf, &Randomness::draw()?)?;
        // Replacing a symbolic link would leave the old key store behind it.
        self.path = fs::canonicalize(&self.path).map_err(FileError::io("write", &self.path))?;
        // The new file comes locked, so that nobody can be first; whoever opened the old one finds that it was replaced.
        self.lock = file::replace_locked(&self.path, &bytes, Readers::Owner)?;
        Ok(())
    }
}

/// Why a key store cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// Another process has it open.
    #[error("key store {} is in use by another process", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It was opened for reading, and others may read it too.
    #[error("key store {} was opened for reading and cannot be changed", path.display())]
    OnlyRead {
        /// The file.
        path: PathBuf,
    },
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The seal.
    #[error(transparent)]
    Sealed(#[from] SealedError),
    /// The content.
    #[error("content of the key store is malformed")]
    Contents(#[source] BodyError),
}
