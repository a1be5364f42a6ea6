//! `restore`: a key store from the words or the digits of a seed, or from a backup file.

use std::path::Path;

use dcrcold_core::path::{Branch, CoinType, Index, KeyPath};
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, SecretFile, Stop};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{Access, Contents, LockedStore};
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::seed::{BIP39_COUNTS, Bip39Words, Seed, SeedError, WordList};
use zeroize::Zeroizing;

use super::make::Preparation;
use crate::cli::{Global, RestoreArgs};
use crate::input::one_stdin;
use crate::output::{Output, tell};
use crate::prompt::in_lines;
use crate::ui::seed::type_seed;
use dcrcold_signer::terminal::{Screen, ask_hidden};

pub(crate) fn run(global: &Global, args: &RestoreArgs, output: &Output) -> Result<(), Stop> {
    let secrets = [&args.seed_file, &args.bip39_passphrase_file, &args.backup_passphrase_file];
    let secrets = secrets.map(|file| file.as_ref().map(SecretFile::path));
    one_stdin([global.passphrase_path()].into_iter().chain(secrets))?;
    let coin_type = coin_type(args)?;
    let contents = args.backup.as_ref().map(|file| from_backup(file, args)).transpose()?;
    let preparation = Preparation::new(global, &args.store)?;
    let contents = match contents {
        Some(contents) => contents,
        None => {
            let strict = args.strict || args.bip39;
            preparation.contents(
                seed(args, in_lines(global.plain))?,
                coin_type,
                if strict { Derivation::Strict } else { Derivation::Decred },
            )?
        }
    };
    preparation.write(&contents, output)?;
    let address = first_address(&contents)?;
    if output.json() {
        return output.facts(&preparation.facts(&contents).text("address", address));
    }
    tell(format_args!("Its first address is {address}; see that it is the one you know."));
    Ok(())
}

fn coin_type(args: &RestoreArgs) -> Result<CoinType, Failure> {
    let network = args.store.network;
    let Some(number) = args.coin_type else { return Ok(CoinType::standard(network)) };
    let [standard, legacy] = network.params().coin_types;
    let message = format!("--coin-type is {number}, expected {standard} or {legacy} on {network}");
    CoinType::new(network, number.into()).ok_or_else(|| Failure::new(FailureKind::Usage, message))
}

fn from_backup(file: &Path, args: &RestoreArgs) -> Result<Contents, Failure> {
    let locked = LockedStore::open(file, Access::Read).map_err(|error| Failure::from(error).about(file))?;
    let passphrase = PassphraseFrom::new(args.backup_passphrase_file.as_ref());
    let opened = locked.unlock(passphrase.existing("Passphrase of the backup file: ")?);
    Ok(opened.map_err(|error| Failure::from(error).about(file))?.into_contents())
}

fn seed(args: &RestoreArgs, plain: bool) -> Result<Seed, Failure> {
    if args.bip39 {
        let words = match &args.seed_file {
            Some(file) => Bip39Words::parse(&file.text()?)?,
            None if plain => Bip39Words::parse(&ask_hidden("The words of the hardware wallet: ")?)?,
            None => type_words("Type the words of the hardware wallet", WordList::Bip39, Bip39Words::parse)?,
        };
        return Ok(words.to_seed(&bip39_passphrase(args)?)?);
    }
    match &args.seed_file {
        Some(file) => parse(&file.text()?),
        None if args.hex => parse(&ask_hidden("The hexadecimal digits of the seed: ")?),
        None if plain => parse(&ask_hidden("The words of the seed: ")?),
        None => type_words("Type the words of the seed", WordList::Decred, Seed::parse),
    }
}

fn type_words<T>(title: &str, list: WordList, parse: impl Fn(&str) -> Result<T, SeedError>) -> Result<T, Failure> {
    type_seed(&mut Screen::open()?, title, list, parse)
}

fn parse(text: &str) -> Result<Seed, Failure> {
    Seed::parse(text).map_err(|error| {
        let unknown = matches!(error, SeedError::UnknownWord { .. } | SeedError::WrongParity { .. });
        let failure = Failure::from(error);
        if unknown && BIP39_COUNTS.contains(&text.split_whitespace().count()) {
            return failure.hint("words of a hardware wallet are restored with --bip39");
        }
        failure
    })
}

/// The passphrase of the words, which is none unless a file or a person says so.
fn bip39_passphrase(args: &RestoreArgs) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = &args.bip39_passphrase_file {
        return file.line();
    }
    if args.seed_file.is_some() {
        return Ok(Zeroizing::default());
    }
    let typed = ask_hidden("Passphrase that belongs to the words (none is usual): ")?;
    if *typed != *ask_hidden("Once more: ")? {
        return Err(Failure::new(FailureKind::Declined, "the two passphrases are not the same"));
    }
    Ok(typed)
}

/// The first address of the first account, by which a person knows the wallet.
fn first_address(contents: &Contents) -> Result<Address, Failure> {
    let account = contents.accounts().first().map(|entry| contents.path(entry.account));
    let account = account.ok_or_else(|| Failure::new(FailureKind::Failed, "key store without an account"))?;
    let path = KeyPath { branch: Branch::External, index: Index::FIRST };
    let keys = *contents.master()?.account(account)?.public().node();
    Ok(Address::of_key_hash(contents.network(), keys.address_hash(path)?))
}
