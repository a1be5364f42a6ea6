//! Chains that take back what a purchase was built on, and networks that forget it.

use dcrcold::plural::count;
use dcrcold::wallet::TicketState;
use dcrcold::wallet::purchase::PurchaseState;
use dcrcold_core::net::Network;

use crate::world::{World, prose};

impl World {
    /// A purchase of two tickets that was sent.
    fn in_flight() -> Self {
        let world = Self::new();
        world.copy("base", "now");
        world.ok("now", &["submit", "answer"]);
        world
    }

    /// The blocks that hold the transactions of the purchase: the split, then the tickets.
    fn heights(&self) -> Vec<Option<u32>> {
        let wallet = self.wallet("now");
        let request = wallet.purchases().unwrap().remove(0);
        assert_eq!(request.state, PurchaseState::TicketsSent);
        wallet.parts(&request.id).unwrap().iter().map(|part| part.height.map(|height| height.0)).collect()
    }

    fn sync(&self) -> String {
        self.ok("now", &["sync"])
    }
}

#[test]
fn a_reorganisation_under_a_purchase_in_flight_is_followed_at_each_of_its_steps() {
    // Blocks mined before the reorganisation, and blocks that it replaces.
    let cases = [(1, 1), (2, 1), (2, 2), (5, 3), (5, 5)];
    for (mined, replaced) in cases {
        let world = World::in_flight();
        let tip = world.sim("now").mine(mined).unwrap().height.0;
        world.sync();
        let before = world.heights();
        let first = tip - mined + 1;
        let expected = [Some(first), (mined > 1).then_some(first + 1), (mined > 1).then_some(first + 1)];
        assert_eq!(before, expected);
        world.sim("now").undo(replaced).unwrap();
        world.sim("now").mine_disapproving().unwrap();
        world.sim("now").mine(replaced + 2).unwrap();
        let said = world.sync();
        assert!(said.contains(&format!("{} undone", count(replaced, "block"))), "{said}");
        assert!(
            world.heights().iter().all(Option::is_some),
            "{mined} mined, {replaced} replaced: {:?}",
            world.heights()
        );
        assert_eq!(world.wallet("now").tickets().unwrap().len(), 2);
        assert!(world.run("now", &["submit", "answer"]).1.contains("0 transactions sent, 3 were known before"));
    }
    println!("reorganisations under a purchase: {} cases", cases.len());
}

#[test]
fn a_disapproved_block_that_un_mines_the_split_is_followed() {
    let world = World::in_flight();
    world.sim("now").mine(1).unwrap();
    world.sync();
    assert!(world.heights()[0].is_some());
    world.sim("now").mine_disapproving().unwrap();
    world.sync();
    // The split waits again, and with it the tickets; what the network has, nobody sends.
    assert_eq!(world.heights()[0], None, "the split is not mined any more");
    let told = prose(&world.ok("now", &["doctor"]));
    assert!(told.contains("wait to be mined") || told.contains("does not have"), "{told}");
    world.sim("now").mine(1).unwrap();
    world.sync();
    world.sim("now").mine(1).unwrap();
    world.sync();
    assert!(world.heights().iter().all(Option::is_some), "{:?}", world.heights());
}

#[test]
fn tickets_dropped_from_the_mempool_are_sent_again() {
    let world = World::in_flight();
    let base = world.path("base").join("net/network.journal");
    std::fs::copy(base, world.path("now").join("net/network.journal")).unwrap();
    world.sim("now").mine(1).unwrap();
    let said = world.sync();
    assert!(said.contains("3 transactions sent again"), "{said}");
    world.sim("now").mine(2).unwrap();
    world.sync();
    assert!(world.heights().iter().all(Option::is_some), "{:?}", world.heights());
}

#[test]
fn tickets_dropped_for_good_return_to_the_coins_and_that_is_told() {
    let world = World::in_flight();
    let base = world.path("base").join("net/network.journal");
    std::fs::copy(base, world.path("now").join("net/network.journal")).unwrap();
    // Nobody sees the tickets before they expire.
    world.sim("now").mine(60).unwrap();
    world.sync();
    let wallet = world.wallet("now");
    let (tip, tickets) = (wallet.height().unwrap(), wallet.tickets().unwrap());
    let live = tickets.iter().filter(|it| it.state(Network::Simnet, tip) != TicketState::Unmined).count();
    assert_eq!((tickets.len(), live), (0, 0), "what cannot be mined any more is forgotten");
    world.sim("now").mine(2).unwrap();
    world.sync();
    let balance = world.ok("now", &["--json", "balance"]);
    let balance: serde_json::Value = serde_json::from_str(&balance).unwrap();
    let total = balance["total"].as_u64().unwrap();
    // All but the fee of the split, if it was sent again.
    assert!((15_999_000_000..=16_000_000_000).contains(&total), "{balance}");
}
