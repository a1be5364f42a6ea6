//! `dcrcold completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use clap_complete::Shell;
use dcrcold_signer::cli::{Stop, completions};

use crate::cli::Cli;
use crate::context::Context;

pub(crate) fn run(context: &mut Context, shell: Shell) -> Result<(), Stop> {
    context.out.bytes(&completions(Cli::command(), shell))
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
        assert_eq!(completed::by_bash(Cli::command()), manual::count("dcrcold"));
    }

    #[test]
    fn zsh_completes_every_command() {
        let cases = completed::by_zsh(Cli::command());
        assert!(cases.is_none_or(|cases| cases == manual::count("dcrcold")));
    }

    #[test]
    fn fish_completes_every_command() {
        let cases = completed::by_fish(Cli::command());
        assert!(cases.is_none_or(|cases| cases == manual::count("dcrcold")));
    }
}
