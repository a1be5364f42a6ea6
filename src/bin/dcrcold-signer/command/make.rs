//! What `new` and `restore` have in common: making a key store.

use std::path::PathBuf;

use dcrcold_core::amount::Height;
use dcrcold_core::path::{Account, CoinType};
use dcrcold_signer::cli::{Failure, FailureKind, Stop, printable};
use dcrcold_signer::file;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents, create};
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::sealed::{Kdf, Passphrase};
use dcrcold_signer::seed::Seed;

use crate::cli::{Global, StoreArgs};
use crate::facts::Facts;
use crate::output::{Output, tell};
use crate::store;

/// Everything but the seed, checked before a seed is made or typed.
pub(super) struct Preparation<'a> {
    args: &'a StoreArgs,
    path: PathBuf,
    kdf: Kdf,
    account: Account,
    passphrase: Passphrase,
}

impl<'a> Preparation<'a> {
    pub(super) fn new(global: &Global, args: &'a StoreArgs) -> Result<Self, Failure> {
        let path = store::path(global)?;
        file::must_be_new(&path)?;
        let kdf = kdf(args.kdf_memory)?;
        let account = Account::new(args.account.into()).ok_or_else(|| {
            let most = Account::LIMIT - 1;
            Failure::new(FailureKind::Usage, format!("--account is {}, expected 0 to {most}", args.account))
        })?;
        let passphrase = PassphraseFrom::new(global.passphrase_file.as_ref());
        let passphrase = passphrase.chosen("Passphrase of the new key store: ")?;
        Ok(Self { args, path, kdf, account, passphrase })
    }

    /// The content of the key store. A seed that gives no keys is found here and not when coins lie there.
    pub(super) fn contents(
        &self,
        seed: Seed,
        coin_type: CoinType,
        derivation: Derivation,
    ) -> Result<Contents, Failure> {
        let entry = AccountEntry { account: self.account, name: self.args.name.clone() };
        let birthday = self.args.birthday.map(Height);
        let contents = Contents::new(seed, self.args.network, coin_type, derivation, entry, birthday);
        contents.master()?.account(contents.path(self.account))?;
        Ok(contents)
    }

    /// What there is to say of the key store.
    pub(super) fn facts(&self, contents: &Contents) -> Facts {
        let facts = Facts::default().text("store", self.path.display()).text("network", contents.network());
        contents
            .accounts()
            .iter()
            .take(1)
            .fold(facts, |facts, entry| facts.text("account", contents.path(entry.account)).text("name", &entry.name))
    }

    /// Writes the key store and says what comes next.
    pub(super) fn write(&self, contents: &Contents, output: &Output) -> Result<(), Stop> {
        create(&self.path, contents, &self.passphrase, self.kdf)?;
        if !output.json() {
            let (network, path) = (contents.network(), printable(&self.path.display().to_string()));
            tell(format_args!("The key store for {network} is {path}."));
            tell("Next: `dcrcold-signer export watch --out FILE`, for the online machine.");
        }
        Ok(())
    }
}

/// The work of opening a new file, from its memory in MiB.
pub(super) fn kdf(memory: u32) -> Result<Kdf, Failure> {
    let (least, most) = (Kdf::LEAST_MIB, Kdf::MOST_MIB);
    let message = format!("--kdf-memory is {memory}, expected {least} to {most}");
    Kdf::with_memory(memory).map_err(|_| Failure::new(FailureKind::Usage, message))
}
