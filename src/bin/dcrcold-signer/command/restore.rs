//! `restore`: a key store from the words or the digits of a seed.

use dcrcold_core::path::CoinType;
use dcrcold_signer::cli::{Failure, FailureKind, SecretFile, Stop, ask_hidden};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::seed::Seed;

use super::make::Preparation;
use crate::cli::{Global, RestoreArgs};
use crate::input::one_stdin;
use crate::output::Output;

pub(crate) fn run(global: &Global, args: &RestoreArgs, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), args.seed_file.as_ref().map(SecretFile::path)])?;
    let coin_type = coin_type(args)?;
    let preparation = Preparation::new(global, &args.store)?;
    let text = match &args.seed_file {
        Some(file) => file.text()?,
        None => ask_hidden("The 33 words of the seed, or hexadecimal digits: ")?,
    };
    let derivation = if args.strict { Derivation::Strict } else { Derivation::Decred };
    let contents = preparation.contents(Seed::parse(&text)?, coin_type, derivation)?;
    preparation.write(&contents, output)?;
    if output.json() { output.facts(&preparation.facts(&contents)) } else { Ok(()) }
}

fn coin_type(args: &RestoreArgs) -> Result<CoinType, Failure> {
    let network = args.store.network;
    let Some(number) = args.coin_type else { return Ok(CoinType::standard(network)) };
    let [standard, legacy] = network.params().coin_types;
    let message = format!("--coin-type is {number}, expected {standard} or {legacy} on {network}");
    CoinType::new(network, number.into()).ok_or_else(|| Failure::new(FailureKind::Usage, message))
}
