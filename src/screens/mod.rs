//! What a person reads before approving, and codes that carry transfers, as screens of a terminal.
//!
//! Nothing here knows a terminal or a key: pages go in, a grid of characters comes out, and what was seen is counted.
//! So all of it is tested without one. Whatever the size, every line is shown whole, in order, before a person can
//! approve.

mod approval;
mod codes;
mod layout;
mod pager;
mod preview;
mod scanning;
mod sheet;

pub use approval::{Approval, Verdict};
pub use codes::{Caption, Codes};
pub use layout::SMALLEST;
pub use pager::{Pager, Turned};
pub use preview::Preview;
pub use scanning::{Eye, Scanning, show_scanned, told};
pub use sheet::{Entry, Sheet, Tone};
