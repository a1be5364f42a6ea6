//! Films in the YUV4MPEG2 format, as `ffmpeg -f yuv4mpegpipe` and `mplayer -vo yuv4mpeg` write them.
//!
//! A line of text says what the frames are, then each frame is a line `FRAME` and its planes. Only the first plane, the
//! brightness, is kept. Source: yuv4mpeg(5) of mjpegtools.

use std::io::{self, BufRead, Read};

use super::image::{Luma, Size};
use super::source::{Source, SourceError};

/// The first bytes of every film.
pub(super) const SIGNATURE: &[u8; 10] = b"YUV4MPEG2 ";
/// The longest line, header or frame.
const MAX_LINE: u64 = 256;

/// Why a film is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilmError {
    /// It does not begin as such films do.
    #[error("not a film in the YUV4MPEG2 format")]
    NotAFilm,
    /// A line without an end.
    #[error("line of the film is longer than {MAX_LINE} bytes or not text")]
    Line,
    /// The header has no size, or one that is no number, or the same field twice.
    #[error("header of the film has no proper field {field}")]
    Field {
        /// W, H or C.
        field: char,
    },
    /// Colours other than 4:2:0 of 8 bits and none.
    #[error("film has the colour space {found}, expected 420, 420jpeg, 420mpeg2, 420paldv or mono")]
    ColourSpace {
        /// As the header says.
        found: String,
    },
    /// Something else where a frame is to begin.
    #[error("frame {number} of the film does not begin with FRAME")]
    NoFrame {
        /// Counted from 1.
        number: u64,
    },
    /// The film ends in the middle of a frame.
    #[error("film ends within frame {number}")]
    Truncated {
        /// Counted from 1.
        number: u64,
    },
}

/// A film that is read frame by frame.
pub struct Film<R> {
    reader: R,
    size: Size,
    /// Bytes of a frame after the brightness.
    colour: u64,
    number: u64,
    failed: bool,
}

impl<R: BufRead> Film<R> {
    /// Reads the header of a film.
    ///
    /// # Errors
    /// [`SourceError`]: no film, a size out of bounds, a colour space that is not read.
    pub fn new(mut reader: R) -> Result<Self, SourceError> {
        let header = line(&mut reader)?.ok_or(FilmError::NotAFilm)?;
        let fields = header.strip_prefix("YUV4MPEG2 ").ok_or(FilmError::NotAFilm)?;
        let size = Size::new(number(fields, 'W')?, number(fields, 'H')?)?;
        let halved = size.width().div_ceil(2) * size.height().div_ceil(2);
        // Without a field C films are 4:2:0. Frames say nothing about interlacing that matters here.
        let colour = match field(fields, 'C')?.unwrap_or("420") {
            "420" | "420jpeg" | "420mpeg2" | "420paldv" => 2 * halved as u64,
            "mono" => 0,
            other => return Err(FilmError::ColourSpace { found: other.to_owned() }.into()),
        };
        Ok(Self { reader, size, colour, number: 0, failed: false })
    }

    /// The size of all its frames.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    fn frame(&mut self) -> Result<Option<Luma>, SourceError> {
        self.number += 1;
        let number = self.number;
        let Some(start) = line(&mut self.reader)? else { return Ok(None) };
        if start != "FRAME" && !start.starts_with("FRAME ") {
            return Err(FilmError::NoFrame { number }.into());
        }
        let expected = self.size.pixels();
        let mut pixels = Vec::with_capacity(expected);
        self.reader.by_ref().take(expected as u64).read_to_end(&mut pixels)?;
        let skipped = io::copy(&mut self.reader.by_ref().take(self.colour), &mut io::sink())?;
        if pixels.len() < expected || skipped < self.colour {
            return Err(FilmError::Truncated { number }.into());
        }
        Ok(Some(Luma::with_size(self.size, pixels)?))
    }
}

impl<R: BufRead> Source for Film<R> {
    /// After an error there are no more frames: nothing says where the next one would begin.
    fn next(&mut self) -> Result<Option<Luma>, SourceError> {
        if self.failed {
            return Ok(None);
        }
        self.frame().inspect_err(|_| self.failed = true)
    }
}

/// Reads a line without its end; nothing at the end of the film.
fn line(reader: &mut impl BufRead) -> Result<Option<String>, SourceError> {
    let mut line = Vec::new();
    reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(FilmError::Line.into());
    }
    Ok(Some(String::from_utf8(line).map_err(|_| FilmError::Line)?))
}

/// The field of a header that begins with a letter, if it is there.
fn field(fields: &str, name: char) -> Result<Option<&str>, FilmError> {
    let mut found = fields.split(' ').filter_map(|field| field.strip_prefix(name));
    let value = found.next();
    if found.next().is_some() { Err(FilmError::Field { field: name }) } else { Ok(value) }
}

fn number(fields: &str, name: char) -> Result<u32, FilmError> {
    let value = field(fields, name)?.filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    value.and_then(|value| value.parse().ok()).ok_or(FilmError::Field { field: name })
}
