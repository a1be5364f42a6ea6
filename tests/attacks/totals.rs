//! Counts the attacks, so that none is lost: a family that is left out of the build or a test that is ignored is noticed.

use std::collections::BTreeMap;
use std::process::Command;

use crate::common::folder;

/// The least that must be there.
const ATTACKS: usize = 80;
/// Tests that show what an attack is compared with.
const CONTROL: &str = "_is_no_attack";
const CONTROLS: &str = "_are_no_attack";
/// What is no family: what a signer cannot stop, and this.
const OTHERS: [&str; 2] = ["not_stopped", "totals"];

/// The tests of this program as it lists them itself.
fn listed(more: &[&str]) -> Vec<String> {
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).args(["--list", "--format", "terse"]).args(more).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

#[test]
fn every_family_is_there() {
    let mut families = BTreeMap::<String, usize>::new();
    for test in listed(&[]) {
        let (family, name) = test.split_once("::").unwrap();
        if !OTHERS.contains(&family) && !name.ends_with(CONTROL) && !name.ends_with(CONTROLS) {
            *families.entry(family.to_owned()).or_default() += 1;
        }
    }
    for (family, attacks) in &families {
        println!("attacks, {family}: {attacks} cases");
    }
    let all: usize = families.values().sum();
    println!("attacks on the signer: {all} in {} families", families.len());
    assert!(all >= ATTACKS, "{all} attacks");
    assert_eq!(listed(&["--ignored"]), [""; 0], "an attack that is not run is none");
    let files = std::fs::read_dir(folder("attacks")).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<_> = files.filter_map(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned)).collect();
    files.retain(|name| !OTHERS.contains(&name.as_str()) && !["main", "harness"].contains(&name.as_str()));
    files.sort();
    assert_eq!(files, families.into_keys().collect::<Vec<_>>(), "a file is a family");
}
