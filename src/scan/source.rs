//! Where frames come from.

use std::io::{BufRead, Error};
use std::path::PathBuf;

use super::image::{ImageError, Luma};
use super::picture::PNG_SIGNATURE;
use super::pngs::Pngs;
use super::y4m::{self, Film, FilmError};

/// Frames, one after the other: a camera, a film, a folder of pictures.
pub trait Source {
    /// The next frame; nothing after the last one.
    ///
    /// # Errors
    /// What was read is no frame, or nothing can be read. Whether more frames follow depends on the source: the next call
    /// says so.
    fn next(&mut self) -> Result<Option<Luma>, SourceError>;
}

/// Why a source has no frame.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// Reading failed.
    #[error("cannot read frames: {0}")]
    Read(#[from] Error),
    /// A frame is not what it says.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A film is not what it says.
    #[error(transparent)]
    Film(#[from] FilmError),
    /// A stream that is neither a film nor a row of pictures.
    #[error("stream is neither a YUV4MPEG2 film nor PNGs one after the other")]
    UnknownStream,
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: Error,
    },
    /// A file is no picture.
    #[error("{path}: {source}", path = path.display())]
    Picture {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: ImageError,
    },
    /// A folder without pictures.
    #[error("{path} has no files that end in .png, .jpg or .jpeg", path = path.display())]
    NoPictures {
        /// Which one.
        path: PathBuf,
    },
}

/// Tells by its first bytes whether a stream is a film or a row of PNGs.
///
/// # Errors
/// [`SourceError::UnknownStream`], and what reading the header of a film finds.
pub fn stream<'reader>(mut reader: impl BufRead + 'reader) -> Result<Box<dyn Source + 'reader>, SourceError> {
    // One byte tells them apart; a pipe may not have brought more yet.
    let first = reader.fill_buf()?.first().copied();
    match first {
        Some(byte) if byte == y4m::SIGNATURE[0] => Ok(Box::new(Film::new(reader)?)),
        Some(byte) if byte == PNG_SIGNATURE[0] => Ok(Box::new(Pngs::new(reader))),
        _ => Err(SourceError::UnknownStream),
    }
}
