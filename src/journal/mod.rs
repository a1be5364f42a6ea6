//! The journal: which requests a signer approved, so that the next review can tell what was signed before.
//!
//! A file beside the key store, one sealed record for each approved request, written before the answer leaves. The key
//! store itself remembers the last record and the highest indexes ([`History`]), so a journal that is gone, cut or
//! older is noticed. `docs/journal.md` has every byte.

mod content;
mod file;
mod history;
mod key;
mod record;

pub use self::content::{Entry, Flaw, START, seal};
pub use self::file::{Journal, JournalError};
pub use self::history::{Head, History, Marks, VoterMarks};
pub use self::key::JournalKey;
pub use self::record::Record;
