//! A person who does what the script says, then yes, and the keys beside.

use std::collections::{BTreeSet, VecDeque};

use dcrcold_core::apdu::{ExtendedKey, Fault, Mac, Os, Prompt, Signed, Turn, User, VoterRecord};
use dcrcold_core::net::Network;

use crate::keys::HashKeys;

#[derive(Default)]
pub struct Platform {
    pub keys: HashKeys,
    turns: VecDeque<Turn>,
    /// Pages that were shown since the command came.
    seen: BTreeSet<u32>,
    /// The words of the last question that was answered by yes, if it was the last prompt.
    words: Option<[&'static str; 4]>,
    prompts: u32,
    declined: bool,
}

impl Platform {
    /// A command comes.
    pub fn begin(&mut self) {
        self.seen.clear();
        (self.words, self.prompts, self.declined) = (None, 0, false);
        self.keys.failed.set(false);
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

    /// The MAC that this device gives for a voter.
    pub fn mac_of(&self, record: &VoterRecord) -> Mac {
        let mut device = Box::<dcrcold_core::apdu::Device<24, 20>>::default();
        let mut reply = dcrcold_core::apdu::Reply::default();
        let command = dcrcold_core::apdu::Command::Register(*record).write();
        device.handle(&mut Self::default(), command.as_bytes(), &mut reply);
        *reply.outcome().expect("a voter that is registered").first_chunk().expect("a MAC")
    }
}

impl User for Platform {
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

impl Os for Platform {
    fn serves(&self, network: Network) -> bool {
        self.keys.serves(network)
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        self.keys.public_key(path)
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.keys.child(parent, index)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.keys.sign(path, digest)
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.keys.mac(message)
    }
}
