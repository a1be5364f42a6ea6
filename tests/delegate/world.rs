//! An account on the embedded network, its hot keys, and VSPs whose node is that network.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::delegate::{Delegate, DelegateError, Terms};
use dcrcold::voter::HotVoter;
use dcrcold::vsp_client::{HttpSettings, Retry, VspClient};
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared};
use dcrcold::wallet::vsp_tickets::{VspState, VspTicket};
use dcrcold::wallet::{Clock, KnownVsp, UnixTime, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_signer::percent::Percent;
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness};
use dcrcold_signer::transfer::{Encode, seal_hot_keys};
use dcrcold_signer::voter::VoterSecrets;

use crate::chain::pay_to;
use crate::fixture::{Fixture, contents, sign};
use crate::order::order;
use crate::vsp::http::TestVsp;
use crate::vsp::sim::SimNode;

/// What a fee may be at most.
pub const MOST: Amount = Amount::constant::<30_000_000>();

/// The percentage of the VSPs, in hundredths.
pub const PERCENT: u16 = 50;

/// A clock that is set.
pub struct SetClock(pub Cell<i64>);

impl Clock for SetClock {
    fn now(&self) -> UnixTime {
        UnixTime(self.0.get())
    }
}

pub struct World {
    pub node: SimNode,
    pub wallet: Wallet,
    pub keys: HotVoter,
    /// Hot keys of other voters.
    pub others: Vec<HotVoter>,
    pub clock: SetClock,
    pub fixture: Fixture,
}

/// The hot keys of an account of seed 7, as an import opens them.
pub fn hot_keys(generation: Generation) -> HotVoter {
    let master = contents(7).master().unwrap();
    let coin_type = CoinType::standard(Network::Simnet);
    let name = "test".parse().unwrap();
    let secrets = VoterSecrets::derive(&master, coin_type, Account::FIRST, generation, name).unwrap();
    let passphrase = Passphrase::new("correct horse".to_owned().into()).unwrap();
    let (kdf, randomness) = (Kdf::with_memory(8).unwrap(), Randomness { salt: [1; 16], nonce: [2; 24] });
    let sealed = seal_hot_keys(Network::Simnet, &secrets, &passphrase, kdf, &randomness).unwrap();
    HotVoter::open(&sealed, &passphrase).unwrap()
}

impl World {
    /// An account with some coins of this many DCR each.
    pub fn new(coins: &[u64]) -> Self {
        let fixture = Fixture::new();
        let mut sim = Sim::in_memory(Settings::new(1));
        sim.mine_to(SETTLED).unwrap();
        for (index, dcr) in (0..).zip(coins) {
            sim.fund(&pay_to(fixture.external(index)), Amount::from_atoms(dcr * 100_000_000).unwrap()).unwrap();
        }
        sim.mine(2).unwrap();
        let wallet = fixture.wallet("wallet.db");
        let clock = SetClock(Cell::new(1_795_229_251));
        let (node, keys, others) = (SimNode::new(sim), hot_keys(Generation::FIRST), Vec::new());
        let mut world = Self { node, wallet, keys, others, clock, fixture };
        world.sync();
        world
    }

    /// Coins, a VSP, and tickets that were bought for it, mined and wanted with it.
    pub fn with_tickets(coins: &[u64], tickets: u32) -> (Self, TestVsp, Vec<TxId>) {
        let mut world = Self::new(coins);
        let vsp = world.vsp(1);
        let bought = world.buy(tickets, Some(&vsp)).tickets;
        world.mine(1, &[&vsp]);
        world.want(&vsp);
        (world, vsp, bought)
    }

    pub fn sync(&mut self) {
        let mut sim = self.node.sim();
        self.wallet.sync(&mut *sim, &self.clock, &mut |_| ()).unwrap();
    }

    /// A VSP, known and chosen.
    pub fn vsp(&mut self, seed: u8) -> TestVsp {
        let vsp = TestVsp::start(seed, Network::Simnet, Box::new(self.node.clone()));
        // Rewards on simnet are large; this keeps the fee of twenty tickets within a new signer's limits.
        vsp.rules(|rules| rules.hundredths = PERCENT);
        self.choose(&vsp);
        vsp
    }

    /// Accepts what the VSP asks for now.
    pub fn choose(&mut self, vsp: &TestVsp) -> KnownVsp {
        let info = Self::client(vsp).info().unwrap();
        self.wallet.use_vsp(&vsp.address(), &info.key, info.fee, &self.clock).unwrap()
    }

    pub fn client(vsp: &TestVsp) -> VspClient {
        let settings =
            HttpSettings { connect: Duration::from_secs(5), whole: Duration::from_secs(2), ..HttpSettings::default() };
        VspClient::new(vsp.address(), Some(vsp.key()), &settings)
    }

    pub fn order(tickets: u32, vsp: Option<&TestVsp>) -> BuyOrder {
        let lock = Lock::PricePlus(Percent::from_hundredths(1000));
        BuyOrder { lock, vsp: vsp.map(TestVsp::address), ..order(tickets) }
    }

    pub fn prepare(&mut self, order: &BuyOrder) -> Prepared {
        let price = ChainSource::price(&mut *self.node.sim()).unwrap();
        self.wallet.prepare(order, &price, &self.clock).unwrap()
    }

    /// Signs, submits and sends a purchase.
    pub fn submit(&mut self, prepared: &Prepared) {
        let answer = sign(prepared).to_container(Network::Simnet).unwrap();
        let id = self.wallet.accept(&answer, &self.clock).unwrap();
        let mut sim = self.node.sim();
        self.wallet.send(&id, &mut *sim, &self.clock).unwrap();
    }

    pub fn buy(&mut self, tickets: u32, vsp: Option<&TestVsp>) -> Prepared {
        let prepared = self.prepare(&Self::order(tickets, vsp));
        self.submit(&prepared);
        prepared
    }

    /// Mines blocks, in which the VSPs vote.
    pub fn mine(&mut self, blocks: u32, vsps: &[&TestVsp]) -> u32 {
        let votes = self.node.mine(blocks, vsps);
        self.sync();
        votes
    }

    /// Means all tickets bought for the VSP for it.
    pub fn want(&mut self, vsp: &TestVsp) {
        let voter = self.keys.fingerprint();
        for ticket in self.wallet.tickets_meant_for(&vsp.address(), &voter).unwrap() {
            self.want_ticket(vsp, &ticket);
        }
    }

    pub fn want_ticket(&mut self, vsp: &TestVsp, ticket: &TxId) {
        let voter = self.keys.fingerprint();
        let registration = self.wallet.registration(ticket, &voter).unwrap().unwrap();
        self.wallet.want_vsp(ticket, &vsp.address(), (voter, registration.index), &self.clock).unwrap();
    }

    /// Takes all tickets with the VSP as far as they go.
    pub fn advance(&mut self, vsp: &TestVsp) -> Result<(), DelegateError> {
        self.advance_with(vsp, &Self::client(vsp), false)
    }

    pub fn advance_with(&mut self, vsp: &TestVsp, client: &VspClient, wait: bool) -> Result<(), DelegateError> {
        let known = self.wallet.vsp(&vsp.address()).unwrap().unwrap();
        let price = ChainSource::price(&mut *self.node.sim()).unwrap();
        vsp.rules(|rules| rules.now = self.clock.0.get());
        let terms = Terms { most: MOST, retry: Retry::VSP, wait };
        let voting = &self.wallet.voting_keys().unwrap();
        let (wallet, keys, others, clock) = (&mut self.wallet, &self.keys, &self.others, &self.clock);
        let held = Vec::new();
        Delegate { wallet, keys, others, voting, client, vsp: known, terms, price, clock, held }.advance()
    }

    pub fn rows(&self, vsp: &TestVsp) -> Vec<VspTicket> {
        self.wallet.tickets_with(&vsp.address()).unwrap()
    }

    /// How many tickets with the VSP are in each state.
    pub fn states(&self, vsp: &TestVsp) -> HashMap<&'static str, usize> {
        let mut states = HashMap::new();
        for row in self.rows(vsp) {
            *states.entry(row.state.name()).or_default() += 1;
        }
        states
    }

    /// Mines until all tickets with the VSP are confirmed.
    pub fn confirm(&mut self, vsp: &TestVsp) {
        for _ in 0..40 {
            self.advance(vsp).unwrap();
            if self.rows(vsp).iter().all(|row| row.state == VspState::Confirmed) {
                return;
            }
            self.mine(1, &[vsp]);
        }
        panic!("not confirmed: {:?}", self.rows(vsp));
    }

    /// Why tickets with the VSP are held up.
    pub fn troubles(&self, vsp: &TestVsp) -> Vec<String> {
        self.rows(vsp).into_iter().filter_map(|row| row.trouble.map(|trouble| trouble.reason)).collect()
    }

    /// Every fee transaction that the VSP has, and how often each output of it pays a ticket of its.
    pub fn fee_transactions(&self, vsp: &TestVsp) -> Vec<TxId> {
        let mut ids: Vec<_> = vsp.rules(|rules| {
            rules.rows.values().filter_map(|row| row.fee_tx.as_ref().map(dcrcold_signer::tx::Transaction::id)).collect()
        });
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
