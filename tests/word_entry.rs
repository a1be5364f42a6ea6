//! Seed words typed key by key, without a terminal.

mod common;
#[path = "common/random.rs"]
mod random;

use common::{Vectors, list, text};
use dcrcold_core::words::{EVEN, ODD};
use dcrcold_signer::seed::entry::{Hint, Key, Refusal, Step};
use dcrcold_signer::seed::{Bip39Words, Seed, WordEntry, WordList, bip39_words};
use random::Random;

fn type_in(entry: &mut WordEntry, letters: &str) {
    for letter in letters.chars() {
        assert_eq!(entry.press(Key::Letter(letter)), Step::Typed);
    }
}

#[test]
fn every_word_is_completed_from_its_shortest_prefix() {
    let mut cases = 0;
    for (list, words, position) in [
        (WordList::Decred, EVEN.as_slice(), 0),
        (WordList::Decred, ODD.as_slice(), 1),
        (WordList::Bip39, bip39_words().as_slice(), 0),
    ] {
        for word in words {
            let mut entry = WordEntry::new(list);
            if position == 1 {
                type_in(&mut entry, "aardvark");
                assert_eq!(entry.press(Key::Next), Step::Accepted);
            }
            for (count, letter) in word.to_lowercase().chars().enumerate() {
                entry.press(Key::Letter(letter));
                let start = &word.to_lowercase()[..=count];
                let possible = words.iter().filter(|it| it.to_lowercase().starts_with(start)).count();
                match words.iter().find(|it| it.eq_ignore_ascii_case(start)) {
                    // A whole word may be the beginning of others, as `act` is.
                    Some(whole) => assert_eq!(entry.hint(), Hint::Word(whole)),
                    None if possible == 1 => assert_eq!(entry.hint(), Hint::Word(word)),
                    None => {
                        // As long as there is a choice, no key takes one.
                        assert_eq!(entry.hint(), Hint::Several(possible), "{word}");
                        assert_eq!(entry.press(Key::Next), Step::Refused(Refusal::Ambiguous), "{word}");
                    }
                }
            }
            assert_eq!(entry.press(Key::Enter), Step::Accepted);
            assert_eq!(entry.word(position), *word);
            cases += 1;
        }
    }
    println!("prefixes of words: {cases} cases");
    assert_eq!(cases, 256 + 256 + 2048);
}

#[test]
fn random_seeds_are_typed_back() {
    let (mut random, mut cases) = (Random(7), 0);
    for length in (16..=64).flat_map(|length| [length; 4]) {
        let bytes: Vec<u8> = (0..length).map(|_| random.byte()).collect();
        let words = Seed::from_bytes(&bytes).unwrap().to_words();
        let mut entry = WordEntry::new(WordList::Decred);
        for word in words.split(' ') {
            type_in(&mut entry, &word.to_uppercase());
            assert_eq!(entry.press(Key::Next), Step::Accepted);
            // Somebody looks at the word before again.
            if random.below(4) == 0 {
                entry.press(Key::Back);
                assert_eq!(entry.letters(), word.to_lowercase());
                entry.press(Key::Enter);
            }
        }
        assert_eq!(entry.press(Key::Enter), Step::Finished);
        assert_eq!(*entry.text(), *words);
        assert_eq!(Seed::parse(&entry.text()).unwrap().as_bytes(), bytes);
        cases += 1;
    }
    println!("seeds typed: {cases} cases");
    assert_eq!(cases, 49 * 4);
}

#[test]
fn hardware_wallet_words_are_typed_back() {
    let vectors = Vectors::load("bip39.json");
    let (published, generated) = (list(vectors.get("published")), list(vectors.get("generated")));
    for row in published.iter().chain(generated) {
        let words = text(&row["words"]);
        let mut entry = WordEntry::new(WordList::Bip39);
        for (count, word) in words.split(' ').enumerate() {
            assert_eq!(entry.may_finish(), [12, 15, 18, 21].contains(&count));
            // Four letters are enough for all words that have so many.
            type_in(&mut entry, &word[..word.len().min(4)]);
            assert_eq!(entry.press(Key::Next), Step::Accepted);
        }
        assert_eq!(entry.press(Key::Enter), Step::Finished);
        assert_eq!(*entry.text(), words);
        assert!(Bip39Words::parse(&entry.text()).is_ok());
    }
    println!("hardware wallets: {} cases", published.len() + generated.len());
    assert_eq!(published.len() + generated.len(), 31);
}

#[test]
fn a_word_of_the_other_half_is_told_while_it_is_typed() {
    let mut entry = WordEntry::new(WordList::Decred);
    type_in(&mut entry, "adroi");
    assert_eq!(entry.hint(), Hint::OtherHalf);
    assert_eq!(entry.press(Key::Next), Step::Refused(Refusal::OtherHalf));
    assert_eq!(entry.count(), 0);
    for _ in 0..4 {
        entry.press(Key::Back);
    }
    type_in(&mut entry, "ardvark");
    assert_eq!(entry.press(Key::Next), Step::Accepted);
    type_in(&mut entry, "adroi");
    assert_eq!(entry.hint(), Hint::Word("adroitness"));
    type_in(&mut entry, "q");
    assert_eq!(entry.hint(), Hint::Unknown);
    assert_eq!(entry.press(Key::Enter), Step::Refused(Refusal::Unknown));
}

#[test]
fn back_goes_into_the_word_before() {
    let mut entry = WordEntry::new(WordList::Decred);
    assert_eq!(entry.press(Key::Back), Step::Typed);
    type_in(&mut entry, "christ");
    entry.press(Key::Next);
    type_in(&mut entry, "x");
    entry.press(Key::Back);
    entry.press(Key::Back);
    assert_eq!((entry.count(), entry.letters()), (0, "christmas"));
    assert_eq!(entry.press(Key::Next), Step::Accepted);
    assert_eq!(entry.word(0), "Christmas");
    // Nothing but letters is part of a word, and no word is longer than the longest one.
    for key in ['1', ' ', '-', 'ä'] {
        entry.press(Key::Letter(key));
    }
    assert_eq!(entry.letters(), "");
    assert_eq!(entry.press(Key::Next), Step::Typed);
    type_in(&mut entry, &"x".repeat(100));
    assert_eq!(entry.letters().len(), 16);
}

#[test]
fn a_seed_ends_where_a_seed_can_end() {
    for (list, ends, most) in
        [(WordList::Decred, (17..=65).collect(), 65), (WordList::Bip39, vec![12, 15, 18, 21, 24], 24)]
    {
        let mut entry = WordEntry::new(list);
        for count in 0..=most {
            assert_eq!(entry.may_finish(), ends.contains(&count), "{count}");
            let step = if ends.contains(&count) { Step::Finished } else { Step::Refused(Refusal::Count) };
            assert_eq!(entry.press(Key::Enter), step);
            type_in(&mut entry, word_of(list, count));
            let step = if count == most { Step::Refused(Refusal::Count) } else { Step::Accepted };
            assert_eq!(entry.press(Key::Next), step);
        }
    }
}

fn word_of(list: WordList, position: usize) -> &'static str {
    match list {
        WordList::Decred if position.is_multiple_of(2) => EVEN[3],
        WordList::Decred => ODD[3],
        WordList::Bip39 => "zoo",
    }
}

#[test]
fn words_typed_again_must_be_those_that_were_shown() {
    let words = Seed::from_bytes(&[9; 32]).unwrap().to_words();
    let shown: Vec<String> = words.split(' ').map(str::to_owned).collect();
    let mut entry = WordEntry::again(WordList::Decred, words);
    for (position, word) in shown.iter().enumerate() {
        assert!(!entry.may_finish());
        let other = if position.is_multiple_of(2) { EVEN[200] } else { ODD[200] };
        type_in(&mut entry, other);
        assert_eq!(entry.press(Key::Next), Step::Refused(Refusal::Different), "{position}");
        assert_eq!(entry.count(), position);
        while !entry.letters().is_empty() {
            entry.press(Key::Back);
        }
        assert_eq!(entry.press(Key::Enter), Step::Refused(Refusal::Count));
        type_in(&mut entry, word);
        let last = position + 1 == shown.len();
        assert_eq!(entry.press(Key::Next), if last { Step::Finished } else { Step::Accepted });
    }
    println!("words typed again: {} cases", shown.len());
    assert_eq!(shown.len(), 33);
}
