//! `dcrcold address`: an address to be paid at.

use dcrcold::wallet::{Receive, SystemClock};
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    address: String,
    path: String,
}

pub(crate) fn run(context: &mut Context, new: bool) -> Result<(), Stop> {
    let which = if new { Receive::New } else { Receive::Current };
    let (path, address) = context.wallet()?.receive(which, &SystemClock).explain()?;
    let shown = Shown { address: address.to_string(), path: path.to_string() };
    context.facts(&shown, |out, shown| out.line(&shown.address))
}
