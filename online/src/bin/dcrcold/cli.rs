//! The arguments of `dcrcold`; nothing but clap types.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use dcrcold::vsp::{AgendaId, ChoiceId, ServerKey, TreasuryKey, TreasuryPolicy, VspAddress};
use dcrcold::vsp_client::LIST_URL;
use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::request::Label;
use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::name::Name;
use dcrcold_signer::sealed::Kdf;

/// Buy Decred tickets with keys that never touch a networked machine
///
/// This is the online side. It watches the coins, prepares requests for the offline signer and sends what the signer
/// answered. It holds no spend key.
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
    /// End when the process with this id does, which must be the one that started this one
    #[arg(long, global = true, value_name = "PID", hide = true)]
    pub(crate) die_with: Option<u32>,
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

impl FromStr for SourceName {
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
    /// Show an address to be paid at
    Address {
        /// Take one that was never handed out
        #[arg(long)]
        new: bool,
    },
    /// Prepare a request for tickets
    Buy(BuyArgs),
    /// Check an answer of the signer and send what it completes
    ///
    /// Doing it again sends only what the network does not have yet.
    Submit(SubmitArgs),
    /// Give up a request of which nothing was sent, or list the requests
    Cancel {
        /// The request's id [default: list all requests]
        id: Option<TransferId>,
    },
    /// Show the tickets of the account, what each cost and brought, and when it is expected back
    Tickets {
        /// Follow the chain and show them again after each block
        #[arg(long)]
        watch: bool,
    },
    /// Show the ticket price, when it changes, and what the account's tickets came to
    Stakeinfo(NetworkOption),
    /// Let a VSP vote: choose one, hand tickets over, pay its fees from the purse
    #[command(subcommand)]
    Vsp(VspCommand),
    /// Vote with hot keys, and hand them on
    #[command(subcommand)]
    Voter(VoterCommand),
    /// Watch the whole path on an embedded network: a cold key buys tickets, a hot key votes, the rewards return
    Demo(DemoArgs),
}

/// The demonstration, or a chore on an embedded network.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DemoArgs {
    /// The offline program [default: dcrcold-signer beside this program]
    #[arg(long, value_name = "FILE")]
    pub(crate) signer: Option<PathBuf>,
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

/// What to do with an answer.
#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// The answer, or - for standard input
    pub(crate) answer: PathBuf,
    /// Print the signed transactions and registrations, and send nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// The request, when it is not one of this wallet
    #[arg(long, value_name = "FILE", requires = "print")]
    pub(crate) request: Option<PathBuf>,
}

/// What to buy.
#[derive(Debug, Args)]
pub(crate) struct BuyArgs {
    /// How many tickets
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) count: u32,
    /// Write the request to this file, or to standard output for -
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// DCR that each ticket locks [default: the price and the headroom]
    #[arg(long, value_name = "DCR", conflicts_with = "headroom")]
    pub(crate) amount: Option<Amount>,
    /// Percent above the price that each ticket locks, so that it fits when the price rises a little
    ///
    /// What is locked above the price comes back with the vote.
    #[arg(long, value_name = "PERCENT", default_value = "5")]
    pub(crate) headroom: Percent,
    /// Fee rate of all transactions, in atoms per kB
    #[arg(long, value_name = "ATOMS", default_value_t = FeeRate::RELAY_MINIMUM.atoms_per_kb())]
    pub(crate) fee_rate: u64,
    /// Fingerprint of the voter [default: the voter of the account's own seed]
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) voter: Option<Fingerprint>,
    /// Let the tickets expire at this height [default: the end of the next price window]
    #[arg(long, value_name = "HEIGHT", value_parser = height)]
    pub(crate) expiry: Option<Height>,
    /// Text that the signer shows as coming from here, at most 64 characters
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

/// A percentage, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Percent(pub(crate) u32);

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected a percentage with at most two decimals".to_owned();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 4 || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
            return Err(expected());
        }
        let hundredths = format!("{whole}{fraction:0<2}");
        hundredths.parse().map(Self).map_err(|_| expected())
    }
}

/// What to do with VSPs.
#[derive(Debug, Subcommand)]
pub(crate) enum VspCommand {
    /// List the public VSPs, those with the fewest tickets first
    List {
        /// Where the list is
        #[arg(long, value_name = "URL", default_value = LIST_URL)]
        list_url: String,
        #[command(flatten)]
        http: HttpOptions,
    },
    /// Choose a VSP: pin its key, accept its fee, mean purchases for it
    Use {
        /// Its address, as in https://vsp.example.com
        address: VspAddress,
        /// Its key, if it is known from elsewhere; base64
        key: Option<ServerKey>,
        #[command(flatten)]
        http: HttpOptions,
    },
    /// Hand tickets to a VSP and pay its fees; doing it again goes on
    ///
    /// Tickets for which the cold side signed no message yet get a request for it first, which `submit` takes the answer
    /// of. Nothing is paid that is above the accepted percentage.
    Register(RegisterArgs),
    /// Show how far tickets are with VSPs
    Status,
    /// Show or change what is voted
    Choices(VspChoicesArgs),
    /// Export all signed exchanges about a ticket, or check such an export
    ///
    /// Among them is the voting key of the ticket, which the VSP was given: whoever gets the export can vote with it.
    Evidence(EvidenceArgs),
}

/// How to reach VSPs.
#[derive(Debug, Args)]
pub(crate) struct HttpOptions {
    /// SOCKS5 proxy, such as Tor's 127.0.0.1:9050
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) proxy: Option<SocketAddr>,
}

/// Which tickets to hand to which VSP.
#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// A ticket, any number of times [default: those that were bought for the VSP]
    #[arg(long = "ticket", value_name = "TICKET")]
    pub(crate) tickets: Vec<TxId>,
    /// The VSP [default: the one chosen with `vsp use`]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) vsp: Option<VspAddress>,
    /// Write the request for the cold side to this file, where one is needed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// DCR that the fee of one ticket may be at most
    #[arg(long, value_name = "DCR", default_value = "0.2")]
    pub(crate) max_fee: Amount,
    /// Go on until all tickets are confirmed, looking after each block
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) voter: VoterOption,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseOption,
    #[command(flatten)]
    pub(crate) http: HttpOptions,
}

/// What VSPs are to vote.
#[derive(Debug, Args)]
pub(crate) struct VspChoicesArgs {
    /// For this ticket alone [default: for all that have nothing of their own]
    #[arg(long, value_name = "TICKET")]
    pub(crate) ticket: Option<TxId>,
    /// Choose on an agenda, as in maxtreasuryspend=yes
    #[arg(long = "agenda", value_name = "AGENDA=CHOICE", value_parser = pair::<AgendaId, ChoiceId>)]
    pub(crate) agendas: Vec<(AgendaId, ChoiceId)>,
    /// Vote yes, no or abstain on all treasury spends of a key; at most three
    #[arg(long = "treasury-key", value_name = "KEY=POLICY", value_parser = policy::<TreasuryKey>)]
    pub(crate) treasury_keys: Vec<(TreasuryKey, TreasuryPolicy)>,
    /// Vote yes, no or abstain on one treasury spend, whatever its key; at most three
    #[arg(long = "treasury-spend", value_name = "ID=POLICY", value_parser = policy::<TxId>)]
    pub(crate) treasury_spends: Vec<(TxId, TreasuryPolicy)>,
}

/// What to export or check.
#[derive(Debug, Args)]
pub(crate) struct EvidenceArgs {
    /// The ticket
    #[arg(required_unless_present = "check")]
    pub(crate) ticket: Option<TxId>,
    /// Check an export instead, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "ticket")]
    pub(crate) check: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) voter: VoterOption,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseOption,
}

/// What to do with voters.
#[derive(Debug, Subcommand)]
pub(crate) enum VoterCommand {
    /// Make a voter with a seed of its own, for a voting box
    ///
    /// Its 33 words are shown once. The hot keys are sealed with a passphrase and kept here; the public keys go into a
    /// file that the cold side registers with `dcrcold-signer voter add FILE`.
    New(NewVoterArgs),
    /// Take over the hot keys, or the public keys, of a voter
    ///
    /// The hot file stays sealed with its passphrase; a copy of it is kept beside the wallet. A voting box needs no
    /// wallet for it.
    Import {
        /// The file that the signer exported
        file: PathBuf,
        #[command(flatten)]
        passphrase: PassphraseOption,
    },
    /// Change over to the next generation of the own voter after its hot keys leaked
    ///
    /// Without a file, says what to do and which live tickets the leak concerns. With the hot file of a later
    /// generation, takes its keys over and names that voter in purchases from now on.
    Rotate {
        /// The hot file of the next generation
        file: Option<PathBuf>,
        #[command(flatten)]
        passphrase: PassphraseOption,
    },
    /// List the voters known here
    List,
    /// Show or set what a voter votes for
    Choices(ChoicesArgs),
    /// Vote with the tickets that are called, until told to end
    ///
    /// Finds the tickets of all voters whose hot keys are here; there need not be a wallet. dcrd's full user is needed.
    /// Any number of machines may run with the same keys.
    Run(VoterRunArgs),
    /// Show how the voter that runs here is
    Status,
    /// Give the voting key of a ticket to a dcrwallet, and see that it watches the ticket
    Handoff(Box<HandoffArgs>),
    /// Print the voting key of a ticket for an import into dcrwallet
    Wif {
        /// The ticket
        ticket: TxId,
        #[command(flatten)]
        voter: VoterOption,
        #[command(flatten)]
        passphrase: PassphraseOption,
    },
}

/// A voter with a seed of its own.
#[derive(Debug, Args)]
pub(crate) struct NewVoterArgs {
    /// What to call it
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
    /// Write the public keys to this file, for the cold side
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) network: NetworkOption,
    /// Make it from the words in this file again, or from standard input for -
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) words_file: Option<SecretFile>,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseOption,
    /// MiB of memory that each try of a passphrase takes
    #[arg(long, value_name = "MIB", default_value_t = Kdf::DEFAULT.memory_mib())]
    pub(crate) kdf_memory: u32,
}

/// What to vote for.
#[derive(Debug, Args)]
pub(crate) struct ChoicesArgs {
    /// Choose on an agenda; abstain takes the choice back
    #[arg(long = "agenda", value_name = "AGENDA=CHOICE", value_parser = pair::<AgendaId, ChoiceId>)]
    pub(crate) agendas: Vec<(AgendaId, ChoiceId)>,
    /// Vote yes, no or abstain on all treasury spends of a key
    #[arg(long = "treasury-key", value_name = "KEY=POLICY", value_parser = policy::<TreasuryKey>)]
    pub(crate) treasury_keys: Vec<(TreasuryKey, TreasuryPolicy)>,
    /// Vote yes, no or abstain on one treasury spend, whatever its key
    #[arg(long = "treasury-spend", value_name = "ID=POLICY", value_parser = policy::<TxId>)]
    pub(crate) treasury_spends: Vec<(TxId, TreasuryPolicy)>,
    /// Forget all choices first
    #[arg(long)]
    pub(crate) clear: bool,
    #[command(flatten)]
    pub(crate) voter: VoterOption,
}

fn pair<K: FromStr<Err: ToString>, V: FromStr<Err: ToString>>(text: &str) -> Result<(K, V), String> {
    let (key, value) = text.split_once('=').ok_or("expected two names with = in between")?;
    let key = key.parse().map_err(|error: K::Err| error.to_string())?;
    Ok((key, value.parse().map_err(|error: V::Err| error.to_string())?))
}

fn policy<K: FromStr<Err: ToString>>(text: &str) -> Result<(K, TreasuryPolicy), String> {
    let (key, word) = pair::<K, String>(text)?;
    let policy = TreasuryPolicy::from_word(&word).filter(|_| !word.is_empty());
    Ok((key, policy.ok_or("expected yes, no or abstain after =")?))
}

/// How to vote.
#[derive(Debug, Args)]
pub(crate) struct VoterRunArgs {
    /// Vote on the present tip only, then end
    #[arg(long)]
    pub(crate) once: bool,
    /// Serve the figures for Prometheus at this address, which must be on loopback
    #[arg(long, value_name = "IP:PORT")]
    pub(crate) metrics: Option<SocketAddr>,
    /// Fingerprint of a voter; may be given several times [default: all whose hot keys are here]
    #[arg(long = "voter", value_name = "FINGERPRINT")]
    pub(crate) voters: Vec<Fingerprint>,
    /// Read the passphrase of hot files from the first line of a file, or of standard input for -; give one for each
    /// passphrase
    #[arg(long = "passphrase-file", value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) passphrase_files: Vec<SecretFile>,
}

/// The ticket to hand over, and how to reach dcrwallet.
#[derive(Debug, Args)]
pub(crate) struct HandoffArgs {
    /// The ticket
    pub(crate) ticket: TxId,
    /// Address of dcrwallet, with or without a port
    #[arg(long, value_name = "HOST[:PORT]", default_value = "localhost")]
    pub(crate) dcrwallet: String,
    /// File with dcrwallet's certificate [default: rpc.cert in dcrwallet's folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) dcrwallet_cert: Option<PathBuf>,
    /// User name for dcrwallet
    #[arg(long, value_name = "NAME", requires = "dcrwallet_password_file")]
    pub(crate) dcrwallet_user: Option<String>,
    /// File whose first line is the password for dcrwallet, or - for standard input
    #[arg(long, value_name = "FILE", requires = "dcrwallet_user")]
    pub(crate) dcrwallet_password_file: Option<PathBuf>,
    /// Client certificate to log in with instead of a password
    #[arg(long, value_name = "FILE", requires = "dcrwallet_client_key", conflicts_with = "dcrwallet_user")]
    pub(crate) dcrwallet_client_cert: Option<PathBuf>,
    /// Private key of the client certificate
    #[arg(long, value_name = "FILE", requires = "dcrwallet_client_cert")]
    pub(crate) dcrwallet_client_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) voter: VoterOption,
    #[command(flatten)]
    pub(crate) passphrase: PassphraseOption,
}

/// Where the passphrase of a hot file comes from.
#[derive(Debug, Args)]
pub(crate) struct PassphraseOption {
    /// Read the passphrase of the hot file from the first line of a file, or of standard input for -
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) passphrase_file: Option<SecretFile>,
}

/// Which voter.
#[derive(Debug, Args)]
pub(crate) struct VoterOption {
    /// Fingerprint of the voter [default: the only one whose hot keys are here]
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) voter: Option<Fingerprint>,
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

fn label(text: &str) -> Result<Label, String> {
    Label::new(text.as_bytes()).ok_or_else(|| "expected 1 to 64 printable ASCII characters".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, Percent};
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn percentages_have_at_most_two_decimals() {
        for (text, hundredths) in [("5", 500), ("0", 0), ("2.5", 250), ("0.05", 5), ("100", 10_000)] {
            assert_eq!(text.parse(), Ok(Percent(hundredths)));
        }
        for text in ["", "-1", "1.234", ".5", "1e2", "99999", "5%"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }
}
