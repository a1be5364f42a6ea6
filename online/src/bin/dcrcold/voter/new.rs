//! `dcrcold voter new`: a voter with a seed of its own.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};

use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, FailureKind, Output, Stop, given_up};
use dcrcold_signer::file::{self, FileError, Readers};
use dcrcold_signer::passphrase::PassphraseFrom;
use dcrcold_signer::sealed::{Kdf, Randomness};
use dcrcold_signer::terminal::Lines;
use dcrcold_signer::transfer::{Encode, seal_hot_keys};
use dcrcold_signer::voter::{FreshVoter, VoterKeys};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{folder, wallet_of};
use crate::cli::NewVoterArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::progress;

/// How many words a person types again.
const ASKED_WORDS: usize = 3;

#[derive(Serialize)]
struct Made {
    fingerprint: String,
    name: String,
    network: String,
    public_keys: String,
    id: String,
}

pub(super) fn run(context: &mut Context, args: &NewVoterArgs) -> Result<(), Stop> {
    let network = match args.network.network {
        Some(network) => network,
        None => context.wallet()?.network(),
    };
    let mut wallet = wallet_of(context, network, true)?;
    if args.out.symlink_metadata().is_ok() {
        return Err(Failure::from(FileError::Exists { path: args.out.clone() }).into());
    }
    let kdf = kdf(args.kdf_memory)?;
    let from = args.passphrase.from();
    let passphrase = from.chosen("Passphrase of the new hot file: ")?;
    let fresh = fresh(context, args, network, matches!(from, PassphraseFrom::Person))?;
    let voter = fresh.secrets().public();
    if let Some(wallet) = &wallet {
        refuse_cold_words(wallet, &voter)?;
    }
    let randomness = Randomness::draw().map_err(Failure::from)?;
    let sealing = progress::waiting("sealing the hot keys");
    let hot = seal_hot_keys(network, fresh.secrets(), &passphrase, kdf, &randomness).explain()?;
    drop(sealing);
    folder(context)?.keep(&voter.fingerprint(network), &hot.encode()).explain()?;
    // Last, so that the wallet names no voter whose keys are nowhere.
    if let Some(wallet) = &mut wallet {
        wallet.add_voter(&voter, &SystemClock).explain()?;
    }
    publish(context, args, &voter, network)
}

/// Writes the public keys to their file, and says where they are needed.
fn publish(context: &mut Context, args: &NewVoterArgs, voter: &VoterKeys, network: Network) -> Result<(), Stop> {
    let public = voter.to_container(network).explain()?;
    file::write_new(&args.out, &public.encode(), Readers::Everybody).explain()?;
    let made = Made {
        fingerprint: voter.fingerprint(network).to_string(),
        name: voter.name.to_string(),
        network: network.to_string(),
        public_keys: args.out.display().to_string(),
        id: public.id().to_string(),
    };
    context.facts(&made, |out, made| {
        out.line(format_args!("{}  {}  hot keys here", made.fingerprint, made.name))?;
        out.line(format_args!("public keys in {}, id {}", made.public_keys, made.id))
    })?;
    context.tell("Next, on the cold side: dcrcold-signer voter add FILE, with the file of public keys.");
    Ok(())
}

/// A voter of words that exist, or of new ones, which are shown.
fn fresh(context: &Context, args: &NewVoterArgs, network: Network, to_person: bool) -> Result<FreshVoter, Stop> {
    if let Some(words) = &args.words_file {
        return Ok(FreshVoter::restore(&words.text()?, network, args.name.clone()).explain()?);
    }
    let fresh = FreshVoter::generate(network, args.name.clone()).explain()?;
    show(context, fresh.words(), to_person)?;
    Ok(fresh)
}

/// The words of the coins have no business on this machine.
fn refuse_cold_words(wallet: &Wallet, voter: &VoterKeys) -> Result<(), Failure> {
    if wallet.own_voter().is_none_or(|own| own.accounts != voter.accounts) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Refused, "these are the words of the coins, not of a voter: no voter was made")
        .hint("whoever reads this computer may have them now: move the coins to a new seed")
        .hint("the voter of that seed comes from the cold side: dcrcold-signer export hot"))
}

fn kdf(memory: u32) -> Result<Kdf, Failure> {
    let message = format!("--kdf-memory is {memory}, expected {} to {}", Kdf::LEAST_MIB, Kdf::MOST_MIB);
    Kdf::with_memory(memory).map_err(|_| Failure::new(FailureKind::Usage, message))
}

/// Shows the words, once. They are never JSON: a script that wants a voter again keeps its hot file.
fn show(context: &Context, words: &str, to_person: bool) -> Result<(), Stop> {
    context.tell("These words are the backup of the voter: of its votes and its purse, not of your coins.");
    context.tell("Write them down; nobody can show them again.");
    // The words go to a person, so past the buffers; nobody at the other end is a failure, since they would be lost.
    let line = Zeroizing::new([words, "\n"].concat());
    let shown = if context.common.json {
        io::stderr().write_all(line.as_bytes()).map_err(|error| cannot_show(&error).into())
    } else {
        Output::unbuffered()?.bytes(line.as_bytes())
    };
    match shown {
        Err(Stop::ClosedPipe) => Err(cannot_show(&io::ErrorKind::BrokenPipe.into()).into()),
        Ok(()) if to_person => Ok(ask_for_words(words)?),
        other => other,
    }
}

fn cannot_show(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, format!("the words cannot be shown: {error}; no voter was made"))
}

/// Has some of the words typed again, so that they were written down.
fn ask_for_words(words: &str) -> Result<(), Failure> {
    let words: Vec<&str> = words.split(' ').collect();
    let random = RandomState::new();
    let position = |asked: usize| usize::try_from(random.hash_one(asked) % words.len() as u64).unwrap_or_default();
    let mut asked: Vec<usize> = (0..ASKED_WORDS).map(position).collect();
    asked.sort_unstable();
    asked.dedup();
    for position in asked {
        let typed = Lines::open()?.ask(&format!("Type word {} again: ", position + 1))?.ok_or_else(given_up)?;
        let right = words.get(position).is_some_and(|word| typed.trim().eq_ignore_ascii_case(word));
        if !right {
            let message = format!("word {} was typed differently: no voter was made", position + 1);
            return Err(Failure::new(FailureKind::Declined, message).hint("start again; the words will be other ones"));
        }
    }
    Ok(())
}
