//! What is wrong with a wallet and what surrounds it, in sentences, and what a person can do about each.
//!
//! Nothing is changed by looking: the wallet's file is read once, without its journal being touched, and all questions go
//! to a copy of it.

mod backup;
mod caches;
mod chain;
mod file;
mod finding;
mod locks;
mod requests;
mod stake;

pub use backup::examine as examine_backup;
pub use caches::examine as examine_caches;
pub use chain::examine as examine_chain;
pub use file::{Snapshot, examine as examine_file};
pub use finding::{Finding, Kind, Report, Severity};
pub use requests::examine as examine_requests;
pub use stake::examine as examine_stake;
