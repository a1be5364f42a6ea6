//! The arguments of `dcrcold auto`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcrcold::vsp::VspAddress;
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::Fingerprint;
use dcrcold_signer::percent::Percent;

/// What to do with the rule.
#[derive(Debug, Subcommand)]
pub(crate) enum AutoCommand {
    /// Set the rule by which requests are prepared
    ///
    /// A rule that was set before is replaced; what was prepared by it stays.
    Set(RuleArgs),
    /// Show the rule, and what was prepared by it
    Show,
    /// Forget the rule; requests that wait for a signature stay until their deadlines
    Off,
    /// Prepare requests by the rule, and tell that a signature is due, until told to end
    ///
    /// One request in a price window, where price, balance and rule allow it. It is written into the rule's folder; news of
    /// it goes to feed.atom and status.json there, to the hook, and to the terminal's bell. Nothing is signed or sent. A
    /// request that nobody answers frees its coins once its tickets can no longer be mined.
    Run(AutoRunArgs),
}

/// The rule.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// The most DCR that a ticket locks, headroom included; above this price nothing is bought
    #[arg(long, value_name = "DCR")]
    pub(crate) max_price: Amount,
    /// DCR that stay spendable
    #[arg(long, value_name = "DCR")]
    pub(crate) keep: Amount,
    /// The most tickets in a price window
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tickets: u32,
    /// Folder for requests and news of them; made if there is none
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The most DCR of a request that go to fees, and to the purse for those of a VSP
    #[arg(long, value_name = "DCR", default_value = "0.1")]
    pub(crate) max_fees: Amount,
    /// Percent above the price that each ticket locks, as far as --max-price allows it
    #[arg(long, value_name = "PERCENT", default_value = "5")]
    pub(crate) headroom: Percent,
    /// Fingerprint of the voter [default: the voter of the account's own seed]
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) voter: Option<Fingerprint>,
    /// VSP that the tickets are meant for [default: the one chosen with `vsp use`]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "solo")]
    pub(crate) vsp: Option<VspAddress>,
    /// Mean the tickets for no VSP
    #[arg(long)]
    pub(crate) solo: bool,
}

/// How to run.
#[derive(Debug, Args)]
pub(crate) struct AutoRunArgs {
    /// Look once and end, as from a timer
    #[arg(long)]
    pub(crate) once: bool,
    /// Program to run for each request that waits for a signature
    ///
    /// It is started as it is named, without a shell. The facts are in its environment as DCRCOLD_FILE, DCRCOLD_TICKETS,
    /// DCRCOLD_DEADLINE and others, and on its standard input as JSON. One that fails is run again in the next rounds, five
    /// times at most.
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) hook: Option<PathBuf>,
    /// Seconds that the program may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) hook_limit: u64,
}
