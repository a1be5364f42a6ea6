//! The commands of docs/quickstart.md, run in their order by a shell in a folder of its own, with the programs as built.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
/// How many commands the page has.
const COMMANDS: usize = 23;

/// The person at the offline program: has a passphrase, and approves what `dcrcold buy` prepared, by its whole id since
/// nobody types the check words.
const PERSON: &str = r#"
printf 'only for this try\n' > "$PERSON/passphrase"
dcrcold-signer() {
    if [ "$1" = sign ]; then
        set -- "$@" --approve "$(command dcrcold-signer --json inspect "$2" | sed 's/.*"id":"//; s/".*//')"
    fi
    command dcrcold-signer --passphrase-file "$PERSON/passphrase" "$@"
}
"#;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/quickstart.md")).unwrap()
}

/// The lines of all blocks that are for a shell.
fn commands(page: &str) -> Vec<&str> {
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    blocks.flat_map(str::lines).filter(|line| !line.trim().is_empty()).collect()
}

/// The folder of the programs, which are beside each other.
fn programs() -> PathBuf {
    let folder = Path::new(DCRCOLD).parent().unwrap().to_owned();
    let signer = folder.join("dcrcold-signer");
    assert!(signer.exists(), "{} is not built: cargo build --workspace --bins", signer.display());
    folder
}

/// Runs commands one after the other; what each printed, or the one that failed.
fn run(commands: &[&str]) -> Vec<String> {
    let (home, person) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut script = PERSON.to_owned();
    for (number, command) in commands.iter().enumerate() {
        // A line of its own for the end: a comment reaches to the end of its line.
        let (before, after) =
            ("{", format!("}} >\"$PERSON/{number}\" 2>&1 || {{ cat \"$PERSON/{number}\"; exit 1; }}"));
        script.push_str(&format!("{before} {command}\n{after}\n"));
    }
    let path =
        env::join_paths([programs()].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap()))).unwrap();
    let mut shell = Command::new("bash");
    shell.args(["--noprofile", "--norc", "-c", &script]).current_dir(home.path()).stdin(Stdio::null());
    shell.env_clear().env("PATH", path).env("HOME", home.path()).env("PERSON", person.path());
    let output = shell.output().unwrap();
    let done = (0..commands.len()).filter(|number| person.path().join(number.to_string()).exists()).count();
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{}` failed:\n{said}{failed}", commands[done.saturating_sub(1)]);
    let printed = |number: usize| fs::read_to_string(person.path().join(number.to_string())).unwrap();
    (0..commands.len()).map(printed).collect()
}

#[test]
fn the_commands_of_the_page_lead_from_nothing_to_a_ticket() {
    let page = page();
    let commands = commands(&page);
    let printed = run(&commands);
    let of = |command: &str| {
        let last = commands.iter().rposition(|it| it.starts_with(command));
        &printed[last.unwrap_or_else(|| panic!("no {command} on the page"))]
    };
    assert!(of("dcrcold balance").contains("total         100.00000000"), "{}", of("dcrcold balance"));
    assert!(of("dcrcold buy").contains("check words"), "{}", of("dcrcold buy"));
    assert!(of("dcrcold-signer inspect").contains("kind: purchase"), "{}", of("dcrcold-signer inspect"));
    assert!(of("dcrcold tickets").contains("  immature  "), "{}", of("dcrcold tickets"));
    println!("commands of docs/quickstart.md: {} cases", commands.len());
    assert_eq!(commands.len(), COMMANDS);
}

/// A page that says something wrong is noticed.
#[test]
#[should_panic(expected = "`dcrcold buy 1 --out purchase.request` failed")]
fn a_page_without_coins_leads_to_no_request() {
    let page = page().replace("dcrcold demo fund", ": dcrcold demo fund");
    run(&commands(&page));
}
