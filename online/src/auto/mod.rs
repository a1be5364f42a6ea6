//! Buys on a schedule, as far as that goes without a key: requests are prepared by a rule, and somebody is told that a
//! signature is due.
//!
//! It runs beside a person's own commands, and as often as one likes: every stage looks at what is written down, does
//! what is missing, and writes that down. It signs nothing and sends nothing.

mod decide;
mod feed;
mod news;
mod tell;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};

use dcrcold_signer::file::{self, FileError, Readers};

use crate::chain::{ChainError, ChainSource, PriceWindow};
use crate::prepare::PrepareError;
use crate::wallet::auto::{AutoRequest, Breach, Rule};
use crate::wallet::purchase::{Prepared, PurchaseError, PurchaseState};
use crate::wallet::{Clock, Wallet, WalletError};

pub use decide::{Decision, Reason, decide};
pub use news::{Due, FEED_FILE, STATUS_FILE, ShownRule, Status};
pub use tell::{Hook, HookError};
pub use waiting::Waiting;

/// How often a hook that fails is run for one request.
const MOST_FAILURES: u32 = 5;

/// Why a stage was not done; what is written down stays true.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AutoError {
    /// The wallet failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// No request can be made.
    #[error(transparent)]
    Purchase(#[from] PurchaseError),
    /// The chain cannot be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A file cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Something else lies where a request belongs.
    #[error("{} is something else than the request that belongs there", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
}

/// What a round did.
#[derive(Debug)]
pub struct Round {
    /// What the rule said.
    pub decision: Decision,
    /// Requests that nobody answered in time.
    pub lapsed: Vec<AutoRequest>,
    /// Why requests are not in their files; the next round tries again.
    pub unwritten: Vec<AutoError>,
    /// Requests that somebody was told of.
    pub told: Vec<Due>,
    /// Why the hook did not tell.
    pub untold: Vec<HookError>,
}

/// All stages, one after the other; the wallet has just followed the chain.
///
/// # Errors
/// The first [`AutoError`]; the next round does what is missing.
pub fn round(
    wallet: &mut Wallet,
    source: &mut dyn ChainSource,
    hook: Option<&Hook>,
    clock: &dyn Clock,
) -> Result<Round, AutoError> {
    let price = source.price()?;
    let rule = wallet.rule()?;
    let lapsed = lapse(wallet, &price, clock)?;
    let (decision, _) = prepare(wallet, rule.as_ref(), &price, clock)?;
    let unwritten = write(wallet)?;
    let (told, untold) = tell(wallet, hook)?;
    if let Some(rule) = &rule {
        publish(wallet, rule, &price, &decision)?;
    }
    Ok(Round { decision, lapsed, unwritten, told, untold })
}

/// Gives up requests that can no longer be carried out, and takes away the files of all that were given up.
///
/// # Errors
/// [`AutoError`].
pub fn lapse(wallet: &mut Wallet, price: &PriceWindow, clock: &dyn Clock) -> Result<Vec<AutoRequest>, AutoError> {
    let lapsed = wallet.lapse(price, clock)?;
    // A person may have given up others.
    for request in wallet.auto_requests()?.iter().filter(|request| request.state == PurchaseState::Cancelled) {
        // What is not ours, or gone already, is left alone: signing it leads nowhere.
        if request.file.exists() && is_file(&request.file, &wallet.request(&request.id)?) {
            let _ = fs::remove_file(&request.file);
        }
    }
    Ok(lapsed)
}

/// Prepares a request if the rule wants one now; its file is not written yet.
///
/// # Errors
/// [`AutoError`].
pub fn prepare(
    wallet: &mut Wallet,
    rule: Option<&Rule>,
    price: &PriceWindow,
    clock: &dyn Clock,
) -> Result<(Decision, Option<Prepared>), AutoError> {
    let wait = |reason| Ok((Decision::Wait(reason), None));
    let Some(rule) = rule else { return wait(Reason::NoRule) };
    let standing = wallet.standing()?;
    let decision = decide(rule, &standing, price);
    let Decision::Prepare { most } = decision else { return Ok((decision, None)) };
    // Nothing is locked for a request that nobody would find.
    can_hold_files(&rule.folder)?;
    match wallet.prepare_by_rule(rule, most, price, clock) {
        Ok(prepared) => Ok((decision, Some(prepared))),
        Err(
            PurchaseError::Prepare(PrepareError::Short { .. })
            | PurchaseError::ByRule(Breach::Keep { .. } | Breach::Fees { .. }),
        ) => wait(Reason::TooLittle { spendable: standing.spendable, keep: rule.keep }),
        // Another process was faster.
        Err(PurchaseError::ByRule(Breach::SecondInWindow { window })) => wait(Reason::Done { window }),
        Err(error) => Err(error.into()),
    }
}

/// Writes the files of requests that were prepared; one that was in its place once is not written again. Says why one is
/// not written, which keeps none of the others from it.
///
/// # Errors
/// [`AutoError`].
pub fn write(wallet: &mut Wallet) -> Result<Vec<AutoError>, AutoError> {
    let mut unwritten = Vec::new();
    for request in wallet.auto_requests()?.into_iter().filter(|request| request.is_due() && !request.written) {
        let bytes = wallet.request(&request.id)?;
        match file::write_new(&request.file, &bytes, Readers::Everybody) {
            Ok(()) => wallet.auto_written(&request.id)?,
            // It was written, and what was to be noted of it was not.
            Err(FileError::Exists { .. }) if is_file(&request.file, &bytes) => wallet.auto_written(&request.id)?,
            Err(FileError::Exists { path }) => unwritten.push(AutoError::Occupied { path }),
            Err(error) => unwritten.push(error.into()),
        }
    }
    Ok(unwritten)
}

/// Tells of requests whose files are in their places.
///
/// # Errors
/// [`AutoError`]; a hook that fails is no error, and runs again in later rounds.
pub fn tell(wallet: &mut Wallet, hook: Option<&Hook>) -> Result<(Vec<Due>, Vec<HookError>), AutoError> {
    let (mut told, mut untold) = (Vec::new(), Vec::new());
    let untold_of = |request: &AutoRequest| {
        request.is_due() && request.written && !request.told && request.failures < MOST_FAILURES
    };
    for request in wallet.auto_requests()?.into_iter().filter(untold_of) {
        let due = Due::of(wallet, &request)?;
        match hook.map(|hook| hook.tell(&due)) {
            None | Some(Ok(())) => wallet.auto_told(&request.id, true)?,
            Some(Err(error)) => {
                wallet.auto_told(&request.id, false)?;
                untold.push(error);
            }
        }
        told.push(due);
    }
    Ok((told, untold))
}

/// Writes the news for scripts and feed readers.
///
/// # Errors
/// [`AutoError`].
pub fn publish(wallet: &Wallet, rule: &Rule, price: &PriceWindow, decision: &Decision) -> Result<(), AutoError> {
    let status = Status::of(wallet, Some(rule), Some(price), Some(decision))?;
    Ok(status.write(&rule.folder, wallet.network())?)
}

/// Whether a file holds these bytes.
fn is_file(path: &Path, bytes: &[u8]) -> bool {
    file::read(path, bytes.len()).is_ok_and(|found| found == bytes)
}

/// Sees that a folder takes files.
fn can_hold_files(folder: &Path) -> Result<(), FileError> {
    let failed = |source| FileError::Io { action: "write into", path: folder.to_owned(), source };
    tempfile::Builder::new().prefix(".dcrcold-").tempfile_in(folder).map(drop).map_err(failed)
}
