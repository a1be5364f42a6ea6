//! The arguments of the commands that make, restore and keep key stores.

use std::path::PathBuf;

use clap::Args;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::SecretFile;
use dcrcold_signer::name::Name;
use dcrcold_signer::seed::AddedKind;

/// What a key store is made with.
#[derive(Args)]
pub(crate) struct StoreArgs {
    /// The network of the keys: mainnet, testnet3 or simnet
    #[arg(long, default_value = "mainnet")]
    pub(crate) network: Network,
    /// The number of the first spending account
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub(crate) account: u32,
    /// The name of the first spending account, 1 to 32 printable ASCII characters
    #[arg(long, default_value = "default")]
    pub(crate) name: Name,
    /// A height below which the keys were not used; spares the online side the search there
    #[arg(long, value_name = "HEIGHT")]
    pub(crate) birthday: Option<u32>,
    /// The memory in MiB that opening the key store takes, 8 to 1024
    ///
    /// More memory makes a weak passphrase cost more to guess.
    #[arg(long, default_value_t = 256, value_name = "MIB")]
    pub(crate) kdf_memory: u32,
}

/// Make a key store with a new seed
///
/// Shows the 33 words of the seed on a screen of its own, which leaves nothing in the scrollback, and has all of them typed
/// again. With --json, or when standard output is no terminal, it prints them there instead and asks for nothing.
/// Whoever has the words has the coins.
#[derive(Args)]
pub(crate) struct NewArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Mix something into the randomness of this machine: dice or text
    ///
    /// The seed is then at least as hard to guess as the better one of both; 99 throws of a die are as good as a whole
    /// seed.
    #[arg(long, value_name = "KIND")]
    pub(crate) mix: Option<AddedKind>,
    /// Read what is mixed in from a file, or from standard input for -
    #[arg(long, value_name = "FILE", requires = "mix", value_parser = SecretFile::parser())]
    pub(crate) mix_file: Option<SecretFile>,
}

/// Make a key store from a seed: its words, its hexadecimal digits, or a backup file
///
/// The words are typed on a screen of its own, which completes them, or read from a file.
#[derive(Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Read the seed from a file, or from standard input for -: words, or hexadecimal digits
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) seed_file: Option<SecretFile>,
    /// Type hexadecimal digits instead of words
    #[arg(long, conflicts_with_all = ["seed_file", "bip39", "backup"])]
    pub(crate) hex: bool,
    /// The seed is the 12 to 24 words of a hardware wallet, in the English list of BIP-39; implies --strict
    #[arg(long)]
    pub(crate) bip39: bool,
    /// Read the passphrase that belongs to the words of BIP-39 from a file, or from standard input for -
    ///
    /// Not to be mixed up with the passphrase of the key store. Another one makes other keys, and none is wrong.
    #[arg(long, value_name = "FILE", requires = "bip39", value_parser = SecretFile::parser())]
    pub(crate) bip39_passphrase_file: Option<SecretFile>,
    /// The coin type of the keys; by default that of new wallets
    ///
    /// Mainnet has 42 and, for wallets from before 2018, 20; testnet3 1 and 11; simnet 1 and 115.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) coin_type: Option<u32>,
    /// Derive keys as hardware wallets do, by BIP-32 to the letter, and not as dcrwallet does
    #[arg(long)]
    pub(crate) strict: bool,
    /// Restore all of a backup file, with its accounts, voters, limits and what was signed
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "seed_file", "bip39", "coin_type", "strict", "network", "account", "name", "birthday",
    ])]
    pub(crate) backup: Option<PathBuf>,
    /// Read the passphrase of the backup file from a file, or from standard input for -
    #[arg(long, value_name = "FILE", requires = "backup", value_parser = SecretFile::parser())]
    pub(crate) backup_passphrase_file: Option<SecretFile>,
}

/// Write an encrypted copy of the key store, or show the words of its seed again
///
/// The copy has a passphrase of its own and holds what words cannot: accounts, voters, limits and what was signed.
#[derive(Args)]
pub(crate) struct BackupArgs {
    /// Write the copy to this file; without it, the words are shown on a screen of its own
    ///
    /// With --json, or when standard output is no terminal, the words are printed there.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Read the passphrase of the copy from a file, or from standard input for -
    #[arg(long, value_name = "FILE", requires = "out", value_parser = SecretFile::parser())]
    pub(crate) backup_passphrase_file: Option<SecretFile>,
    /// The memory in MiB that opening the copy takes, 8 to 1024
    #[arg(long, default_value_t = 256, value_name = "MIB", requires = "out")]
    pub(crate) kdf_memory: u32,
}

/// Change the passphrase of the key store
///
/// Copies of the key store keep the passphrase that they have.
#[derive(Args)]
pub(crate) struct PassphraseArgs {
    /// Read the new passphrase from a file, or from standard input for -
    #[arg(long, value_name = "FILE", value_parser = SecretFile::parser())]
    pub(crate) new_passphrase_file: Option<SecretFile>,
    /// The memory in MiB that opening the key store takes from now on, 8 to 1024; by default as before
    #[arg(long, value_name = "MIB")]
    pub(crate) kdf_memory: Option<u32>,
}
