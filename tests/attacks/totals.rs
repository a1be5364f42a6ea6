//! Counts the attacks, so that none is lost: a family that is left out of the build or a test that is ignored is noticed.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use dcrcold_core::policy::{Rule, Warning};

use crate::common::folder;
use crate::listing::{attacks, families};
use crate::wire::REACH;

/// The least that must be there.
const ATTACKS: usize = 80;
/// What is no family: what a signer cannot stop, and this.
const OTHERS: [&str; 2] = ["not_stopped", "totals"];
/// Files without tests.
const HELPERS: [&str; 4] = ["main", "harness", "machine", "wire"];

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

/// Attacks that no command can carry to a device, by the beginning of their names, and why.
const NOT_BY_COMMANDS: [(&str, &str); 13] = [
    ("approvals::", "a device is approved on its own screen; attacks_device has attacks on that"),
    ("bytes::", "sweeps over other requests; attacks_device has its own"),
    ("files::", "a device reads no files"),
    ("journals::", "a device keeps no journal"),
    ("screens::", "a device has no terminal"),
    ("stores::", "a device has no key store"),
    ("labels::paints_over_the_screen_by_the_name_of_a_file", "a device reads no files"),
    ("labels::writes_a_label_that_reads_like_a_page", "nothing is refused; the pages are the same on a device"),
    ("networks::has_a_test_machine_sign_for_mainnet", "a device has no key store"),
    ("parents::", "nothing is refused; the same core makes the same transactions on a device"),
    ("ransom::", "a device of version 1.0 remembers no request"),
    (
        "registrations::gets_a_ticket_spent_by_its_registration",
        "nothing is refused; messages are told apart by their hash",
    ),
    ("voters::gives_itself_", "a device keeps no list of names"),
];

/// Attacks that reach a device and are not stopped there, which docs/ledger.md says.
const NOT_STOPPED: [&str; 7] = [
    "money::locks_all_coins_with_one_approval",
    "ransom::change_far_away_for_ransom",
    "ransom::change_of_a_send_far_away_for_ransom",
    "ransom::change_one_beyond_what_a_restore_finds",
    "ransom::rewards_of_direct_tickets_far_away_for_ransom",
    "ransom::uses_the_first_request_after_a_restore",
    "stores::asks_beyond_limits_that_were_lowered",
];

/// Runs this program once more, and has every attack that brings its request to a device say so.
fn reaching() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reach");
    let mut command = Command::new(std::env::current_exe().unwrap());
    // Whole families that no command can carry are not run again.
    let skipped = NOT_BY_COMMANDS[..5].iter().flat_map(|(family, _)| ["--skip", family]);
    command.args(["--skip", "totals::", "--skip", "not_stopped::"]).args(skipped);
    let output = command.env(REACH, &path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut reaching = BTreeMap::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let (name, how) = line.split_once('\t').unwrap();
        let known = reaching.entry(name.to_owned()).or_insert_with(|| how.to_owned());
        // Of several requests of an attack the one that was signed counts.
        if how.starts_with("not stopped") {
            how.clone_into(known);
        }
    }
    reaching
}

#[test]
fn every_attack_reaches_a_device_or_says_why_not() {
    let reaching = reaching();
    let (mut by_family, mut by_how, mut not) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for attack in attacks(&OTHERS) {
        let why = NOT_BY_COMMANDS.iter().find(|(beginning, _)| attack.starts_with(beginning)).map(|(_, why)| *why);
        let (reached, all) = by_family.entry(attack.split_once("::").unwrap().0.to_owned()).or_insert((0, 0));
        *all += 1;
        match (reaching.get(&attack), why) {
            (Some(how), _) => {
                *reached += 1;
                *by_how.entry(how.clone()).or_insert(0) += 1;
            }
            (None, Some(why)) => *not.entry(why).or_insert(0) += 1,
            (None, None) => panic!("{attack} reaches no device, and nobody says why"),
        }
    }
    for (family, (reached, all)) in &by_family {
        println!("attacks on a device by commands, {family}: {reached} of {all}");
    }
    by_how.iter().for_each(|(how, count)| println!("attacks that reach a device, {how}: {count}"));
    not.iter().for_each(|(why, count)| println!("attacks that do not reach a device: {count}, {why}"));
    let (reached, all) = by_family.values().fold((0, 0), |sum, family| (sum.0 + family.0, sum.1 + family.1));
    println!("attacks on a device by commands: {reached} cases of {all}");
    let not_stopped = reaching.iter().filter(|(_, how)| how.starts_with("not stopped")).map(|(name, _)| name);
    assert_eq!(not_stopped.collect::<Vec<_>>(), NOT_STOPPED);
    assert_eq!(reached + not.values().sum::<usize>(), all);
    assert!(reached >= 265, "{reached}");
}
