//! Transfers that a command takes as codes.

use dcrcold_signer::cli::Failure;
use dcrcold_signer::receive::{Keeper, Wanted};
use dcrcold_signer::scanning::{Arrived, Input, Scan};

use crate::cli::Global;
use crate::store;

/// What failures call a transfer that came as codes.
pub(crate) const NAME: &str = "the scan";

/// Scans a transfer. No key is in memory by then, and no passphrase.
///
/// `plain` tells in lines whatever the terminal can: a script that approves by itself sees no screen.
pub(crate) fn transfer(global: &Global, wanted: Wanted, input: Input, plain: bool) -> Result<Arrived, Failure> {
    let keeper = Some(Keeper::beside(&store::existing(global)?));
    let plain = plain || global.plain;
    Scan { title: "dcrcold-signer: scan", wanted, network: None, keeper, plain }.run(input)
}
