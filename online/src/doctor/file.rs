//! The wallet's file and what lies beside it.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::finding::{Kind, Report};
use super::locks::holders;
use crate::plural::count;
use crate::wallet::{Wallet, WalletError};

/// What follows the wallet's name in the names of files that belong to it and are locked.
const LOCKED: [&str; 4] = ["", "-shm", "-requests.lock", "-auto"];
/// What the names of files begin with that are renamed once they are whole.
const TEMPORARY: [&str; 2] = [".dcrcold-", ".wallet-"];
/// And of codes of a scan that was broken off.
const SCAN: &str = "scan-";
/// How often a file is looked at that others write meanwhile.
const LOOKS: usize = 5;

/// A copy of a wallet's file, of which questions are asked.
#[derive(Debug)]
pub struct Snapshot {
    /// The wallet.
    pub wallet: Wallet,
    _folder: TempDir,
}

impl Snapshot {
    /// Copies a wallet's file, which is not changed.
    ///
    /// # Errors
    /// As [`Wallet::open`], or why it cannot be copied.
    pub fn of(path: &Path) -> Result<Self, WalletError> {
        let folder = tempfile::tempdir();
        let folder = folder.map_err(|source| WalletError::File { path: std::env::temp_dir(), source })?;
        let copy = folder.path().join("wallet.db");
        read_only(path)?.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
        Ok(Self { wallet: Wallet::open(&copy)?, _folder: folder })
    }
}

/// Looks at the wallet's file; a copy of it is there for further questions unless it cannot be read.
pub fn examine(path: &Path, report: &mut Report) -> Option<Snapshot> {
    report.examined(format_args!("wallet file {}", path.display()));
    beside(path, report);
    if !path.exists() {
        let journal = with_end(path, "-wal");
        if journal.exists() {
            let sentence = format!("{} is left of a wallet that was here", journal.display());
            report.found(Kind::FileLeftBehind, sentence, "move it to where that wallet went: it is a part of it");
        }
        let make = "make one with: dcrcold wallet import FILE, where FILE is what dcrcold-signer export watch wrote";
        report.found(Kind::WalletMissing, format_args!("there is no wallet at {}", path.display()), make);
        return None;
    }
    let looked = steadily(path, || {
        let form = integrity(&read_only(path)?)?;
        let snapshot = Snapshot::of(path)?;
        Ok((form, snapshot.wallet.kept_blocks()?, snapshot))
    });
    if !matches!(looked, Err(WalletError::NotAWallet { .. })) {
        open_to_others(path, Kind::WalletOpenToOthers, report);
        in_use(path, report);
    }
    let ((found, known), kept, snapshot) = looked.map_err(|error| unreadable(path, &error, report)).ok()?;
    if found < known {
        let sentence = format!("the file has form {found}, this program writes form {known}");
        report.found(Kind::WalletOlder, sentence, "nothing to do: the next command brings it up to date");
    }
    report.examined(format_args!(
        "{} and {} of the wallet",
        count(kept.headers, "header"),
        count(kept.filters, "filter")
    ));
    Some(snapshot)
}

/// Looks at a database, and once more where somebody wrote to it meanwhile: what is half written is not damaged.
pub(super) fn steadily<T, E>(path: &Path, look: impl Fn() -> Result<T, E>) -> Result<T, E> {
    let stamp = |file: fs::Metadata| (file.len(), file.modified().ok());
    let stamps = || ["", "-wal"].map(|end| with_end(path, end).metadata().ok().map(stamp));
    for _ in 1..LOOKS {
        let (before, found) = (stamps(), look());
        if found.is_ok() || stamps() == before {
            return found;
        }
    }
    look()
}

/// Opens a file without touching anything: its journal is read only where a process left one.
///
/// Source: sqlite.org/uri.html.
pub(super) fn read_only(path: &Path) -> Result<Connection, rusqlite::Error> {
    let mut name = String::from(if path.is_absolute() { "file://" } else { "file:" });
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => name.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => name.push(char::from(*byte)),
            byte => name.push_str(&format!("%{byte:02x}")),
        }
    }
    let journal = with_end(path, "-wal").metadata().is_ok_and(|file| file.len() > 0);
    let name = if journal { name } else { format!("{name}?immutable=1") };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(name, flags)
}

/// The form of a file that holds together, and the one that this program writes.
fn integrity(db: &Connection) -> Result<(u32, u32), WalletError> {
    let forms = Wallet::form_of(db)?;
    let words: String = db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if words != "ok" {
        return Err(WalletError::Damaged { what: words });
    }
    let broken: u32 = db.query_row("SELECT COUNT(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    if broken > 0 {
        return Err(WalletError::Damaged { what: format!("{broken} rows belong to nothing") });
    }
    Ok(forms)
}

fn unreadable(path: &Path, error: &WalletError, report: &mut Report) {
    let (kind, hint) = match error {
        WalletError::NotAWallet { .. } => (Kind::WalletForeign, "name the wallet's file with --wallet FILE"),
        WalletError::Newer { .. } => (Kind::WalletNewer, "use the version of dcrcold that wrote it, or a later one"),
        _ => (
            Kind::WalletDamaged,
            "keep the file, and use a copy of it, or make a new wallet from the watch file: see docs/recovery.md",
        ),
    };
    let sentence = match error {
        WalletError::NotAWallet { .. } => WalletError::NotAWallet { path: path.to_owned() }.to_string(),
        _ => format!("{}: {error}", path.display()),
    };
    report.found(kind, sentence, hint);
}

/// Says when others may read or write a file.
pub(super) fn open_to_others(path: &Path, kind: Kind, report: &mut Report) {
    let mode = fs::metadata(path).map_or(0o600, |file| file.permissions().mode() & 0o777);
    if mode & 0o077 != 0 {
        let sentence = format!("others may use {} (mode {mode:03o})", path.display());
        report.found(kind, sentence, format_args!("chmod 600 {}", path.display()));
    }
}

fn in_use(path: &Path, report: &mut Report) {
    let mut seen = Vec::new();
    for end in LOCKED {
        for holder in holders(&with_end(path, end)) {
            if !seen.contains(&holder) {
                let what = format!("process {} ({}) is at work on the wallet", holder.process, holder.name);
                report.found(Kind::WalletInUse, what, "two at once do no harm; what is told here may be older than it");
                seen.push(holder);
            }
        }
    }
}

fn beside(path: &Path, report: &mut Report) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut left: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| TEMPORARY.iter().chain(&[SCAN]).any(|start| name.starts_with(start)))
        .collect();
    left.sort_unstable();
    for name in left {
        let file = folder.join(&name);
        let (what, hint) = if name.starts_with(SCAN) {
            ("holds codes of a scan that was broken off", "dcrcold scan goes on with it; or remove it")
        } else {
            ("was left behind by a program that was interrupted", "remove it")
        };
        report.found(Kind::FileLeftBehind, format_args!("{} {what}", file.display()), hint);
    }
}

pub(super) fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name: OsString = path.into();
    name.push(end);
    name.into()
}
