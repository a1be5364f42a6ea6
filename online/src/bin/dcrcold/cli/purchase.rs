//! The arguments of `dcrcold buy` and `dcrcold submit`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use dcrcold::prepare::WINDOWS;
use dcrcold::vsp::VspAddress;
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::request::Label;
use dcrcold_signer::percent::Percent;

use super::value::label;
use crate::coins::CoinsName;

/// What to buy.
#[derive(Debug, Args)]
pub(crate) struct BuyArgs {
    /// How many tickets [default with --again: all of that request that are not mined]
    #[arg(value_parser = clap::value_parser!(u32).range(1..), required_unless_present_any = ["again", "all"])]
    pub(crate) count: Option<u32>,
    /// Make the tickets of an earlier request anew, for the price of now, over the coins that it would have spent
    ///
    /// Only one of both requests can happen. Tickets whose split is mined are made from the coins of that split as they
    /// are, without another one, where these are enough.
    #[arg(long, value_name = "ID", conflicts_with_all = ["direct", "from"])]
    pub(crate) again: Option<TransferId>,
    /// As many tickets as the coins suffice for
    ///
    /// No more than the signer takes at once, and no more than one with the limits of a new one allows.
    #[arg(long, conflicts_with_all = ["count", "again"])]
    pub(crate) all: bool,
    /// Write the request to this file, or to standard output for -
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// DCR that each ticket locks [default: the price and the headroom]
    #[arg(long, value_name = "DCR", conflicts_with = "headroom")]
    pub(crate) amount: Option<Amount>,
    /// Percent above the price that each ticket locks, so that it fits when the price rises a little
    ///
    /// With enough of it the same signatures stay valid in the next price window; `buy` says how much is enough. What is
    /// locked above the price comes back with the vote: it costs the time that it is locked for. A signer with the limits
    /// of a new one takes 10 at most.
    #[arg(long, value_name = "PERCENT", default_value = "5")]
    pub(crate) headroom: Percent,
    /// Fee rate of all transactions, in atoms per kB
    ///
    /// The default is the least that nodes relay. It is enough for one of the next blocks whenever these have room, and
    /// those of Decred nearly always do.
    #[arg(long, value_name = "ATOMS", default_value_t = FeeRate::RELAY_MINIMUM.atoms_per_kb())]
    pub(crate) fee_rate: u64,
    /// Fingerprint of the voter [default: the voter of the account's own seed]
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) voter: Option<Fingerprint>,
    /// Let the tickets be valid to the end of so many price windows, the present one counted
    ///
    /// A signer with the limits of a new one takes three at most.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), default_value_t = WINDOWS)]
    pub(crate) windows: u32,
    /// Take coins from these alone: one as ID:INDEX, of whose ID 8 digits are enough, or all of an address; may be
    /// repeated
    #[arg(long, value_name = "COIN|ADDRESS")]
    pub(crate) from: Vec<CoinsName>,
    /// Text that the signer shows as coming from here, at most 64 characters [default with --again: that of the other
    /// request]
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(crate) label: Option<Label>,
    /// Make each ticket from one coin as it is, without a split
    #[arg(long)]
    pub(crate) direct: bool,
    /// VSP that the tickets are meant for; the split pays its fees to the purse [default: the one chosen with `vsp use`]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "solo")]
    pub(crate) vsp: Option<VspAddress>,
    /// Mean the tickets for no VSP
    #[arg(long)]
    pub(crate) solo: bool,
}

/// What to do with an answer.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["answer", "kept"]).required(true))]
pub(crate) struct SubmitArgs {
    /// The answer, or - for standard input
    pub(crate) answer: Option<PathBuf>,
    /// Take the answer to this request that the wallet kept when it was submitted first
    ///
    /// The file of the answer is not needed for it. `cancel` lists the requests, and `doctor` names those that wait for it.
    #[arg(long, value_name = "ID")]
    pub(crate) kept: Option<TransferId>,
    /// Keep tickets whose price has not come as a standing order: `sync` and `tickets --watch` send them when it does
    ///
    /// They are kept until they expire or the request is given up. The order stays in the wallet's file.
    #[arg(long, conflicts_with = "print")]
    pub(crate) when_price_fits: bool,
    /// Print the signed transactions and registrations, and send nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// The request, when it is not one of this wallet
    #[arg(long, value_name = "FILE", requires = "print", conflicts_with = "kept")]
    pub(crate) request: Option<PathBuf>,
}

/// What to show as codes.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The request, or - for standard input
    pub(crate) file: PathBuf,
    /// Write pages to print instead: A4, six codes a page, a fifth more codes than are needed
    ///
    /// Several pages have numbers in their names: request-1.png.
    #[arg(long, value_name = "FILE")]
    pub(crate) png: Option<PathBuf>,
    /// Write an animation instead, for any program that shows pictures
    #[arg(long, value_name = "FILE")]
    pub(crate) gif: Option<PathBuf>,
}
