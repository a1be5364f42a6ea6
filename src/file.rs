//! Files that are there whole or not at all, and bounded reading.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Only the owner.
    Owner,
    /// Whoever the umask allows.
    Everybody,
}

impl Readers {
    const fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Everybody => 0o666,
        }
    }
}

/// Sees early that a file can be made: that none is there, and that its folder takes a new one.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Io`]; nothing is left behind.
pub fn must_be_new(path: &Path) -> Result<(), FileError> {
    if path.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: path.to_owned() });
    }
    // One without a name where that is possible, so that nothing is left behind whatever happens.
    let file = tempfile::tempfile_in(folder(path));
    file.map(drop).map_err(|source| FileError::io("write", path)(without_path(source)))
}

/// Writes a new file; one that exists stays as it is.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Io`].
pub fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), FileError> {
    let file = write_beside(path, bytes, readers)?;
    match file.persist_noclobber(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(FileError::Exists { path: path.to_owned() })
        }
        Err(error) => Err(FileError::io("write", path)(error.error)),
    }
}

/// Replaces a file in one step: after a crash there is the old content or the new one.
///
/// # Errors
/// [`FileError::Io`]; the old content is still there then, unless only the folder could not be synced.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), FileError> {
    replace_locked(path, bytes, readers)?;
    sync_folder(path)
}

/// Replaces a file in one step and returns the new one, which is locked before anybody can find it.
///
/// After a crash there is the old content or the new one; [`sync_folder`] makes it the new one.
///
/// # Errors
/// [`FileError::Io`]; the old content is still there then.
pub fn replace_locked(path: &Path, bytes: &[u8], readers: Readers) -> Result<File, FileError> {
    let file = write_beside(path, bytes, readers)?;
    file.as_file().lock().map_err(FileError::io("lock", path))?;
    file.persist(path).map_err(|error| FileError::io("write", path)(error.error))
}

/// Writes to a temporary file in the same folder, so that the last step is a rename.
fn write_beside(path: &Path, bytes: &[u8], readers: Readers) -> Result<NamedTempFile, FileError> {
    let error = FileError::io("write", path);
    let permissions = Permissions::from_mode(readers.mode());
    let mut builder = tempfile::Builder::new();
    let file = builder.prefix(".dcrcold-").permissions(permissions).tempfile_in(folder(path));
    let mut file = file.map_err(|source| error(without_path(source)))?;
    file.write_all(bytes).map_err(&error)?;
    file.as_file().sync_all().map_err(&error)?;
    Ok(file)
}

/// Takes the name of the temporary file out of an error: it says nothing to anybody.
fn without_path(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|error| error.source()).and_then(|source| source.downcast_ref::<io::Error>());
    inner.and_then(io::Error::raw_os_error).map_or(error, io::Error::from_raw_os_error)
}

/// Makes the rename of a file in the same folder durable.
///
/// # Errors
/// [`FileError::Io`].
pub fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = folder(path);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(FileError::io("sync the folder of", path))
}

/// The folder that a file lies in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Reads a whole file of at most `most` bytes.
///
/// # Errors
/// [`FileError::TooLarge`], [`FileError::Io`].
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(FileError::io("read", path))?;
    read_from(file, path, most)
}

/// Reads at most `most` bytes from an open file; `path` is for messages.
///
/// # Errors
/// As [`read`].
pub fn read_from(file: impl Read, path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let mut bounded = file.take(most as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(FileError::io("read", path))?;
    if bytes.len() > most { Err(FileError::TooLarge { path: path.to_owned(), most }) } else { Ok(bytes) }
}

/// Makes the folder of a file, which only its owner can enter, and those above it.
///
/// # Errors
/// [`FileError::Io`]; nothing is left behind then.
pub fn make_folder_of(path: &Path) -> Result<NewFolders, FileError> {
    use std::os::unix::fs::DirBuilderExt;
    let missing: Vec<_> =
        folder(path).ancestors().take_while(|it| !it.as_os_str().is_empty() && !it.is_dir()).collect();
    let mut made = NewFolders(Vec::new());
    for folder in missing.into_iter().rev() {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => made.0.push(folder.to_owned()),
            // Somebody else was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => {
                made.remove();
                return Err(FileError::io("make the folder of", path)(error));
            }
        }
    }
    Ok(made)
}

/// Folders that were made for a file, the outer ones first.
#[derive(Debug, Default)]
pub struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// The folder that was there before and holds the new ones, if there are new ones.
    #[must_use]
    pub fn above(&self) -> Option<&Path> {
        self.0.first().map(|first| folder(first))
    }

    /// Takes the folders away again, as far as nothing lies in them.
    pub fn remove(&self) {
        for folder in self.0.iter().rev() {
            // Whatever came to lie there meanwhile keeps its folder.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is a file already, and nothing is overwritten.
    #[error("{} exists already and is not overwritten", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// More bytes than it can have.
    #[error("{} has more than {most} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound.
        most: usize,
    },
    /// The system says no.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FileError {
    /// Makes an error of what the system said.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
