//! Where frames come from.

use super::image::{ImageError, Luma};

/// Frames, one after the other: a camera, a film, a folder of pictures.
pub trait Source {
    /// The next frame; nothing after the last one.
    ///
    /// # Errors
    /// What was read is no frame, or nothing can be read. Whether more frames follow depends on the source.
    fn next(&mut self) -> Result<Option<Luma>, SourceError>;
}

/// Why a source has no frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Reading failed.
    #[error("cannot read frames: {0}")]
    Read(#[from] std::io::Error),
    /// A frame is not what it says.
    #[error(transparent)]
    Image(#[from] ImageError),
}
