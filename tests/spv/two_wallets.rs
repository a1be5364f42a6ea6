//! Two wallets of one seed, one over peers and one over the network itself: whatever happens, both know the same.
//!
//! `DCRCOLD_SPV_EVENTS` changes how much happens.

use std::collections::BTreeMap;

use dcrcold::chain::ChainSource;
use dcrcold::wallet::{Balance, Clock, Coin, Entry, Ticket, UnixTime, Wallet};
use dcrcold_core::amount::Height;

use crate::fault::Fault;
use crate::fixture::Fixture;
use crate::network::{Net, connect};
use crate::world::{FEE, World};

/// Things that happen if nothing else is asked for.
const EVENTS: u32 = 500;
const DCR: u64 = 100_000_000;

/// A clock after all blocks of the embedded network.
struct Later;

impl Clock for Later {
    fn now(&self) -> UnixTime {
        UnixTime(i64::from(dcrcold::chain::sim::Settings::START) + 10_000_000)
    }
}

/// All that a wallet knows.
#[derive(Debug, PartialEq)]
struct Known {
    height: Height,
    coins: Vec<Coin>,
    tickets: Vec<Ticket>,
    balance: Balance,
    history: Vec<Entry>,
}

fn known(wallet: &Wallet) -> Known {
    let (mut coins, mut tickets) = (wallet.coins().unwrap(), wallet.tickets().unwrap());
    coins.sort_by_key(|coin| coin.outpoint);
    tickets.sort_by_key(|ticket| ticket.id);
    let (height, balance, history) = (wallet.height().unwrap(), wallet.balance().unwrap(), wallet.history().unwrap());
    Known { height, coins, tickets, balance, history }
}

struct Pair {
    fixture: Fixture,
    world: World,
    direct: Wallet,
    counts: BTreeMap<&'static str, u32>,
}

impl Pair {
    fn event(&mut self) -> &'static str {
        let index = self.world.dice.roll(60);
        let hash = self.fixture.external(index);
        match self.world.dice.roll(100) {
            0..25 => {
                let atoms = (10 + u64::from(self.world.dice.roll(60))) * DCR;
                self.world.fund(hash, atoms);
                "payments"
            }
            25..40 => self.spend(),
            40..55 => self.buy(),
            55..85 => {
                let blocks = 1 + self.world.dice.roll(4);
                self.world.mine(blocks);
                "blocks mined"
            }
            85..90 => {
                self.world.disapprove();
                "disapprovals"
            }
            _ => {
                let depth = 1 + self.world.dice.roll(6);
                self.world.sim.undo(depth).unwrap();
                self.world.mine(depth + 1);
                "reorganisations"
            }
        }
    }

    fn coin(&mut self) -> Option<Coin> {
        let mut coins: Vec<_> = self.direct.coins().unwrap().into_iter().filter(|coin| coin.height.is_some()).collect();
        self.world.dice.take(&mut coins)
    }

    fn spend(&mut self) -> &'static str {
        let index = self.world.dice.roll(40);
        let own = self.fixture.internal(index);
        let Some(coin) = self.coin() else { return "nothing to spend" };
        let Some(change) = coin.value.atoms().checked_sub(FEE + 10_000) else { return "nothing to spend" };
        match self.world.spend(&[coin], &[(crate::chain::STRANGER, 10_000), (own, change)], 0) {
            Ok(_) => "spendings",
            Err(_) => "refused spendings",
        }
    }

    fn buy(&mut self) -> &'static str {
        let index = self.world.dice.roll(40);
        let (reward, change) = (self.fixture.internal(index), self.fixture.external(index));
        let Some(coin) = self.coin() else { return "nothing to buy with" };
        match self.world.buy(&coin, reward, change) {
            Ok(_) => "tickets",
            Err(_) => "refused tickets",
        }
    }
}

#[test]
fn a_wallet_over_peers_knows_what_one_over_the_network_knows() {
    let (net, sim) = Net::new(41);
    let fixture = Fixture::new();
    let world = World::on(sim, 41);
    let peers = [net.peer(Fault::None), net.peer(Fault::Unsynced)];
    let mut spv = connect(&[&peers[0], &peers[1]]);
    let direct = fixture.wallet("direct");
    let mut over_peers = fixture.wallet("peers");
    let mut pair = Pair { fixture, world, direct, counts: BTreeMap::new() };
    let events = std::env::var("DCRCOLD_SPV_EVENTS").map_or(EVENTS, |events| events.parse().unwrap());
    for event in 0..events {
        let what = pair.event();
        *pair.counts.entry(what).or_default() += 1;
        pair.direct.sync(&mut pair.world.sim, &Later, &mut |_| {}).unwrap();
        over_peers.sync(&mut spv, &Later, &mut |_| {}).unwrap();
        assert_eq!(known(&over_peers), known(&pair.direct), "after event {event}, one of the {what}");
    }
    let mut fresh = pair.fixture.wallet("fresh");
    fresh.sync(&mut spv, &Later, &mut |_| {}).unwrap();
    assert_eq!(known(&fresh), known(&pair.direct));
    for (what, count) in &pair.counts {
        println!("{count:>6} {what}");
    }
    let Known { height, coins, tickets, history, .. } = known(&fresh);
    println!(
        "both wallets agree after {events} events, at block {height} with {} coins, {} tickets and {} lines of history",
        coins.len(),
        tickets.len(),
        history.len()
    );
    assert!(history.len() >= coins.len() + tickets.len());
    assert_eq!(ChainSource::tip(&mut spv).unwrap().height, height);
    assert!(pair.counts["reorganisations"] >= 3 && pair.counts["tickets"] >= 3 && tickets.len() >= 3);
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
}
