//! `dcrcold-signer completions`: what a shell needs to complete the command line.

use clap::CommandFactory;
use clap_complete::{Shell, generate};
use dcrcold_signer::cli::Stop;

use crate::cli::{Cli, CompletionsArgs};
use crate::output::stdout;

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Stop> {
    stdout(script(args.shell).as_bytes())
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "dcrcold-signer", &mut script);
    // For bash, clap_complete 4.6 sets one name for the commands of a program with a dash and looks up another one.
    String::from_utf8_lossy(&script).replace("dcrcold__subcmd__signer", "dcrcold__signer")
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
        assert_eq!(
            completed::in_shells(Cli::command(), |shell| script(shell).into_bytes()),
            manual::count("dcrcold-signer")
        );
    }
}
