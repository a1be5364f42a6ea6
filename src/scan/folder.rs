//! Pictures that lie in files.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::image::{ImageError, Luma};
use super::picture::{MAX_FILE, decode};
use super::source::{Source, SourceError};

/// Endings of names of pictures, in lower case.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// Pictures in files, in the order of their names.
pub struct Folder {
    files: VecDeque<PathBuf>,
}

impl Folder {
    /// Lists the pictures in a folder: files that end in `.png`, `.jpg` or `.jpeg`. A file is taken as the only one, however it ends.
    ///
    /// # Errors
    /// [`SourceError::File`] when it cannot be listed, or has no picture.
    pub fn new(path: &Path) -> Result<Self, SourceError> {
        let failed = |source| SourceError::File { path: path.to_owned(), source };
        if fs::metadata(path).map_err(failed)?.is_file() {
            return Ok(Self { files: VecDeque::from([path.to_owned()]) });
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
            if ending.is_some_and(|ending| ENDINGS.contains(&&*ending)) && file.is_file() {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err(SourceError::NoPictures { path: path.to_owned() });
        }
        files.sort();
        Ok(Self { files: files.into() })
    }

    /// Pictures that are still to come.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.files.len()
    }
}

impl Source for Folder {
    /// A picture that cannot be read is an error, and the next one follows.
    fn next(&mut self) -> Result<Option<Luma>, SourceError> {
        let Some(path) = self.files.pop_front() else { return Ok(None) };
        let file = match read(&path) {
            Ok(file) => file,
            Err(source) => return Err(SourceError::File { path, source }),
        };
        if file.len() > MAX_FILE {
            return Err(SourceError::Picture { path, source: ImageError::FileTooLong });
        }
        decode(&file).map(Some).map_err(|source| SourceError::Picture { path, source })
    }
}

/// Reads a file, and a byte more than is allowed of one that is too long.
fn read(path: &Path) -> Result<Vec<u8>, std::io::Error> {
    let mut file = Vec::new();
    File::open(path)?.take(MAX_FILE as u64 + 1).read_to_end(&mut file)?;
    Ok(file)
}
