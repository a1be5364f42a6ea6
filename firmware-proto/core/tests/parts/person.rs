//! The person in front of a device: says yes to everything, or does what a test wants.

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};

/// A person.
#[derive(Default)]
pub struct Person {
    /// What was shown, in order.
    pub seen: Vec<String>,
    /// What a test does with every prompt.
    pub each: Option<fn(&Prompt<'_>)>,
    /// What to do at prompt number so and so; at all others yes.
    turns: Vec<(usize, Turn)>,
    prompts: usize,
}

impl Person {
    /// Does so from the next prompt on, counted from 0, and forgets what was seen.
    pub fn will(&mut self, turns: &[(usize, Turn)]) {
        self.seen.clear();
        self.prompts = 0;
        self.turns = turns.to_vec();
    }
}

impl User for Person {
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
