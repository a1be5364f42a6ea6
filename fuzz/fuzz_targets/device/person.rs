//! A person who does what the script says, then yes.

use std::collections::{BTreeSet, VecDeque};

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};

#[derive(Default)]
pub struct Person {
    turns: VecDeque<Turn>,
    /// Pages that were shown since the command came.
    seen: BTreeSet<u32>,
    /// The words of the last question that was answered by yes, if it was the last prompt.
    words: Option<[&'static str; 4]>,
    prompts: u32,
    declined: bool,
}

impl Person {
    /// A command comes.
    pub fn begin(&mut self) {
        self.seen.clear();
        (self.words, self.prompts, self.declined) = (None, 0, false);
    }

    /// What comes next; many turns back make a long review, not an endless one.
    pub fn turns(&mut self, bytes: &[u8]) {
        let turn = |byte: &u8| match byte % 4 {
            0 | 1 => Turn::Next,
            2 => Turn::Back,
            _ => Turn::Decline,
        };
        self.turns = bytes.iter().map(turn).collect();
    }

    pub const fn declined(&self) -> bool {
        self.declined
    }

    pub const fn was_asked(&self) -> bool {
        self.prompts > 0
    }

    /// Sees that every page was shown before the answer.
    pub fn approved(&self, pages: usize, words: [&str; 4]) {
        assert_eq!(self.words, Some(words));
        assert!(pages > 0 && self.seen.iter().copied().eq(0..pages as u32));
    }
}

impl User for Person {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        let turn = self.turns.pop_front().unwrap_or(Turn::Next);
        self.prompts += 1;
        self.words = None;
        match prompt {
            Prompt::Page { page, number, count } => {
                assert!(number < count && !page.to_string().is_empty());
                self.seen.insert(*number);
            }
            Prompt::Approve { words } if turn == Turn::Next => self.words = Some(*words),
            _ => {}
        }
        self.declined |= turn == Turn::Decline;
        Ok(turn)
    }
}
