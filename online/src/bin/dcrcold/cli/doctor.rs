//! The arguments of `dcrcold doctor`.

use std::path::PathBuf;

use clap::Args;

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Compare this copy of the wallet's file with the wallet: what would be lost
    #[arg(long, value_name = "FILE")]
    pub(crate) backup: Option<PathBuf>,
    /// Ask no source of blocks
    #[arg(long)]
    pub(crate) offline: bool,
    /// Remove caches that are damaged, and nothing else
    #[arg(long)]
    pub(crate) repair: bool,
}
