//! The arguments of `dcrcold voter`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use dcrcold::vsp::{AgendaId, ChoiceId, TreasuryKey, TreasuryPolicy};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::name::Name;
use dcrcold_signer::sealed::Kdf;

use super::option::{NetworkOption, PassphraseOption, PassphrasesOption, VoterOption};
use super::value::{pair, policy};

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
    /// generation, takes its keys over and names that voter in purchases from now on. With `--empty-purse`, before that
    /// or after it, brings home what a thief could take.
    Rotate {
        /// The hot file of the next generation
        file: Option<PathBuf>,
        /// Send the free coins in the purse of this voter to the account, signed with its hot keys
        ///
        /// Coins that VSP fees under way spend stay. Run again, it sends the same transaction until that is mined, then
        /// what has become free since.
        #[arg(long, value_name = "FINGERPRINT", conflicts_with = "file")]
        empty_purse: Option<Fingerprint>,
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
    /// Vote yes or no on all treasury spends of a key; abstain takes that back
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
    #[command(flatten)]
    pub(crate) passphrases: PassphrasesOption,
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
