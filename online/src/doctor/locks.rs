//! Which processes are at work on a file, as the kernel tells: Linux `/proc/locks`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{major, minor};

/// How often the list is read: while others lock and let go, a reading may miss a line.
const LOOKS: usize = 8;

/// A process that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) process: u32,
    pub(super) name: String,
}

/// The other processes that hold a lock on a file; none where the system does not say.
pub(super) fn holders(path: &Path) -> Vec<Holder> {
    let Ok(file) = fs::metadata(path) else { return Vec::new() };
    let key = format!("{:02x}:{:02x}:{}", major(file.dev()), minor(file.dev()), file.ino());
    let mut processes = Vec::new();
    for _ in 0..LOOKS {
        let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
        processes.extend(locks.lines().filter_map(|line| holder(line, &key)));
    }
    processes.sort_unstable();
    processes.dedup();
    processes.retain(|process| *process != std::process::id());
    let name = |process: u32| fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default().trim().to_owned();
    processes.into_iter().map(|process| Holder { process, name: name(process) }).collect()
}

/// A line is `1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`; one that waits has an arrow in front of the kind.
fn holder(line: &str, key: &str) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    if words.next()? == "->" {
        return None;
    }
    let (process, file) = (words.nth(2)?, words.next()?);
    (file == key).then(|| process.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::{holder, holders};

    #[test]
    fn lines_of_the_kernel_are_read() {
        let line = "7: POSIX  ADVISORY  READ 1234 fe:00:5678 124 124";
        assert_eq!(holder(line, "fe:00:5678"), Some(1234));
        assert_eq!(holder(line, "fe:00:567"), None);
        assert_eq!(holder("7: -> FLOCK  ADVISORY  WRITE 9 fe:00:5678 0 EOF", "fe:00:5678"), None);
        assert_eq!(holder("", "fe:00:5678"), None);
    }

    #[test]
    fn a_file_that_only_this_process_locks_has_no_other_holder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().lock().unwrap();
        assert!(holders(file.path()).is_empty());
    }
}
