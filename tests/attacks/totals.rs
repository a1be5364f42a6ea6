//! Counts the attacks, so that none is lost: a family that is left out of the build or a test that is ignored is noticed.

use crate::common::folder;
use crate::listing::families;

/// The least that must be there.
const ATTACKS: usize = 80;
/// What is no family: what a signer cannot stop, and this.
const OTHERS: [&str; 2] = ["not_stopped", "totals"];
/// Files without tests.
const HELPERS: [&str; 3] = ["main", "harness", "machine"];

#[test]
fn every_family_is_there() {
    let families = families("signer", &OTHERS);
    assert!(families.values().sum::<usize>() >= ATTACKS);
    let files = std::fs::read_dir(folder("attacks")).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<_> = files.filter_map(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned)).collect();
    files.retain(|name| !OTHERS.contains(&name.as_str()) && !HELPERS.contains(&name.as_str()));
    files.sort();
    assert_eq!(files, families.into_keys().collect::<Vec<_>>(), "a file is a family");
}
