//! Somebody clumsy or impatient at a question, and what must be true of the end whatever they did.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::fs;
use std::path::Path;

use crate::terminal::Terminal;

pub const LARGE: (u16, u16) = (80, 24);
/// The terminals that questions are asked at, by turns.
pub const SIZES: [(u16, u16); 3] = [LARGE, (40, 15), (200, 50)];
pub const CTRL_C: &[u8] = b"\x03";

/// What somebody types.
pub struct Slip {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub kind: Kind,
}

/// What that is to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing, and Enter.
    Empty,
    /// A line of text that is no right answer.
    Text,
    /// What ends the program at every question that does not show its answer, with this status.
    End(i32),
}

/// Everything that is typed by mistake, or in a hurry.
pub fn slips() -> Vec<Slip> {
    let slip = |name, bytes: &[u8], kind| Slip { name, bytes: bytes.to_vec(), kind };
    vec![
        slip("Enter alone", b"\n", Kind::Empty),
        slip("spaces", b"     \n", Kind::Text),
        slip("a pasted paragraph", b"the quick brown fox\njumps over\n\nthe lazy dog\n", Kind::Text),
        slip("another encoding", b"gr\xfcn wie gras\n", Kind::End(7)),
        slip("Ctrl-C", CTRL_C, Kind::End(4)),
        slip("the end of input", b"\x04", Kind::End(4)),
        slip("another case", b"CORRECT HORSE\n", Kind::Text),
        slip("almost right", b"correct horsf\n", Kind::Text),
        slip("a number out of range", b"99999999999999999999\n", Kind::Text),
        slip("arrows and controls", b"\x1b[A\x1b[1;5C\x1bOP\x01\x02\x1a\x1c\x00\n", Kind::Empty),
        slip("half a character", b"gras \xe2\x82\n", Kind::End(7)),
        slip("100 KB", &[&[b'x'; 100_000][..], b"\n"].concat(), Kind::End(7)),
        slip("a change of mind", b"correct\x03", Kind::End(4)),
        slip("taken back, and the end of input", b"ab\x7f\x7f\x04", Kind::End(4)),
    ]
}

/// The slips that every question meets; the others are for one question of each kind.
pub const EVERYWHERE: usize = 6;

/// The names in a folder, those below it too.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        names.push(path.display().to_string());
        if path.is_dir() {
            names.extend(self::names(&path));
        }
    }
    names.sort();
    names
}

/// Types a slip at the question that is there. A program that asks on is told to end.
///
/// Gives the exit status. However it ended: the terminal is in order, nothing went wrong in the program, what was typed is
/// not shown, and a failure is told.
pub fn end_after(mut terminal: Terminal, slip: &Slip, asks_on: impl Fn(&Terminal) -> bool) -> Option<i32> {
    terminal.paste(&slip.bytes);
    if !terminal.ends_before("another question", asks_on) {
        terminal.paste(CTRL_C);
        assert!(terminal.ends_before("never", |_| false));
    }
    assert!(!terminal.alternate() && terminal.in_order(), "{}: the terminal is not as it was", slip.name);
    let (status, transcript) = terminal.end();
    assert!(!transcript.contains("panicked"), "{}: {transcript}", slip.name);
    assert!(status == Some(0) || transcript.contains("error: "), "{}: {transcript}", slip.name);
    let typed = String::from_utf8_lossy(&slip.bytes);
    let longest = typed.split(char::is_control).max_by_key(|text| text.len()).unwrap_or_default().trim();
    assert!(longest.len() < 4 || !transcript.contains(longest), "{}: {transcript}", slip.name);
    status
}
