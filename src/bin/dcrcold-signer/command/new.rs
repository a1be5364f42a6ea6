//! `new`: a key store with a new seed.

use dcrcold_core::path::CoinType;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::journal::History;
use dcrcold_signer::seed::Seed;

use super::make::Preparation;
use crate::cli::{Global, NewArgs};
use crate::output::{Output, must_reach, tell};
use crate::prompt;

/// How many words a person types again.
const ASKED_WORDS: usize = 3;

pub(crate) fn run(global: &Global, args: &NewArgs, output: &Output) -> Result<(), Stop> {
    let preparation = Preparation::new(global, &args.store)?;
    let coin_type = CoinType::standard(args.store.network);
    let mut contents = preparation.contents(Seed::generate()?, coin_type, Derivation::Decred)?;
    // Keys that nobody has seen yet have signed nothing.
    contents.set_history(Some(History::new()));
    let words = contents.seed().to_words();
    // The words first: a key store whose words nobody saw could be lost for ever.
    if output.json() {
        let facts = preparation.facts(&contents).to_json();
        let facts = facts.strip_suffix('}').unwrap_or(&facts);
        must_reach(&[facts, ",\"words\":\"", &words, "\"}"])?;
    } else {
        tell("These words are the only backup of the coins. Write them down; nobody can show them again.");
        must_reach(&[&words])?;
    }
    if preparation.typed() {
        ask_for_words(&words)?;
    }
    preparation.write(&contents, output)
}

/// Has some of the words typed again, so that they were written down.
fn ask_for_words(words: &str) -> Result<(), Failure> {
    let words: Vec<&str> = words.split(' ').collect();
    let mut random = [0; ASKED_WORDS];
    getrandom::fill(&mut random).map_err(|error| Failure::new(FailureKind::Failed, error.to_string()))?;
    let mut asked: Vec<usize> = random.iter().map(|byte| usize::from(*byte) % words.len()).collect();
    asked.sort_unstable();
    asked.dedup();
    for position in asked {
        let typed = prompt::ask(&format!("Type word {} again: ", position + 1))?;
        if !typed.trim().eq_ignore_ascii_case(words[position]) {
            let message = format!("word {} was typed differently: no key store was made", position + 1);
            return Err(Failure::new(FailureKind::Declined, message).hint("start again; the words will be other ones"));
        }
    }
    Ok(())
}
