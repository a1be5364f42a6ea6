//! The arguments of `dcrcold scan`.

use std::path::PathBuf;

use clap::Args;
use dcrcold_signer::scanning::SourceArgs;

/// What to scan, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Write the answer to this file, or to standard output for -
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Tell the progress in plain lines, and leave the rest of the terminal alone
    #[arg(long)]
    pub(crate) plain: bool,
}
