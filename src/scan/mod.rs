//! Pictures in, text of QR codes out: where frames come from, how their pixels become grey, and how codes are found.
//!
//! Nothing here knows what the texts mean; [`crate::qr`] does. All pictures are somebody else's: sizes are checked before
//! anything is allocated, and what the library that looks for codes does with them is bounded and contained.

pub mod camera;
pub mod contain;
pub mod convert;
mod filter;
pub mod folder;
pub mod image;
pub mod picture;
pub mod pngs;
pub mod reader;
mod search;
pub mod source;
pub mod y4m;
