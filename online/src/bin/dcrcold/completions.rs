//! `dcrcold completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use dcrcold_signer::cli::Stop;

use crate::cli::Cli;
use crate::context::Context;

pub(crate) fn run(context: &mut Context, shell: Shell) -> Result<(), Stop> {
    context.out.bytes(&script(shell))
}

fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "dcrcold", &mut script);
    script
}

#[cfg(test)]
#[path = "../../../../tests/common/completed.rs"]
mod completed;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Cli, completed, script};
    use crate::manual;

    #[test]
    fn shells_complete_every_command() {
        assert_eq!(completed::in_shells(Cli::command(), script), manual::count("dcrcold"));
    }
}
