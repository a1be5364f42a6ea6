//! Texts of codes to a transfer: what each was good for, what came of them all, and what is kept over a break.
//!
//! Nothing here knows a camera or a screen. Whatever the texts come by, they are checked in the same way, and a transfer
//! is told to nobody before it is whole and of a kind that may come here.

mod foreign;
mod keep;
mod session;
mod wanted;

use crate::file::FileError;
use crate::qr::StreamError;

pub use self::foreign::Foreign;
pub use self::keep::{Keeper, Kept, MOST_KEPT, MOST_KEPT_BYTES};
pub use self::session::{Counts, Notice, Seen, Session};
pub use self::wanted::{Scanned, Wanted};

/// Why what was scanned is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Frames that give no transfer.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A transfer of a kind that does not come here as codes.
    #[error("scanned {found}, expected {expected}")]
    Kind {
        /// What came.
        found: Scanned,
        /// What may come.
        expected: Wanted,
    },
    /// Hot keys, which nobody shows.
    #[error("scanned hot keys ({0}), which never travel as codes: whoever sees them keeps them")]
    HotKeys(Scanned),
    /// A transfer for another network than the wallet's.
    #[error("scanned {found}, expected one for {expected}")]
    Network {
        /// What came.
        found: Scanned,
        /// The wallet's network.
        expected: dcrcold_core::net::Network,
    },
}

/// Why frames are not kept. Scanning goes on without.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// Another scan keeps frames of the same transfer.
    #[error("{} is in use by another scan", path.display())]
    InUse {
        /// The file.
        path: std::path::PathBuf,
    },
    /// Something else than a file has its name.
    #[error("{} is no file", path.display())]
    NoFile {
        /// What has the name.
        path: std::path::PathBuf,
    },
    /// A file of somebody else has its name.
    #[error("{} belongs to user {found}, expected {expected}", path.display())]
    Owner {
        /// The file.
        path: std::path::PathBuf,
        /// Whose it is.
        found: u32,
        /// Who runs the program.
        expected: u32,
    },
    /// The file has other names, too.
    #[error("{} has {found} names, expected 1", path.display())]
    Links {
        /// The file.
        path: std::path::PathBuf,
        /// How many.
        found: u64,
    },
    /// As much as is kept of one transfer is kept.
    #[error("{} has {MOST_KEPT_BYTES} bytes, and no more are kept", path.display())]
    Full {
        /// The file.
        path: std::path::PathBuf,
    },
    /// The system says no.
    #[error(transparent)]
    File(#[from] FileError),
}
