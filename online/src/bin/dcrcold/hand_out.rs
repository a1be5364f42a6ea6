//! A request on its way to a file: one process at a time, and none that is lost when it is stopped in between.

use std::path::Path;

use dcrcold::wallet::purchase::RequestLock;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::file::{self, FileError, Readers};
use dcrcold_signer::transfer::Container;

use crate::context::Context;
use crate::failure::Explain;
use crate::wallet::LARGEST_TRANSFER;

/// Sees early that a file can be made: none is written over.
pub(crate) fn must_not_exist(path: &Path) -> Result<(), Failure> {
    if path.as_os_str() != STDIO && path.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: path.to_owned() }).explain();
    }
    Ok(())
}

/// The same for a request, before coins are locked for nothing.
pub(crate) fn must_be_free(wallet: &Wallet, path: &Path) -> Result<(), Failure> {
    must_not_exist(path).map_err(|failure| match ours(wallet, path) {
        Some(id) => failure.hint(format!("it is request {id} of this wallet: have it signed, or: dcrcold cancel {id}")),
        None => failure,
    })
}

/// The request of this wallet that is in a file already.
fn ours(wallet: &Wallet, path: &Path) -> Option<TransferId> {
    let container = Container::parse(&file::read(path, LARGEST_TRANSFER).ok()?).ok()?;
    wallet.request(container.id()).is_ok().then(|| *container.id())
}

/// Waits for others that make requests, and tells what became of requests whose makers were stopped.
pub(crate) fn lock(context: &Context, wallet: &mut Wallet) -> Result<RequestLock, Failure> {
    let lock = wallet.lock_requests(&SystemClock).explain()?;
    for leftover in &lock.leftovers {
        let id = leftover.id;
        match &leftover.file {
            Some(file) => context.tell(format_args!(
                "note: request {id} was made before, is in {} and keeps its coins; dcrcold cancel gives it up",
                file.display()
            )),
            None => context.tell(format_args!(
                "note: request {id} was made before and never written, because that was interrupted; it is given up"
            )),
        }
    }
    Ok(lock)
}

/// Writes a request to a file or standard output; one that cannot be written is given up.
pub(crate) fn write(
    context: &mut Context,
    wallet: &mut Wallet,
    lock: RequestLock,
    (id, request): (&TransferId, &[u8]),
    path: &Path,
) -> Result<(), Stop> {
    if let Err(stop) = hand_over(context, wallet, (id, request), path) {
        // Nobody has the request, so nobody needs its coins.
        if ours(wallet, path) == Some(*id) {
            let _ = std::fs::remove_file(path);
        }
        wallet.cancel(id, &SystemClock).explain()?;
        return Err(stop);
    }
    drop(lock);
    Ok(())
}

fn hand_over(
    context: &mut Context,
    wallet: &mut Wallet,
    (id, request): (&TransferId, &[u8]),
    path: &Path,
) -> Result<(), Stop> {
    if path.as_os_str() == STDIO {
        // Nobody can see later how much of it arrived.
        wallet.handed_out(id, path, &SystemClock).explain()?;
        return context.out.bytes(request);
    }
    wallet.writing(id, path, &SystemClock).explain()?;
    file::write_new(path, request, Readers::Everybody).explain()?;
    Ok(wallet.handed_out(id, path, &SystemClock).explain()?)
}
