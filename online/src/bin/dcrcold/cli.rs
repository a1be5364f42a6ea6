//! The arguments of `dcrcold`; nothing but clap types.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

/// Buy Decred tickets with keys that never touch a networked machine
///
/// This is the online side. It watches the coins, prepares requests for the offline signer and sends what the signer
/// answered. It holds no spend key.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
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
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) wallet: Option<PathBuf>,
    /// Print facts as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Where blocks come from: `dcrd`, or `sim:DIR` for the embedded network in a folder
    #[arg(long, global = true, value_name = "SOURCE", default_value = "dcrd")]
    pub(crate) source: SourceName,
    #[command(flatten)]
    pub(crate) dcrd: DcrdOptions,
}

/// How to reach dcrd; what is not given is looked up where dcrctl looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for dcrd")]
pub(crate) struct DcrdOptions {
    /// Address of dcrd, with or without a port
    #[arg(long, global = true, value_name = "HOST[:PORT]")]
    pub(crate) dcrd: Option<String>,
    /// File with dcrd's certificate
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) dcrd_cert: Option<PathBuf>,
    /// User name for dcrd; the limited user is enough
    #[arg(long, global = true, value_name = "NAME", requires = "dcrd_password_file")]
    pub(crate) dcrd_user: Option<String>,
    /// File whose first line is the password for dcrd, or - for standard input
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_user")]
    pub(crate) dcrd_password_file: Option<PathBuf>,
    /// Client certificate to log in with instead of a password
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_client_key", conflicts_with = "dcrd_user")]
    pub(crate) dcrd_client_cert: Option<PathBuf>,
    /// Private key of the client certificate
    #[arg(long, global = true, value_name = "FILE", requires = "dcrd_client_cert")]
    pub(crate) dcrd_client_key: Option<PathBuf>,
}

/// Where blocks come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceName {
    /// A dcrd of the user's.
    Dcrd,
    /// The embedded network in a folder.
    Sim(PathBuf),
}

impl std::str::FromStr for SourceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "dcrd" => Ok(Self::Dcrd),
            Some(("sim", folder)) if !folder.is_empty() => Ok(Self::Sim(folder.into())),
            _ => Err("expected dcrd or sim:DIR".into()),
        }
    }
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
    /// Show the tickets of the account
    Tickets,
    /// Show the ticket price and when it changes
    Stakeinfo(NetworkOption),
}

/// The network, where no wallet says it.
#[derive(Debug, Args)]
pub(crate) struct NetworkOption {
    /// Network to ask about [default: the wallet's own]
    #[arg(long)]
    pub(crate) network: Option<Network>,
}

/// What to do with the wallet's file.
#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Make a wallet from a watch file that the signer exported
    Import {
        /// The watch file
        file: PathBuf,
        /// Search for coins from this block on [default: what the file says]
        #[arg(long, value_name = "HEIGHT", value_parser = height)]
        birthday: Option<Height>,
    },
    /// Show which account the wallet watches
    Show,
}

fn height(text: &str) -> Result<Height, std::num::ParseIntError> {
    text.parse().map(Height)
}
