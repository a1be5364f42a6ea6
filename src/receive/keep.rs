//! Frames kept over a break: one file for each stream, one line for each frame that was of use.
//!
//! What is read back is checked as what a camera sees. A file that somebody else wrote costs a scan its head start,
//! never more.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::process::{Uid, geteuid};

use super::KeepError;
use crate::file::{FileError, folder};
use crate::qr::StreamId;

/// Bytes that are kept of a stream: four times what the largest one takes when every frame is of use.
pub const MOST_KEPT_BYTES: u64 = 2 << 20;
/// Streams of which frames are kept; the oldest gives way.
pub const MOST_KEPT: usize = 8;
/// The name of a file: `scan-` and the stream's id.
const PREFIX: &str = "scan-";
const SUFFIX: &str = ".frames";
/// Neither a link to somewhere else is followed, nor a pipe waited for that nobody writes to.
const FLAGS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK;
/// How often a file may be removed between opening and locking it.
const ATTEMPTS: usize = 4;

/// A folder where frames are kept.
#[derive(Clone, Debug)]
pub struct Keeper {
    folder: PathBuf,
}

/// The frames of one stream, locked against other scans.
#[derive(Debug)]
pub struct Kept {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Keeper {
    /// Keeps frames in a folder that exists.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps frames beside a file.
    #[must_use]
    pub fn beside(file: &Path) -> Self {
        Self::new(folder(file).to_owned())
    }

    /// The file of a stream.
    #[must_use]
    pub fn path_of(&self, stream: StreamId) -> PathBuf {
        self.folder.join(format!("{PREFIX}{stream}{SUFFIX}"))
    }

    /// Opens the file of a stream, or makes it, and reads the lines that are whole.
    ///
    /// A line that was cut off by a power cut is dropped, and so is all of a file that is larger than any that was
    /// written here.
    ///
    /// # Errors
    /// Another scan has it, it is no file or not one of this user alone, or the system says no.
    pub fn open(&self, stream: StreamId) -> Result<(Kept, Vec<String>), KeepError> {
        let path = self.path_of(stream);
        self.make_room(&path);
        for _ in 0..ATTEMPTS {
            if let Some(file) = open_locked(&path)? {
                let mut kept = Kept { file, path, length: 0 };
                let lines = kept.read()?;
                return Ok((kept, lines));
            }
        }
        // Somebody is at work on it all the time.
        Err(KeepError::InUse { path })
    }

    /// Removes the oldest files beyond the bound, and none that a scan has. Whether it works does not matter: it is tried
    /// again next time.
    fn make_room(&self, opened: &Path) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
        let mut files: Vec<_> = paths
            .filter(|path| path != opened && is_kept(path))
            .filter_map(|path| Some((path.symlink_metadata().ok()?.modified().ok()?, path)))
            .collect();
        files.sort();
        let beyond = (files.len() + 1).saturating_sub(MOST_KEPT);
        for (_, path) in files.into_iter().take(beyond) {
            let Ok(file) = File::options().read(true).custom_flags(FLAGS).open(&path) else { continue };
            // Removed while it is locked: who waits for it finds that it has no name any more.
            let free = file.metadata().is_ok_and(|found| check(&found, &path, geteuid()).is_ok());
            if free && file.try_lock().is_ok() {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Opens a file, or makes it, and locks it; nothing when it was removed meanwhile.
fn open_locked(path: &Path) -> Result<Option<File>, KeepError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600).custom_flags(FLAGS);
    let file = options.open(path).map_err(|error| match error.raw_os_error() {
        Some(libc::ELOOP | libc::EISDIR | libc::ENXIO) => KeepError::NoFile { path: path.to_owned() },
        _ => FileError::io("open", path)(error).into(),
    })?;
    let metadata = || file.metadata().map_err(FileError::io("read", path));
    check(&metadata()?, path, geteuid())?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(KeepError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(error)) => return Err(FileError::io("lock", path)(error).into()),
    }
    Ok((metadata()?.nlink() > 0).then_some(file))
}

/// Sees that it is a file, of this user, under this name alone: a link to another file would have that one written to.
fn check(found: &Metadata, path: &Path, user: Uid) -> Result<(), KeepError> {
    let path = || path.to_owned();
    if !found.is_file() {
        return Err(KeepError::NoFile { path: path() });
    }
    if found.uid() != user.as_raw() {
        return Err(KeepError::Owner { path: path(), found: found.uid(), expected: user.as_raw() });
    }
    if found.nlink() > 1 {
        return Err(KeepError::Links { path: path(), found: found.nlink() });
    }
    Ok(())
}

/// Whether a file has the name of kept frames, to the letter.
fn is_kept(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    let id = name.and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    id.is_some_and(|id| id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

impl Kept {
    /// Reads all whole lines and cuts off what follows them.
    fn read(&mut self) -> Result<Vec<String>, FileError> {
        let mut bytes = Vec::new();
        let read = (&self.file).take(MOST_KEPT_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(FileError::io("read", &self.path))?;
        if bytes.len() as u64 > MOST_KEPT_BYTES {
            bytes.clear();
        }
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        self.length = bytes.len() as u64;
        self.cut()?;
        // What is no text is no frame.
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.filter_map(|line| str::from_utf8(line).ok()).map(str::to_owned).collect())
    }

    /// Keeps the text of a frame. After a power cut it is there whole or not at all.
    ///
    /// # Errors
    /// There is no room; what was kept before stays.
    pub fn add(&mut self, text: &str) -> Result<(), KeepError> {
        let line = format!("{text}\n");
        if self.length + line.len() as u64 > MOST_KEPT_BYTES {
            return Err(KeepError::Full { path: self.path.clone() });
        }
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A part of a line would spoil the next one.
            let _ = self.cut();
            return Err(FileError::io("write", &self.path)(error).into());
        }
        self.length += line.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> Result<(), FileError> {
        let cut = self.file.set_len(self.length).and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(FileError::io("write", &self.path))
    }

    /// Forgets what was kept so far.
    ///
    /// # Errors
    /// The system says no.
    pub fn clear(&mut self) -> Result<(), KeepError> {
        self.length = 0;
        Ok(self.cut()?)
    }

    /// Removes the file.
    ///
    /// # Errors
    /// The system says no.
    pub fn remove(self) -> Result<(), KeepError> {
        Ok(fs::remove_file(&self.path).map_err(FileError::io("remove", &self.path))?)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_this_user_under_one_name_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scan-00000000.frames");
        fs::write(&path, "").unwrap();
        let user = geteuid();
        let checked = |path: &Path, user| check(&path.symlink_metadata().unwrap(), path, user);
        assert!(checked(&path, user).is_ok());
        let other = Uid::from_raw(user.as_raw() + 1);
        assert!(matches!(checked(&path, other), Err(KeepError::Owner { expected, .. }) if expected == other.as_raw()));
        assert!(matches!(checked(folder.path(), user), Err(KeepError::NoFile { .. })));
        fs::hard_link(&path, folder.path().join("another")).unwrap();
        assert!(matches!(checked(&path, user), Err(KeepError::Links { found: 2, .. })));
    }
}
