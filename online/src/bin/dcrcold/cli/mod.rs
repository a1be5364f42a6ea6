//! The arguments of `dcrcold`; nothing but clap types.

mod auto;
mod coins;
mod demo;
mod device;
mod doctor;
mod export;
mod node;
mod option;
mod purchase;
mod scan;
mod send;
mod value;
mod voter;
mod vsp;
mod web;

use std::path::PathBuf;

use clap::{ArgAction, ArgGroup, Args, ColorChoice, Parser, Subcommand};
use clap_complete::Shell;
use dcrcold_core::amount::Height;
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::path::Account;
use dcrcold_signer::name::Name;
use dcrcold_signer::scanning::SourceArgs;

use value::{account, height};

pub(crate) use auto::{AutoCommand, AutoRunArgs, RuleArgs};
pub(crate) use coins::{CoinsArgs, CoinsCommand};
pub(crate) use demo::{DemoArgs, DemoCommand};
pub(crate) use device::{DeviceOptions, SignArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use export::ExportArgs;
pub(crate) use node::{DcrdOptions, PeerOptions, SourceName};
pub(crate) use option::{NetworkOption, PassphraseOption, VoterOption};
pub(crate) use purchase::{BuyArgs, ShowArgs, SubmitArgs};
pub(crate) use scan::ScanArgs;
pub(crate) use send::SendArgs;
pub(crate) use voter::{ChoicesArgs, HandoffArgs, NewVoterArgs, VoterCommand, VoterRunArgs};
pub(crate) use vsp::{EvidenceArgs, RegisterArgs, VspChoicesArgs, VspCommand};
pub(crate) use web::WebArgs;

/// Buy Decred tickets with keys that never touch a networked machine
///
/// This is the online side. It watches the coins, prepares requests for the offline signer and sends what the signer
/// answered. It holds no spend key.
///
/// Options that name a variable of the environment are settings. What the command line does not say is taken from the
/// environment, then from the file of --config, whose keys are the names of these options.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, arg_required_else_help = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// File of the wallet [default: wallet.db in the user's data folder for dcrcold]
    #[arg(long, global = true, value_name = "FILE", env = "DCRCOLD_WALLET", hide_env_values = true)]
    pub(crate) wallet: Option<PathBuf>,
    /// File with settings [default: dcrcold.toml in the user's configuration folder for dcrcold]
    #[arg(long, global = true, value_name = "FILE", env = "DCRCOLD_CONFIG", hide_env_values = true)]
    pub(crate) config: Option<PathBuf>,
    /// Print facts as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print amounts in atoms instead of DCR; those typed are DCR always, those of JSON atoms
    #[arg(long, global = true, value_name = "BOOL", env = "DCRCOLD_ATOMS", hide_env_values = true, action = ArgAction::Set, num_args = 0..=1,
        require_equals = true, default_value = "false", default_missing_value = "true", hide_default_value = true,
        hide_possible_values = true)]
    pub(crate) atoms: bool,
    /// Colour what is printed on a terminal; NO_COLOR counts for auto
    #[arg(long, global = true, value_name = "WHEN", env = "DCRCOLD_COLOR", hide_env_values = true, default_value_t = ColorChoice::Auto)]
    pub(crate) color: ColorChoice,
    /// Where blocks come from: `spv` for peers of the network, `dcrd`, or `sim:DIR` for the embedded network in a folder
    /// [default: spv; dcrd where an option for dcrd is given, and for voters]
    #[arg(long, global = true, value_name = "SOURCE", env = "DCRCOLD_SOURCE", hide_env_values = true)]
    pub(crate) source: Option<SourceName>,
    #[command(flatten)]
    pub(crate) dcrd: DcrdOptions,
    #[command(flatten)]
    pub(crate) peer: PeerOptions,
    /// End when the process with this id does, which must be the one that started this one
    #[arg(long, global = true, value_name = "PID", hide = true)]
    pub(crate) die_with: Option<u32>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make or show the wallet
    #[command(subcommand)]
    Wallet(WalletCommand),
    /// Bring the wallet up to the tip of the chain
    Sync,
    /// Show what the account owns
    Balance,
    /// Show every coin: what it is worth, what can be done with it and when, and where it lies
    Coins(CoinsArgs),
    /// Show an address to be paid at, on the device too if one is named
    Address {
        /// Take one that was never handed out
        #[arg(long)]
        new: bool,
        #[command(flatten)]
        device: DeviceOptions,
    },
    /// Prepare a request for tickets
    Buy(BuyArgs),
    /// Prepare a request that pays somebody, or joins coins
    Send(SendArgs),
    /// Have a request signed by a device; the answer is for `submit`
    ///
    /// A voter that the device was not shown yet is registered first: compare its fingerprint on the screen with the one
    /// on the voter's own machine.
    Sign(SignArgs),
    /// Show a request as QR codes, for the camera of the offline machine
    ///
    /// Codes follow each other until a key ends it, and any of them are of use to whoever reads. Space stops and goes on, +
    /// and - change how much a code holds, < and > how fast they follow, at any time. A request that fits into one code
    /// stands still. Voters that were made on this side are shown too; answers and secrets are not.
    Show(ShowArgs),
    /// Scan the answer of the signer, by default with a camera, and write it to a file for `submit`
    ///
    /// Codes may come in any order; those that were seen are kept beside the wallet until all of it is there, so that a scan
    /// can be broken off. Only answers are taken: they hold signatures and nothing else.
    Scan(ScanArgs),
    /// Check an answer of the signer and send what it completes
    ///
    /// Doing it again sends only what the network does not have yet.
    Submit(SubmitArgs),
    /// Give up a request of which nothing was sent, or list the requests
    ///
    /// Whoever has the answer to a request can still send it. With --spend the signatures become worthless.
    Cancel {
        /// The request's id [default: list all requests]
        id: Option<TransferId>,
        /// Write a request to this file that spends the coins back to the account, so that the answer is worth nothing
        ///
        /// It is signed and submitted like any other. The first request is given up when this one is mined.
        #[arg(long, value_name = "FILE", requires = "id")]
        spend: Option<PathBuf>,
    },
    /// Show the tickets of the account, what each cost and brought, and when it is expected back
    Tickets {
        /// Follow the chain and show them again after each block
        #[arg(long)]
        watch: bool,
    },
    /// Write the history of the account: what every transaction changed, and what it owned after each
    ///
    /// The changes sum up to what `balance` shows, or nothing is written.
    Export(ExportArgs),
    /// Show the ticket price, when it changes, and what the account's tickets came to
    Stakeinfo(NetworkOption),
    /// Let a VSP vote: choose one, hand tickets over, pay its fees from the purse
    #[command(subcommand)]
    Vsp(VspCommand),
    /// Vote with hot keys, and hand them on
    #[command(subcommand)]
    Voter(VoterCommand),
    /// Prepare requests by a rule, and tell that a signature is due
    #[command(subcommand)]
    Auto(AutoCommand),
    /// Serve a page for a browser on this computer: requests as codes, answers by its camera, tickets as pictures
    ///
    /// The page is served on loopback, at a new port and with a new secret in its link each time. It loads nothing from
    /// elsewhere and does what the commands do: `submit` when a button is pressed, `sync`, `tickets`, `stakeinfo`.
    Web(WebArgs),
    /// Look for what is wrong, and say what can be done about it; nothing is changed
    ///
    /// It looks at the wallet's file and what lies beside it, the source of blocks and the clock, requests that are under way
    /// and the next step of each, VSPs and voters. It ends with 1 when something needs a person.
    Doctor(DoctorArgs),
    /// Watch the whole path on an embedded network: a cold key buys tickets, a hot key votes, the rewards return
    Demo(DemoArgs),
    /// Print a script that completes this command line in a shell
    ///
    /// For bash: `dcrcold completions bash > ~/.local/share/bash-completion/completions/dcrcold`. For fish:
    /// `~/.config/fish/completions/dcrcold.fish`. For zsh: a file `_dcrcold` in a folder of $fpath.
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// What to do with the wallet's file.
#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Make a wallet from a watch file that the signer exported, or from a device
    Import(Box<ImportArgs>),
    /// Show which account the wallet watches
    Show,
    /// Copy the wallet to a new file, while other commands may run
    ///
    /// It has no key that spends, but whoever has it sees every coin. `doctor --backup` says what it lacks later.
    Backup {
        /// The new file
        file: PathBuf,
    },
}

/// Where a wallet comes from.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("from").args(["file", "scan", "simulator", "ledger"]).required(true))]
pub(crate) struct ImportArgs {
    /// The watch file
    pub(crate) file: Option<PathBuf>,
    /// Scan what `dcrcold-signer export watch --show` shows, by default with a camera
    #[arg(long)]
    pub(crate) scan: bool,
    #[command(flatten)]
    pub(crate) codes: SourceArgs,
    /// Search for coins from this block on [default: what the file says]
    #[arg(long, value_name = "HEIGHT", value_parser = height)]
    pub(crate) birthday: Option<Height>,
    #[command(flatten)]
    pub(crate) device: DeviceOptions,
    /// Network of the account on the device
    #[arg(long, conflicts_with = "file", env = "DCRCOLD_NETWORK", hide_env_values = true, default_value_t = Network::Mainnet)]
    pub(crate) network: Network,
    /// Number of the account on the device
    #[arg(long, value_name = "NUMBER", conflicts_with = "file", default_value_t = Account::FIRST, value_parser = account)]
    pub(crate) account: Account,
    /// What to call the account on the device
    #[arg(long, value_name = "TEXT", conflicts_with = "file", default_value = "device")]
    pub(crate) name: Name,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
