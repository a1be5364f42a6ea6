//! The folder of the voters: their sealed hot files, their choices, what they remember, and how they are.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use dcrcold_core::hash::Fingerprint;
use dcrcold_signer::file::{self, FileError, Readers};

use super::VoterError;

/// What hot files end in.
const HOT: &str = "hot";

/// The folder; hot files in it stay sealed as the signer exported them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

/// Says that a voter runs in a folder, until it is dropped or the process ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl Folder {
    /// The folder at a path, which need not exist yet.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The sealed hot keys of a voter.
    #[must_use]
    pub fn hot_file(&self, voter: &Fingerprint) -> PathBuf {
        self.0.join(format!("{voter}.{HOT}"))
    }

    /// What a voter votes for.
    #[must_use]
    pub fn choices_file(&self, voter: &Fingerprint) -> PathBuf {
        self.0.join(format!("{voter}.choices.json"))
    }

    /// What the voters of the folder remember.
    #[must_use]
    pub fn memory_file(&self) -> PathBuf {
        self.0.join("votes.db")
    }

    /// How the running voter is.
    #[must_use]
    pub fn health_file(&self) -> PathBuf {
        self.0.join("health.json")
    }

    /// All voters with a hot file, by fingerprint.
    #[must_use]
    pub fn hot_voters(&self) -> Vec<Fingerprint> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let hot = entries.filter(|path| path.extension().is_some_and(|end| end == HOT));
        let mut voters: Vec<Fingerprint> = hot.filter_map(|path| path.file_stem()?.to_str()?.parse().ok()).collect();
        voters.sort_unstable_by_key(|voter| *voter.as_bytes());
        voters
    }

    /// Keeps the sealed hot keys of a voter.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn keep(&self, voter: &Fingerprint, sealed: &[u8]) -> Result<(), FileError> {
        let path = self.hot_file(voter);
        file::make_folder_of(&path)?;
        file::replace(&path, sealed, Readers::Owner)
    }

    /// Takes the folder for a voter that runs.
    ///
    /// # Errors
    /// [`VoterError::Busy`] while another one has it, [`VoterError::File`].
    pub fn lock(&self) -> Result<FolderLock, VoterError> {
        let path = self.lock_file();
        file::make_folder_of(&path)?;
        let failed = |source| FileError::Io { action: "lock", path: path.clone(), source };
        let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(VoterError::Busy { folder: self.0.display().to_string() }),
            Err(TryLockError::Error(source)) => Err(failed(source).into()),
        }
    }

    /// Whether a voter runs in the folder.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let file = File::options().append(true).open(self.lock_file());
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn lock_file(&self) -> PathBuf {
        self.0.join("voter.lock")
    }
}
