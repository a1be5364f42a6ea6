//! `dcrcold-signer`: the offline side of dcrcold. It holds the keys, and no code that could reach a network.

mod cli;
mod command;
mod facts;
mod input;
mod output;
mod prompt;
mod store;

use std::process::ExitCode;

use clap::Parser;
use dcrcold_signer::cli::{Stop, die_with_parent, exit_code, usage};

use crate::cli::{Cli, Command};
use crate::output::Output;

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
    no_core_dumps();
    dcrcold_signer::key::blind_signing()?;
    let (global, output) = (&cli.global, &Output::new(cli.global.json));
    match &cli.command {
        Command::New(args) => command::new::run(global, args, output),
        Command::Restore(args) => command::restore::run(global, args, output),
        Command::Export(args) => command::export::run(global, args, output),
        Command::Voter(args) => command::voter::run(global, args, output),
        Command::Inspect(args) => command::inspect::run(global, args, output),
        Command::Sign(args) => command::sign::run(global, args, output),
        Command::Address(args) => command::address::run(global, args, output),
    }
}

/// Keeps secrets out of core dumps and away from other processes of the same user. A kernel that refuses does not stop
/// the program: it protects against accidents.
fn no_core_dumps() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
