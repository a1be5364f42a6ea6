//! A Ledger on USB that is not there.

use crate::world::{World, stderr};

#[test]
fn a_ledger_that_is_not_plugged_in_is_told_and_not_waited_for_without_a_terminal() {
    let world = World::new();
    // A name that no node has, for machines with a Ledger.
    let output = world.run(&["wallet", "import", "--network", "simnet", "--ledger=/dev/not-there"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let text = stderr(&output);
    let (error, hint) = text.split_once('\n').unwrap();
    assert!(error.starts_with("error: no Ledger "), "{text}");
    assert!(hint.starts_with("hint: "), "{text}");
    assert!(!world.path("wallet.db").exists());
}
