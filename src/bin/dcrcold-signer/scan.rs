//! Transfers that a command takes from a file or as codes.

use std::path::Path;

use dcrcold_signer::cli::Failure;
use dcrcold_signer::receive::{Keeper, Wanted};
use dcrcold_signer::scanning::{Arrived, Input, Scan};

use crate::cli::Global;
use crate::{input, store};

/// What failures call a transfer that came as codes.
const NAME: &str = "the scan";

/// A transfer that came one way or the other.
pub(crate) struct Taken<'a> {
    /// Its bytes. Read once: what is reviewed is what is signed, whatever happens to a file meanwhile.
    pub(crate) bytes: Vec<u8>,
    /// What failures call it.
    pub(crate) name: &'a Path,
    scanned: Option<Arrived>,
}

impl Taken<'_> {
    /// What it was taken for is done: kept frames are of use to nobody any more.
    pub(crate) fn done(self) {
        if let Some(scanned) = self.scanned {
            scanned.done();
        }
    }
}

/// Takes a transfer from a file, or scans one; the command line sees to it that one of the two is named.
///
/// `plain` tells in lines whatever the terminal can: a script that approves by itself sees no screen.
pub(crate) fn take<'a>(
    global: &Global,
    wanted: Wanted,
    file: Option<&'a Path>,
    input: Option<Input>,
    plain: bool,
) -> Result<Taken<'a>, Failure> {
    match (file, input) {
        (Some(file), _) => Ok(Taken { bytes: input::transfer(file)?, name: file, scanned: None }),
        (None, Some(input)) => {
            let scanned = scan(global, wanted, input, plain)?;
            Ok(Taken { bytes: scanned.transfer().encode(), name: Path::new(NAME), scanned: Some(scanned) })
        }
        (None, None) => unreachable!("a transfer is named or scanned"),
    }
}

/// No key is in memory by then, and no passphrase.
fn scan(global: &Global, wanted: Wanted, input: Input, plain: bool) -> Result<Arrived, Failure> {
    let keeper = Some(Keeper::beside(&store::existing(global)?));
    let plain = plain || global.plain;
    Scan { title: "dcrcold-signer: scan", wanted, network: None, keeper, plain }.run(input)
}
