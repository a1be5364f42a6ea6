//! What `--json` prints, compared with docs/json.md: every command of the command line, every field, and no others.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "../common/codes.rs"]
mod codes;
#[path = "../rpc/fake.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod fake;
#[path = "../cmd/online.rs"]
mod files;
mod page;
mod parties;
mod runs;
mod seen;
#[path = "../rpc/server.rs"]
#[allow(dead_code, reason = "the client's own tests use the rest")]
mod server;
#[path = "../vsp/mod.rs"]
mod vsp;
#[path = "../device_online/wire.rs"]
#[allow(dead_code, reason = "the device's own tests use the rest")]
mod wire;
#[path = "../device_online/world.rs"]
#[allow(dead_code, reason = "the device's own tests use the rest")]
mod world;

use std::collections::BTreeSet;
use std::process::Command;
use std::thread;

use page::Page;
use seen::Seen;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// How many commands there are, and how many sections and fields of the page were compared; one that is lost is noticed.
const COMMANDS: usize = 48;
const SECTIONS: usize = 48;
const FIELDS: usize = 523;

#[test]
fn every_field_is_on_the_page_and_every_field_of_the_page_is_there() {
    let (page, seen) = (Page::read(), seen());
    let mut wrong: Vec<String> = Vec::new();
    let mut fields = 0;
    for section in page.sections() {
        match seen.of(section) {
            Some(found) => fields += page.compare(section, found, &mut wrong),
            None => wrong.push(format!("{section}: nobody ran it")),
        }
    }
    let unknown = seen.sections().filter(|section| !page.has(section));
    wrong.extend(unknown.map(|section| format!("{section} is not on the page")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("docs/json.md: {fields} fields of {} sections compared", page.sections().count());
    assert_eq!((page.sections().count(), fields), (SECTIONS, FIELDS));
}

/// Each in a folder of its own, and all at once.
const RUNS: [fn(&mut Seen); 10] = [
    runs::purchases,
    runs::votes,
    runs::rule,
    runs::payments,
    runs::demonstration,
    parties::vsp,
    parties::device,
    parties::light,
    parties::dcrwallet,
    parties::browser,
];

fn seen() -> Seen {
    let alone = |run: fn(&mut Seen)| {
        let mut seen = Seen::default();
        run(&mut seen);
        seen
    };
    let mut seen = Seen::default();
    thread::scope(|scope| {
        let all = RUNS.map(|run| scope.spawn(move || alone(run)));
        all.into_iter().for_each(|one| seen.join(one.join().unwrap()));
    });
    seen
}

/// A command that is added says on the page what it prints.
#[test]
fn every_command_is_on_the_page() {
    let (page, mut commands) = (Page::read(), BTreeSet::new());
    list("", &mut commands);
    let missing: Vec<_> = commands.iter().filter(|command| !page.tells_of(command)).collect();
    println!("docs/json.md: {} commands", commands.len());
    assert_eq!((missing, commands.len()), (Vec::new(), COMMANDS));
}

/// The commands below one, as its help has them; one that does something itself is one too.
fn list(command: &str, into: &mut BTreeSet<String>) {
    let words = command.split(' ').filter(|word| !word.is_empty());
    let output = Command::new(DCRCOLD).args(words).arg("-h").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let below = help.split_once("\nCommands:\n").map(|(_, rest)| rest.split("\n\n").next().unwrap());
    let usage = help.lines().find(|line| line.starts_with("Usage: ")).unwrap();
    if !command.is_empty() && !usage.ends_with("<COMMAND>") {
        into.insert(command.to_owned());
    }
    let names = below.into_iter().flat_map(str::lines).filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    for name in names.filter(|name| !name.is_empty() && *name != "help") {
        list(format!("{command} {name}").trim_start(), into);
    }
}
