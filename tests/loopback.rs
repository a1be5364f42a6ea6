//! Whole purchases in memory, over the rules of the embedded network: online side, signer and hot voter from one queue,
//! with random coins, counts, fees and headroom, and a reorganisation under every third of them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "common/order.rs"]
mod order;
#[path = "common/watch.rs"]
mod watch;

use std::path::Path;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::voter::HotVoter;
use dcrcold::voter::choices::ballot;
use dcrcold::vsp::Preferences;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared};
use dcrcold::wallet::{Coin, Receive, SystemClock, Ticket, TicketState, Wallet};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::percent::Percent;
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::review;
use dcrcold_signer::stake::ticket::Ticket as TicketTx;
use dcrcold_signer::transfer::{Encode, seal_hot_keys};
use dcrcold_signer::voter::VoterSecrets;
use order::order;
use tempfile::TempDir;
use watch::watch_export;
use zeroize::Zeroizing;

const NETWORK: Network = Network::Simnet;
const PURCHASES: u32 = 12;

/// A small generator, so that the test is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

struct World {
    folder: TempDir,
    sim: Sim,
    cold: Contents,
    hot: HotVoter,
    wallet: Wallet,
    received: u64,
    fees: u64,
}

fn account() -> AccountPath {
    AccountPath { coin_type: CoinType::standard(NETWORK), account: Account::FIRST }
}

fn cold() -> Contents {
    let entry = AccountEntry { account: Account::FIRST, name: "savings".parse().unwrap() };
    let seed = Seed::from_bytes(&[7; 32]).unwrap();
    Contents::new(seed, NETWORK, account().coin_type, Derivation::Decred, entry, None)
}

fn hot(cold: &Contents) -> HotVoter {
    let master = cold.master().unwrap();
    let name = "savings".parse().unwrap();
    let secrets = VoterSecrets::derive(&master, account().coin_type, Account::FIRST, Generation::FIRST, name).unwrap();
    let passphrase = Passphrase::new(Zeroizing::new("correct horse".into())).unwrap();
    let randomness = Randomness { salt: [1; 16], nonce: [2; 24] };
    let kdf = Kdf::with_memory(Kdf::LEAST_MIB).unwrap();
    let sealed = seal_hot_keys(NETWORK, &secrets, &passphrase, kdf, &randomness).unwrap();
    HotVoter::open(&sealed, &passphrase).unwrap()
}

fn new_wallet(folder: &Path, name: &str, cold: &Contents) -> Wallet {
    Wallet::create(&folder.join(name), NETWORK, &watch_export(cold), None, &SystemClock).unwrap()
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sim = Sim::in_memory(Settings::new(1));
        sim.mine_to(SETTLED).unwrap();
        let cold = cold();
        let (hot, wallet) = (hot(&cold), new_wallet(folder.path(), "followed", &cold));
        Self { folder, sim, cold, hot, wallet, received: 0, fees: 0 }
    }

    fn receive(&mut self, atoms: u64) {
        let (_, address) = self.wallet.receive(Receive::New, &SystemClock).unwrap();
        self.sim.fund(&address.script(), Amount::from_atoms(atoms).unwrap()).unwrap();
        self.received += atoms;
        self.mine(1);
    }

    /// Mines blocks, voting with every ticket of ours that is called.
    fn mine(&mut self, blocks: u32) {
        for _ in 0..blocks {
            self.sync();
            let winners = self.sim.winners().unwrap();
            for ticket in &winners.tickets {
                let Some(tx) = self.wallet.transaction(ticket).unwrap() else { continue };
                let index = self.hot.index_of(&TicketTx::read(&tx).unwrap(), self.highest()).unwrap();
                let vote = self
                    .hot
                    .vote(&tx, index, &ballot(Network::Simnet, &winners.block, &Preferences::default(), &[]))
                    .unwrap();
                assert!(matches!(self.sim.send(&vote), Ok(_) | Err(ChainError::AlreadyKnown)));
            }
            self.sim.mine(1).unwrap();
        }
        self.sync();
    }

    fn highest(&self) -> Index {
        self.wallet.highest_voter_index(&self.hot.public()).unwrap()
    }

    fn sync(&mut self) {
        self.wallet.sync(&mut self.sim, &SystemClock, &mut |_| {}).unwrap();
    }

    fn buy(&mut self, order: &BuyOrder) -> Prepared {
        let price = self.sim.price().unwrap();
        let prepared = self.wallet.prepare(order, &price, &SystemClock).unwrap();
        let reviewed = review(&prepared.request, &self.cold, &mut NoMemory).unwrap();
        let answer = reviewed.approve(&prepared.id).unwrap().sign(&mut NoMemory).unwrap();
        let id = self.wallet.accept(&answer.to_container(NETWORK).unwrap(), &SystemClock).unwrap();
        let sent = self.wallet.send(&id, &mut self.sim, &SystemClock).unwrap();
        assert_eq!((sent.split, &sent.tickets), (prepared.split, &prepared.tickets));
        self.fees += prepared.split_fee.map_or(0, Amount::atoms);
        prepared
    }

    /// Replaces the last blocks by others.
    fn reorganise(&mut self, depth: u32) {
        self.sim.undo(depth).unwrap();
        self.wallet.rebroadcast(&mut self.sim).unwrap();
        self.mine(depth + 1);
    }

    /// Mines until each ticket is in a block or can never be; says how many are.
    ///
    /// Twenty tickets fit into a block, the network's own among them, and the price may rise meanwhile.
    fn settle(&mut self, prepared: &Prepared) -> usize {
        loop {
            self.wallet.rebroadcast(&mut self.sim).unwrap();
            let tickets = self.wallet.tickets().unwrap();
            let ours = tickets.iter().filter(|ticket| prepared.tickets.contains(&ticket.id));
            let (mined, waiting): (Vec<&Ticket>, Vec<_>) = ours.partition(|ticket| ticket.height.is_some());
            if waiting.is_empty() {
                self.fees += prepared.ticket_fee.atoms() * mined.len() as u64;
                return mined.len();
            }
            self.mine(1);
        }
    }

    fn known(&self) -> (Vec<Coin>, Vec<Ticket>) {
        (self.wallet.coins().unwrap(), self.wallet.tickets().unwrap())
    }

    /// Compares with a wallet that knows nothing but the keys.
    fn compare_with_new(&mut self, name: &str) {
        let mut fresh = new_wallet(self.folder.path(), name, &self.cold);
        fresh.sync(&mut self.sim, &SystemClock, &mut |_| {}).unwrap();
        assert_eq!((fresh.coins().unwrap(), fresh.tickets().unwrap()), self.known(), "{name}");
        assert_eq!(fresh.balance().unwrap(), self.wallet.balance().unwrap(), "{name}");
    }
}

#[test]
fn purchases_of_every_size_are_voted_and_accounted_for() {
    let (mut world, mut dice) = (World::new(), Dice(3));
    let mut tickets = 0;
    for number in 0..PURCHASES {
        for _ in 0..=dice.roll(3) {
            world.receive((10 + dice.roll(300)) * 100_000_000 + dice.roll(100_000_000));
        }
        let price = world.sim.price().unwrap().next;
        let headroom = Percent::from_hundredths(u32::try_from(dice.roll(1000)).unwrap());
        let affordable = world.wallet.balance().unwrap().spendable.atoms() / (price.atoms() * 12 / 10);
        let count = u32::try_from(affordable.min(1 + dice.roll(20))).unwrap();
        if count == 0 {
            continue;
        }
        let fee_rate = FeeRate::from_atoms_per_kb(10_000 + dice.roll(50_000));
        let order = BuyOrder { lock: Lock::PricePlus(headroom), fee_rate, ..order(count) };
        // A split whose tickets can no longer be mined at this price is refused before it is sent.
        while world.sim.price().unwrap().blocks_left < 3 {
            world.mine(1);
        }
        let prepared = world.buy(&order);
        world.mine(2);
        if number % 3 == 2 {
            world.reorganise(3);
        }
        tickets += world.settle(&prepared);
        if number % 4 == 3 {
            world.compare_with_new(&format!("after purchase {number}"));
        }
    }
    while world.wallet.tickets().unwrap().iter().any(|ticket| ticket.ending.is_none()) {
        world.mine(10);
    }
    world.mine(NETWORK.params().coinbase_maturity);
    world.compare_with_new("at the end");

    let ended = world.wallet.tickets().unwrap();
    let votes = ended.iter().filter(|ticket| ticket.ending.unwrap().how == TicketState::Voted).count();
    let rewards: u64 = ended.iter().map(|ticket| ticket.ending.unwrap().paid.atoms() - ticket.price.atoms()).sum();
    let balance = world.wallet.balance().unwrap();
    println!("loopback: {PURCHASES} purchases, {tickets} tickets, {votes} votes");
    assert_eq!(ended.len(), tickets);
    assert!(tickets > 40 && votes * 100 >= tickets * 95, "{votes} of {tickets} voted");
    assert_eq!(balance.total().atoms(), world.received - world.fees + rewards);
    assert_eq!(balance.spendable, balance.total());
}
