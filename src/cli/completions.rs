//! What a shell needs to complete the command line of a program.

use clap::Command;
use clap_complete::{Shell, generate};

/// The script that has a shell complete the commands and options of a program.
#[must_use]
pub fn completions(mut program: Command, shell: Shell) -> Vec<u8> {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    generate(shell, &mut program, &name, &mut script);
    // For bash, clap_complete 4.6 sets one name for the commands of a program with a dash and looks up another one.
    let (set, looked_up) = (name.replace('-', "__subcmd__"), name.replace('-', "__"));
    String::from_utf8_lossy(&script).replace(&set, &looked_up).into_bytes()
}
