//! `dcrcold doctor`: each of its findings comes of a state that is really so, and looking changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dcrcold::doctor::{Kind, Severity};
use serde_json::Value;

use crate::broken::broken;
use crate::world::{World, prose};

/// The kinds of what is found in the folder `now`, and the exit code.
fn found(world: &World, options: &[&str]) -> (i32, BTreeSet<String>) {
    let (code, shown, told) = world.run("now", &[&["--json", "doctor"], options].concat());
    let report: Value = serde_json::from_str(&shown).unwrap_or_else(|_| panic!("{told}"));
    let findings = report["findings"].as_array().unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    for finding in findings {
        let (sentence, hint) = (text(finding, "sentence"), text(finding, "hint"));
        assert!(!sentence.is_empty() && !hint.is_empty() && !sentence.ends_with('.'), "{finding}");
    }
    let problems = findings.iter().filter(|finding| finding["severity"] == "problem").count();
    assert_eq!((report["problems"] == problems, code), (true, i32::from(problems > 0)), "{told}");
    (code, findings.iter().map(|finding| text(finding, "kind")).collect())
}

/// Every file below a folder with what is in it.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(content(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn every_finding_comes_of_a_state_that_is_so_and_looking_changes_nothing() {
    let world = World::new();
    let (mut kinds, mut missing) = (0, Vec::new());
    for kind in Kind::ALL {
        world.copy("base", "now");
        let (options, open) = broken(*kind, &world);
        let before = content(&world.path("now"));
        let (code, kinds_found) = found(&world, &options);
        if !kinds_found.contains(kind.name()) || kind.severity() == Severity::Problem && code != 1 {
            missing.push((kind.name(), code, kinds_found));
        } else if matches!(kind, Kind::StandingOrder | Kind::RequestReplaced) && code != 0 {
            // What a person asked for is no problem.
            missing.push((kind.name(), code, kinds_found));
        }
        if open.is_none() {
            assert_eq!(content(&world.path("now")), before, "{}: looking changed something", kind.name());
        }
        kinds += 1;
    }
    assert!(missing.is_empty(), "{missing:#?}");
    println!("doctor: {kinds} findings, each from a broken state");
    assert_eq!(kinds, 38);
}

#[test]
fn a_wallet_with_nothing_wrong_has_no_problem() {
    let world = World::without_request();
    world.copy("base", "now");
    let (code, kinds) = found(&world, &[]);
    // The embedded network is of the past.
    assert_eq!((code, kinds.into_iter().collect::<Vec<_>>()), (0, vec!["tip-old".to_owned()]));
    assert_eq!(found(&world, &["--offline"]), (0, BTreeSet::new()));
}

#[test]
fn repair_removes_a_damaged_cache_and_nothing_else() {
    let world = World::new();
    world.copy("base", "now");
    let before = content(&world.path("now"));
    world.write("wallet.db-headers-simnet", &[7; 5000]);
    let (code, shown, told) = world.run("now", &["doctor", "--repair", "--offline"]);
    assert_eq!(code, 0, "{told}");
    assert!(
        prose(&shown).contains("hint: it was removed; nothing is lost, and the next sync fetches it again"),
        "{shown}"
    );
    assert_eq!(content(&world.path("now")), before);
}
