//! The arguments, and nothing but them: manual pages and completions come from this file.

mod keys;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::rebuild::HOST_TICKETS;
use dcrcold_signer::scanning::SourceArgs;
use dcrcold_signer::transfer::Kind;

pub(crate) use self::keys::{BackupArgs, NewArgs, PassphraseArgs, RestoreArgs, StoreArgs};

/// Hold the keys of a Decred wallet offline, review what is asked for, and sign it.
///
/// Facts go to standard output, everything for people to standard error. Exit status: 0 done, 1 failed, 2 wrong usage,
/// 3 refused by policy, 4 declined by the person, 7 malformed input.
#[derive(Parser)]
#[command(name = "dcrcold-signer", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What all commands take.
#[derive(Args)]
pub(crate) struct Global {
    /// Use this key store
    ///
    /// The default is dcrcold-signer/keystore in $XDG_DATA_HOME, or in ~/.local/share.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// Read the passphrase of the key store from a file, or from standard input for -
    ///
    /// A line end behind it is no part of the passphrase.
    #[arg(long, global = true, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) passphrase_file: Option<SecretFile>,
    /// Print facts as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Ask in plain lines, and leave the rest of the terminal alone
    #[arg(long, global = true)]
    pub(crate) plain: bool,
    /// End when the process with this id does, which must be the one that started this one
    #[arg(long, global = true, value_name = "PID", hide = true)]
    pub(crate) die_with: Option<u32>,
}

impl Global {
    /// The file of the passphrase as it was named.
    pub(crate) fn passphrase_path(&self) -> Option<&Path> {
        self.passphrase_file.as_ref().map(SecretFile::path)
    }
}

#[derive(Subcommand)]
pub(crate) enum Command {
    New(NewArgs),
    Restore(RestoreArgs),
    Backup(BackupArgs),
    Passphrase(PassphraseArgs),
    Export(ExportArgs),
    Voter(VoterArgs),
    Inspect(InspectArgs),
    Sign(SignArgs),
    Limits(LimitsArgs),
    Address(AddressArgs),
    SelfTest(SelfTestArgs),
    Completions(CompletionsArgs),
}

/// Print a script that completes this command line in a shell
#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// Write what another machine needs
#[derive(Args)]
pub(crate) struct ExportArgs {
    /// What to export
    pub(crate) what: Export,
    /// Write to this file, or to standard output for -
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    pub(crate) out: Option<PathBuf>,
    /// For watch and voter: show it as QR codes, for the camera of the other machine
    ///
    /// No secret is in them, but who films the screen sees which coins are yours.
    #[arg(long)]
    pub(crate) show: bool,
    /// The spending account; by default the first one
    #[arg(long, value_name = "NUMBER")]
    pub(crate) account: Option<u32>,
    /// The generation of the own voter, 0 to 15; by default the newest one in use
    ///
    /// A generation that is not in use yet is taken into use; do so when a hot file has leaked.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) generation: Option<u8>,
    /// For hot: read the passphrase of the hot file from a file, or from standard input for -
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) hot_passphrase_file: Option<SecretFile>,
    /// For hot: the memory in MiB that opening the hot file takes, 8 to 1024
    #[arg(long, default_value_t = 256, value_name = "MIB")]
    pub(crate) kdf_memory: u32,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Export {
    /// The public side of a spending account, for `dcrcold wallet import`
    Watch,
    /// The private side of the own voter, sealed with its own passphrase, for `dcrcold voter import`
    Hot,
    /// The public side of the own voter
    Voter,
}

impl Export {
    /// What it is as a transfer.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Watch => Kind::WatchExport,
            Self::Hot => Kind::HotKeys,
            Self::Voter => Kind::VoterExport,
        }
    }
}

/// Register voters and list them
#[derive(Args)]
pub(crate) struct VoterArgs {
    #[command(subcommand)]
    pub(crate) command: VoterCommand,
}

#[derive(Subcommand)]
pub(crate) enum VoterCommand {
    Add(VoterAddArgs),
    List(VoterListArgs),
}

/// Register a voter that was made on another machine
///
/// Requests may name it from then on: its keys will vote, and its purse may be topped up. Shows all of its keys, and asks
/// as `sign` does.
#[derive(Args)]
pub(crate) struct VoterAddArgs {
    /// The voter export, or - for standard input
    #[arg(required_unless_present = "scan")]
    pub(crate) file: Option<PathBuf>,
    /// Scan the voter export, by default with a camera
    #[arg(long, conflicts_with = "file")]
    pub(crate) scan: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Approve the export with this id without asking
    #[arg(long, value_name = "ID")]
    pub(crate) approve: Option<TransferId>,
}

/// List the voters that requests may name
#[derive(Args)]
pub(crate) struct VoterListArgs {}

/// Show what a file holds, without a passphrase
#[derive(Args)]
pub(crate) struct InspectArgs {
    /// The file, or - for standard input
    pub(crate) file: PathBuf,
    /// Open the key store and show the pages of the review; for requests
    #[arg(long)]
    pub(crate) review: bool,
}

/// Review a request and sign it
///
/// With --scan the request comes as codes, from `dcrcold show` on the online machine. Codes may come in any order; those that were seen
/// are kept beside the key store until all of it is there, so that a scan can be broken off.
///
/// Shows all of the request on the whole terminal, then asks for its four check words. With --plain, or when TERM is dumb
/// or not set, it does so line by line. A script passes --approve instead.
#[derive(Args)]
pub(crate) struct SignArgs {
    /// The request, or - for standard input
    #[arg(required_unless_present = "scan")]
    pub(crate) request: Option<PathBuf>,
    /// Scan the request, by default with a camera
    #[arg(long, conflicts_with = "request")]
    pub(crate) scan: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    /// Write the answer to this file, or to standard output for -
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    pub(crate) out: Option<PathBuf>,
    /// Show the answer as QR codes, for the camera of the online machine
    ///
    /// Who approves at a terminal is asked whether to.
    #[arg(long)]
    pub(crate) show: bool,
    /// Approve the request with this id, 64 hexadecimal digits, without asking
    #[arg(long, value_name = "ID")]
    pub(crate) approve: Option<TransferId>,
}

/// Show what requests may ask for at most, and change it
///
/// Without an option nothing changes. Limits are kept in the key store, where the online side can neither read nor change
/// them; docs/policy.md says which rule each of them tunes. Amounts are in DCR.
#[derive(Args)]
pub(crate) struct LimitsArgs {
    /// What one ticket may lock
    #[arg(long, value_name = "DCR")]
    pub(crate) ticket: Option<Amount>,
    /// How many tickets one request may buy or register, 0 to 100
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(..=HOST_TICKETS as i64))]
    pub(crate) tickets: Option<u32>,
    /// What all tickets of a request may lock together
    #[arg(long, value_name = "DCR")]
    pub(crate) total: Option<Amount>,
    /// The fee of one transaction
    #[arg(long, value_name = "DCR")]
    pub(crate) fee: Option<Amount>,
    /// The fee rate in atoms/kB, from 10000, below which nodes do not relay
    #[arg(long, value_name = "ATOMS", value_parser = fee_rate)]
    pub(crate) fee_rate: Option<FeeRate>,
    /// What the purse of a voter may get with a purchase
    #[arg(long, value_name = "DCR")]
    pub(crate) purse: Option<Amount>,
    /// How far a ticket may lock more than the price that the online side claims, in percent
    #[arg(long, value_name = "PERCENT")]
    pub(crate) headroom: Option<Percent>,
    /// Blocks from the claimed tip to the expiry of tickets, from 1
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) expiry: Option<u32>,
    /// Forget what was signed, as after a restore: indexes of the next request are taken as they come
    ///
    /// For keys that have signed on another machine meanwhile, and for a journal that is lost for good. What the journal
    /// holds is still told in reviews.
    #[arg(long)]
    pub(crate) forget_signed: bool,
}

impl LimitsArgs {
    /// Whether anything is to be changed.
    pub(crate) const fn change(&self) -> bool {
        let Self { ticket, tickets, total, fee, fee_rate, purse, headroom, expiry, forget_signed } = self;
        let amounts = ticket.is_some() || total.is_some() || fee.is_some() || purse.is_some();
        let numbers = tickets.is_some() || fee_rate.is_some() || headroom.is_some() || expiry.is_some();
        amounts || numbers || *forget_signed
    }
}

fn fee_rate(text: &str) -> Result<FeeRate, String> {
    let least = FeeRate::RELAY_MINIMUM;
    let rate = text.parse().ok().map(FeeRate::from_atoms_per_kb).filter(|rate| *rate >= least);
    rate.ok_or(format!("expected a whole number of atoms from {}", least.atoms_per_kb()))
}

/// Show addresses of a spending account
#[derive(Args)]
pub(crate) struct AddressArgs {
    /// The spending account; by default the first one
    #[arg(long, value_name = "NUMBER")]
    pub(crate) account: Option<u32>,
    /// The branch: 0 receives, 1 is internal
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) branch: u8,
    /// The index of the first address
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) index: u32,
    /// How many addresses, 1 to 1000
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000), value_name = "NUMBER")]
    pub(crate) count: u32,
}

/// Show that this program cannot reach a network, start programs or open files that were not named
///
/// Tries what the box around this program forbids, first outside of it and then inside. Exit status 0 only if all of it
/// worked outside and none of it inside. With --json the filter of system calls is printed too, as the kernel has it.
#[derive(Args)]
pub(crate) struct SelfTestArgs {
    /// This program was started by itself, to show that it could be
    #[arg(long, hide = true)]
    pub(crate) started_again: bool,
}
