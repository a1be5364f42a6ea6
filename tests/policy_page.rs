//! docs/policy.md has a section for every rule, in the order of the codes, one for every warning, and for nothing else.

mod common;

use std::fs;

use dcrcold_core::policy::{Rule, Warning};

#[test]
fn every_rule_has_a_section() {
    let page = fs::read_to_string(common::folder("").join("../docs/policy.md")).expect("docs/policy.md can be read");
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let rules: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).chain(["Warnings"]).collect();
    assert_eq!(sections, rules);
    for rule in Rule::ALL {
        assert!(page.contains(&format!("Code {}: {}.", rule.code(), rule.meaning())), "{rule}");
    }
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let warnings: Vec<_> = Warning::ALL.iter().map(|warning| warning.name()).collect();
    assert_eq!(sections, warnings);
    for warning in Warning::ALL {
        assert!(page.contains(&format!("Meaning: {}.", warning.meaning())), "{warning}");
    }
    println!("docs/policy.md: {} cases", Rule::ALL.len() + warnings.len());
}
