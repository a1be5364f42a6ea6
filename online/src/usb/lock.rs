//! One program at a time: two that talk to a device mix up its replies. A file of the user's and the device's node are
//! locked.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::bus::Found;
use super::error::UsbError;

/// Where the locks lie: a file for each device, locked with flock(2), so that a process that dies holds none.
#[derive(Clone, Debug)]
pub struct LockFolder(PathBuf);

/// A device that is taken, until this is dropped.
#[derive(Debug)]
pub(super) struct DeviceLock {
    _file: File,
    _node: Option<File>,
}

impl LockFolder {
    /// A folder, made when it is needed.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder of this user: `dcrcold` in `XDG_RUNTIME_DIR`, or where there is none `dcrcold-<user id>` among the
    /// temporary files.
    #[must_use]
    pub fn of_user() -> Self {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|folder| folder.is_absolute());
        let own = || std::env::temp_dir().join(format!("dcrcold-{}", rustix::process::getuid().as_raw()));
        Self(runtime.map_or_else(own, |folder| folder.join("dcrcold")))
    }

    /// The file that is locked for a device.
    #[must_use]
    pub fn file(&self, found: &Found) -> PathBuf {
        let plain = |byte: char| if byte.is_ascii_alphanumeric() { byte } else { '-' };
        let name: String = found.path.to_string_lossy().trim_start_matches('/').chars().map(plain).collect();
        self.0.join(format!("{name}.lock"))
    }

    /// Takes a device.
    pub(super) fn lock(&self, found: &Found) -> Result<DeviceLock, UsbError> {
        self.make().map_err(|source| UsbError::Lock { path: self.0.clone(), source })?;
        let path = self.file(found);
        let failed = |source| UsbError::Lock { path: path.clone(), source };
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        take(&file, &path, found)?;
        // The folder is another one where the environment is, the node is not. One that cannot be opened cannot be used
        // either, which the caller finds out with a better reason.
        let node = File::open(&found.path).ok();
        if let Some(node) = &node {
            take(node, &found.path, found)?;
        }
        Ok(DeviceLock { _file: file, _node: node })
    }

    /// Makes the folder. One that is somebody else's could hold links to files of ours.
    fn make(&self) -> io::Result<()> {
        if let Err(error) = DirBuilder::new().mode(0o700).create(&self.0)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        if is_own(&self.0)? { Ok(()) } else { Err(io::Error::other("it is not a folder of this user alone")) }
    }
}

fn take(file: &File, path: &Path, found: &Found) -> Result<(), UsbError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(UsbError::Busy { path: found.path.clone() }),
        Err(TryLockError::Error(source)) => Err(UsbError::Lock { path: path.to_owned(), source }),
    }
}

fn is_own(folder: &Path) -> io::Result<bool> {
    let there = fs::symlink_metadata(folder)?;
    Ok(there.is_dir() && there.uid() == rustix::process::getuid().as_raw() && there.mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_taken_once_whatever_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("hidraw0");
        fs::write(&path, "").unwrap();
        let found = Found { path: path.clone(), serial: None, product: None };
        let [one, other] = ["one", "other"].map(|name| LockFolder::new(place.path().join(name)));
        let taken = one.lock(&found).unwrap();
        for folder in [&one, &other] {
            assert!(matches!(folder.lock(&found), Err(UsbError::Busy { path: named }) if named == path));
        }
        drop(taken);
        drop(other.lock(&found).unwrap());
        drop(one.lock(&found).unwrap());
    }
}
