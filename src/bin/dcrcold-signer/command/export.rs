//! `export`: what the online machine and the voting machine need.

use dcrcold_core::path::Generation;
use dcrcold_signer::cli::{Failure, SecretFile, Stop, printable};
use dcrcold_signer::file::Readers;
use dcrcold_signer::keystore::{Access, AccountEntry, Contents, KeyStore};
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::sealed::Randomness;
use dcrcold_signer::show::{self, Shown, Side, may_show};
use dcrcold_signer::transfer::{Capacity, Container, Encode, OwnVoter, WatchExport, seal_hot_keys};
use dcrcold_signer::voter::{VoterKeys, VoterSecrets, own_accounts};

use super::make;
use crate::cli::{Export, ExportArgs, Global};
use crate::facts::Facts;
use crate::input::{is_stdio, one_stdin};
use crate::output::{Output, must_be_new, tell, write_new};
use crate::prompt;
use crate::store;

pub(crate) fn run(global: &Global, args: &ExportArgs, output: &Output) -> Result<(), Stop> {
    let hot_file = args.hot_passphrase_file.as_ref();
    one_stdin([global.passphrase_path(), hot_file.map(SecretFile::path)])?;
    if let Some(out) = &args.out {
        must_be_new(out)?;
    }
    if args.show {
        may_show(args.what.kind(), Side::Offline)?;
        prompt::needs_screen(global.plain)?;
    }
    // A generation may have to be noted, and nobody else may write meanwhile.
    let access = if args.generation.is_some() { Access::Write } else { Access::Read };
    let mut key_store = store::open(global, access)?;
    let entry = store::account(key_store.contents(), args.account)?.clone();
    let generation = store::generation(key_store.contents(), args.generation)?;
    let container = match args.what {
        Export::Watch => watch(key_store.contents(), &entry, generation)?,
        Export::Voter => voter(key_store.contents(), &entry, generation)?,
        Export::Hot => hot(key_store.contents(), &entry, generation, args, hot_file)?,
    };
    note_generation(&mut key_store, generation)?;
    let readers = if matches!(args.what, Export::Hot) { Readers::Owner } else { Readers::Everybody };
    if let Some(out) = &args.out {
        write_new(out, &container.encode(), readers)?;
    }
    report(&container, &entry, generation, args, output)?;
    if args.show {
        show::codes(Shown::new(&container, Side::Offline)?)?;
    }
    Ok(())
}

fn watch(contents: &Contents, entry: &AccountEntry, generation: Generation) -> Result<Container, Failure> {
    let account = contents.path(entry.account);
    let key = contents.master()?.account(account)?.public();
    let export = WatchExport {
        account,
        key: *key.node(),
        parent_fingerprint: key.position().parent_fingerprint,
        derivation: contents.derivation(),
        own_voter: Some(OwnVoter { generation, accounts: own_voter(contents, entry, generation)?.accounts }),
        capacity: Capacity::HOST,
        name: entry.name.clone(),
        birthday: contents.birthday(),
    };
    Ok(export.to_container(contents.network())?)
}

fn voter(contents: &Contents, entry: &AccountEntry, generation: Generation) -> Result<Container, Failure> {
    Ok(own_voter(contents, entry, generation)?.to_container(contents.network())?)
}

fn own_voter(contents: &Contents, entry: &AccountEntry, generation: Generation) -> Result<VoterKeys, Failure> {
    let accounts = own_accounts(&contents.master()?, contents.coin_type(), entry.account, generation)?;
    Ok(VoterKeys { name: entry.name.clone(), accounts: accounts.map(|account| *account.public().node()) })
}

fn hot(
    contents: &Contents,
    entry: &AccountEntry,
    generation: Generation,
    args: &ExportArgs,
    passphrase_file: Option<&SecretFile>,
) -> Result<Container, Failure> {
    let kdf = make::kdf(args.kdf_memory)?;
    let passphrase = PassphraseFrom::new(passphrase_file).chosen("Passphrase of the hot file: ")?;
    let master = contents.master()?;
    let secrets = VoterSecrets::derive(&master, contents.coin_type(), entry.account, generation, entry.name.clone())?;
    Ok(seal_hot_keys(contents.network(), &secrets, &passphrase, kdf, &Randomness::draw()?)?)
}

/// Writes down that a generation is in use before anything of it leaves.
fn note_generation(key_store: &mut KeyStore, generation: Generation) -> Result<(), Failure> {
    if key_store.contents().generations().contains(&generation) {
        return Ok(());
    }
    key_store.update(|contents| {
        contents.add_generation(generation);
        Ok(())
    })
}

fn report(
    container: &Container,
    entry: &AccountEntry,
    generation: Generation,
    args: &ExportArgs,
    output: &Output,
) -> Result<(), Stop> {
    if args.out.as_deref().is_some_and(is_stdio) {
        return Ok(());
    }
    let out = args.out.iter().fold(Facts::default(), |facts, out| facts.text("file", out.display()));
    let facts = out
        .text("id", container.id())
        .text("network", container.network())
        .with("account", entry.account.number())
        .text("name", &entry.name)
        .with("generation", generation.number());
    if output.json() {
        return output.facts(&facts);
    }
    if let Some(out) = &args.out {
        let file = printable(&out.display().to_string());
        tell(format_args!("Wrote {} for {} to {file}.", container.kind(), entry.name));
    }
    Ok(())
}
