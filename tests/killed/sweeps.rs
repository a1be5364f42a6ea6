//! Killed (SIGKILL) before every single call that changes a file or speaks to somebody, then started again: the end is the
//! same as without. `make test` takes a sample of the calls, `make test-all` every one.

use std::fs;
use std::time::Instant;

use dcrcold::chain::ChainSource;
use dcrcold::wallet::purchase::{PurchaseState, RequestKind};
use dcrcold::wallet::{Coin, CoinState, SystemClock};
use dcrcold_core::hash::TxId;

use crate::files::order::order;
use crate::interrupt::{self, Point, sample, tracing, was_killed};
use crate::trace;
use crate::world::{SIM, World, said};

/// How many places of a flow are tried when not all are.
const SAMPLE: usize = 12;

/// A command, and what has to be true of the folder `now` after it was killed and started again.
pub(crate) struct Flow<'a> {
    pub(crate) name: &'a str,
    pub(crate) args: &'a [&'a str],
    /// What is done in each copy before.
    pub(crate) before: &'a dyn Fn(&World),
    pub(crate) check: &'a dyn Fn(&World, &str),
}

/// Nothing.
pub(crate) fn nothing(_: &World) {}

impl Flow<'_> {
    pub(crate) fn sweep(&self, world: &World, least: usize) {
        if trace::is_missing() {
            return;
        }
        let started = Instant::now();
        let points = self.points(world);
        let tried = sample(&points, SAMPLE);
        for point in &tried {
            let what = format!("{} killed at {} {}", self.name, point.name, point.number);
            world.copy("base", "now");
            (self.before)(world);
            let killed = world.command("now", Some(point.killing()), &SIM, self.args).output().unwrap();
            assert!(was_killed(killed.status), "{what}: {:?}", said(&killed));
            (self.check)(world, &what);
        }
        println!(
            "{}: killed before {} of {} calls, nothing lost, {:.1} s",
            self.name,
            tried.len(),
            points.len(),
            started.elapsed().as_secs_f32()
        );
        assert!(points.len() >= least, "{} calls", points.len());
    }

    /// The calls of the whole command, undisturbed; what it leads to is right too.
    fn points(&self, world: &World) -> Vec<Point> {
        world.copy("base", "now");
        (self.before)(world);
        let output = world.command("now", Some(tracing("../trace")), &SIM, self.args).output().unwrap();
        assert!(output.status.success(), "{:?}", said(&output));
        (self.check)(world, self.name);
        interrupt::all(&fs::read_to_string(world.path("trace")).unwrap())
    }
}

/// The coins that a request keeps, each with the request.
pub(crate) fn locked(coins: &[Coin], world: &World) -> Vec<String> {
    let height = world.wallet("now").height().unwrap();
    let locked = coins.iter().filter(|coin| coin.state(height) == CoinState::Locked);
    locked.filter_map(|coin| coin.locked_by.map(|id| id.to_string())).collect()
}

/// Makes the request again, unless there is one, and sees that it is the only one.
fn made_once(world: &World, what: &str, args: &[&str], inputs: usize) {
    let (code, _, told) = world.run("now", args);
    let id = world.id("now", "out");
    // The file is there already, and whose it is is said.
    assert!(code == 0 || code == 1 && told.contains(&format!("it is request {id} of this wallet")), "{what}: {told}");
    let wallet = world.wallet("now");
    let open: Vec<_> =
        wallet.purchases().unwrap().into_iter().filter(|it| it.state != PurchaseState::Cancelled).collect();
    assert_eq!(open.iter().map(|it| it.id.to_string()).collect::<Vec<_>>(), [id.as_str()], "{what}");
    assert_eq!(locked(&wallet.coins().unwrap(), world), vec![id; inputs], "{what}");
}

/// Sends what is signed, twice, and sees that it happened once.
pub(crate) fn sent_once(world: &World, what: &str, answer: &str, transactions: usize) -> Vec<TxId> {
    world.ok("now", &["submit", answer]);
    let again = world.ok("now", &["submit", answer]);
    assert!(again.contains(&format!("0 transactions sent, {transactions} were known before")), "{what}: {again}");
    let mined = world.sim("now").mine(2).unwrap();
    world.ok("now", &["sync"]);
    let wallet = world.wallet("now");
    assert_eq!(wallet.height().unwrap(), mined.height, "{what}");
    let open = wallet.purchases().unwrap().into_iter().filter(|it| it.state != PurchaseState::Cancelled);
    assert_eq!(open.map(|it| it.state).collect::<Vec<_>>(), [PurchaseState::TicketsSent], "{what}");
    assert!(wallet.coins().unwrap().iter().all(|coin| coin.height.is_some()), "{what}: all is mined");
    let mut tickets: Vec<_> = wallet.tickets().unwrap().iter().map(|ticket| ticket.id).collect();
    tickets.sort_unstable();
    tickets
}

#[test]
fn a_purchase_killed_at_any_call_of_buy_is_made_once() {
    let world = World::without_request();
    let buy = ["buy", "2", "--out", "out"];
    let check = |world: &World, what: &str| {
        made_once(world, what, &buy, 1);
        world.sign("now", "out", "signed");
        assert_eq!(sent_once(world, what, "signed", 3).len(), 2, "{what}");
    };
    Flow { name: "buy", args: &buy, before: &nothing, check: &check }.sweep(&world, 50);
}

#[test]
fn a_payment_killed_at_any_call_of_send_is_made_once() {
    let world = World::without_request();
    let address = world.ok("base", &["address"]).trim().to_owned();
    let send = ["send", &address, "70", "--out", "out"];
    let check = |world: &World, what: &str| {
        made_once(world, what, &send, 1);
        world.sign("now", "out", "signed");
        assert!(sent_once(world, what, "signed", 1).is_empty(), "{what}");
    };
    Flow { name: "send", args: &send, before: &nothing, check: &check }.sweep(&world, 50);
}

#[test]
fn tickets_killed_at_any_call_of_submit_are_bought_once() {
    let world = World::new();
    let check = |world: &World, what: &str| {
        assert_eq!(sent_once(world, what, "answer", 3).len(), 2, "{what}");
    };
    Flow { name: "submit of tickets", args: &["submit", "answer"], before: &nothing, check: &check }.sweep(&world, 40);
}

#[test]
fn a_payment_killed_at_any_call_of_submit_is_paid_once() {
    let world = World::without_request();
    let address = world.ok("base", &["address"]).trim().to_owned();
    world.ok("base", &["send", &address, "70", "--out", "payment"]);
    world.sign("base", "payment", "signed");
    let check = |world: &World, what: &str| {
        sent_once(world, what, "signed", 1);
        let wallet = world.wallet("now");
        let paid = wallet.purchases().unwrap().into_iter().find(|it| it.kind == RequestKind::Payment).unwrap();
        assert_eq!(paid.state, PurchaseState::TicketsSent, "{what}");
    };
    Flow { name: "submit of a payment", args: &["submit", "signed"], before: &nothing, check: &check }
        .sweep(&world, 30);
}

#[test]
fn a_request_of_the_rule_killed_at_any_call_of_auto_is_made_once() {
    let world = World::without_request();
    let rule = ["auto", "set", "--max-price", "50", "--keep", "20", "--tickets", "2", "--folder", "due"];
    // The rule keeps the folder's whole name, which is another one in each copy.
    let before = |world: &World| drop(world.ok("now", &rule));
    let auto = ["auto", "run", "--once"];
    let check = |world: &World, what: &str| {
        world.ok("now", &auto);
        // What buys by hand does not take it for lost.
        let (_, _, told) = world.run("now", &["buy", "1", "--out", "out"]);
        assert!(!told.contains("given up"), "{what}: {told}");
        let wallet = world.wallet("now");
        let made = wallet.auto_requests().unwrap();
        assert_eq!(made.len(), 1, "{what}: {made:?}");
        assert!(made[0].is_due() && made[0].written && made[0].told, "{what}: {made:?}");
        let name = made[0].file.file_name().unwrap().to_str().unwrap();
        assert_eq!(world.id("now/due", name), made[0].id.to_string(), "{what}");
        world.sign("now/due", name, "signed");
        world.ok("now", &["submit", "due/signed"]);
    };
    Flow { name: "auto", args: &auto, before: &before, check: &check }.sweep(&world, 50);
}

/// With a purchase whose transactions the network lost, so that it sends again too.
#[test]
fn a_wallet_killed_at_any_call_of_sync_finds_the_same() {
    let world = World::new();
    world.ok("base", &["submit", "answer"]);
    world.sim("base").mine(40).unwrap();
    // Three of the blocks come anew.
    world.ok("base", &["sync"]);
    world.sim("base").reorganise(3).unwrap();
    world.copy("base", "now");
    world.ok("now", &["sync"]);
    let right = world.ok("now", &["--json", "balance"]);
    let purchases = world.wallet("now").purchases().unwrap();
    assert_eq!((purchases[0].state, purchases[0].mined), (PurchaseState::TicketsSent, 2));
    let check = |world: &World, what: &str| {
        world.ok("now", &["sync"]);
        assert_eq!(world.ok("now", &["--json", "balance"]), right, "{what}");
        let wallet = world.wallet("now");
        assert_eq!(wallet.purchases().unwrap(), purchases, "{what}");
        assert_eq!(wallet.tickets().unwrap().len(), 2, "{what}");
    };
    Flow { name: "sync", args: &["sync"], before: &nothing, check: &check }.sweep(&world, 30);
}

/// What a process leaves that is stopped between making a request and having written it.
#[test]
fn a_request_that_nobody_has_is_given_up_and_one_in_a_file_is_not() {
    let world = World::without_request();
    let (mut wallet, path) = (world.wallet("base"), world.path("base").join("early"));
    let price = ChainSource::price(&mut world.sim("base")).unwrap();
    let lost = wallet.prepare(&order(1), &price, &SystemClock).unwrap();
    let found = wallet.prepare(&order(2), &price, &SystemClock).unwrap();
    wallet.writing(&found.id, &path, &SystemClock).unwrap();
    fs::write(&path, &found.request).unwrap();
    assert_eq!(wallet.unfinished_requests().unwrap(), [lost.id, found.id]);
    let (code, _, told) = world.run("base", &["buy", "1", "--out", "out"]);
    assert_eq!(code, 0, "{told}");
    let given_up = format!("note: request {} was made before and never written", lost.id);
    let kept = format!("note: request {} was made before, is in {}", found.id, path.display());
    assert!(told.contains(&given_up) && told.contains(&kept), "{told}");
    let states: Vec<_> = wallet.purchases().unwrap().iter().map(|it| (it.id, it.state)).collect();
    assert_eq!(states.len(), 4, "one of the fixture, two of another process, and the new one: {states:?}");
    assert!(
        states.contains(&(lost.id, PurchaseState::Cancelled)) && states.contains(&(found.id, PurchaseState::Prepared))
    );
    assert!(wallet.unfinished_requests().unwrap().is_empty());
}
