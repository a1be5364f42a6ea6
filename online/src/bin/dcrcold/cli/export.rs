//! The arguments of `dcrcold export`.

use std::path::PathBuf;

use clap::Args;

/// How to export.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Write CSV, as is done unless --json is given
    ///
    /// A label that a spreadsheet would take for a formula gets an apostrophe in front.
    #[arg(long)]
    pub(crate) csv: bool,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
