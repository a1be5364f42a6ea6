//! Options that several commands have.

use clap::Args;
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::SecretFile;

/// Where the passphrase of a hot file comes from.
#[derive(Debug, Args)]
pub(crate) struct PassphraseOption {
    /// Read the passphrase of the hot file from the first line of a file, or of standard input for -
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) passphrase_file: Option<SecretFile>,
}

/// Where the passphrases of hot files come from.
#[derive(Debug, Args)]
pub(crate) struct PassphrasesOption {
    /// Read the passphrase of hot files from the first line of a file, or of standard input for -; give one for each
    /// passphrase
    #[arg(long = "passphrase-file", value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) passphrase_files: Vec<SecretFile>,
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
    #[arg(long, env = "DCRCOLD_NETWORK", hide_env_values = true)]
    pub(crate) network: Option<Network>,
}
