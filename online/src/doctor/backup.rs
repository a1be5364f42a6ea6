//! A copy of the wallet's file against the wallet: what would be lost with the wallet.

use std::collections::HashSet;
use std::path::Path;

use super::file::Snapshot;
use super::finding::{Kind, Report};
use crate::plural::count;
use crate::wallet::{Wallet, WalletError};

/// Looks whether a copy of the wallet's file can be used, and what it lacks.
///
/// # Errors
/// When the copy of the wallet cannot be read.
pub fn examine(wallet: &Wallet, backup: &Path, report: &mut Report) -> Result<(), WalletError> {
    report.examined(format_args!("backup {}", backup.display()));
    let useless = |reason: String| (reason, "make a new one: dcrcold wallet backup FILE");
    let copy = match Snapshot::of(backup) {
        Ok(copy) => copy,
        Err(error) => {
            let (reason, hint) = useless(error.to_string());
            report.found(Kind::BackupUseless, format_args!("{}: {reason}", backup.display()), hint);
            return Ok(());
        }
    };
    if copy.wallet.export().key != wallet.export().key || copy.wallet.network() != wallet.network() {
        let (reason, hint) = useless("it watches another account".into());
        report.found(Kind::BackupUseless, format_args!("{}: {reason}", backup.display()), hint);
        return Ok(());
    }
    let missing = missing(wallet, &copy.wallet)?;
    if !missing.is_empty() {
        let sentence = format!("{} lacks {}", backup.display(), missing.join(", "));
        let hint = "make a new one: dcrcold wallet backup FILE; docs/recovery.md says what brings back what";
        report.found(Kind::BackupBehind, sentence, hint);
    }
    Ok(())
}

/// How much of each that a chain does not bring back the copy lacks.
fn missing(wallet: &Wallet, copy: &Wallet) -> Result<Vec<String>, WalletError> {
    let there = copy.unrecoverable()?;
    let mut missing = Vec::new();
    for (here, there) in wallet.unrecoverable()?.into_iter().zip(there) {
        let there: HashSet<_> = there.keys.into_iter().collect();
        let number = here.keys.iter().filter(|key| !there.contains(*key)).count();
        if number > 0 {
            missing.push(count(number, here.what));
        }
    }
    Ok(missing)
}
