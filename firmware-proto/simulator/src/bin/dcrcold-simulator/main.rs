//! `dcrcold-simulator`, a device in software for tests: serves one program after the other.

mod cli;

use std::fs::{self, File};
use std::io::{self, stderr, stdin};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use dcrcold_core::apdu::User;
use dcrcold_signer::cli::{Failure, FailureKind, Output, Stop, die_with_parent, exit_code, usage};
use dcrcold_simulator::{Keyboard, Person, Recorded, Script, ServeError, Server, Simulator, TestSeed};

use cli::Cli;

const BANNER: &str = "TEST ONLY: the keys of this device are worth nothing; it refuses the mainnet";

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => exit_code(run(&cli)),
        Err(error) => usage(&error),
    }
}

fn run(cli: &Cli) -> Result<(), Stop> {
    if let Some(parent) = cli.die_with {
        die_with_parent(parent)?;
    }
    let model = cli.model.into();
    let seed = seed(cli)?;
    let Some(script) = &cli.script else {
        return record(cli, &seed, Keyboard::new(stdin().lock(), stderr(), model));
    };
    let script = read(script)?.parse::<Script>().map_err(|error| malformed(&error).about(script))?;
    record(cli, &seed, Person::new(script))
}

fn seed(cli: &Cli) -> Result<TestSeed, Failure> {
    match &cli.seed_file {
        Some(file) => TestSeed::from_words(&read(file)?).map_err(|error| malformed(&error).about(file)),
        None => TestSeed::named(&cli.seed).map_err(|error| malformed(&error)),
    }
}

fn record(cli: &Cli, seed: &TestSeed, user: impl User) -> Result<(), Stop> {
    match &cli.screens {
        Some(file) => {
            let to = File::create(file).map_err(|error| failed(&error).about(file))?;
            serve(cli, seed, Recorded::new(user, cli.model.into(), to))
        }
        None => serve(cli, seed, user),
    }
}

/// Serves until the program is ended from outside.
fn serve(cli: &Cli, seed: &TestSeed, user: impl User) -> Result<(), Stop> {
    let mut simulator = Simulator::new(seed, user).map_err(|error| malformed(&error))?;
    let server = Server::bind(cli.listen).map_err(|error| serving(&error))?;
    eprintln!("{BANNER}");
    let address = server.address().map_err(|error| serving(&error))?;
    Output::stdout().line(format_args!("listening on {address}"))?;
    loop {
        server.serve_one(&mut simulator).map_err(|error| serving(&error))?;
    }
}

fn serving(error: &ServeError) -> Failure {
    match error {
        ServeError::NotLoopback(_) => Failure::new(FailureKind::Usage, error),
        _ => Failure::caused(FailureKind::Network, error),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| failed(&error).about(file))
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(FailureKind::Failed, error)
}

fn malformed(error: &dyn std::error::Error) -> Failure {
    Failure::caused(FailureKind::Malformed, error)
}

#[cfg(test)]
#[path = "../../../../../tests/common/manual.rs"]
mod manual;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_manual_page_says_what_the_command_line_takes() {
        super::manual::check(super::Cli::command());
    }
}
