//! Why the embedded network cannot do something.

use std::io;
use std::path::{Path, PathBuf};

use dcrcold_core::amount::Height;

use super::violation::Violation;

/// Why the embedded network cannot do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// A file cannot be used.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not the journal of an embedded network.
    #[error("{} is not the journal of an embedded network of this version", path.display())]
    NotANetwork {
        /// The file.
        path: PathBuf,
    },
    /// The journal says that something happened which the rules do not allow.
    #[error("the journal of the embedded network is damaged: {0}")]
    Damaged(#[source] Violation),
    /// The rules do not allow it.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// There are not so many blocks.
    #[error("{asked} blocks cannot be undone at height {height}")]
    TooDeep {
        /// How many blocks were to be undone.
        asked: u32,
        /// How many there are.
        height: Height,
    },
}

impl SimError {
    pub(super) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
