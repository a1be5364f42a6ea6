//! The wallet file: SQLite, opened so that two processes can share it and a crash loses nothing.

pub(crate) mod column;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::WalletError;

/// What marks the file as one of ours: `DCRC` in ASCII.
const APPLICATION_ID: i32 = 0x4443_5243;
/// How long to wait for another process to finish its writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);
/// The form that this program writes.
const FORM: u32 = 9;
/// The steps from an empty file to the present form; never edited, only appended to.
const MIGRATIONS: [&str; FORM as usize] = [
    include_str!("db/schema.sql"),
    include_str!("db/vsp.sql"),
    include_str!("db/fees.sql"),
    include_str!("db/addresses.sql"),
    include_str!("db/device.sql"),
    include_str!("db/payments.sql"),
    include_str!("db/coins.sql"),
    include_str!("db/auto.sql"),
    include_str!("db/orders.sql"),
];

/// What follows the file's name in the names of its journals: the one that is used, and the one of SQLite's other mode.
const JOURNALS: [&str; 2] = ["-wal", "-journal"];

/// Makes a new wallet file that only its owner can read; it is in its place once `fill` is done, and not before.
///
/// # Errors
/// [`WalletError::Exists`], [`WalletError::JournalLeft`], or why the file cannot be made.
pub(crate) fn create(
    path: &Path,
    fill: impl FnOnce(&mut Connection) -> Result<(), WalletError>,
) -> Result<(), WalletError> {
    put(path, |file| make(file, fill))
}

/// Copies an open wallet to a new file that only its owner can read, while others may write to it.
///
/// # Errors
/// As [`create`].
pub(crate) fn copy(db: &Connection, to: &Path) -> Result<(), WalletError> {
    put(to, |file| {
        db.execute("VACUUM INTO ?1", [file.to_string_lossy()])?;
        Ok(())
    })
}

/// Writes a new wallet file, which is in its place once all is in it, and not before.
fn put(path: &Path, write: impl FnOnce(&Path) -> Result<(), WalletError>) -> Result<(), WalletError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => WalletError::Exists { path: path.to_owned() },
        _ => WalletError::File { path: path.to_owned(), source },
    };
    if path.symlink_metadata().is_ok() {
        return Err(WalletError::Exists { path: path.to_owned() });
    }
    if let Some(path) = JOURNALS.map(|end| beside(path, end)).into_iter().find(|journal| journal.exists()) {
        return Err(WalletError::JournalLeft { path });
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = tempfile::Builder::new().prefix(".wallet-").tempfile_in(folder).map_err(failed)?;
    write(file.path())?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path).map_err(|error| failed(error.error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Fills a file that is empty and leaves nothing of it in a log.
fn make(file: &Path, fill: impl FnOnce(&mut Connection) -> Result<(), WalletError>) -> Result<(), WalletError> {
    // Without a log beside it, all is in the file when it gets its name.
    let mut db = connect(file)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(&mut db)?;
    fill(&mut db)?;
    // Two that open the file at once must not both have to switch: that waits for nobody. Closing takes the log away.
    db.pragma_update(None, "journal_mode", "WAL")?;
    Ok(db.close().map_err(|(_, error)| error)?)
}

/// Opens a wallet file and brings it to the present form.
///
/// # Errors
/// [`WalletError::Missing`], [`WalletError::NotAWallet`], [`WalletError::Newer`], or why it cannot be opened.
pub(crate) fn open(path: &Path) -> Result<Connection, WalletError> {
    if !path.exists() {
        return Err(WalletError::Missing { path: path.to_owned() });
    }
    let db = connect(path)?;
    must_be_wallet(&db, path)?;
    prepare(db)
}

/// The form of a file that was opened, and the one that this program writes; nothing is changed.
///
/// # Errors
/// [`WalletError::NotAWallet`], [`WalletError::Newer`], or why it cannot be read.
pub(crate) fn form(db: &Connection) -> Result<(u32, u32), WalletError> {
    must_be_wallet(db, Path::new(db.path().unwrap_or_default()))?;
    let found = version(db)?;
    if found > FORM { Err(WalletError::Newer { found, known: FORM }) } else { Ok((found, FORM)) }
}

/// Sees that a file is marked as a wallet.
fn must_be_wallet(db: &Connection, path: &Path) -> Result<(), WalletError> {
    let id: Result<i32, _> = db.pragma_query_value(None, "application_id", |row| row.get(0));
    match id {
        Ok(APPLICATION_ID) => Ok(()),
        Err(error) if error.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase) => Err(error.into()),
        _ => Err(WalletError::NotAWallet { path: path.to_owned() }),
    }
}

/// Starts a transaction that may write; nobody else writes until it ends.
pub(crate) fn begin(db: &mut Connection) -> Result<Transaction<'_>, WalletError> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

fn connect(path: &Path) -> Result<Connection, WalletError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    Ok(db)
}

fn prepare(mut db: Connection) -> Result<Connection, WalletError> {
    // A request whose coins are locked must survive a power cut, so every commit reaches the disk.
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", "ON")?;
    migrate(&mut db)?;
    Ok(db)
}

/// Brings the file to the present form. One that has it already is not written to, so that it can be read while another
/// process writes.
fn migrate(db: &mut Connection) -> Result<(), WalletError> {
    if version(db)? == FORM {
        return Ok(());
    }
    let step = begin(db)?;
    let found = version(&step)?;
    if found > FORM {
        return Err(WalletError::Newer { found, known: FORM });
    }
    for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "user_version", FORM)?;
    Ok(step.commit()?)
}

fn version(db: &Connection) -> Result<u32, WalletError> {
    Ok(db.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_once_and_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        create(&path, |_| Ok(())).unwrap();
        assert!(matches!(create(&path, |_| Ok(())), Err(WalletError::Exists { .. })));
        let db = open(&path).unwrap();
        let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 9);
    }

    /// A crash leaves a journal; when the wallet is moved away without it, the next one must not be mixed with it.
    #[test]
    fn no_file_is_made_beside_the_journal_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        for end in JOURNALS {
            std::fs::write(beside(&path, end), b"pages of another wallet").unwrap();
            let error = create(&path, |_| Ok(())).unwrap_err();
            assert_eq!(error.to_string(), format!("{} is left of another wallet", beside(&path, end).display()));
            std::fs::remove_file(beside(&path, end)).unwrap();
        }
        create(&path, |_| Ok(())).unwrap();
    }

    #[test]
    fn a_copy_has_what_is_in_the_journal_and_is_its_owner_s_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (path, to) = (folder.path().join("wallet"), folder.path().join("copy"));
        create(&path, |_| Ok(())).unwrap();
        let db = open(&path).unwrap();
        db.execute("INSERT INTO vsps VALUES ('v', 'k', 50, 1, 0)", []).unwrap();
        assert!(beside(&path, "-wal").metadata().unwrap().len() > 0, "it is not in the file itself");
        copy(&db, &to).unwrap();
        assert!(matches!(copy(&db, &to), Err(WalletError::Exists { .. })));
        let vsps: u32 = open(&to).unwrap().query_row("SELECT COUNT(*) FROM vsps", [], |row| row.get(0)).unwrap();
        assert_eq!((vsps, to.metadata().unwrap().permissions().mode() & 0o777), (1, 0o600));
    }

    #[test]
    fn a_file_of_the_first_form_is_brought_to_the_present_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        let db = Connection::open(&path).unwrap();
        db.execute_batch(MIGRATIONS[0]).unwrap();
        db.execute("INSERT INTO scripts VALUES (x'00', 0, 1, 7, 1)", []).unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        drop(db);
        let db = open(&path).unwrap();
        assert_eq!(version(&db).unwrap(), 9);
        let kept: (u32, Option<u32>) =
            db.query_row("SELECT idx, purse FROM scripts", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(kept, (7, None));
    }

    #[test]
    fn what_a_ticket_paid_a_vsp_is_kept_with_the_transaction_that_pays_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        let db = Connection::open(&path).unwrap();
        MIGRATIONS[..2].iter().for_each(|sql| db.execute_batch(sql).unwrap());
        db.execute_batch(
            "INSERT INTO vsps VALUES ('v', 'k', 50, 1, 0);
            INSERT INTO fee_payments VALUES (x'aa', 'v', x'00', x'00', NULL, 0, 0), (x'bb', 'v', x'00', x'00', NULL, 1, 0);
            INSERT INTO fee_tickets VALUES (x'aa', x'01'), (x'bb', x'01');
            INSERT INTO vsp_tickets (ticket, vsp, voter, idx, state, fee_atoms, payment, last_time, failures)
                VALUES (x'01', 'v', x'00', 0, 6, 899, x'aa', 0, 0);",
        )
        .unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", 2).unwrap();
        drop(db);
        let db = open(&path).unwrap();
        let mut query = db.prepare("SELECT atoms FROM fee_tickets ORDER BY payment").unwrap();
        let atoms: Vec<Option<u32>> = query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(atoms, [Some(899), None]);
    }

    #[test]
    fn addresses_of_vsps_that_were_pinned_before_get_their_one_form() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        let db = Connection::open(&path).unwrap();
        MIGRATIONS[..3].iter().for_each(|sql| db.execute_batch(sql).unwrap());
        db.execute_batch(
            "INSERT INTO vsps VALUES ('https://h4:443', 'k', 50, 1, 0), ('http://[::1]:80', 'k', 50, 0, 0),
                ('https://i:443', 'k', 50, 0, 0), ('https://i', 'k', 50, 0, 0), ('https://j:8443', 'k', 50, 0, 0);
            INSERT INTO fee_payments VALUES (x'aa', 'https://h4:443', x'00', x'00', NULL, 0, 0);
            INSERT INTO vsp_tickets (ticket, vsp, voter, idx, state, payment, last_time, failures)
                VALUES (x'01', 'https://h4:443', x'00', 0, 6, x'aa', 0, 0);",
        )
        .unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", 3).unwrap();
        drop(db);
        let db = open(&path).unwrap();
        let read = |sql| {
            let mut query = db.prepare(sql).unwrap();
            query.query_map([], |row| row.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap()
        };
        let pinned = ["http://[::1]", "https://h4", "https://i", "https://i:443", "https://j:8443"];
        assert_eq!(read("SELECT address FROM vsps ORDER BY address"), pinned);
        assert_eq!(read("SELECT vsp FROM vsp_tickets UNION ALL SELECT vsp FROM fee_payments"), ["https://h4"; 2]);
        assert!(read("SELECT \"table\" FROM pragma_foreign_key_check").is_empty());
    }

    #[test]
    fn requests_of_before_payments_are_purchases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        let db = Connection::open(&path).unwrap();
        MIGRATIONS[..5].iter().for_each(|sql| db.execute_batch(sql).unwrap());
        let row = "INSERT INTO purchases (id, state, request, tickets, amount, expiry, first_internal, last_internal, created)
            VALUES (x'01', 1, x'00', 3, 5, 6, 7, 13, 0)";
        db.execute_batch(row).unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", 5).unwrap();
        drop(db);
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let kept: (u8, u32, Option<String>) =
            open(&path).unwrap().query_row("SELECT kind, tickets, label FROM purchases", [], read).unwrap();
        assert_eq!(kept, (1, 3, None));
    }

    #[test]
    fn a_wallet_file_is_readable_by_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        create(&path, |_| Ok(())).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_no_wallet_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        assert!(matches!(open(&path), Err(WalletError::Missing { .. })));
        std::fs::write(&path, [7; 5000]).unwrap();
        assert!(matches!(open(&path), Err(WalletError::NotAWallet { .. })));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (a)").unwrap();
        assert!(matches!(open(&path), Err(WalletError::NotAWallet { .. })));
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wallet");
        create(&path, |db| Ok(db.pragma_update(None, "user_version", 99)?)).unwrap();
        assert!(matches!(open(&path), Err(WalletError::Newer { found: 99, known: 9 })));
    }
}
