//! The arguments of `dcrcold send`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use dcrcold_core::amount::FeeRate;
use dcrcold_core::request::Label;

use super::value::label;
use crate::coins::CoinsName;

/// What to pay.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["payments", "all", "join"]).required(true).multiple(true))]
pub(crate) struct SendArgs {
    /// Whom to pay, and how much in DCR; again for each further payment
    #[arg(value_names = ["ADDRESS", "DCR"], num_args = 2.., conflicts_with = "join")]
    pub(crate) payments: Vec<String>,
    /// Write the request to this file, or to standard output for -
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Pay all that can be spent to this address, less the fee and other payments
    ///
    /// Where there are more coins than the signer takes at once, the most valuable go first, and the same command does the
    /// rest later. Coins that cost more than they bring stay.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "join")]
    pub(crate) all: Option<String>,
    /// Join at most this many coins into one of the account's own, the least valuable first
    ///
    /// Whoever looks at the transaction learns that all these coins are one owner's.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) join: Option<u32>,
    /// Fee rate of the transaction, in atoms per kB
    ///
    /// The default is the least that nodes relay. It is enough for one of the next blocks whenever these have room, and
    /// those of Decred nearly always do: there is no better estimate to be had. When blocks are full, higher rates go
    /// first.
    #[arg(long, value_name = "ATOMS", default_value_t = FeeRate::RELAY_MINIMUM.atoms_per_kb())]
    pub(crate) fee_rate: u64,
    /// Take coins from these alone: one as ID:INDEX, of whose ID 8 digits are enough, or all of an address; may be
    /// repeated
    #[arg(long, value_name = "COIN|ADDRESS")]
    pub(crate) from: Vec<CoinsName>,
    /// Text that the signer shows as coming from here, at most 64 characters
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(crate) label: Option<Label>,
}
