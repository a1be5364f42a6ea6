//! Codes as picture files: pages to print, and an animation for a screen without a terminal.

mod canvas;
mod film;
mod sheet;

use dcrcold_core::hash::TransferId;
use dcrcold_signer::qr::Stream;
use dcrcold_signer::screens::Caption;

pub use self::film::film;
pub use self::sheet::{Page, pages};

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The frames.
    pub stream: &'a Stream,
    /// What is written beside them.
    pub caption: &'a Caption,
    /// The transfer's id.
    pub id: &'a TransferId,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The library that writes PNG files fails.
    #[error("cannot write a PNG picture: {0}")]
    Png(#[from] png::EncodingError),
    /// The library that writes GIF files fails.
    #[error("cannot write a GIF animation: {0}")]
    Gif(#[from] gif::EncodingError),
    /// More paper than anybody scans.
    #[error("{pages} pages are too many, expected {most} at most")]
    TooLong {
        /// The pages that it would take.
        pages: usize,
        /// The most that are made.
        most: usize,
    },
}

impl Subject<'_> {
    /// What it is, in one line.
    fn title(&self) -> String {
        format!("{} for {}, {} bytes", self.caption.kind, self.caption.network, self.caption.bytes)
    }

    fn words(&self) -> String {
        format!("check words: {}", self.caption.words.join(" "))
    }
}
