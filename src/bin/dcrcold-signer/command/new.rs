//! `new`: a key store with a new seed.

use std::io::{self, IsTerminal};

use dcrcold_core::path::CoinType;
use dcrcold_signer::cli::{Failure, SecretFile, Stop, given_up};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::journal::History;
use dcrcold_signer::seed::{Added, AddedKind, Seed, SystemRandomness, WordEntry, WordList};

use super::make::Preparation;
use crate::cli::{Global, NewArgs};
use crate::input::one_stdin;
use crate::output::{Output, must_reach, tell};
use crate::prompt::in_lines;
use crate::ui::seed::Typed;
use crate::ui::{added, seed};
use dcrcold_signer::terminal::{Screen, ask_hidden};

pub(crate) fn run(global: &Global, args: &NewArgs, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), args.mix_file.as_ref().map(SecretFile::path)])?;
    let preparation = Preparation::new(global, &args.store)?;
    let coin_type = CoinType::standard(args.store.network);
    let mut contents = preparation.contents(new_seed(args, in_lines(global.plain))?, coin_type, Derivation::Decred)?;
    // Keys that nobody has seen yet have signed nothing.
    contents.set_history(Some(History::new()));
    let words = contents.seed().to_words();
    // The words first: a key store whose words nobody saw could be lost for ever.
    if output.json() {
        let facts = preparation.facts(&contents).to_json();
        let facts = facts.strip_suffix('}').unwrap_or(&facts);
        must_reach(&[facts, ",\"words\":\"", &words, "\"}"])?;
    } else if io::stdout().is_terminal() {
        if in_lines(global.plain) { confirm_in_lines(&words)? } else { confirm(&words)? }
    } else {
        tell("These words are the only backup of the coins. Whoever has them has the coins.");
        must_reach(&[&words])?;
    }
    preparation.write(&contents, output)
}

/// Makes the seed. The system's bytes are drawn before anybody is asked for anything.
fn new_seed(args: &NewArgs, plain: bool) -> Result<Seed, Failure> {
    let system = SystemRandomness::draw()?;
    let Some(kind) = args.mix else { return Ok(system.into_seed()?) };
    let added = match &args.mix_file {
        Some(file) if kind == AddedKind::Dice => Added::parse(kind, &file.text()?)?,
        Some(file) => Added::parse(kind, &file.line()?)?,
        None if plain && kind == AddedKind::Dice => Added::parse(kind, &ask_hidden("Throws of a die, 1 to 6: ")?)?,
        None if plain => Added::parse(kind, &ask_hidden("What nobody can guess: ")?)?,
        None => added::type_in(&mut Screen::open()?, kind)?,
    };
    let (count, full) = (added.count(), kind.full());
    let what = if kind == AddedKind::Dice { "throws" } else { "characters" };
    tell(format_args!("Mixed in {count} {what}, about {} bits.", kind.bits(count)));
    if count < full {
        tell(format_args!("hint: {full} {what} would make the seed as strong even without this machine's randomness"));
    }
    Ok(system.mixed_with(&added)?)
}

/// Shows the words and has all of them typed again.
fn confirm(words: &str) -> Result<(), Failure> {
    let mut screen = Screen::open()?;
    let mut entry = WordEntry::again(WordList::Decred, words.to_owned().into());
    loop {
        seed::show(&mut screen, "Write down these words: they are the only backup", "they are on paper", words)?;
        if seed::type_again(&mut screen, "Type the words again, from the paper", &mut entry)? == Typed::Whole {
            return Ok(());
        }
    }
}

/// The same on a terminal that only prints lines, and keeps them.
fn confirm_in_lines(words: &str) -> Result<(), Stop> {
    tell("Write down these words: they are the only backup. Then clear what this terminal keeps of them.");
    must_reach(&[words])?;
    loop {
        let typed = ask_hidden("Type all words again, or nothing to give up: ")?;
        let mut again = typed.split_whitespace();
        let different = words.split(' ').position(|word| !again.next().is_some_and(|it| it.eq_ignore_ascii_case(word)));
        match (different, again.next()) {
            (None, None) => return Ok(()),
            _ if typed.trim().is_empty() => {
                return Err(given_up().into());
            }
            (Some(position), _) => tell(format_args!("Word {} is not the one that was shown.", position + 1)),
            (None, Some(_)) => tell("There are more words than were shown."),
        }
    }
}
