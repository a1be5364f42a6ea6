//! The arguments of `dcrcold coins`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcrcold_core::request::Label;

use super::value::label_or_none;
use crate::coins::{CoinName, CoinsName};

/// Coins, or something to be said of them.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CoinsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<CoinsCommand>,
}

/// What to say of coins.
#[derive(Debug, Subcommand)]
pub(crate) enum CoinsCommand {
    /// Keep coins from being chosen, all of those named or none
    ///
    /// A request that spends one already goes on; give it up with `cancel`.
    Freeze {
        /// The coins, as ID:INDEX; the first 8 digits of an ID are enough
        #[arg(required = true, value_name = "COIN")]
        coins: Vec<CoinName>,
    },
    /// Let frozen coins be chosen again, all of those named or none
    Thaw {
        /// The coins, as ID:INDEX; the first 8 digits of an ID are enough
        #[arg(required = true, value_name = "COIN")]
        coins: Vec<CoinName>,
    },
    /// Call a coin or an address something; the label never leaves this computer
    Label {
        /// A coin as ID:INDEX, of whose ID 8 digits are enough, or an address of the account
        #[arg(value_name = "COIN|ADDRESS")]
        what: CoinsName,
        /// What to call it, at most 64 printable ASCII characters; nothing takes the label away
        #[arg(value_name = "TEXT", value_parser = label_or_none)]
        text: OptionalLabel,
    },
    /// Write all labels, and which coins are frozen, in the form of BIP 329; or take them in
    ///
    /// One line of JSON each, as other wallets read and write them. No chain brings them back.
    Labels {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE", conflicts_with = "import")]
        out: Option<PathBuf>,
        /// Take in what this file says, or standard input for -, of coins and addresses of the account
        #[arg(long, value_name = "FILE")]
        import: Option<PathBuf>,
    },
}

/// A label, or that there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionalLabel(pub(crate) Option<Label>);
