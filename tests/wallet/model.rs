//! The wallet against the embedded network and chance: whatever happens, it must say what whole blocks say.
//!
//! Another device with the same seed is paid, spends and buys; tickets vote or miss; blocks are disapproved of and
//! replaced; syncs are cut off; purchases stop halfway. What to expect comes from [`crate::ledger`].

use std::collections::{BTreeMap, HashSet};

use dcrcold::chain::sim::Rule;
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::wallet::purchase::{BuyOrder, Lock as LockEach, PurchaseError};
use dcrcold::wallet::{Coin, CoinState, TicketState, Wallet, WalletError};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::{Hash160, TransferId, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::transfer::{Container, Encode};
use dcrcold_signer::tx::Transaction;

use crate::between::Through;
use crate::chain::STRANGER;
use crate::fixture::{Fixture, StoppedClock, sign};
use crate::ledger::{Ledger, Lock, Owned, state_of};
use crate::live::Live;
use crate::order::order;
use crate::world::{FEE, World};

/// Blocks that are replaced at most.
const DEEPEST: u32 = 12;
/// The external addresses that the wallet knows at first, after the first bridge and after the second.
const WINDOWS: [u32; 3] = [100, 181, 262];
/// The external addresses whose use makes the window grow from one to the next.
const BRIDGES: [u32; 2] = [80, 161];
const DCR: u64 = 100_000_000;

/// How far the test took a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Prepared,
    Answered,
    Sent,
    Cancelled,
}

struct Purchase {
    id: TransferId,
    answer: Container,
    txs: Vec<Transaction>,
    lock: Lock,
    progress: Progress,
}

struct Model {
    fixture: Fixture,
    world: World,
    wallet: Wallet,
    level: usize,
    purchases: Vec<Purchase>,
    /// What the wallet sent and has not given up.
    sent: Vec<Transaction>,
    owned: Owned,
    counts: BTreeMap<String, u32>,
    name: String,
}

impl Model {
    fn new(seed: u64) -> Self {
        let fixture = Fixture::new();
        let mut world = World::new(seed);
        let mut wallet = fixture.wallet("followed");
        wallet.sync(&mut world.sim, &Later, &mut |_| {}).unwrap();
        let owned = Owned::by(&wallet);
        let (purchases, sent, counts) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { fixture, world, wallet, level: 0, purchases, sent, owned, counts, name: format!("seed {seed}") }
    }

    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }

    fn external(&mut self) -> Hash160 {
        let index = if self.world.dice.once_in(4) {
            // Beyond the window at first: found only when the window grows and old blocks are searched again.
            let beyond = [100, 181][self.world.dice.roll(2) as usize];
            beyond + self.world.dice.roll(60)
        } else {
            self.world.dice.roll(60)
        };
        self.fixture.external(index)
    }

    fn internal(&mut self) -> Hash160 {
        let index = self.world.dice.roll(40);
        self.fixture.internal(index)
    }

    fn own(&mut self) -> Hash160 {
        if self.world.dice.once_in(2) { self.external() } else { self.internal() }
    }

    fn step(&mut self) {
        match self.world.dice.roll(100) {
            0..18 => self.fund(),
            18..30 => self.spend(),
            30..40 => self.buy_elsewhere(),
            40..48 => self.prepare(),
            48..66 => self.go_on(),
            66..84 => {
                let blocks = 1 + self.world.dice.roll(3);
                self.world.mine(blocks);
            }
            84..89 => {
                self.count("disapprovals");
                self.world.disapprove();
            }
            89..95 => self.reorganise(),
            95..98 => self.cut_off(),
            _ => self.wallet = Wallet::open(&self.fixture.path("followed")).unwrap(),
        }
        if self.world.dice.once_in(3) {
            self.check();
        }
    }

    fn fund(&mut self) {
        for _ in 0..1 + self.world.dice.roll(3) {
            let hash = self.own();
            // Some fit a direct ticket.
            let atoms = match self.world.dice.roll(3) {
                0 => self.world.ticket_price() - DCR / 4,
                _ => 20 * DCR + u64::from(self.world.dice.roll(60)) * DCR,
            };
            self.world.fund(hash, atoms);
        }
        if self.world.dice.once_in(2) {
            self.world.fund_stranger(60 * DCR);
        }
    }

    /// Coins that other devices may take; of those meant for a request, some.
    fn some_coins(&mut self, count: usize) -> Vec<Coin> {
        self.check();
        let mut coins: Vec<Coin> = self.owned.coins.iter().filter(|coin| coin.height.is_some()).copied().collect();
        let mut taken = Vec::new();
        while let Some(coin) = self.world.dice.take(&mut coins).filter(|_| taken.len() < count) {
            if coin.locked_by.is_none() || self.world.dice.once_in(6) {
                taken.push(coin);
            }
        }
        taken
    }

    fn spend(&mut self) {
        let count = 1 + self.world.dice.roll(3) as usize;
        let coins = self.some_coins(count);
        let sum: u64 = coins.iter().map(|coin| coin.value.atoms()).sum();
        let Some(change) = sum.checked_sub(FEE + 10_000).filter(|change| *change > 10_000) else { return };
        let own = self.own();
        let expiry = if self.world.dice.once_in(4) { self.owned.height.0 + 2 + self.world.dice.roll(9) } else { 0 };
        let result = self.world.spend(&coins, &[(STRANGER, 10_000), (own, change)], expiry);
        self.judge("spend", &coins, &result);
    }

    fn buy_elsewhere(&mut self) {
        let (reward, change) = (self.internal(), self.own());
        let reward = if self.world.dice.once_in(6) { STRANGER } else { reward };
        if self.world.dice.once_in(4) {
            if let Some(result) = self.world.buy_for(reward) {
                self.count(format!("ticket of a stranger: {:?}", result.err()));
            }
            return;
        }
        let least = self.world.ticket_price() + FEE;
        let coins = self.some_coins(1);
        let Some(coin) = coins.first().copied() else { return };
        if self.world.dice.once_in(3) && coin.value.atoms() >= least / 2 {
            if let Some(result) = self.world.buy_together(&coin, reward) {
                self.judge("ticket together", &coins, &result);
            }
        } else if coin.value.atoms() >= least {
            let result = self.world.buy(&coin, reward, change);
            self.judge("ticket", &coins, &result);
        }
    }

    /// The network must agree with the wallet about what can be spent now.
    fn judge(&mut self, what: &str, coins: &[Coin], result: &Result<Transaction, Rule>) {
        let states: Vec<_> = coins.iter().map(|coin| state_of(coin, self.owned.height)).collect();
        let ripe = states.iter().all(|state| !matches!(state, CoinState::Immature { .. }));
        for coin in coins {
            let tag = coin.tag.map_or_else(|| "plain".into(), |tag| format!("{tag:?}"));
            self.count(format!("{} coin of a {:?}, maturity {}", tag, coin.kind, coin.maturity));
        }
        match result {
            Ok(_) => assert!(ripe, "{}: the network took {coins:?}", self.name),
            // Something else that waits spends it already, or the price makes no sense of the coins.
            Err(Rule::MempoolDoubleSpend | Rule::SpendTooHigh | Rule::TicketCommitment) => {}
            Err(Rule::ImmatureSpend | Rule::ExpiryTxSpentEarly) => assert!(!ripe, "{}: {coins:?}", self.name),
            // The payment to the stranger is gone with a block that was replaced.
            Err(Rule::Orphan) if what == "ticket together" => {}
            Err(other) => panic!("{}: {what} over {coins:?}: {other}", self.name),
        }
        self.count(format!("{what} {}", if ripe { "of ripe coins" } else { "too early" }));
    }

    fn prepare(&mut self) {
        self.check();
        let direct = self.world.dice.once_in(3);
        let tickets = 1 + self.world.dice.roll(3);
        let order = BuyOrder {
            lock: LockEach::PricePlus(Percent::from_hundredths(950)),
            expiry: self.world.dice.once_in(2).then(|| Height(self.owned.height.0 + 4 + self.world.dice.roll(60))),
            funding: if direct { Funding::Direct } else { Funding::Split },
            ..order(tickets)
        };
        let price = self.world.sim.price().unwrap();
        let prepared = match self.wallet.prepare(&order, &price, &StoppedClock) {
            Ok(prepared) => prepared,
            Err(PurchaseError::Prepare(_)) => return self.count("purchases without coins"),
            Err(other) => panic!("{}: {other}", self.name),
        };
        if !prepared.beyond_default_limits.is_empty() {
            self.wallet.cancel(&prepared.id, &StoppedClock).unwrap();
            return self.count("purchases that a signer would refuse");
        }
        let answer = sign(&prepared);
        let answer = answer.to_container(Network::Simnet).unwrap();
        let completed = self.wallet.completed(&prepared.request, &answer).unwrap();
        let txs: Vec<_> = completed.funding.into_iter().chain(completed.tickets).collect();
        let paid = if direct { txs.as_slice() } else { &txs[..1] };
        let coins = paid.iter().flat_map(|tx| tx.inputs.iter().map(|input| input.previous)).collect();
        let ids = txs.iter().map(Transaction::id).collect();
        let lock = Lock { id: prepared.id, coins, txs: ids, direct_until: direct.then_some(prepared.expiry) };
        self.purchases.push(Purchase { id: prepared.id, answer, txs, lock, progress: Progress::Prepared });
        self.count("purchases prepared");
    }

    /// Takes one of the purchases a step further.
    fn go_on(&mut self) {
        let count = u32::try_from(self.purchases.len()).unwrap();
        if count == 0 {
            return;
        }
        // The latest ones are the most alive.
        let position = (count - 1 - self.world.dice.roll(count.min(3))) as usize;
        let purchase = &mut self.purchases[position];
        match purchase.progress {
            Progress::Prepared if self.world.dice.once_in(5) => {
                self.wallet.cancel(&purchase.id, &StoppedClock).unwrap();
                purchase.progress = Progress::Cancelled;
            }
            Progress::Prepared => {
                self.wallet.accept(&purchase.answer, &StoppedClock).unwrap();
                purchase.progress = Progress::Answered;
            }
            Progress::Answered | Progress::Sent => self.send(position),
            Progress::Cancelled => {
                let refused = self.wallet.accept(&purchase.answer, &StoppedClock);
                assert!(matches!(refused, Err(PurchaseError::Cancelled { .. })));
            }
        }
    }

    fn send(&mut self, position: usize) {
        self.check();
        let purchase = &self.purchases[position];
        let calls = if self.world.dice.once_in(3) { 1 + self.world.dice.roll(5) } else { u32::MAX };
        let mut source = Through(Live { world: &mut self.world, calls, restless: 0 });
        let result = self.wallet.send(&purchase.id, &mut source, &StoppedClock);
        // What was begun is known to the wallet, whether the network heard of it or not.
        let txs = purchase.txs.clone();
        let known = |tx: &&Transaction| self.wallet.transaction(&tx.id()).unwrap().is_some();
        let known: Vec<Transaction> = txs.iter().filter(known).cloned().collect();
        if !known.is_empty() {
            self.purchases[position].progress = Progress::Sent;
        }
        let (ours, what) = match result {
            Ok(_) => {
                assert_eq!(known.len(), txs.len());
                (known, "sent")
            }
            Err(PurchaseError::Chain(ChainError::Unavailable(_))) => (known, "cut off"),
            Err(PurchaseError::Rejected { .. }) => (known, "refused"),
            Err(PurchaseError::PriceRose { .. }) => (known, "held back for the price"),
            Err(PurchaseError::PriceUnsettled { .. }) => (known, "held back before a new price"),
            Err(PurchaseError::Expired { .. }) => (known, "held back for the expiry"),
            Err(PurchaseError::CoinGone { .. }) => (known, "held back for a coin"),
            Err(other) => panic!("{}: {other}", self.name),
        };
        self.count(format!("purchases {what}"));
        self.sent.retain(|sent| !txs.iter().any(|tx| tx.id() == sent.id()));
        for tx in &ours {
            if purchase_ticket(tx) {
                self.world.tickets.insert(tx.id(), tx.clone());
            }
        }
        self.sent.extend(ours);
    }

    fn reorganise(&mut self) {
        let depth = 1 + self.world.dice.roll(DEEPEST);
        self.world.sim.undo(depth).unwrap();
        // A branch that is shorter at first is followed as well: the source knows best.
        let short = self.world.dice.once_in(5);
        self.world.mine(if short { 1 } else { depth + 1 });
        self.count(format!("reorganisations{}", if short { " to a shorter chain" } else { "" }));
    }

    /// A sync that ends early, over a chain that changes meanwhile.
    fn cut_off(&mut self) {
        let (calls, restless) = (self.world.dice.roll(6), 1 + self.world.dice.roll(3));
        let mut source = Through(Live { world: &mut self.world, calls, restless });
        match self.wallet.sync(&mut source, &Later, &mut |_| {}) {
            Ok(_) | Err(WalletError::Chain(ChainError::Unavailable(_) | ChainError::UnknownBlock { .. })) => {}
            Err(other) => panic!("{}: {other}", self.name),
        }
        self.count("syncs cut off");
    }

    /// Syncs and compares.
    fn check(&mut self) {
        self.wallet.sync(&mut Live::calm(&mut self.world), &Later, &mut |_| {}).unwrap();
        self.owned = self.expected();
        Owned::by(&self.wallet).must_be(&self.owned, &self.name);
        self.count("comparisons");
        if self.world.dice.once_in(4) {
            self.wallet.rebroadcast(&mut self.world.sim).unwrap();
            let next = self.owned.height.0 + 1;
            let blocks = self.world.blocks();
            let mined: HashSet<TxId> =
                blocks.iter().flat_map(|block| &block.stake_transactions).map(Transaction::id).collect();
            self.sent.retain(|tx| tx.expiry == 0 || tx.expiry > next || mined.contains(&tx.id()));
            self.owned = self.expected();
            Owned::by(&self.wallet).must_be(&self.owned, &format!("{}, after sending again", self.name));
        }
    }

    fn expected(&mut self) -> Owned {
        let blocks = self.world.blocks();
        let blocks: Vec<_> = blocks.iter().map(AsRef::as_ref).collect();
        let ledger = Ledger { external: WINDOWS[self.level] };
        let mined = Ledger::happened(&blocks);
        let waiting: Vec<_> = self.sent.iter().filter(|tx| !mined.contains(&tx.id())).collect();
        let alive = self.purchases.iter().filter(|purchase| purchase.progress != Progress::Cancelled);
        let locks: Vec<_> = alive.map(|purchase| purchase.lock.clone()).collect();
        ledger.owned(&blocks, &waiting, &locks)
    }

    /// A wallet made now must find all that is on the chain.
    fn check_fresh(&mut self) {
        self.check();
        let name = format!("fresh {}", self.counts["comparisons"]);
        let mut fresh = self.fixture.wallet(&name);
        fresh.sync(&mut self.world.sim, &Later, &mut |_| {}).unwrap();
        let blocks = self.world.blocks();
        let blocks: Vec<_> = blocks.iter().map(AsRef::as_ref).collect();
        let ledger = Ledger { external: WINDOWS[self.level] };
        Owned::by(&fresh).must_be(&ledger.owned(&blocks, &[], &[]), &format!("{}, {name}", self.name));
        self.count("comparisons of a new wallet");
    }

    /// Makes the window grow, beyond the reach of reorganisations.
    fn cross_bridge(&mut self) {
        self.check();
        let bridge = self.fixture.external(BRIDGES[self.level]);
        self.world.fund(bridge, DCR);
        self.world.mine(DEEPEST + 2);
        self.level += 1;
        self.check_fresh();
    }

    fn finish(&mut self) {
        // Long enough for every ticket to vote, to be missed or to expire.
        self.world.mine(460);
        self.check_fresh();
        let ended = self.owned.tickets.iter().filter_map(|ticket| ticket.ending);
        let ends: Vec<_> = ended.map(|ending| format!("tickets {}", ending.how.name())).collect();
        ends.into_iter().for_each(|how| self.count(how));
        let running = self.owned.tickets.iter().filter(|ticket| ticket.ending.is_none());
        assert!(running.clone().all(|ticket| ticket.height.is_none()), "{}", self.name);
        let matured = |ticket: &&dcrcold::wallet::Ticket| {
            ticket.state(Network::Simnet, self.owned.height) == TicketState::MaturedBack
        };
        let matured = u32::try_from(self.owned.tickets.iter().filter(matured).count()).unwrap();
        *self.counts.entry("tickets matured".into()).or_default() += matured;
    }
}

fn purchase_ticket(tx: &Transaction) -> bool {
    tx.kind() == dcrcold_signer::tx::TxKind::Ticket
}

/// A clock after all blocks of the embedded network.
struct Later;

impl dcrcold::wallet::Clock for Later {
    fn now(&self) -> dcrcold::wallet::UnixTime {
        dcrcold::wallet::UnixTime(i64::from(dcrcold::chain::sim::Settings::START) + 10_000_000)
    }
}

fn run(seed: u64, steps: u32) -> BTreeMap<String, u32> {
    let mut model = Model::new(seed);
    for step in 0..steps {
        model.name = format!("seed {seed}, step {step}");
        model.step();
        if step == steps / 3 || step == 2 * steps / 3 {
            model.cross_bridge();
        }
        if step % 40 == 39 {
            model.check_fresh();
        }
    }
    model.finish();
    model.counts
}

/// The seeds that run: two, or as many as `DCRCOLD_MODEL_SEEDS` says, `7-30` for one.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let Ok(text) = std::env::var("DCRCOLD_MODEL_SEEDS") else { return 1..=2 };
    let (first, last) = text.split_once('-').unwrap();
    first.parse().unwrap()..=last.parse().unwrap()
}

#[test]
fn whatever_happens_a_wallet_knows_what_whole_blocks_say() {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    // Two at a time, each on a thread of its own.
    for pair in seeds().collect::<Vec<_>>().chunks(2) {
        let threads: Vec<_> = pair.iter().copied().map(|seed| std::thread::spawn(move || run(seed, 120))).collect();
        for (what, count) in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            *counts.entry(what).or_default() += count;
        }
    }
    for (what, count) in &counts {
        println!("{count:>6} {what}");
    }
    let at_least = |what: &str, least| assert!(counts.get(what).is_some_and(|count| *count >= least), "{what}");
    at_least("comparisons", 150);
    at_least("comparisons of a new wallet", 10);
    at_least("reorganisations", 5);
    at_least("disapprovals", 5);
    at_least("purchases sent", 3);
    at_least("tickets voted", 3);
    at_least("tickets missed", 3);
}
