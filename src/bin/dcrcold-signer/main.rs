//! `dcrcold-signer`: the offline side of dcrcold. It holds the keys, and no code that could reach a network.

mod cli;
mod command;
mod facts;
mod grants;
mod input;
mod output;
mod prompt;
mod scan;
mod store;
mod ui;

use std::process::ExitCode;

use clap::Parser;
use dcrcold_signer::cli::{Failure, Stop, die_with_parent, exit_code, usage};
use dcrcold_signer::sandbox::{self, FileRules, Grants};
use dcrcold_signer::scanning::Input;
use dcrcold_signer::swap::{self, Swapping};

use crate::cli::{Cli, Command};
use crate::output::{Output, tell};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => exit_code(run(&cli)),
        Err(error) => usage(&error),
    }
}

fn run(cli: &Cli) -> Result<(), Stop> {
    if let Some(parent) = cli.global.die_with {
        die_with_parent(parent)?;
    }
    // The self-test closes the box itself, half-way through.
    if matches!(cli.command, Command::SelfTest(_)) {
        return command(cli, None);
    }
    keep_out_of_swap();
    let prepared = grants::prepare(cli)?;
    let result = close_box(&prepared.grants).map_err(Stop::from).and_then(|()| command(cli, prepared.input));
    result.inspect_err(|_| prepared.made.remove())
}

/// Says so once when the system may write secrets to a disk.
fn keep_out_of_swap() {
    if let Swapping::Possible { reason } = swap::lock_stack() {
        tell(format_args!("warning: secrets may get into the swap space, because memory cannot be locked: {reason}"));
        tell("hint: switch it off with `swapoff -a`, or allow more with `ulimit -l`");
    }
}

fn command(cli: &Cli, input: Option<Input>) -> Result<(), Stop> {
    let (global, output) = (&cli.global, &Output::new(cli.global.json));
    match &cli.command {
        Command::New(args) => command::new::run(global, args, output),
        Command::Restore(args) => command::restore::run(global, args, output),
        Command::Backup(args) => command::backup::run(global, args, output),
        Command::Passphrase(args) => command::passphrase::run(global, args, output),
        Command::Export(args) => command::export::run(global, args, output),
        Command::Voter(args) => command::voter::run(global, args, input, output),
        Command::Inspect(args) => command::inspect::run(global, args, output),
        Command::Sign(args) => command::sign::run(global, args, input, output),
        Command::Limits(args) => command::limits::run(global, args, output),
        Command::Address(args) => command::address::run(global, args, output),
        Command::Completions(args) => command::completions::run(args),
        Command::SelfTest(args) => command::self_test::run(cli, args, output),
    }
}

/// Gives up every right but those to the files of the command line. Nothing of theirs has been read by now.
fn close_box(grants: &Grants) -> Result<(), Failure> {
    if let FileRules::Missing { reason } = sandbox::enter(grants)? {
        tell(format_args!("warning: files are open to this program beyond those that you named: {reason}"));
    }
    Ok(dcrcold_signer::key::blind_signing()?)
}

#[cfg(test)]
#[path = "../../../tests/common/manual.rs"]
mod manual;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_manual_pages_say_what_the_command_line_takes() {
        super::manual::check(super::Cli::command());
    }
}
