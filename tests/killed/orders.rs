//! Answers that are late, and standing orders: whatever command is killed, one of two requests happens, and once.

use dcrcold::chain::{ChainSource, PriceWindow};
use dcrcold::wallet::purchase::{PurchaseRecord, PurchaseState};
use dcrcold_core::amount::Amount;

use crate::sweeps::{Flow, locked, nothing, sent_once};
use crate::world::World;

/// The price window of the network in the folder `now`.
fn window(world: &World) -> PriceWindow {
    ChainSource::price(&mut world.sim("now")).unwrap()
}

/// The requests of the wallet that may still happen.
fn open(world: &World) -> Vec<PurchaseRecord> {
    let all = world.wallet("now").purchases().unwrap().into_iter();
    all.filter(|it| it.state != PurchaseState::Cancelled && it.replaced_by.is_none()).collect()
}

/// Makes a request that takes the place of another again, unless there is one, and sees that it is the only one.
fn replaced_once(world: &World, what: &str, args: &[&str], file: &str, inputs: usize) {
    let (code, _, told) = world.run("now", args);
    let id = world.id("now", file);
    assert!(code == 0 || code == 1 && told.contains(&format!("it is request {id} of this wallet")), "{what}: {told}");
    let open = open(world);
    assert_eq!(open.iter().map(|it| it.id.to_string()).collect::<Vec<_>>(), [id.as_str()], "{what}");
    assert_eq!(locked(&world.wallet("now").coins().unwrap(), world), vec![id; inputs], "{what}");
}

/// The folder `base` with an answer that cannot be sent any more.
fn expired() -> (World, String) {
    let world = World::new();
    world.copy("base", "now");
    world.answered("answer");
    world.sim("now").mine(57).unwrap();
    world.copy("now", "base");
    let id = world.id("base", "request");
    (world, id)
}

#[test]
fn tickets_killed_at_any_call_of_buy_again_are_signed_anew_once() {
    let (world, id) = expired();
    let again = ["buy", "--again", &id, "--out", "again"];
    let check = |world: &World, what: &str| {
        replaced_once(world, what, &again, "again", 1);
        world.sign("now", "again", "signed");
        assert_eq!(sent_once(world, what, "signed", 3).len(), 2, "{what}");
        let (code, _, told) = world.run("now", &["submit", "answer"]);
        assert!(code == 1 && told.contains("was cancelled"), "{what}: {code} {told}");
    };
    Flow { name: "buy --again", args: &again, before: &nothing, check: &check }.sweep(&world, 50);
}

/// The split is mined, and its tickets were never sent.
#[test]
fn tickets_over_a_mined_split_killed_at_any_call_of_buy_again_are_bought_once() {
    let world = World::new();
    world.copy("base", "now");
    world.answered("answer");
    world.sent_in_part("request", 1);
    world.sim("now").mine(57).unwrap();
    world.copy("now", "base");
    let id = world.id("base", "request");
    let again = ["buy", "--again", &id, "--out", "again"];
    let check = |world: &World, what: &str| {
        replaced_once(world, what, &again, "again", 2);
        world.sign("now", "again", "signed");
        assert_eq!(sent_once(world, what, "signed", 2).len(), 2, "{what}: without another split");
    };
    Flow { name: "buy --again over a split", args: &again, before: &nothing, check: &check }.sweep(&world, 50);
}

#[test]
fn a_signed_request_killed_at_any_call_of_cancel_is_made_worthless_once() {
    let world = World::new();
    world.copy("base", "now");
    world.answered("answer");
    world.copy("now", "base");
    let id = world.id("base", "request");
    let cancel = ["cancel", &id, "--spend", "back"];
    let check = |world: &World, what: &str| {
        replaced_once(world, what, &cancel, "back", 1);
        world.sign("now", "back", "signed");
        assert!(sent_once(world, what, "signed", 1).is_empty(), "{what}");
        let (code, _, told) = world.run("now", &["submit", "answer"]);
        assert!(code == 1 && told.contains("was cancelled"), "{what}: {code} {told}");
        assert_eq!(locked(&world.wallet("now").coins().unwrap(), world), Vec::<String>::new(), "{what}");
    };
    Flow { name: "cancel --spend", args: &cancel, before: &nothing, check: &check }.sweep(&world, 50);
}

/// A request for a ticket a little below the price of now, signed, in the folder `base`.
fn ordered() -> World {
    let world = World::without_request();
    world.copy("base", "now");
    let price = window(&world);
    let least = price.estimate.expected;
    assert!(price.next > least, "the price is about to fall: {price:?}");
    let amount = Amount::from_atoms(u64::midpoint(price.next.atoms(), least.atoms())).unwrap();
    let amount = format!("{amount:#}");
    world.ok("base", &["buy", "1", "--amount", &amount, "--windows", "3", "--out", "order"]);
    world.sign("base", "order", "signed");
    world
}

/// Goes on to the next price.
fn mine_window(world: &World) {
    let blocks = window(world).blocks_left;
    world.sim("now").mine(blocks).unwrap();
}

/// Sees that the order is in the mempool, all of it, and becomes a ticket.
fn order_is_carried_out(world: &World, what: &str) {
    let (wallet, mut sim) = (world.wallet("now"), world.sim("now"));
    let ticket = wallet.tickets().unwrap();
    let ids: Vec<_> = ticket.iter().map(|ticket| ticket.id).collect();
    assert_eq!((ids.len(), sim.in_mempool(&ids).unwrap()), (1, vec![true]), "{what}");
    sim.mine(2).unwrap();
    world.ok("now", &["sync"]);
    let tickets = world.wallet("now").tickets().unwrap();
    assert_eq!(tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), ids, "{what}");
    assert!(tickets[0].height.is_some(), "{what}");
    let open = open(world);
    let ends: Vec<_> = open.iter().map(|it| (it.state, it.standing)).collect();
    assert_eq!(ends, [(PurchaseState::TicketsSent, false)], "{what}");
}

#[test]
fn an_order_killed_at_any_call_of_submit_stands_and_is_sent_once() {
    let world = ordered();
    let submit = ["submit", "signed", "--when-price-fits"];
    let check = |world: &World, what: &str| {
        assert!(world.ok("now", &submit).starts_with("kept as a standing order"), "{what}");
        let id = world.id("now", "order");
        assert!(open(world).iter().all(|it| it.id.to_string() == id && it.stands()), "{what}");
        assert_eq!(locked(&world.wallet("now").coins().unwrap(), world), [id.as_str()], "{what}");
        mine_window(world);
        let shown = world.ok("now", &["sync"]);
        assert!(shown.contains(&format!("standing order {id} sent: its price came")), "{what}: {shown}");
        order_is_carried_out(world, what);
    };
    Flow { name: "submit --when-price-fits", args: &submit, before: &nothing, check: &check }.sweep(&world, 30);
}

#[test]
fn an_order_killed_at_any_call_of_the_sync_that_sends_it_is_sent_once() {
    let world = ordered();
    let submit = ["submit", "signed", "--when-price-fits"];
    world.copy("base", "now");
    assert!(world.ok("now", &submit).starts_with("kept as a standing order"));
    mine_window(&world);
    world.copy("now", "base");
    let check = |world: &World, what: &str| {
        world.ok("now", &["sync"]);
        order_is_carried_out(world, what);
    };
    Flow { name: "sync of a standing order", args: &["sync"], before: &nothing, check: &check }.sweep(&world, 60);
}
