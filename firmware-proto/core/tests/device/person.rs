//! The person in front of the device: says yes to everything, or does what a test wants.

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Prompt, Signed, Turn, User};
use dcrcold_core::net::Network;

use crate::software::Software;

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
}

impl Platform {
    pub fn new(os: Software) -> Self {
        Self { os, seen: Vec::new(), turns: Vec::new(), each: None, prompts: 0 }
    }

    /// Does so from the next prompt on, counted from 0, and forgets what was seen.
    pub fn will(&mut self, turns: &[(usize, Turn)]) {
        self.seen.clear();
        self.prompts = 0;
        self.turns = turns.to_vec();
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
        self.os.public_key(path)
    }

    fn child(&self, parent: &ExtendedKey, index: u32) -> Result<ExtendedKey, Fault> {
        self.os.child(parent, index)
    }

    fn sign(&self, path: &[u32], digest: &[u8; 32]) -> Result<Signed, Fault> {
        self.os.sign(path, digest)
    }

    fn mac(&self, message: &[u8]) -> Result<[u8; 32], Fault> {
        self.os.mac(message)
    }
}
