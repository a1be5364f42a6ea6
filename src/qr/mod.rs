//! Transfers as QR codes: shown as a stream of frames, of which any that suffice give the transfer back.
//!
//! A transfer is cut into symbols of 80 bytes. Those that exist already (*source* symbols) are shown first; after them come
//! *combinations*, sums of all source symbols with coefficients in GF(256) that follow from the number of the
//! combination. Whoever has as many independent symbols as there are source symbols has the transfer, whichever they are.
//! How many symbols a frame carries may change at any time, so a person can make the codes larger or smaller midway.
//!
//! Each frame is text of the alphanumeric set of QR codes, so that typing, pasting and hand scanners work too.
//! docs/qr.md describes every byte.

mod assembly;
mod base45;
mod density;
mod error;
mod field;
mod frame;
mod picture;
mod solver;
mod stream;

pub use self::assembly::{Assembly, Progress, Taken};
pub use self::density::Density;
pub use self::error::{FrameError, StreamError};
pub use self::frame::{Frame, Part};
pub use self::picture::Picture;
pub use self::stream::{Parts, Stream, StreamId, SymbolId};

/// Bytes in a symbol.
pub const SYMBOL_LENGTH: usize = 80;
/// Source symbols that a stream has at most, so that a receiver's memory has a bound.
pub const MAX_SYMBOLS: usize = 4_096;
/// Bytes that a stream carries at most.
pub const MAX_LENGTH: usize = MAX_SYMBOLS * SYMBOL_LENGTH;

/// A piece of a stream: bytes of the transfer, or a combination of all of them.
pub type Symbol = [u8; SYMBOL_LENGTH];
