//! `dcrcold`, the online side: watches coins, prepares requests, sends what the signer answered.

mod address;
mod auto;
mod balance;
mod buy;
mod cancel;
mod cli;
mod coins;
mod completions;
mod context;
mod date;
mod demo;
mod device;
mod doctor;
mod ending;
mod export;
mod failure;
mod hand_out;
mod late;
mod money;
mod progress;
mod scan;
mod screen;
mod search;
mod send;
mod settings;
mod show;
mod sign;
mod stakeinfo;
mod start;
mod submit;
mod sync;
mod table;
mod tickets;
mod voter;
mod vsp;
mod wallet;
mod web;
mod window;

use std::env;
use std::process::ExitCode;

use clap::ColorChoice;
use clap::error::ErrorKind;
use dcrcold_signer::cli::{Stop, die_with_parent, exit_code, usage};
use etcetera::{BaseStrategy, choose_base_strategy};

use cli::{Cli, Command};
use context::Context;
use settings::{Places, Refused};

fn main() -> ExitCode {
    let usual = choose_base_strategy().ok().map(|base| base.config_dir().join("dcrcold").join("dcrcold.toml"));
    let places = Places { variable: &|name| env::var_os(name), usual };
    let line: Vec<_> = env::args_os().collect();
    match settings::read(&line, &places) {
        Ok(cli) => exit_code(run(cli)),
        Err(Refused::Usage(error)) => match start::without_command(&line, &places) {
            Some(failure) if error.kind() == ErrorKind::MissingSubcommand => exit_code(Err(failure.into())),
            _ => usage(&error),
        },
        Err(Refused::Settings(failure)) => exit_code(Err(failure.into())),
    }
}

fn run(cli: Cli) -> Result<(), Stop> {
    if let Some(parent) = cli.common.die_with {
        die_with_parent(parent)?;
    }
    colors(cli.common.color).write_global();
    let mut context = Context::new(cli.common);
    match cli.command {
        Command::Wallet(command) => wallet::run(&mut context, command),
        Command::Sync => sync::run(&mut context),
        Command::Balance => balance::run(&mut context),
        Command::Export(args) => export::run(&mut context, &args),
        Command::Coins(args) => coins::run(&mut context, args),
        Command::Tickets { watch } => tickets::run(&mut context, watch),
        Command::Address { new, device } => address::run(&mut context, new, &device),
        Command::Buy(args) => buy::run(&mut context, &args),
        Command::Send(args) => send::run(&mut context, &args),
        Command::Sign(args) => sign::run(&mut context, &args),
        Command::Show(args) => show::run(&mut context, &args),
        Command::Scan(args) => scan::run(&mut context, &args),
        Command::Submit(args) => submit::run(&mut context, &args),
        Command::Cancel { id: Some(id), spend: Some(file) } => cancel::spend(&mut context, &id, &file),
        Command::Cancel { id, .. } => cancel::run(&mut context, id),
        Command::Vsp(command) => vsp::run(&mut context, command),
        Command::Voter(command) => voter::run(&mut context, command),
        Command::Auto(command) => auto::run(&mut context, command),
        Command::Completions { shell } => completions::run(&mut context, shell),
        Command::Web(args) => web::run(&mut context, &args),
        Command::Doctor(args) => doctor::run(&mut context, &args),
        Command::Demo(args) => demo::run(&mut context, &args),
        Command::Stakeinfo(options) => stakeinfo::run(&mut context, options.network),
    }
}

/// When to print colours, in the words of whoever prints them.
const fn colors(choice: ColorChoice) -> anstream::ColorChoice {
    match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}

#[cfg(test)]
#[path = "../../../../tests/common/manual.rs"]
mod manual;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_manual_pages_say_what_the_command_line_takes() {
        super::manual::check(super::Cli::command());
    }
}
