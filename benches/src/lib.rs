//! What the measurements share.
//!
//! A shared machine is never quiet, so contenders take turns in short rounds and the best round of each counts: noise only ever adds time. Figures
//! of one run can be compared with each other, those of different runs hardly.

mod go;
mod purchase;
mod race;

pub use go::Go;
pub use purchase::ColdWallet;
pub use race::{Race, time};
