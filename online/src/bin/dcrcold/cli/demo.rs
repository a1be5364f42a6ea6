//! The arguments of `dcrcold demo`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcrcold_core::amount::Amount;

/// The demonstration, or a chore on an embedded network.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DemoArgs {
    /// The offline program [default: dcrcold-signer beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) signer: Option<PathBuf>,
    /// Let a simulated device hold the keys: dcrcold-simulator beside this program, or the one named
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "signer")]
    pub(crate) device: Option<Option<PathBuf>>,
    #[command(subcommand)]
    pub(crate) command: Option<DemoCommand>,
}

/// Chores on an embedded network, for scripts.
#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// Make a network in a folder, to be used with `--source sim:DIR`
    New {
        /// The folder
        folder: PathBuf,
        /// The network follows from this number
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Mine blocks
    Mine {
        /// The network's folder
        folder: PathBuf,
        /// How many
        blocks: u32,
    },
    /// Undo the last blocks, so that others can take their place
    Undo {
        /// The network's folder
        folder: PathBuf,
        /// How many
        blocks: u32,
    },
    /// Pay an address from the network's own coins
    Fund {
        /// The network's folder
        folder: PathBuf,
        /// Who is paid
        address: String,
        /// How many DCR
        amount: Amount,
    },
}
