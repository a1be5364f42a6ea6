//! The arguments of `dcrcold coins`.

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
}

/// A label, or that there is none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OptionalLabel(pub(crate) Option<Label>);
