//! What a person is asked, as texts for one screen after the other.
//!
//! Knows nothing of the SDK, so that it is tested where there is none.

use core::cmp::Ordering;
use core::ffi::c_char;
use core::fmt::{self, Write};

use dcrcold_core::apdu::{Prompt, SpendingAccount};
use dcrcold_core::review::{CLAIMED_HEADING, Origin};

/// The longest label of a page, and more than the longest question.
pub const LABEL: usize = 64;
/// A page's text fits into a reply of 255 bytes; what is said about its origin comes on top.
pub const VALUE: usize = 255 + CLAIMED_HEADING.len() + 4;

/// A text that C code can read. What does not fit is an error, never cut.
pub struct Text<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const fn new() -> Self {
        Self { bytes: [0; N], length: 0 }
    }

    /// Becomes another text.
    ///
    /// # Errors
    /// When it does not fit; the text is then empty.
    pub fn set(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        self.clear();
        self.write_fmt(text).inspect_err(|_| self.clear())
    }

    /// Becomes empty.
    pub fn clear(&mut self) {
        self.length = 0;
        self.bytes.fill(0);
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Where it begins; a zero byte follows it.
    pub fn as_ptr(&self) -> *const c_char {
        self.bytes.as_ptr().cast()
    }
}

impl<const N: usize> Write for Text<N> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.checked_add(text.len()).filter(|end| *end < N).ok_or(fmt::Error)?;
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// What a sheet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is read, and another one follows.
    Read,
    /// It says yes: the label is the question, the value what is done about it.
    Yes,
    /// It says no.
    No,
}

/// A sheet's kind, and its place among all sheets from the first to the one that says yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is for.
    pub kind: Kind,
    /// Its place from 0.
    pub place: u32,
    /// How many there are.
    pub count: u32,
}

/// Sheets of a review besides its pages: the first one, the check words, the one that says yes.
const AROUND: u32 = 3;

/// How many sheets a prompt has; the one that says no is the last, where a person needs it to find the way out.
pub fn count(prompt: &Prompt<'_>, says_no: bool) -> u32 {
    let end: u32 = if says_no { 2 } else { 1 };
    match prompt {
        Prompt::Page { number: 0, .. } => 2,
        Prompt::Page { .. } => 1,
        Prompt::Approve { .. } => end.saturating_add(1),
        Prompt::Account(_) => end.saturating_add(1),
        Prompt::Address { .. } => end.saturating_add(2),
        Prompt::Voter { .. } => end.saturating_add(3),
    }
}

/// Writes sheet `number` of a prompt. The review has `pages` pages.
///
/// # Errors
/// When a text does not fit.
pub fn write(
    prompt: &Prompt<'_>,
    number: u32,
    pages: u32,
    label: &mut Text<LABEL>,
    value: &mut Text<VALUE>,
) -> Result<Sheet, fmt::Error> {
    let own = count(prompt, false);
    let (first, count) = match prompt {
        // The first page has the first sheet before it.
        Prompt::Page { number: page, count, .. } => {
            (page.saturating_add((*page > 0).into()), count.saturating_add(AROUND))
        }
        Prompt::Approve { .. } => (pages.saturating_add(1), pages.saturating_add(AROUND)),
        _ => (0, own),
    };
    let kind = if matches!(prompt, Prompt::Page { .. }) { Kind::Read } else { ends(number.saturating_add(1), own) };
    match kind {
        Kind::Read => read(prompt, number, label, value)?,
        Kind::Yes => {
            let (question, deed) = question(prompt);
            label.set(format_args!("{question}"))?;
            value.set(format_args!("{deed}"))?;
        }
        Kind::No => {
            label.set(format_args!("Decline?"))?;
            value.set(format_args!("decline"))?;
        }
    }
    Ok(Sheet { kind, place: first.saturating_add(number), count })
}

/// The kind of sheet `next - 1` where the one that says yes is number `own - 1`.
fn ends(next: u32, own: u32) -> Kind {
    match next.cmp(&own) {
        Ordering::Less => Kind::Read,
        Ordering::Equal => Kind::Yes,
        Ordering::Greater => Kind::No,
    }
}

/// What is asked in the end, and what is done about it.
const fn question(prompt: &Prompt<'_>) -> (&'static str, &'static str) {
    match prompt {
        Prompt::Page { .. } | Prompt::Approve { .. } => ("Sign all of it?", "sign"),
        Prompt::Account(_) => ("Share them all?", "share"),
        Prompt::Address { .. } => ("Is it the same?", "confirm"),
        Prompt::Voter { .. } => ("Trust this voter?", "trust"),
    }
}

/// What there is to read before.
fn read(prompt: &Prompt<'_>, number: u32, label: &mut Text<LABEL>, value: &mut Text<VALUE>) -> fmt::Result {
    let mut put = |name: &str, text: fmt::Arguments<'_>| {
        label.set(format_args!("{name}"))?;
        value.set(text)
    };
    match (prompt, number) {
        (Prompt::Page { number: 0, count, .. }, 0) => {
            put("Review the request", format_args!("{count} pages, then\nsign or decline"))
        }
        // A claim says so on its own page: a screen has no room for the heading above all of them.
        (Prompt::Page { page, .. }, _) if page.origin == Origin::Claimed => {
            put(page.label, format_args!("{}\n({CLAIMED_HEADING})", page.value))
        }
        (Prompt::Page { page, .. }, _) => put(page.label, format_args!("{}", page.value)),
        (Prompt::Approve { words: [a, b, c, d] }, _) => {
            put("Check words", format_args!("{a} {b}\n{c} {d}\nas on the computer"))
        }
        (Prompt::Account(of), _) => put("Share addresses", format_args!("all of {}", Named(of))),
        (Prompt::Address { address, .. }, 0) => put("Address", format_args!("{address}")),
        (Prompt::Address { of, path, .. }, _) => put("It belongs to", format_args!("{}\naddress {path}", Named(of))),
        (Prompt::Voter { name, .. }, 0) => put("New voter", format_args!("\"{name}\"")),
        (Prompt::Voter { fingerprint, .. }, 1) => {
            put("Fingerprint", format_args!("{fingerprint}\nas the voter prints it"))
        }
        (Prompt::Voter { of, .. }, _) => put("Votes tickets of", format_args!("{}", Named(of))),
    }
}

/// A spending account in words.
struct Named<'a>(&'a SpendingAccount);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} on {}\n{}", self.0.account.account, self.0.network, self.0.account)
    }
}
