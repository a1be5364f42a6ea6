//! Scripts of completions, tried in the shells that are here.

use std::fs;
use std::io::Write;
use std::process::{Command as Process, Stdio};

use clap::Command;
use clap_complete::Shell;
use dcrcold_signer::cli::completions;
use tempfile::TempDir;

/// Between the answers of a shell.
const NEXT: &str = "---";

/// An interactive zsh in a terminal of zsh's own, whose completion of each line is written down instead of shown.
const ZSH: &str = r#"
zmodload zsh/zpty zsh/zselect || exit 1
zpty z zsh -f -i
zpty -w z "source $PWD/inner"
until [[ -e done ]]; do
    zpty -t z || exit 1
    zpty -r -t z said '*' || zselect -t 2
done
zpty -d z
cat found
"#;

/// What that zsh does: every function of completion ends in `compadd`, which gets the words that fit.
const INNER_ZSH: &str = r#"
fpath=($PWD $fpath)
autoload -Uz compinit
compinit -D -u
compadd () {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "$@"
        return
    fi
    local -a fitting
    builtin compadd -A fitting "$@"
    print -rl -- $fitting >>found
}
ask () {
    local line
    while read -r line; do
        for BUFFER in "$line " "$line --"; do
            CURSOR=$#BUFFER
            zle list-choices
        done
        print -- --- >>found
    done <asked
    BUFFER=
    : >done
}
zle -N ask
zle -N zle-line-init ask
"#;

/// Has bash, which is everywhere, complete every command of a program; returns how many.
pub(crate) fn by_bash(program: Command) -> usize {
    let asked = Asked::of(program, Shell::Bash);
    let text = String::from_utf8(asked.script.clone()).unwrap();
    let function = text.split_once("complete -F ").unwrap().1.split_whitespace().next().unwrap();
    let (mut script, name) = (asked.script.clone(), &asked.name);
    for (path, _) in &asked.paths {
        let words = path.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
        let (last, before) = (path.len(), path.last().map_or("", String::as_str));
        writeln!(script, "COMP_WORDS=({words} ''); COMP_CWORD={last}; COMPREPLY=(); {function} {name} '' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\" {NEXT}").unwrap();
    }
    asked.compare("bash", &said("bash", &["--norc", "--noprofile", "-s"], &script).expect("bash is here"))
}

/// The same by zsh; nothing where it is not here.
pub(crate) fn by_zsh(program: Command) -> Option<usize> {
    let (asked, folder) = (Asked::of(program, Shell::Zsh), tempfile::tempdir().unwrap());
    let put = |name: &str, text: &[u8]| fs::write(folder.path().join(name), text).unwrap();
    put(&format!("_{}", asked.name), &asked.script);
    put("inner", INNER_ZSH.as_bytes());
    put("asked", asked.lines().as_bytes());
    let said = said_in(&folder, "zsh", &["-f", "-s"], ZSH.as_bytes())?;
    Some(asked.compare("zsh", &said))
}

/// The same by fish; nothing where it is not here.
pub(crate) fn by_fish(program: Command) -> Option<usize> {
    let (asked, folder) = (Asked::of(program, Shell::Fish), tempfile::tempdir().unwrap());
    let mut script = asked.script.clone();
    for line in asked.lines().lines() {
        writeln!(script, "complete -C '{line} '; complete -C '{line} --'; echo {NEXT}").unwrap();
    }
    let said = said_in(&folder, "fish", &["--no-config"], &script)?;
    // A description follows each word.
    let words: Vec<_> = said.lines().map(|line| line.split('\t').next().unwrap()).collect();
    Some(asked.compare("fish", &words.join("\n")))
}

/// What a shell is asked to complete.
struct Asked {
    name: String,
    /// The script that is tried.
    script: Vec<u8>,
    /// Every command, with the commands and long options that may follow it.
    paths: Vec<(Vec<String>, Vec<String>)>,
}

impl Asked {
    fn of(mut program: Command, shell: Shell) -> Self {
        let (name, script) = (program.get_name().to_owned(), completions(program.clone(), shell));
        program.build();
        let mut paths = Vec::new();
        paths_of(&program, &mut vec![name.clone()], &mut paths);
        Self { name, script, paths }
    }

    /// Each command as it is typed.
    fn lines(&self) -> String {
        self.paths.iter().map(|(path, _)| path.join(" ") + "\n").collect()
    }

    /// Sees that a shell found all that it was asked for, and returns how often it was asked.
    fn compare(&self, shell: &str, said: &str) -> usize {
        let found: Vec<Vec<&str>> = said.split(NEXT).map(|part| part.lines().collect()).collect();
        assert_eq!(found.len(), self.paths.len() + 1, "{shell}");
        for ((path, expected), found) in self.paths.iter().zip(&found) {
            let missing: Vec<_> = expected.iter().filter(|word| !found.contains(&word.as_str())).collect();
            assert!(missing.is_empty(), "{shell} does not complete {path:?} with {missing:?}, but with {found:?}");
        }
        println!("completions of {} in {shell}: {} cases", self.name, self.paths.len());
        self.paths.len()
    }
}

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
    said_in(&tempfile::tempdir().unwrap(), shell, args, script)
}

/// The same in a folder, which is the shell's home too.
fn said_in(folder: &TempDir, shell: &str, args: &[&str], script: &[u8]) -> Option<String> {
    let mut process = Process::new(shell);
    process.args(args).current_dir(folder).env("HOME", folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = process.spawn() else {
        println!("skipped: {shell} not found");
        return None;
    };
    let mut input = child.stdin.take().unwrap();
    let script = script.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&script));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{shell} does not take the script");
    Some(String::from_utf8(output.stdout).unwrap())
}
