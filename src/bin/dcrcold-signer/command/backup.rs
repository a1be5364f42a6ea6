//! `backup`: an encrypted copy of the key store, or the words of its seed once more.

use std::io::{self, IsTerminal};
use std::path::Path;

use dcrcold_signer::cli::{Failure, SecretFile, Stop, printable};
use dcrcold_signer::file::Readers;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{Access, Contents};
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::sealed::{Randomness, seal};

use super::make;
use crate::cli::{BackupArgs, Global};
use crate::facts::Facts;
use crate::input::{is_stdio, one_stdin};
use crate::output::{Output, must_be_new, must_reach, tell, write_new};
use crate::prompt::in_lines;
use crate::store;
use crate::ui::seed::show;
use dcrcold_signer::terminal::Screen;

pub(crate) fn run(global: &Global, args: &BackupArgs, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), args.backup_passphrase_file.as_ref().map(SecretFile::path)])?;
    match &args.out {
        Some(out) => copy(global, args, out, output),
        None => words(&store::open(global, Access::Read)?.into_contents(), global.plain, output),
    }
}

fn copy(global: &Global, args: &BackupArgs, out: &Path, output: &Output) -> Result<(), Stop> {
    must_be_new(out)?;
    let kdf = make::kdf(args.kdf_memory)?;
    let key_store = store::open(global, Access::Read)?;
    let passphrase = PassphraseFrom::new(args.backup_passphrase_file.as_ref());
    let passphrase = passphrase.chosen("Passphrase of the backup file: ")?;
    let bytes = seal(&key_store.contents().encode(), &passphrase, kdf, &Randomness::draw()?).map_err(Failure::from)?;
    write_new(out, &bytes, Readers::Owner)?;
    if is_stdio(out) {
        return Ok(());
    }
    if output.json() {
        let contents = key_store.contents();
        let facts = Facts::default().text("file", out.display()).text("network", contents.network());
        return output
            .facts(&facts.with("accounts", contents.accounts().len()).with("voters", contents.voters().len()));
    }
    let file = printable(&out.display().to_string());
    tell(format_args!("Wrote a backup of the key store to {file}; `dcrcold-signer restore --backup` brings it back."));
    Ok(())
}

fn words(contents: &Contents, plain: bool, output: &Output) -> Result<(), Stop> {
    let words = contents.seed().to_words();
    if output.json() {
        let facts = facts(contents).to_json();
        let facts = facts.strip_suffix('}').unwrap_or(&facts);
        return must_reach(&[facts, ",\"words\":\"", &words, "\"}"]);
    }
    if io::stdout().is_terminal() && !in_lines(plain) {
        show(&mut Screen::open()?, "These words are the key store's", "they are on paper", &words)?;
        let strict = if contents.derivation() == Derivation::Strict { " --strict" } else { "" };
        let (network, coin_type) = (contents.network(), contents.coin_type().number());
        tell(format_args!("They come back by `restore --network {network} --coin-type {coin_type}{strict}`."));
        return Ok(());
    }
    must_reach(&[&words])
}

/// What has to be known with the words to get the same keys again.
fn facts(contents: &Contents) -> Facts {
    Facts::default()
        .text("network", contents.network())
        .with("coin_type", contents.coin_type().number())
        .with("strict", contents.derivation() == Derivation::Strict)
}
