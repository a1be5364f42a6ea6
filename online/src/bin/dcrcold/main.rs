//! `dcrcold`, the online side: watches coins, prepares requests, sends what the signer answered.

mod balance;
mod cli;
mod context;
mod failure;
mod stakeinfo;
mod sync;
mod table;
mod tickets;
mod wallet;

use std::process::ExitCode;

use clap::Parser;
use dcrcold_signer::cli::{Stop, exit_code};

use cli::{Cli, Command};
use context::Context;

fn main() -> ExitCode {
    exit_code(run(Cli::parse()))
}

fn run(cli: Cli) -> Result<(), Stop> {
    let mut context = Context::new(cli.common);
    match cli.command {
        Command::Wallet(command) => wallet::run(&mut context, command),
        Command::Sync => sync::run(&mut context),
        Command::Balance => balance::run(&mut context),
        Command::Tickets => tickets::run(&mut context),
        Command::Stakeinfo(options) => stakeinfo::run(&mut context, options.network),
    }
}
