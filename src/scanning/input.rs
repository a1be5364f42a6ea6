//! What a scan reads.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::patient::Patient;
use crate::cli::{Failure, STDIO};
use crate::scan::camera;
use crate::scan::folder::Folder;
use crate::scan::source::{Source, SourceError, stream};

/// Where the codes come from.
pub enum Input {
    /// A camera, or whatever else has pictures, opened already.
    Pictures(Box<dyn Source + Send>),
    /// A file or a folder, or standard input.
    Frames(PathBuf),
    /// Lines of standard input, or typed at the terminal.
    Text,
}

/// What there is to read, open.
pub(super) enum Opened {
    /// Pictures that follow each other.
    Film(Box<dyn Source>),
    /// Pictures of which each comes once.
    Stills(Folder),
    /// Lines.
    Lines(Box<dyn BufRead>),
}

impl Input {
    /// Opens a camera.
    pub(super) fn camera(device: Option<&Path>) -> Result<Self, Failure> {
        Ok(Self::Pictures(camera::open(device)?))
    }

    /// Whether lines come from the keyboard of the terminal, and not through a pipe.
    pub(super) fn is_typed(&self) -> bool {
        matches!(self, Self::Text) && io::stdin().is_terminal()
    }

    /// Opens what is not open yet. What a pipe begins with is waited for.
    pub(super) fn open(self, stop: &Arc<AtomicBool>) -> Result<Opened, SourceError> {
        match self {
            Self::Pictures(source) => Ok(Opened::Film(source)),
            Self::Text => Ok(Opened::Lines(Box::new(stdin(stop)?))),
            Self::Frames(path) if path.as_os_str() == STDIO => Ok(Opened::Film(stream(stdin(stop)?)?)),
            Self::Frames(path) if path.is_dir() => Ok(Opened::Stills(Folder::new(&path)?)),
            Self::Frames(path) => {
                let failed = |source| SourceError::File { path: path.clone(), source };
                // Opening a pipe would wait for its writer, and nobody could tell it to stop.
                let file = File::options().read(true).custom_flags(libc::O_NONBLOCK).open(&path).map_err(failed)?;
                let mut file = BufReader::new(Patient::new(file, Arc::clone(stop)));
                let is_film = file.fill_buf().map_err(failed)?.starts_with(b"Y");
                // One picture is looked at with more care.
                if is_film || !path.is_file() {
                    Ok(Opened::Film(stream(file)?))
                } else {
                    Ok(Opened::Stills(Folder::new(&path)?))
                }
            }
        }
    }
}

/// Standard input past the lock and buffer of the standard library, so that a thread can give it up.
fn stdin(stop: &Arc<AtomicBool>) -> io::Result<BufReader<Patient<File>>> {
    let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    Ok(BufReader::new(Patient::new(file, Arc::clone(stop))))
}
