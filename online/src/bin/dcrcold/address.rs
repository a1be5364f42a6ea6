//! `dcrcold address`: an address to be paid at, compared on the device if one is named.

use dcrcold::wallet::{Receive, SystemClock, Wallet};
use dcrcold_core::path::KeyPath;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::device::Watched;
use serde::Serialize;

use crate::cli::DeviceOptions;
use crate::context::Context;
use crate::device::{self, Device};
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    address: String,
    path: String,
}

pub(crate) fn run(context: &mut Context, new: bool, options: &DeviceOptions) -> Result<(), Stop> {
    let which = if new { Receive::New } else { Receive::Current };
    let mut wallet = context.wallet()?;
    let (path, address) = wallet.receive(which, &SystemClock).explain()?;
    if options.is_some() {
        compare(context, &wallet, path, options)?;
    }
    let shown = Shown { address: address.to_string(), path: path.to_string() };
    context.facts(&shown, |out, shown| out.line(&shown.address))
}

/// Has the person compare the address with what the device derives itself.
fn compare(context: &Context, wallet: &Wallet, path: KeyPath, options: &DeviceOptions) -> Result<(), Failure> {
    let export = wallet.export();
    let watched = Watched { network: wallet.network(), account: export.account, key: &export.key, voters: &[] };
    let progress = &mut |progress| device::tell(context, &progress);
    match device::open(context, options)? {
        Device::Own(mut session) => session.address(&watched, path, progress),
        Device::Stock(mut app) => app.address(&watched, path, progress),
    }
    .explain()
    .map(drop)
}
