//! The same over peers: a peer of ours serves the network over the real protocol.

use std::cell::RefCell;
use std::fs;

use dcrcold::wallet::purchase::PurchaseState;

use crate::fault::Fault;
use crate::interrupt::{self, sample, tracing, was_killed};
use crate::server::Server;
use crate::trace;
use crate::world::{World, said};

/// How many places of a flow are tried when not all are.
const SAMPLE: usize = 8;

/// A wallet in the folder `now`, and a peer for it.
struct Peered<'a> {
    world: &'a World,
    peer: RefCell<Option<Server>>,
}

impl<'a> Peered<'a> {
    fn new(world: &'a World) -> Self {
        Self { world, peer: RefCell::new(None) }
    }

    /// Begins anew, and names the peer.
    fn again(&self) -> [String; 6] {
        self.peer.take();
        self.world.copy("base", "now");
        let peer = Server::start(&self.world.path("now").join("net"), Fault::None);
        let address = peer.address.to_string();
        self.peer.replace(Some(peer));
        ["--wallet", "wallet.db", "--source", "spv", "--peer", &address].map(str::to_owned)
    }

    fn sweep(&self, name: &str, args: &[&str], least: usize, check: &dyn Fn(&[&str], &str)) {
        if trace::is_missing() {
            return;
        }
        let options = self.again();
        let fixed = options.each_ref().map(String::as_str);
        let output = self.world.command("now", Some(tracing("../trace")), &fixed, args).output().unwrap();
        assert!(output.status.success(), "{:?}", said(&output));
        check(&fixed, name);
        let points = interrupt::all(&fs::read_to_string(self.world.path("trace")).unwrap());
        let (tried, mut killed) = (sample(&points, SAMPLE), 0);
        for point in &tried {
            let what = format!("{name} over peers, killed at {} {}", point.name, point.number);
            let options = self.again();
            let fixed = options.each_ref().map(String::as_str);
            let output = self.world.command("now", Some(point.killing()), &fixed, args).output().unwrap();
            // What comes in how many pieces is different each time: a few calls are not made again.
            killed += usize::from(was_killed(output.status));
            assert!(was_killed(output.status) || output.status.success(), "{what}: {:?}", said(&output));
            check(&fixed, &what);
        }
        println!(
            "{name} over peers: killed before {killed} of {} calls ({} tried), nothing lost",
            points.len(),
            tried.len()
        );
        assert!(points.len() >= least && killed * 10 >= tried.len() * 7, "{killed} of {}", tried.len());
    }

    fn ok(&self, fixed: &[&str], args: &[&str]) -> String {
        let (code, shown, told) = said(&self.world.command("now", None, fixed, args).output().unwrap());
        assert_eq!(code, 0, "{args:?}: {told}");
        shown
    }
}

#[test]
fn a_wallet_of_peers_killed_at_any_call_of_sync_finds_the_same() {
    let world = World::new();
    world.sim("base").mine(20).unwrap();
    let peered = Peered::new(&world);
    world.copy("base", "now");
    world.ok("now", &["sync"]);
    let right = world.ok("now", &["--json", "balance"]);
    let check = |fixed: &[&str], what: &str| {
        peered.ok(fixed, &["sync"]);
        assert_eq!(peered.ok(fixed, &["--json", "balance"]), right, "{what}");
    };
    peered.sweep("sync", &["sync"], 40, &check);
}

#[test]
fn tickets_killed_at_any_call_of_submit_over_peers_are_bought_once() {
    let world = World::new();
    let peered = Peered::new(&world);
    let check = |fixed: &[&str], what: &str| {
        peered.ok(fixed, &["submit", "answer"]);
        world.sim("now").mine(2).unwrap();
        peered.ok(fixed, &["sync"]);
        let wallet = world.wallet("now");
        let states: Vec<_> = wallet.purchases().unwrap().iter().map(|it| it.state).collect();
        assert_eq!((states, wallet.tickets().unwrap().len()), (vec![PurchaseState::TicketsSent], 2), "{what}");
        assert!(wallet.coins().unwrap().iter().all(|coin| coin.height.is_some()), "{what}: all is mined");
    };
    peered.sweep("submit", &["submit", "answer"], 80, &check);
}
