//! The manual pages: made from the command line's own description, kept in `docs/man`, and the same as it says.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Command;

/// Writes the pages instead of comparing them.
const WRITE: &str = "DCRCOLD_WRITE_MAN";

/// Compares the pages of a program, one for each of its commands, with those in `docs/man`.
pub(crate) fn check(program: Command) {
    let folder = folder();
    let name = program.get_name().to_owned();
    let mut pages = BTreeMap::new();
    render(program.disable_help_subcommand(true), &name, &mut pages);
    if std::env::var_os(WRITE).is_some() {
        pages.iter().for_each(|(file, page)| fs::write(folder.join(file), page).unwrap());
    }
    for (file, page) in &pages {
        let kept = fs::read_to_string(folder.join(file)).unwrap_or_default();
        assert!(kept == *page, "docs/man/{file} is not what the program says; to write it anew: {WRITE}=1 cargo test");
    }
    assert_eq!(count(&name), pages.len(), "a page of a command that is gone is in docs/man");
    println!("manual pages of {name}: {} cases", pages.len());
}

/// How many pages a program has: one for each of its commands and one for itself.
pub(crate) fn count(program: &str) -> usize {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter(|file| belongs(file, program)).collect::<Vec<_>>().len()
}

/// Whether a page is one of the program, and not of another one, whose name begins alike.
fn belongs(file: &str, program: &str) -> bool {
    let others = ["dcrcold-signer", "dcrcold-simulator"];
    file.starts_with(program) && others.iter().all(|other| *other == program || !file.starts_with(other))
}

fn render(command: Command, name: &str, pages: &mut BTreeMap<String, String>) {
    // The whole name, as one types it, stands in the synopsis; with dashes it is that of the page.
    let mut command = command.display_name(name.replace(' ', "-")).bin_name(name);
    command.build();
    let children: Vec<_> = command.get_subcommands().filter(|child| child.get_name() != "help").cloned().collect();
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command).source(concat!("dcrcold ", env!("CARGO_PKG_VERSION"))).manual("dcrcold");
    man.render(&mut page).unwrap();
    pages.insert(format!("{}.1", name.replace(' ', "-")), String::from_utf8(page).unwrap());
    for child in children.into_iter().filter(|child| !child.is_hide_set()) {
        let name = format!("{name} {}", child.get_name());
        render(child, &name, pages);
    }
}

/// `docs/man`, from whichever package the program belongs to.
fn folder() -> PathBuf {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|package| package.join("docs/man"));
    above.into_iter().find(|folder| folder.is_dir()).unwrap()
}
