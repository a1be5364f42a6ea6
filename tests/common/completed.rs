//! Scripts of completions, tried in the shells that are here.

use std::io::Write;
use std::process::{Command as Process, Stdio};

use clap::Command;
use clap_complete::Shell;
use dcrcold_signer::cli::completions;

/// Has shells complete every command of a program, and returns how many bash completed: that one is everywhere.
pub(crate) fn in_shells(mut program: Command) -> usize {
    let name = program.get_name().to_owned();
    let script = |shell| completions(program.clone(), shell);
    let (bash, others) = (script(Shell::Bash), [("zsh", script(Shell::Zsh)), ("fish", script(Shell::Fish))]);
    for (shell, script) in others {
        match said(shell, &["-n", "/dev/stdin"], &script) {
            Some(_) => println!("completions of {name}: read by {shell}"),
            None => println!("skipped: {shell} not found"),
        }
    }
    program.build();
    let mut paths = Vec::new();
    paths_of(&program, &mut vec![name.clone()], &mut paths);
    let text = String::from_utf8(bash.clone()).unwrap();
    let function = text.split_once("complete -F ").unwrap().1.split_whitespace().next().unwrap();
    let mut asked = bash;
    for (path, _) in &paths {
        let words = path.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let (last, before) = (path.len(), path.last().map_or("", String::as_str));
        writeln!(asked, "COMP_WORDS=({words} ''); COMP_CWORD={last}; COMPREPLY=(); {function} {name} '' '{before}'; echo \"${{COMPREPLY[*]}}\"").unwrap();
    }
    let said = said("bash", &["--norc", "--noprofile", "-s"], &asked).expect("bash is here");
    assert_eq!(said.lines().count(), paths.len());
    for ((path, expected), found) in paths.iter().zip(said.lines()) {
        let found: Vec<_> = found.split(' ').collect();
        let missing: Vec<_> = expected.iter().filter(|word| !found.contains(&word.as_str())).collect();
        assert!(missing.is_empty(), "{path:?} is not completed with {missing:?}, but with {found:?}");
    }
    println!("completions of {name} in bash: {} cases", paths.len());
    paths.len()
}

/// Every command, with the commands and long options that may follow it.
fn paths_of(command: &Command, path: &mut Vec<String>, paths: &mut Vec<(Vec<String>, Vec<String>)>) {
    let children: Vec<_> = command.get_subcommands().filter(|child| child.get_name() != "help").collect();
    let options = command.get_arguments().filter(|arg| !arg.is_hide_set()).filter_map(|arg| arg.get_long());
    let words = children.iter().map(|child| child.get_name().to_owned()).chain(options.map(|name| format!("--{name}")));
    paths.push((path.clone(), words.collect()));
    for child in children {
        path.push(child.get_name().to_owned());
        paths_of(child, path, paths);
        path.pop();
    }
}

/// What a shell says to a script; nothing when it is not here.
fn said(shell: &str, args: &[&str], script: &[u8]) -> Option<String> {
    let started = Process::new(shell).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = started.ok()?;
    let mut input = child.stdin.take().unwrap();
    let script = script.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&script));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{shell} does not take the script");
    Some(String::from_utf8(output.stdout).unwrap())
}
