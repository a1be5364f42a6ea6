//! Making, restoring and keeping seeds at a terminal, as a person does.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{Vectors, list, text};
use dcrcold_signer::seed::Seed;
use serde_json::Value;
use terminal::Terminal;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");
const CTRL_C: &str = "\x03";
const ESCAPE: &str = "\x1b";

fn start(folder: &Path, args: &str) -> Terminal {
    let args: Vec<_> = args.split(' ').collect();
    Terminal::start(SIGNER, &args, folder, (80, 24), "xterm")
}

/// The screen with a title, once all of it is drawn: the last line is the last one.
fn see_words(terminal: &mut Terminal, title: &str) -> String {
    terminal.wait(title, |seen| seen.text().contains(title) && seen.text().contains("Enter: they are on paper"));
    terminal.text()
}

/// The exit status, and what is left in the scrollback: all but the alternate screen.
fn end(terminal: Terminal) -> (Option<i32>, String) {
    let (status, transcript) = terminal.end();
    let mut printed = String::new();
    for part in transcript.split("\x1b[?1049l") {
        printed.push_str(part.split("\x1b[?1049h").next().unwrap_or_default());
    }
    (status, printed)
}

/// Types a passphrase as often as it is asked for.
fn passphrase(terminal: &mut Terminal, questions: &[&str], passphrase: &str) {
    for question in questions {
        terminal.wait_for(question);
        terminal.type_keys(&format!("{passphrase}\n"));
    }
}

/// The words in their columns on the screen.
fn words_on(screen: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in screen.lines().skip(2) {
        let tokens: Vec<_> = line.split_whitespace().collect();
        for pair in tokens.chunks(2) {
            if let [number, word] = pair
                && let Ok(number) = number.parse::<usize>()
            {
                words.push((number, (*word).to_owned()));
            }
        }
    }
    words.sort();
    assert!(words.iter().enumerate().all(|(at, (number, _))| at + 1 == *number), "{screen}");
    words.into_iter().map(|(_, word)| word).collect()
}

fn facts(folder: &Path, args: &[&str]) -> Value {
    fs::write(folder.join("passphrase"), "one\n").unwrap();
    let output = Command::new(SIGNER)
        .current_dir(folder)
        .args(["--json", "--store", "mine", "--passphrase-file", "passphrase"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const NEW: [&str; 2] = ["Passphrase of the new key store:", "Once more:"];

#[test]
fn a_new_seed_is_typed_again_and_leaves_no_word_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "--store mine new --kdf-memory 8");
    passphrase(&mut terminal, &NEW, "one");
    let words = words_on(&see_words(&mut terminal, "Write down these words"));
    assert_eq!(words.len(), 33);
    terminal.type_keys("\r");
    terminal.wait_for("Word 1 of 33");
    // A word that is not the one on the paper, then another look.
    let other = if words[0] == "absurd" { "accrue" } else { "absurd" };
    terminal.type_keys(&format!("{other} "));
    terminal.wait_for("Word 1: not the word that was shown");
    let screen = terminal.text();
    assert!(!screen.contains(&words[2]), "the words are not on the screen while they are typed\n{screen}");
    assert!(!folder.path().join("mine").exists());
    terminal.type_keys(ESCAPE);
    assert_eq!(words_on(&see_words(&mut terminal, "Write down these words")), words);
    terminal.type_keys("\r");
    terminal.wait_for("Type the words again");
    terminal.type_keys(&"\x7f".repeat(other.len()));
    for word in &words {
        terminal.type_keys(&format!("{} ", word.to_uppercase()));
    }
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(0), "{printed}");
    assert!(printed.contains("The key store for mainnet is mine."), "{printed}");
    assert!(words.iter().all(|word| word.len() < 6 || !printed.contains(word)), "{printed}");

    // The same words are in the key store.
    assert_eq!(facts(folder.path(), &["backup"])["words"], words.join(" "));
    let seed = Seed::parse(&words.join(" ")).unwrap();
    assert_eq!(seed.as_bytes().len(), 32);
}

#[test]
fn a_new_key_store_that_is_given_up_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let args = "--store far/away/mine new --kdf-memory 8";
    let empty = || fs::read_dir(folder.path()).unwrap().count() == 0;

    let mut terminal = start(folder.path(), args);
    passphrase(&mut terminal, &NEW[..1], "one");
    passphrase(&mut terminal, &NEW[1..], "two");
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(4));
    assert!(printed.contains("error: the two passphrases are not the same"), "{printed}");
    assert!(empty());

    for presses in [0, 1] {
        let mut terminal = start(folder.path(), args);
        passphrase(&mut terminal, &NEW, "one");
        terminal.wait_for("Write down these words");
        for _ in 0..presses {
            terminal.type_keys("\r");
            terminal.wait_for("Word 1 of 33");
        }
        terminal.type_keys(CTRL_C);
        let (status, printed) = end(terminal);
        assert_eq!(status, Some(4), "{printed}");
        assert!(printed.ends_with("error: given up: nothing was made or changed\n"), "{printed}");
        assert!(empty());
    }
}

#[test]
fn throws_of_a_die_are_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(folder.path(), "--store mine new --kdf-memory 8 --mix dice");
    passphrase(&mut terminal, &NEW, "one");
    terminal.wait_for("Throw a die of six faces");
    terminal.type_keys("1234567");
    terminal.wait_for("That is no throw of a die");
    terminal.type_keys("\x7f");
    terminal.wait_for("5 throws, about 13 bits; 99 are as good as a whole seed");
    let screen = terminal.text();
    assert!(screen.contains("12345\n"), "{screen}");
    terminal.type_keys(&"61524".repeat(19));
    terminal.wait_for("100 throws: as good as a whole seed by themselves");
    terminal.type_keys("\r");
    terminal.wait_for("Write down these words");
    terminal.type_keys(CTRL_C);
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(4));
    assert!(printed.contains("Mixed in 100 throws, about 258 bits.\n"), "{printed}");
    assert!(!printed.contains("12345"), "{printed}");
}

#[test]
fn words_are_restored_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let words = Seed::from_bytes(&[0; 32]).unwrap().to_words();
    let mut terminal = start(folder.path(), "--store mine restore --kdf-memory 8");
    passphrase(&mut terminal, &NEW, "one");
    terminal.wait_for("Word 1 of 33");
    // A word of the other half is told before it is complete.
    terminal.type_keys("ad");
    terminal.wait_for("2 words begin so");
    terminal.type_keys("ro");
    terminal.wait_for("Word 1: a word for even places, this one is odd; is one missing before?");
    terminal.type_keys(&"\x7f".repeat(4));
    // One word is another one, and what is left tells that something is wrong.
    for (position, word) in words.split(' ').enumerate() {
        terminal.type_keys(if position == 4 { "absurd " } else { word });
        terminal.type_keys(if position == 4 { "" } else { "\t" });
    }
    terminal.wait_for("33 words. Enter: that is all of them");
    terminal.type_keys("\r");
    terminal.wait_for("last word of the seed does not fit the others");
    // Back to the fifth word.
    let all: Vec<_> = words.split(' ').collect();
    let letters: usize = all[5..].iter().map(|word| word.len() + 1).sum();
    terminal.type_keys(&"\x7f".repeat(letters + "absurd".len() + 1));
    for word in &all[4..] {
        terminal.type_keys(&format!("{word} "));
    }
    terminal.wait_for("33 words. Enter: that is all of them");
    terminal.type_keys("\r");
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(0), "{printed}");
    let address = facts(folder.path(), &["address"])[0]["address"].as_str().unwrap().to_owned();
    assert!(
        printed.contains(&format!("Its first address is {address}; see that it is the one you know.")),
        "{printed}"
    );
}

#[test]
fn a_hardware_wallet_is_restored_with_its_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let vectors = Vectors::load("bip39.json");
    let row = &list(vectors.get("published"))[0];
    let mut terminal = start(folder.path(), "--store mine restore --bip39 --kdf-memory 8");
    passphrase(&mut terminal, &NEW, "one");
    terminal.wait_for("Word 1 of 24");
    for word in text(&row["words"]).split(' ') {
        terminal.type_keys(&format!("{} ", &word[..word.len().min(4)]));
    }
    terminal.wait_for("12 words. Enter: that is all of them");
    terminal.type_keys("\r");
    passphrase(&mut terminal, &["Passphrase that belongs to the words"], "TREZOR");
    terminal.wait("second question", |seen| seen.text().matches("Once more:").count() == 2);
    terminal.type_keys("TREZOR\n");
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(0), "{printed}");
    let kept = facts(folder.path(), &["backup"]);
    assert_eq!(kept["strict"], true);
    let seed = Seed::parse(kept["words"].as_str().unwrap()).unwrap();
    assert_eq!(base16ct::lower::encode_string(seed.as_bytes()), text(&row["seed"]));
}

#[test]
fn the_words_of_a_key_store_are_shown_again() {
    let folder = tempfile::tempdir().unwrap();
    let words = Seed::from_bytes(&[7; 64]).unwrap().to_words();
    fs::write(folder.path().join("seed"), &*words).unwrap();
    facts(folder.path(), &["restore", "--seed-file", "seed", "--strict", "--coin-type", "20", "--kdf-memory", "8"]);
    let mut terminal = start(folder.path(), "--store mine backup");
    passphrase(&mut terminal, &["Passphrase of mine:"], "one");
    let screen = see_words(&mut terminal, "These words are the key store's");
    assert_eq!(words_on(&screen).join(" "), *words);
    terminal.type_keys("\r");
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(0));
    let again = "They come back by `restore --network mainnet --coin-type 20 --strict`.";
    assert!(printed.contains(again), "{printed}");
    assert!(printed.starts_with("Passphrase of mine:") && !printed.contains(&words[..20]), "{printed}");
}

/// A small terminal, and one that changes: no word is passed by.
#[test]
fn every_word_is_seen_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let words = Seed::from_bytes(&[7; 32]).unwrap().to_words();
    fs::write(folder.path().join("seed"), &*words).unwrap();
    facts(folder.path(), &["restore", "--seed-file", "seed", "--kdf-memory", "8"]);
    let args = ["--store", "mine", "--passphrase-file", "passphrase", "backup"];
    let mut terminal = Terminal::start(SIGNER, &args, folder.path(), (40, 12), "xterm");
    // Two columns of six.
    for (page, last, keys) in [
        (0, 12, "Enter: more words   Ctrl-C"),
        (12, 24, "Enter: more words   Left"),
        (24, 33, "Enter: they are on paper   Left"),
    ] {
        let first = format!("{:>4}  ", page + 1);
        terminal.wait(keys, |seen| seen.text().contains(&first) && seen.text().contains(keys));
        let screen = terminal.text();
        assert!(
            screen.contains(&format!("{last:>2}  ")) && !screen.contains(&format!("{:>2}  ", last + 1)),
            "{screen}"
        );
        if last < 33 {
            terminal.type_keys("\r");
        }
    }
    terminal.type_keys("\r");
    assert_eq!(end(terminal).0, Some(0));

    let mut terminal = Terminal::start(SIGNER, &args, folder.path(), (80, 24), "xterm");
    terminal.wait_for("Enter: they are on paper");
    terminal.resize(40, 12);
    terminal.wait_for("Enter: they are on paper");
    terminal.type_keys("\r");
    assert_eq!(end(terminal).0, Some(0));
}

/// Where lines are all there is, as on a terminal that calls itself dumb.
#[test]
fn plain_lines_ask_for_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(
        SIGNER,
        &["--store", "mine", "new", "--kdf-memory", "8", "--mix", "dice"],
        folder.path(),
        (400, 24),
        "dumb",
    );
    passphrase(&mut terminal, &NEW, "one");
    passphrase(&mut terminal, &["Throws of a die, 1 to 6:"], "123 456");
    terminal.wait_for("Type all words again, or nothing to give up:");
    let words = terminal.rows().into_iter().find(|row| row.split(' ').count() == 33).unwrap();
    let last = words.rsplit_once(' ').unwrap().0;
    terminal.type_keys(&format!("{last} aardvarks\n"));
    terminal.wait_for("Word 33 is not the one that was shown.");
    terminal.type_keys(&format!("{words} more\n"));
    terminal.wait_for("There are more words than were shown.");
    terminal.type_keys(&format!("{}\n", words.to_uppercase()));
    let (status, printed) = terminal.end();
    assert_eq!(status, Some(0), "{printed}");
    assert!(!printed.contains("\x1b["), "{printed}");
    assert!(printed.contains("Mixed in 6 throws, about 16 bits."), "{printed}");
    assert_eq!(facts(folder.path(), &["backup"])["words"], words);

    let mut terminal = start(folder.path(), "--plain --store again restore --kdf-memory 8");
    passphrase(&mut terminal, &NEW, "one");
    terminal.wait_for("The words of the seed:");
    terminal.type_keys(&format!("{words}\n"));
    let (status, printed) = end(terminal);
    assert_eq!(status, Some(0), "{printed}");
}
