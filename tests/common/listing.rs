//! The tests of a program as it lists them itself, by families.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::collections::BTreeMap;
use std::process::Command;

/// How names of tests end that show what an attack is compared with.
const CONTROLS: [&str; 2] = ["_is_no_attack", "_are_no_attack"];

/// The names of the tests in this program, of the ignored ones only if asked.
pub fn listed(ignored: bool) -> Vec<String> {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--list", "--format", "terse"]).args(ignored.then_some("--ignored"));
    let lines = String::from_utf8(command.output().unwrap().stdout).unwrap();
    lines.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// The attacks; `others` are modules that hold none.
pub fn attacks(others: &[&str]) -> Vec<String> {
    let is_attack = |test: &String| {
        let (family, name) = test.split_once("::").unwrap();
        !others.contains(&family) && !CONTROLS.iter().any(|control| name.ends_with(control))
    };
    listed(false).into_iter().filter(is_attack).collect()
}

/// Counts the attacks of each family; `others` are modules that are none. Prints what it finds.
pub fn families(whom: &str, others: &[&str]) -> BTreeMap<String, usize> {
    let mut families = BTreeMap::<String, usize>::new();
    for attack in attacks(others) {
        let (family, _) = attack.split_once("::").unwrap();
        *families.entry(family.to_owned()).or_default() += 1;
    }
    for (family, attacks) in &families {
        println!("attacks on the {whom}, {family}: {attacks} cases");
    }
    println!("attacks on the {whom}: {} in {} families", families.values().sum::<usize>(), families.len());
    assert_eq!(listed(true), [""; 0], "an attack that is not run is none");
    families
}
