//! docs/threat-model.md names tests and gates: every one exists, every attacker has what holds and what does not, and
//! what is not stopped is not left out.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use common::folder;

const ATTACKERS: [&str; 13] = [
    "A hostile online machine",
    "A hostile file or QR code",
    "A hostile answer",
    "A hostile host at a device",
    "A lying device",
    "A stolen key store",
    "A stolen hot file",
    "A malicious VSP",
    "A hostile node or network",
    "A page, program or user beside the browser",
    "An evil maid",
    "A compromised release",
    "Somebody behind your shoulder",
];

/// What stands between backquotes.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// The tests of a file, or of no file.
fn tests_of(path: &PathBuf) -> Vec<String> {
    let source = fs::read_to_string(path).unwrap_or_default();
    let mut tests = Vec::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line == "#[test]" {
            let name = lines.next().and_then(|line| line.strip_prefix("fn "));
            tests.extend(name.and_then(|line| line.split_once('(')).map(|(name, _)| name.to_owned()));
        }
    }
    tests
}

#[test]
fn every_named_test_exists() {
    let page = fs::read_to_string(folder("").join("../docs/threat-model.md")).expect("docs/threat-model.md");
    let names: BTreeSet<_> = quoted(&page).filter(|name| name.contains("::")).collect();
    for name in names.iter().filter(|name| **name != "attacks::not_stopped") {
        let (place, test) = name.rsplit_once("::").expect("filtered");
        let path = folder("").join(place.replace("::", "/")).with_extension("rs");
        assert!(tests_of(&path).iter().any(|known| known == test), "{name} is no test");
    }
    for test in tests_of(&folder("attacks").join("not_stopped.rs")) {
        assert!(names.contains(&*format!("attacks::not_stopped::{test}")), "{test} is not said");
    }
    println!("docs/threat-model.md: {} cases", names.len());
    assert!(names.len() > 50);
}

#[test]
fn every_attacker_is_answered() {
    let page = fs::read_to_string(folder("").join("../docs/threat-model.md")).expect("docs/threat-model.md");
    let sections: Vec<_> = page.split("\n## ").skip(1).collect();
    let titles: Vec<_> = sections.iter().filter_map(|section| section.lines().next()).collect();
    assert_eq!(titles, ATTACKERS);
    for section in sections {
        let holds = section.contains("what stops it") || section.contains("\nHolds:");
        assert!(holds && section.contains("\nDoes not hold"), "{}", section.lines().next().unwrap_or_default());
    }
}

#[test]
fn every_named_gate_exists() {
    let page = fs::read_to_string(folder("").join("../docs/threat-model.md")).expect("docs/threat-model.md");
    let gates = page.lines().flat_map(|line| line.split("| gate").skip(1)).flat_map(quoted);
    let gates: Vec<_> = gates.collect();
    for gate in &gates {
        assert!(folder("").join("../scripts/gates").join(gate).is_file(), "{gate} is no gate");
    }
    assert_eq!(gates.len(), 4);
}
