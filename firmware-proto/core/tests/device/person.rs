//! The person in front of the device: says yes to everything, or does what a test wants.

use std::cell::RefCell;

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Prompt, Signed, Turn, User};
use dcrcold_core::net::Network;

use crate::software::Software;
use crate::tapes::{Kind, Tape};

/// A device's operating system and its person.
pub struct Platform {
    pub os: Software,
    /// What was shown, in order.
    pub seen: Vec<String>,
    /// What to do at prompt number so and so; at all others yes.
    pub turns: Vec<(usize, Turn)>,
    /// What a test does with every prompt.
    pub each: Option<fn(&Prompt<'_>)>,
    prompts: usize,
    /// What the keys answer is recorded here, when there is a tape.
    pub tape: RefCell<Option<Tape>>,
}

impl Platform {
    pub fn new(os: Software) -> Self {
        Self { os, seen: Vec::new(), turns: Vec::new(), each: None, prompts: 0, tape: RefCell::default() }
    }

    /// Does so from the next prompt on, counted from 0, and forgets what was seen.
    pub fn will(&mut self, turns: &[(usize, Turn)]) {
        self.seen.clear();
        self.prompts = 0;
        self.turns = turns.to_vec();
    }

    pub fn record(&self, kind: Kind, parts: &[&[u8]]) {
        if let Some(tape) = &mut *self.tape.borrow_mut() {
            tape.put(kind, &parts.concat());
        }
    }
}

impl User for Platform {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        if let Some(each) = self.each {
            each(prompt);
        }
        self.seen.push(match prompt {
            Prompt::Page { page, number, count } => format!("{}/{count} {page}", number + 1),
            Prompt::Approve { words } => format!("approve {}", words.join(" ")),
            Prompt::Account(of) => format!("account {} {}", of.network, of.account),
            Prompt::Address { address, of, path } => format!("address {address} {}/{path}", of.account),
            Prompt::Voter { name, fingerprint, of } => format!("voter {name} {fingerprint} for {}", of.account),
        });
        let turn = self.turns.iter().find(|(number, _)| *number == self.prompts).map_or(Turn::Next, |(_, turn)| *turn);
        self.prompts += 1;
        Ok(turn)
    }
}

impl Os for Platform {
    fn serves(&self, network: Network) -> bool {
        self.os.serves(network)
    }

    fn public_key(&self, path: &[u32]) -> Result<ExtendedKey, Fault> {
        let answer = self.os.public_key(path);
        answer.inspect(|key| self.record(Kind::Key, &[&key.key, &key.chain_code]))
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        let answer = self.os.child(parent, index);
        answer.inspect(|key| self.record(Kind::Key, &[&key.key, &key.chain_code]))
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        let answer = self.os.sign(path, digest);
        answer.inspect(|signed| self.record(Kind::Signature, &[&signed.compact, &[signed.recovery]]))
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.os.mac(message).inspect(|mac| self.record(Kind::Mac, &[mac]))
    }
}
