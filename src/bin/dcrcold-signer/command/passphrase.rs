//! `passphrase`: another passphrase for the key store.

use dcrcold_signer::cli::{Failure, SecretFile, Stop};
use dcrcold_signer::keystore::Access;
use dcrcold_signer::passphrase::PassphraseFrom;

use super::make;
use crate::cli::{Global, PassphraseArgs};
use crate::facts::Facts;
use crate::input::one_stdin;
use crate::output::{Output, tell};
use crate::store;

pub(crate) fn run(global: &Global, args: &PassphraseArgs, output: &Output) -> Result<(), Stop> {
    let file = args.new_passphrase_file.as_ref();
    one_stdin([global.passphrase_path(), file.map(SecretFile::path)])?;
    let kdf = args.kdf_memory.map(make::kdf).transpose()?;
    let mut key_store = store::open(global, Access::Write)?;
    let passphrase = PassphraseFrom::new(file).chosen("New passphrase: ")?;
    key_store.change_passphrase(passphrase, kdf).map_err(Failure::from)?;
    if output.json() {
        return output.facts(&Facts::default().text("store", key_store.path().display()));
    }
    tell("The passphrase is changed. Copies of the key store keep the one that they have.");
    Ok(())
}
