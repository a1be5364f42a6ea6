//! Counts the attacks on and by devices.

use crate::listing::families;

#[test]
fn every_family_is_there() {
    let families = families("device and its host", &["totals"]);
    assert_eq!(
        families.into_keys().collect::<Vec<_>>(),
        ["approvals", "bytes", "marks", "order", "replies", "reviews", "signatures"]
    );
}
