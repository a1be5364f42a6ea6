//! docs/policy.md has a section for every rule, in the order of the codes, and for nothing else.

mod common;

use std::fs;

use dcrcold_core::rule::Rule;

#[test]
fn every_rule_has_a_section() {
    let page = fs::read_to_string(common::folder("").join("../docs/policy.md")).expect("docs/policy.md can be read");
    let sections: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let rules: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(sections, rules);
    for rule in Rule::ALL {
        assert!(page.contains(&format!("Code {}: {}.", rule.code(), rule.meaning())), "{rule}");
    }
    println!("docs/policy.md: {} cases", rules.len());
}
