//! `dcrcold` alone: what somebody does first.

use std::ffi::OsString;

use dcrcold_signer::cli::{Failure, FailureKind};

use crate::cli::Command;
use crate::context::Context;
use crate::settings::{self, Places};

/// What to do where a command line names no command; nothing where it names a part of one.
pub(crate) fn without_command(line: &[OsString], places: &Places<'_>) -> Option<Failure> {
    // With one, the line says where the wallet would be.
    let line: Vec<_> = line.iter().cloned().chain(["balance".into()]).collect();
    let cli = settings::read(&line, places).ok().filter(|cli| matches!(cli.command, Command::Balance))?;
    let wallet = Context::new(cli.common).wallet_path().ok()?;
    let failure = Failure::new(FailureKind::Usage, "no command was given");
    let failure = match wallet.exists() {
        true => failure
            .hint("dcrcold sync brings the wallet up to date; dcrcold balance and dcrcold tickets show what is in it"),
        false => failure
            .hint(
                "make a wallet with: dcrcold wallet import FILE, where FILE is what dcrcold-signer export watch wrote",
            )
            .hint("or look around first, with coins that are worth nothing: dcrcold demo"),
    };
    Some(failure.hint("dcrcold --help lists all commands"))
}
