//! A file with a secret, opened when the command line is read: before a program gives up opening files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::builder::{PathBufValueParser, TypedValueParser};
use zeroize::Zeroizing;

use super::{Failure, FailureKind, STDIO};
use crate::swap;

/// The longest text that is read as a secret.
const LONGEST_SECRET: usize = 4096;

/// A file that holds a secret, or standard input for `-`. A file that cannot be opened fails when it is read.
#[derive(Clone, Debug)]
pub struct SecretFile {
    path: PathBuf,
    file: Arc<io::Result<File>>,
}

impl SecretFile {
    /// Opens a file.
    #[must_use]
    pub fn open(path: PathBuf) -> Self {
        // Standard input not through the buffer of the standard library, which nobody wipes.
        let file = if path.as_os_str() == STDIO {
            io::stdin().as_fd().try_clone_to_owned().map(File::from)
        } else {
            File::open(&path)
        };
        Self { path, file: Arc::new(file) }
    }

    /// Takes an argument of the command line.
    #[must_use]
    pub fn parser() -> impl TypedValueParser<Value = Self> {
        PathBufValueParser::new().map(Self::open)
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the first line. What was read once is not read again.
    ///
    /// # Errors
    /// A failure that names the file, never its content.
    pub fn line(&self) -> Result<Zeroizing<String>, Failure> {
        let text = self.text()?;
        Ok(kept(text.lines().next().unwrap_or_default()))
    }

    /// Reads several lines. What was read once is not read again.
    ///
    /// # Errors
    /// A failure that names the file, never its content.
    pub fn text(&self) -> Result<Zeroizing<String>, Failure> {
        let from_stdin = self.path.as_os_str() == STDIO;
        let name = if from_stdin { "standard input".to_owned() } else { self.path.display().to_string() };
        let cannot_read = |error: &io::Error| Failure::new(FailureKind::Failed, format!("cannot read {name}: {error}"));
        let file = self.file.as_ref().as_ref().map_err(cannot_read)?;
        let (bytes, length) = fill(file).map_err(|error| cannot_read(&error))?;
        let malformed = |what: &str| Failure::new(FailureKind::Malformed, format!("{name} {what}"));
        if length > LONGEST_SECRET {
            return Err(malformed("is too long for a secret"));
        }
        let text = str::from_utf8(&bytes[..length]).map_err(|_| malformed("is not UTF-8 text"))?;
        Ok(kept(text))
    }
}

fn kept(text: &str) -> Zeroizing<String> {
    let mut kept = swap::text(text.len());
    kept.push_str(text);
    kept
}

/// Reads into room that does not move, so that no copy is left behind.
fn fill(mut from: impl Read) -> io::Result<(Zeroizing<Vec<u8>>, usize)> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST_SECRET + 1]);
    swap::keep(&bytes);
    let mut length = 0;
    loop {
        match from.read(&mut bytes[length..]) {
            Ok(0) => return Ok((bytes, length)),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_secret_is_the_first_line_without_its_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"correct horse \r\nsecond line\n").unwrap();
        let open = || SecretFile::open(file.path().to_owned());
        assert_eq!(*open().line().unwrap(), "correct horse ");
        assert_eq!(*open().text().unwrap(), "correct horse \r\nsecond line\n");
    }

    #[test]
    fn a_secret_is_read_from_the_file_that_was_opened() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "first").unwrap();
        let secret = SecretFile::open(file.path().to_owned());
        file.close().unwrap();
        assert_eq!(*secret.line().unwrap(), "first");
    }
}
