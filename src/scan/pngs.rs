//! PNGs one after the other, as `ffmpeg -f image2pipe -c:v png -` writes them.

use std::io::{self, BufRead, Read};

use super::image::{ImageError, Luma, Size};
use super::picture::{MAX_FILE, PNG_SIGNATURE, decode};
use super::source::{Source, SourceError};

/// The chunk that comes first, and the one that comes last.
const HEADER: [u8; 4] = *b"IHDR";
const END: [u8; 4] = *b"IEND";

/// A stream of PNGs that is read picture by picture.
pub struct Pngs<R> {
    reader: R,
    file: Vec<u8>,
    failed: bool,
}

impl<R: BufRead> Pngs<R> {
    /// Takes a stream that has not begun.
    pub const fn new(reader: R) -> Self {
        Self { reader, file: Vec::new(), failed: false }
    }

    /// Copies one PNG from the stream; whether there is one.
    fn file(&mut self) -> Result<bool, SourceError> {
        self.file.clear();
        if self.reader.fill_buf()?.is_empty() {
            return Ok(false);
        }
        if self.copy(PNG_SIGNATURE.len())? != PNG_SIGNATURE {
            return Err(ImageError::UnknownFormat.into());
        }
        loop {
            let first = self.file.len() == PNG_SIGNATURE.len();
            let [a, b, c, d, kind @ ..] = *self.copy(8)?.first_chunk::<8>().expect("eight bytes were copied");
            // A check sum follows the chunk.
            let length = u64::from(u32::from_be_bytes([a, b, c, d])) + 4;
            if first && (kind != HEADER || length != 17) {
                return Err(ImageError::Damaged { format: "PNG", reason: "it has no header".to_owned() }.into());
            }
            if self.file.len() as u64 + length > MAX_FILE as u64 {
                return Err(ImageError::FileTooLong.into());
            }
            let chunk = self.copy(usize::try_from(length).map_err(|_| ImageError::FileTooLong)?)?;
            if first {
                // Before anything else of a picture is kept that nobody will look at.
                let [a, b, c, d, e, f, g, h] = *chunk.first_chunk::<8>().expect("a header has seventeen bytes");
                Size::new(u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))?;
            }
            if kind == END {
                return Ok(true);
            }
        }
    }

    /// Copies bytes from the stream to the file at hand, all or none.
    fn copy(&mut self, length: usize) -> Result<&[u8], SourceError> {
        let start = self.file.len();
        // What is there, not what is claimed, takes memory.
        self.reader.by_ref().take(length as u64).read_to_end(&mut self.file)?;
        let copied = &self.file[start..];
        if copied.len() == length { Ok(copied) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
    }
}

impl<R: BufRead> Source for Pngs<R> {
    /// A picture that is damaged and whole is an error, and the next one follows; after other errors nothing does.
    fn next(&mut self) -> Result<Option<Luma>, SourceError> {
        if self.failed {
            return Ok(None);
        }
        if !self.file().inspect_err(|_| self.failed = true)? {
            return Ok(None);
        }
        Ok(Some(decode(&self.file)?))
    }
}
