//! The whole path of the programs with Speculos in the place of a Ledger: a wallet from its key, tickets signed by it.

use std::fs;

use dcrcold_core::amount::Amount;
use serde_json::Value;

use crate::emulator::Tools;
use crate::screen::Screen;
use crate::world::{World, stderr, text};

impl World {
    /// The program with the device, whose person approves; what it says, and the screens.
    fn on_device(&self, args: &[&str]) -> (Value, Vec<Screen>) {
        let address = self.wire.address.to_string();
        let args = [&["--json"], args, &["--ledger", "--tcp", &address]].concat();
        let (output, screens) = self.wire.approving(|| self.run(&args));
        assert!(output.status.success(), "{}", stderr(&output));
        (serde_json::from_slice(&output.stdout).unwrap(), screens)
    }
}

pub fn twenty_tickets_are_signed_by_a_ledger_of_the_programs(_: &Tools) {
    let world = World::new();
    let (wallet, screens) = world.on_device(&["wallet", "import", "--network", "simnet", "--name", "ledger"]);
    assert_eq!(text(&wallet, "account"), "m/44'/1'/0'");
    assert_eq!(screens.len(), 1);
    let voter = world.voter();
    // Each ticket locks a little more than the price, and twenty-three coins do not pay for twenty.
    let coin = world.price() * 105 / 100 * 20 * 10 / 235;
    world.fund(&[coin; 24]);
    world.start_of_window();
    let amount = Amount::from_atoms(coin * 235 / 200).unwrap().to_string();
    let amount = amount.trim_end_matches(" DCR");
    let bought = world.facts(&["buy", "20", "--voter", &voter, "--amount", amount, "--out", "request"]);
    assert_eq!(bought["inputs"].as_u64(), Some(24));
    let (signed, screens) = world.on_device(&["sign", "request", "--out", "answer"]);
    let counts = ["input_signatures", "ticket_signatures", "message_signatures"].map(|key| signed[key].as_u64());
    assert_eq!(counts, [Some(24), Some(20), Some(20)]);
    let expected = world.software_answer(&fs::read(world.path("request")).unwrap());
    assert!(fs::read(world.path("answer")).unwrap() == expected, "another answer than the software signer's");
    let showing = |words: &str| screens.iter().filter(|screen| screen.drawn().contains(words)).count();
    assert_eq!((showing("|Sign all of it? |"), showing("|Voter (1/2)     |")), (1, 1));
    assert_eq!(world.facts(&["submit", "answer"])["tickets"].as_array().unwrap().len(), 20);
    println!("dcrcold sign --ledger --tcp: 64 signatures, {} screens", screens.len());
}
