//! `dcrcold-signer completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use dcrcold_signer::cli::{Stop, completions};

use crate::cli::{Cli, CompletionsArgs};
use crate::output::stdout;

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    stdout(&completions(Cli::command(), args.shell))
}

#[cfg(test)]
#[path = "../../../../tests/common/completed.rs"]
mod completed;

#[cfg(test)]
mod tests {
    use super::{Cli, CommandFactory, completed};
    use crate::manual;

    #[test]
    fn bash_completes_every_command() {
        assert_eq!(completed::by_bash(Cli::command()), manual::count("dcrcold-signer"));
    }

    #[test]
    fn zsh_completes_every_command() {
        let cases = completed::by_zsh(Cli::command());
        assert!(cases.is_none_or(|cases| cases == manual::count("dcrcold-signer")));
    }

    #[test]
    fn fish_completes_every_command() {
        let cases = completed::by_fish(Cli::command());
        assert!(cases.is_none_or(|cases| cases == manual::count("dcrcold-signer")));
    }
}
