//! Counts the attacks, so that none is lost: a family that is left out of the build or a test that is ignored is noticed.

use std::fs;

use dcrcold_core::policy::{Rule, Warning};

use crate::common::folder;
use crate::listing::families;

/// The least that must be there.
const ATTACKS: usize = 80;
/// What is no family: what a signer cannot stop, and this.
const OTHERS: [&str; 2] = ["not_stopped", "totals"];
/// Files without tests.
const HELPERS: [&str; 3] = ["main", "harness", "machine"];

/// The files of the families, by their names.
fn files() -> Vec<(String, String)> {
    let files = fs::read_dir(folder("attacks")).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|it| it == "rs")).collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
    };
    let none = |name: &str| OTHERS.contains(&name) || HELPERS.contains(&name);
    files.into_iter().map(read).filter(|(name, _)| !none(name)).collect()
}

#[test]
fn every_family_is_there() {
    let families = families("signer", &OTHERS);
    assert!(families.values().sum::<usize>() >= ATTACKS);
    let files = files().into_iter().map(|(name, _)| name);
    assert_eq!(files.collect::<Vec<_>>(), families.into_keys().collect::<Vec<_>>(), "a file is a family");
}

#[test]
fn every_rule_and_every_warning_stands_against_an_attack() {
    let sources: String = files().into_iter().map(|(_, source)| source).collect();
    // A host exports the keys of its own voters, so that no request breaks this rule here.
    let rules =
        Rule::ALL.iter().filter(|rule| **rule != Rule::VoterOwnNotExportable).map(|rule| format!("Rule::{rule:?}"));
    let warnings = Warning::ALL.iter().map(|warning| format!("Warning::{warning:?}"));
    let mut named = 0;
    for name in rules.chain(warnings) {
        let expected = |end| sources.contains(&format!("{name}{end}"));
        assert!([')', ',', ']'].into_iter().any(expected), "{name} is expected of no attack");
        named += 1;
    }
    println!("rules and warnings that attacks meet: {named} cases");
    assert_eq!(named, Rule::ALL.len() - 1 + Warning::ALL.len());
}
