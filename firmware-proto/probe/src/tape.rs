//! A tape in the place of an operating system and its person, who says yes to everything.

use core::cell::Cell;
use core::fmt::{self, Write as _};

use dcrcold_core::apdu::{ExtendedKey, Fault, Os, Prompt, Signed, Turn, User};
use dcrcold_core::net::Network;

use crate::system::read;

/// What a record holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Command = 0,
    Reply = 1,
    Key = 2,
    Signature = 3,
    Mac = 4,
}

/// The longest command.
const MOST: usize = 5 + 255;

/// The content of a record: on the tape the kind, two bytes of length, little endian, and the content.
pub struct Record {
    bytes: [u8; MOST],
    length: usize,
}

impl Default for Record {
    fn default() -> Self {
        Self { bytes: [0; MOST], length: 0 }
    }
}

impl Record {
    /// Reads the next record; false when the tape ends or holds something else.
    pub fn read(&mut self, kind: Kind) -> bool {
        let mut head = [0; 3];
        if !read(&mut head) {
            return false;
        }
        let [found, low, high] = head;
        self.length = usize::from(u16::from_le_bytes([low, high]));
        found == kind as u8 && self.bytes.get_mut(..self.length).is_some_and(read)
    }

    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// Answers for the keys with what comes next.
#[derive(Default)]
pub struct Tape {
    torn: Cell<bool>,
}

impl Tape {
    /// Whether something else was asked for than came.
    pub fn is_torn(&self) -> bool {
        self.torn.get()
    }

    fn next<const N: usize>(&self, kind: Kind) -> Result<[u8; N], Fault> {
        let (mut head, mut content) = ([0; 3], [0; N]);
        let here = read(&mut head) && read(&mut content);
        let [found, low, high] = head;
        if here && found == kind as u8 && usize::from(u16::from_le_bytes([low, high])) == N {
            return Ok(content);
        }
        self.torn.set(true);
        Err(Fault::Failed)
    }

    fn key(&self) -> Result<ExtendedKey, Fault> {
        let bytes: [u8; 65] = self.next(Kind::Key)?;
        let (key, rest) = bytes.split_first_chunk().ok_or(Fault::Failed)?;
        Ok(ExtendedKey { key: *key, chain_code: rest.try_into().map_err(|_| Fault::Failed)? })
    }
}

impl Os for Tape {
    fn serves(&self, _: Network) -> bool {
        true
    }

    fn public_key(&self, _: &[u32]) -> Result<ExtendedKey, Fault> {
        self.key()
    }

    fn child(&self, _: &ExtendedKey, _: u32) -> Result<ExtendedKey, Fault> {
        self.key()
    }

    fn sign(&self, _: &[u32], _: &[u8; 32]) -> Result<Signed, Fault> {
        let bytes: [u8; 65] = self.next(Kind::Signature)?;
        let Some((compact, [recovery])) = bytes.split_first_chunk() else { return Err(Fault::Failed) };
        Ok(Signed { compact: *compact, recovery: *recovery })
    }

    fn mac(&self, _: &[u8]) -> Result<[u8; 32], Fault> {
        self.next(Kind::Mac)
    }
}

/// A screen that keeps nothing; what prints on it takes the stack that it takes on any.
struct Screen;

impl fmt::Write for Screen {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        core::hint::black_box(text);
        Ok(())
    }
}

impl User for Tape {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        let shown = match prompt {
            Prompt::Page { page, number, count } => write!(Screen, "{number} {count} {page}"),
            Prompt::Approve { words } => words.iter().try_for_each(|word| Screen.write_str(word)),
            Prompt::Account(of) => write!(Screen, "{} {}", of.network, of.account),
            Prompt::Address { address, of, path } => write!(Screen, "{address} {} {path}", of.account),
            Prompt::Voter { name, fingerprint, of } => write!(Screen, "{name} {fingerprint} {}", of.account),
        };
        shown.map(|()| Turn::Next).map_err(|_| Fault::Failed)
    }
}
