//! Recorded sessions: every command, what the person was shown for it, and every reply, as text.
//!
//! ```text
//! # nobody sees an account without being allowed to
//! seed abandon
//! person decline
//!
//! > dc01000009010100000000000000
//! | account: testnet3 m/44'/1'/0'
//! < 6985
//! ```
//!
//! `seed` is one of [`NAMED`](crate::NAMED), the lines of `person` are those of a [`Script`]; then commands, what was shown
//! for each, and replies with their status words. A replay makes the text anew from its commands: whoever compares both
//! compares every byte.

use std::convert::Infallible;

use dcrcold_core::apdu::{Apdu, Exchange, Reply};
use dcrcold_signer::hd::HdError;

use crate::device::Simulator;
use crate::person::{Person, Script, ScriptError};
use crate::seeds::{SeedFileError, TestSeed};

/// A session that is being recorded.
pub struct Recorder {
    simulator: Simulator<Person>,
    text: String,
}

/// Why a text is not a transcript.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TranscriptError {
    /// No such seed.
    #[error(transparent)]
    Seed(#[from] SeedFileError),
    /// The seed has no keys.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// A person who cannot be.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// A line that says nothing.
    #[error("line {0} of the transcript is none of `seed`, `person`, `>`, `|`, `<` and `#`")]
    Line(usize),
}

impl Recorder {
    /// Begins a record with a named seed and the lines of a person's script.
    ///
    /// # Errors
    /// [`TranscriptError::Seed`], [`TranscriptError::Keys`], [`TranscriptError::Script`].
    pub fn new(seed: &str, script: &str) -> Result<Self, TranscriptError> {
        let person = Person::new(script.parse::<Script>()?);
        let simulator = Simulator::new(&TestSeed::named(seed)?, person)?;
        Ok(Self { simulator, text: String::new() })
    }

    /// Adds a line as it is.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Sends a command, which can be any bytes, and writes down what happens.
    pub fn send(&mut self, command: &[u8]) -> Reply {
        self.line(format!("> {}", hex(command)).trim_end());
        self.simulator.user_mut().forget();
        let reply = self.simulator.answer(command);
        let shown = self.simulator.user().shown().join("\n");
        shown.lines().for_each(|line| self.line(format!("| {line}").trim_end()));
        self.line(&format!("< {}", hex(reply.as_bytes())));
        reply
    }

    /// All that was written down.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }
}

impl Exchange for Recorder {
    type Error = Infallible;

    fn exchange(&mut self, command: &Apdu) -> Result<Reply, Infallible> {
        Ok(self.send(command.as_bytes()))
    }
}

/// Sends the commands of a transcript to a new device and writes down what happens, in the same form.
///
/// # Errors
/// Why it is no transcript.
pub fn replay(text: &str) -> Result<String, TranscriptError> {
    let named = |name: &str| {
        let lines: Vec<_> = text.lines().filter_map(|line| line.strip_prefix(name)).collect();
        lines.join("\n")
    };
    let mut recorder = Recorder::new(&named("seed "), &named("person "))?;
    for (line, number) in text.lines().zip(1..) {
        if let Some(command) = line.strip_prefix('>') {
            let command = base16ct::mixed::decode_vec(command.trim()).map_err(|_| TranscriptError::Line(number))?;
            recorder.send(&command);
        } else if line.is_empty() || ["#", "seed ", "person "].iter().any(|kept| line.starts_with(kept)) {
            recorder.line(line);
        } else if !line.starts_with(['|', '<']) {
            return Err(TranscriptError::Line(number));
        }
    }
    Ok(recorder.into_text())
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}
