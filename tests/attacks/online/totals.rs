//! Counts the attacks on the online side, so that none is lost.

use std::collections::BTreeMap;
use std::process::Command;

/// The least that must be there.
const ATTACKS: usize = 25;
/// A test that shows what an attack is compared with.
const CONTROL: &str = "_is_no_attack";

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
    for test in listed(&[]).iter().filter(|test| !test.ends_with(CONTROL)) {
        let (family, _) = test.split_once("::").unwrap();
        *families.entry(family.to_owned()).or_default() += usize::from(family != "totals");
    }
    families.remove("totals");
    for (family, attacks) in &families {
        println!("attacks on the online side, {family}: {attacks} cases");
    }
    let all: usize = families.values().sum();
    println!("attacks on the online side: {all} in {} families", families.len());
    assert!(all >= ATTACKS && families.len() == 3, "{all} attacks");
    assert_eq!(listed(&["--ignored"]), [""; 0], "an attack that is not run is none");
}
