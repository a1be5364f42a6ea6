//! What is typed during a scan. A hand scanner is a keyboard, too: what it types is no command, whatever letters it has.

use std::time::{Duration, Instant};

use super::worker::LONGEST_LINE;
use crate::cli::Failure;
use crate::terminal::{Event, Key, Screen};

/// A hand scanner rests less than this between two characters, and a person more between two keys.
const REST: Duration = Duration::from_millis(150);
/// After so long nothing more comes of a line that a hand scanner has begun.
const FORGOTTEN: Duration = Duration::from_secs(1);

/// A line that is being typed.
pub(super) struct Line {
    bytes: Vec<u8>,
    /// When its last character came.
    last: Instant,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::with_capacity(LONGEST_LINE), last: Instant::now() }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds a character; what is longer than any code is dropped.
    pub(super) fn add(&mut self, character: char) {
        self.last = Instant::now();
        if self.bytes.len() < LONGEST_LINE {
            self.bytes.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }

    /// Takes the last character back.
    pub(super) fn back(&mut self) {
        self.bytes.pop();
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Whether a key of these is all that was typed, and nothing follows it.
    pub(super) fn is_key(&self, keys: &str, now: Instant) -> bool {
        matches!(&self.bytes[..], [byte] if keys.as_bytes().contains(byte)) && now.duration_since(self.last) >= REST
    }

    /// Drops what nobody goes on with.
    pub(super) fn forget(&mut self, now: Instant) {
        if now.duration_since(self.last) >= FORGOTTEN {
            self.clear();
        }
    }
}

/// Waits for a key that a person pressed, which no other one follows at once; nothing if what came was no such key.
///
/// Escape and keys with Control are not waited with: no code has them.
///
/// # Errors
/// As [`Screen::event`].
pub(super) fn pressed(screen: &mut Screen) -> Result<Option<Key>, Failure> {
    let Event::Key(key) = screen.event()? else { return Ok(None) };
    if matches!(key, Key::Escape | Key::Control(_)) {
        return Ok(Some(key));
    }
    let mut alone = true;
    while let Some(Event::Key(_)) = screen.event_until(Instant::now() + REST)? {
        alone = false;
    }
    Ok(alone.then_some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (Line, Instant) {
        let mut line = Line::new();
        text.chars().for_each(|character| line.add(character));
        let last = line.last;
        (line, last)
    }

    #[test]
    fn a_letter_is_a_key_when_it_stands_alone_and_nothing_follows() {
        for (text, expected) in [("q", true), ("Q", true), ("", false), ("x", false), ("qq", false), ("DCR1/Q", false)]
        {
            let (line, last) = typed(text);
            assert!(!line.is_key("qQ", last), "{text}: more may follow");
            assert_eq!(line.is_key("qQ", last + REST), expected, "{text}");
        }
    }

    #[test]
    fn a_line_is_kept_while_it_is_typed_and_bounded() {
        let (mut line, last) = typed("DCR1/");
        line.forget(last + REST);
        assert_eq!(line.bytes(), b"DCR1/");
        line.back();
        assert_eq!(line.bytes(), b"DCR1");
        line.forget(last + FORGOTTEN);
        assert_eq!(line.bytes(), b"");
        let (line, _) = typed(&"A".repeat(LONGEST_LINE + 10));
        assert_eq!(line.bytes().len(), LONGEST_LINE);
    }
}
