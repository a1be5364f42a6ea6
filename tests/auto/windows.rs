//! Many price windows with random prices, rules, people and ends of the process.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

use dcrcold::auto::{Decision, FEED_FILE, STATUS_FILE};
use dcrcold::chain::ChainSource;
use dcrcold::wallet::auto::{AutoRequest, Rule, Window};
use dcrcold::wallet::purchase::{Prepared, PurchaseState};
use dcrcold::wallet::{SystemClock, TicketState, Wallet};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_signer::percent::Percent;
use dcrcold_signer::transfer::Encode;

use crate::between::Through;
use crate::chain::amount;
use crate::dice::Dice;
use crate::fixture::{Fixture, sign_bytes};
use crate::priced::Priced;
use crate::stages::{Done, STAGES, stages};
use crate::world::World;

const DCR: u64 = 100_000_000;
/// Networks, and the price windows that each goes through.
const NETWORKS: u32 = 3;
const WINDOWS: u32 = 40;
/// Blocks of a window of simnet.
const BLOCKS: u32 = 8;

#[derive(Default, Debug)]
struct Count {
    windows: u32,
    prepared: u32,
    tickets: u32,
    answered: u32,
    lapsed: u32,
    given_up: u32,
    below: u32,
    restarts: u32,
    rivals: u32,
    rounds: u32,
    reorganisations: u32,
    waits: BTreeMap<&'static str, u32>,
    prices: BTreeSet<u64>,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.windows += other.windows;
        self.prepared += other.prepared;
        self.tickets += other.tickets;
        self.answered += other.answered;
        self.lapsed += other.lapsed;
        self.given_up += other.given_up;
        self.below += other.below;
        self.restarts += other.restarts;
        self.rivals += other.rivals;
        self.rounds += other.rounds;
        self.reorganisations += other.reorganisations;
        for (name, count) in &other.waits {
            *self.waits.entry(name).or_default() += count;
        }
    }
}

struct Run {
    world: World,
    dice: Dice,
    fixture: Fixture,
    percent: u64,
    rule: Rule,
    /// The rule under which each request was prepared.
    under: HashMap<TransferId, Rule>,
    count: Count,
}

fn path(fixture: &Fixture) -> PathBuf {
    fixture.path("w")
}

impl Run {
    fn new(seed: u64) -> Self {
        let (mut world, fixture, mut dice) = (World::new(seed), Fixture::new(), Dice(seed + 100));
        drop(fixture.wallet("w"));
        for index in 0..8 {
            let atoms = DCR * u64::from(20 + dice.roll(120));
            world.fund(fixture.external(index), atoms);
        }
        world.mine(2);
        let folder = fixture.path("requests");
        fs::create_dir(&folder).unwrap();
        let rule = Rule {
            max_price: amount(100 * DCR),
            keep: Amount::ZERO,
            tickets: 1 + dice.roll(5),
            max_fees: amount(DCR / 10),
            headroom: Percent::from_hundredths(500),
            voter: None,
            vsp: None,
            folder,
        };
        Self { world, dice, fixture, percent: 100, rule, under: HashMap::new(), count: Count::default() }
    }

    fn open(&self) -> Wallet {
        Wallet::open(&path(&self.fixture)).unwrap()
    }

    fn sync(&mut self, wallet: &mut Wallet) {
        wallet.sync(&mut self.world.sim, &SystemClock, &mut |_| {}).unwrap();
    }

    /// A window: a new price, sometimes a new rule; the number of tickets in a window stays the rule's.
    fn window(&mut self) {
        self.percent = 25 + u64::from(self.dice.roll(375));
        if self.dice.once_in(2) {
            self.rule.max_price = amount(DCR * u64::from(20 + self.dice.roll(120)));
            self.rule.keep = amount(DCR * u64::from(self.dice.roll(300)));
            self.rule.max_fees = amount(10_000 << self.dice.roll(12));
            self.rule.headroom = Percent::from_hundredths(self.dice.roll(1_000));
            self.open().set_rule(Some(&self.rule), &SystemClock).unwrap();
        }
        for _ in 0..BLOCKS {
            self.block();
        }
        self.count.windows += 1;
    }

    /// A block: rounds that may be cut off anywhere, by two processes on one wallet; then somebody signs or does not.
    fn block(&mut self) {
        let rounds = 1 + self.dice.roll(2);
        for _ in 0..rounds {
            let whole = self.dice.once_in(2);
            let count = if whole { STAGES } else { self.dice.roll(STAGES) };
            self.round(count);
        }
        if self.dice.once_in(14) {
            self.answer();
        }
        if self.dice.once_in(40) {
            self.world.sim.undo(2).unwrap();
            self.world.mine(2);
            self.count.reorganisations += 1;
        }
        self.world.mine(1);
    }

    fn round(&mut self, count: u32) {
        let (mut wallet, mut rival) = (self.open(), self.open());
        self.sync(&mut wallet);
        let mut source = Through(Priced { sim: &mut self.world.sim, percent: self.percent });
        let price = source.price().unwrap();
        let done = stages(&mut wallet, &mut source, count).unwrap();
        // Another process that began at the same time, and looks at what this one left.
        let others = if self.dice.once_in(3) {
            self.count.rivals += 1;
            let count = self.dice.roll(STAGES + 1);
            stages(&mut rival, &mut source, count).unwrap()
        } else {
            Done::default()
        };
        assert!(done.prepared.is_none() || others.prepared.is_none(), "two requests in one window");
        self.count.rounds += 1;
        self.count.restarts += u32::from(count < STAGES);
        self.count.prices.insert(price.next.atoms());
        for done in [&done, &others] {
            self.count.lapsed += u32::try_from(done.lapsed.len()).unwrap();
            if let Some(Decision::Wait(reason)) = &done.decision {
                *self.count.waits.entry(reason.name()).or_default() += 1;
            }
            if let Some(prepared) = &done.prepared {
                self.check_prepared(&wallet, prepared, price.next);
            }
        }
        if count > 0 {
            self.check_due(&wallet, price.tip.height);
        }
        if count == STAGES {
            self.check_files(&wallet);
        }
    }

    /// A request that was just made keeps to the rule, reckoned here anew.
    fn check_prepared(&mut self, wallet: &Wallet, prepared: &Prepared, price: Amount) {
        let rule = &self.rule;
        assert!(price <= rule.max_price && price <= prepared.amount && prepared.amount <= rule.max_price);
        let tickets = u32::try_from(prepared.tickets.len()).unwrap();
        assert!(tickets > 0 && tickets <= rule.tickets);
        let balance = wallet.balance().unwrap();
        let change = prepared.change.unwrap_or_default();
        assert!(balance.spendable.checked_add(change).unwrap() >= rule.keep, "too little stays");
        let ticket_fees = prepared.ticket_fee.checked_mul(tickets.into()).unwrap();
        let fees = prepared.split_fee.unwrap().checked_add(ticket_fees).unwrap();
        assert!(fees <= rule.max_fees, "fees of {fees}");
        let locked = wallet.coins().unwrap().into_iter().filter(|coin| coin.locked_by == Some(prepared.id));
        assert_eq!(locked.clone().count(), prepared.inputs);
        let spent = Amount::checked_sum(locked.map(|coin| coin.value)).unwrap();
        let locks = prepared.amount.checked_mul(tickets.into()).unwrap();
        assert_eq!(spent, Amount::checked_sum([locks, fees, change]).unwrap(), "all that goes out has a name");
        self.under.insert(prepared.id, rule.clone());
        self.count.prepared += 1;
        self.count.tickets += tickets;
        self.count.below += u32::from(self.percent < 100);
    }

    /// No two requests that wait mean the same coin, none is past its deadline, and no window has two.
    fn check_due(&self, wallet: &Wallet, tip: Height) {
        let requests = wallet.auto_requests().unwrap();
        let windows: BTreeSet<_> = requests.iter().map(|request| request.window).collect();
        assert_eq!(windows.len(), requests.len());
        assert_eq!(requests.len(), self.under.len(), "every request was checked when it was made");
        assert!(
            requests.iter().filter(|request| request.is_due()).all(|request| tip <= request.deadline(Network::Simnet))
        );
        // As the file has it, whatever the wallet makes of it.
        let db = rusqlite::Connection::open(path(&self.fixture)).unwrap();
        let sql = "SELECT COUNT(*), COUNT(DISTINCT hex(tx) || output) FROM purchase_inputs
            JOIN purchases ON id = purchase WHERE state IN (1, 2)";
        let counts: (u32, u32) = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(counts.0, counts.1, "a coin in two requests");
    }

    /// After a whole round there is a file for each request that waits, and none for those that lapsed.
    fn check_files(&self, wallet: &Wallet) {
        let requests = wallet.auto_requests().unwrap();
        for request in &requests {
            assert!(!request.is_due() || request.written && request.told);
            match request.state {
                PurchaseState::Prepared => {
                    assert_eq!(fs::read(&request.file).unwrap(), wallet.request(&request.id).unwrap());
                }
                PurchaseState::Cancelled => assert!(!request.file.exists()),
                _ => {}
            }
        }
        let there = fs::read_dir(&self.rule.folder).unwrap().map(|entry| entry.unwrap().file_name());
        let there: BTreeSet<_> = there.collect();
        let known = requests.iter().filter_map(|request| request.file.file_name()).map(ToOwned::to_owned);
        let known: BTreeSet<_> = known.chain([FEED_FILE.into(), STATUS_FILE.into()]).collect();
        assert!(there.is_subset(&known), "{there:?}");
    }

    /// Somebody signs one of the requests that wait, and sends it.
    fn answer(&mut self) {
        let mut wallet = self.open();
        self.sync(&mut wallet);
        let requests = wallet.auto_requests().unwrap();
        let mut due: Vec<AutoRequest> = requests.into_iter().filter(AutoRequest::is_due).collect();
        let Some(request) = self.dice.take(&mut due) else { return };
        let bytes = wallet.request(&request.id).unwrap();
        let answer = sign_bytes(&bytes, &request.id).to_container(Network::Simnet).unwrap();
        wallet.accept(&answer, &SystemClock).unwrap();
        // What was prepared below the chain's own price is not sent to it.
        let mut source = Through(Priced { sim: &mut self.world.sim, percent: self.percent.max(100) });
        // The price may have risen above it, or be about to change: then it stays answered, or somebody gives it up.
        if wallet.send(&request.id, &mut source, &SystemClock).is_ok() {
            self.count.answered += 1;
        } else if self.dice.once_in(2) && wallet.cancel(&request.id, &SystemClock).is_ok() {
            self.count.given_up += 1;
        }
        // What was sent is voted with.
        for ticket in wallet.tickets().unwrap() {
            let tx = wallet.transaction(&ticket.id).unwrap().unwrap();
            self.world.tickets.insert(ticket.id, tx);
        }
    }

    /// In no window there are more tickets than the rule allows.
    fn check_chain(&mut self) -> u32 {
        let mut wallet = self.open();
        self.sync(&mut wallet);
        let mut by_window: BTreeMap<Window, u32> = BTreeMap::new();
        for ticket in wallet.tickets().unwrap() {
            if let Some(height) = ticket.height {
                *by_window.entry(Window(height.0 / BLOCKS)).or_default() += 1;
            }
        }
        for (window, tickets) in &by_window {
            assert!(*tickets <= self.rule.tickets, "{tickets} tickets in window {window}");
        }
        let states = wallet.tickets().unwrap();
        let tip = wallet.height().unwrap();
        let ended = states.iter().filter(|it| it.state(Network::Simnet, tip) == TicketState::MaturedBack).count();
        println!("  {} windows with tickets, {ended} of {} tickets came back", by_window.len(), states.len());
        by_window.values().sum()
    }
}

#[test]
fn the_rule_is_kept_whatever_happens() {
    let (mut all, mut mined, mut prices) = (Count::default(), 0, BTreeSet::new());
    for seed in 0..NETWORKS {
        let mut run = Run::new(seed.into());
        run.open().set_rule(Some(&run.rule), &SystemClock).unwrap();
        for _ in 0..WINDOWS {
            run.window();
        }
        mined += run.check_chain();
        prices.append(&mut run.count.prices);
        println!("network {seed}: {:?}", run.count);
        all.add(&run.count);
    }
    let (lowest, highest) = (prices.first().unwrap() / DCR, prices.last().unwrap() / DCR);
    println!("{all:?}\nprices from {lowest} to {highest} DCR, {mined} tickets mined, 0 against the rule");
    assert_eq!(all.windows, NETWORKS * WINDOWS);
    let often = [all.prepared, all.below, all.answered, all.lapsed, all.restarts, all.rivals, all.reorganisations];
    assert!(all.given_up > 0, "nobody gave anything up: {all:?}");
    for count in often {
        assert!(count >= 10, "too little happened: {all:?}");
    }
    assert_eq!(all.waits.len(), 5, "every reason to wait was met: {all:?}");
}
