//! Counts the attacks on the online side, so that none is lost.

use crate::listing::families;

/// The least that must be there.
const ATTACKS: usize = 25;

#[test]
fn every_family_is_there() {
    let families = families("online side", &["totals"]);
    assert!(families.values().sum::<usize>() >= ATTACKS && families.len() == 3);
}
