//! Words typed one after the other: keys go in, and what to show comes out. Knows no terminal.

use dcrcold_core::words::{EVEN, ODD};
use zeroize::{Zeroize, Zeroizing};

use super::bip39::{BIP39_COUNTS, bip39_words};
use super::{LONGEST, NEW_SEED, SHORTEST, WORD_ROOM};
use crate::swap;

/// Longer than any word.
const MOST_LETTERS: usize = 16;

/// Which words are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordList {
    /// The two halves of the PGP list by turns; 33 words are a seed of 32 bytes.
    Decred,
    /// The English list of BIP-39.
    Bip39,
}

impl WordList {
    fn at(self, position: usize) -> &'static [&'static str] {
        match self {
            Self::Decred if position.is_multiple_of(2) => &EVEN,
            Self::Decred => &ODD,
            Self::Bip39 => bip39_words(),
        }
    }

    /// The most words that a seed has.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Decred => LONGEST + 1,
            Self::Bip39 => BIP39_COUNTS[BIP39_COUNTS.len() - 1],
        }
    }

    /// Whether a seed may have so many words.
    fn may_end_at(self, count: usize) -> bool {
        match self {
            Self::Decred => (SHORTEST + 1..=LONGEST + 1).contains(&count),
            Self::Bip39 => BIP39_COUNTS.contains(&count),
        }
    }

    /// How many words people mostly have.
    #[must_use]
    pub const fn usual(self) -> usize {
        match self {
            Self::Decred => NEW_SEED + 1,
            Self::Bip39 => BIP39_COUNTS[BIP39_COUNTS.len() - 1],
        }
    }

    fn starting_with(self, position: usize, letters: &str) -> impl Iterator<Item = &'static str> {
        let starts = move |word: &str| word.get(..letters.len()).is_some_and(|it| it.eq_ignore_ascii_case(letters));
        self.at(position).iter().copied().filter(move |word| starts(word))
    }
}

/// A key that a person pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A letter. Anything else is no part of a word.
    Letter(char),
    /// The word is done: space or tab.
    Next,
    /// The word is done, or behind the last one, all of it: Enter.
    Enter,
    /// One letter back, or into the word before.
    Back,
}

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing but the letters changed.
    Typed,
    /// A word is complete.
    Accepted,
    /// The word stays as it is until it is corrected.
    Refused(Refusal),
    /// All words are there.
    Finished,
}

/// Why a word is not taken. No variant carries letters of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Several words start so.
    Ambiguous,
    /// No word starts so.
    Unknown,
    /// A word of the other half of the list: one before it is missing, doubled or swapped.
    OtherHalf,
    /// A word, but not the one that was shown here.
    Different,
    /// No seed ends here, or more words than any seed has.
    Count,
}

/// What the letters so far can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// No letters yet.
    Nothing,
    /// One word, which is taken by the next space.
    Word(&'static str),
    /// So many words.
    Several(usize),
    /// Words of the other half of the list only.
    OtherHalf,
    /// No word.
    Unknown,
}

/// The words so far and the letters of the next one; wiped from memory when dropped.
pub struct WordEntry {
    list: WordList,
    words: Zeroizing<Vec<u16>>,
    letters: Zeroizing<String>,
    expected: Option<Zeroizing<String>>,
}

impl WordEntry {
    /// Starts with no word.
    #[must_use]
    pub fn new(list: WordList) -> Self {
        let mut words = Zeroizing::new(vec![0; list.most()]);
        swap::keep(&words);
        words.clear();
        Self { list, words, letters: swap::text(MOST_LETTERS), expected: None }
    }

    /// Has words typed again that were shown, separated by single spaces; each is compared as soon as it is complete.
    #[must_use]
    pub fn again(list: WordList, expected: Zeroizing<String>) -> Self {
        Self { expected: Some(expected), ..Self::new(list) }
    }

    /// Takes a key.
    pub fn press(&mut self, key: Key) -> Step {
        match key {
            Key::Letter(letter) => self.letter(letter),
            Key::Back => self.back(),
            Key::Next if self.letters.is_empty() => Step::Typed,
            Key::Enter if self.letters.is_empty() => self.finish(),
            Key::Next | Key::Enter => self.accept(),
        }
    }

    fn letter(&mut self, letter: char) -> Step {
        if letter.is_ascii_alphabetic() && self.letters.len() < MOST_LETTERS {
            self.letters.push(letter.to_ascii_lowercase());
        }
        Step::Typed
    }

    fn back(&mut self) -> Step {
        if self.letters.pop().is_none() && self.words.last().is_some() {
            let word = self.word(self.words.len() - 1);
            self.words.pop();
            self.letters.push_str(word);
            self.letters.make_ascii_lowercase();
        }
        Step::Typed
    }

    fn finish(&self) -> Step {
        let whole = self.list.may_end_at(self.words.len()) && self.expected_word().is_none();
        if whole { Step::Finished } else { Step::Refused(Refusal::Count) }
    }

    fn accept(&mut self) -> Step {
        let word = match self.hint() {
            _ if self.words.len() >= self.list.most() => return Step::Refused(Refusal::Count),
            Hint::Word(word) => word,
            Hint::Several(_) | Hint::Nothing => return Step::Refused(Refusal::Ambiguous),
            Hint::OtherHalf => return Step::Refused(Refusal::OtherHalf),
            Hint::Unknown => return Step::Refused(Refusal::Unknown),
        };
        if self.expected.is_some() && self.expected_word() != Some(word) {
            return Step::Refused(Refusal::Different);
        }
        let index = self.list.at(self.words.len()).iter().position(|it| *it == word).unwrap_or_default();
        self.words.push(u16::try_from(index).expect("no list has more than 2,048 words"));
        self.letters.zeroize();
        let last = self.expected.is_some() && self.expected_word().is_none();
        if last { Step::Finished } else { Step::Accepted }
    }

    /// The word that was shown at this position.
    fn expected_word(&self) -> Option<&str> {
        self.expected.as_ref()?.split(' ').nth(self.words.len())
    }

    /// What the letters can become. A whole word is itself, even where longer ones begin with it.
    #[must_use]
    pub fn hint(&self) -> Hint {
        let (position, letters) = (self.words.len(), self.letters.as_str());
        if letters.is_empty() {
            return Hint::Nothing;
        }
        let mut found = self.list.starting_with(position, letters);
        let Some(first) = found.next() else {
            let other = self.list.starting_with(position + 1, letters).next();
            return if other.is_some() { Hint::OtherHalf } else { Hint::Unknown };
        };
        let whole = self.list.starting_with(position, letters).find(|word| word.len() == letters.len());
        match (whole, found.count()) {
            (Some(word), _) => Hint::Word(word),
            (None, 0) => Hint::Word(first),
            (None, more) => Hint::Several(more + 1),
        }
    }

    /// The letters of the word that is being typed.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// The number of complete words.
    #[must_use]
    pub fn count(&self) -> usize {
        self.words.len()
    }

    /// How many words there will be, as far as that can be known.
    #[must_use]
    pub fn expected_count(&self) -> usize {
        self.expected.as_ref().map_or(self.list.usual(), |words| words.split(' ').count())
    }

    /// Whether Enter finishes here.
    #[must_use]
    pub fn may_finish(&self) -> bool {
        self.letters.is_empty() && self.finish() == Step::Finished
    }

    /// A complete word, counted from 0.
    #[must_use]
    pub fn word(&self, position: usize) -> &'static str {
        let word = self.words.get(position).and_then(|index| self.list.at(position).get(usize::from(*index)));
        word.copied().unwrap_or_default()
    }

    /// The complete words, separated by single spaces.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = swap::text(self.list.most() * WORD_ROOM);
        for position in 0..self.words.len() {
            if position > 0 {
                text.push(' ');
            }
            text.push_str(self.word(position));
        }
        text
    }
}
