//! A hundred purchases of a cold account, mined, voted and paid back on a real network.
//!
//! `DCRCOLD_REAL_PURCHASES` changes the number, `DCRCOLD_REAL_SEED` what is random about them.

mod accounts;

use std::collections::BTreeMap;
use std::env;
use std::fs;

use dcrcold::chain::ChainSource;
use dcrcold::chain::dcrd::value::Text;
use dcrcold::wallet::purchase::{BuyOrder, Lock, Prepared};
use dcrcold::wallet::{CoinState, Receive, SystemClock};
use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{KEY_HASH_SCRIPT, Outputs, TICKET_SIZE};
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::policy::Limits;
use dcrcold_core::request::Funding;
use dcrcold_signer::percent::Percent;
use serde_json::Value;

use crate::cold::User;
use crate::order::order;
use crate::random::Random;
use crate::simnet::{Simnet, TICKETS_PER_BLOCK};
use crate::wallet::Wallet;

/// The seed of the watching wallet, which plays no part: it watches an imported account.
const WATCHING_SEED: &str = "ab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1eab1e";
/// The account's name in the watching wallet.
const WATCHED: &str = "cold";
/// Live tickets below which the mining wallet buys more: enough that the lottery goes on, few enough that tickets are
/// called long before they expire.
const POOL: u32 = 240;
/// Blocks that a purchase wants before the price changes: one for the split, the others for the tickets.
const ROOM: u32 = 3;
/// Blocks after which a ticket that was never called has expired.
const LONGEST_LIFE: u32 = 384 + 16 + 2;
/// Blocks before what a vote pays can be spent.
const MATURITY: u32 = 16;

/// How many times the price a ticket can lock under the widest limit.
const MOST_HEADROOM: u64 = 400_000;

/// Limits as wide as can be.
const WIDEST_LIMITS: Limits = Limits {
    ticket: Amount::constant::<2_100_000_000_000_000>(),
    total: Amount::constant::<2_100_000_000_000_000>(),
    fee: Amount::constant::<2_100_000_000_000_000>(),
    fee_rate: FeeRate::from_atoms_per_kb(u64::MAX),
    headroom: u32::MAX,
    ..Limits::DEFAULT
};

/// The kinds of purchases that are mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Signed within the limits of a new key store.
    Ordinary,
    /// Through the two programs from end to end.
    Programs,
    /// Locks anything up to a good part of what there is, within limits that allow it.
    AnyAmount,
    /// Locks so much that no change is left.
    NoChange,
    /// Makes each ticket from a coin as it is.
    Direct,
}

/// The run so far.
struct Run<'a> {
    simnet: &'a mut Simnet,
    user: User,
    watching: Wallet,
    random: Random,
    tickets: Vec<TxId>,
    /// A ticket whose key nobody gets. It is of the last purchase, since dcrwallet takes a revocation that a
    /// reorganisation undid for one that waits to be mined.
    withheld: Option<TxId>,
    funded: Amount,
    split_fees: Amount,
    kinds: BTreeMap<Kind, usize>,
}

pub fn a_hundred_purchases_are_mined_and_voted(simnet: &mut Simnet) {
    let number = |name: &str, default| env::var(name).map_or(default, |text| text.parse().unwrap());
    let (purchases, seed) = (number("DCRCOLD_REAL_PURCHASES", 100), number("DCRCOLD_REAL_SEED", 1));
    let mut run = Run::start(simnet, seed);
    for purchase in 1..=purchases {
        run.purchase(purchase, purchase == purchases);
        if purchase % 10 == 0 {
            run.compare(&format!("purchase {purchase}"));
            println!("purchase {purchase}: balances agree at height {}", run.simnet.height());
        }
        if purchase % 30 == 20 {
            run.reorganise();
        }
    }
    run.wait_for_votes();
    run.settle();
    println!("purchases: {purchases} cases of seed {seed}, {} tickets; {:?}", run.tickets.len(), run.kinds);
}

impl<'a> Run<'a> {
    fn start(simnet: &'a mut Simnet, seed: u64) -> Self {
        let user = User::new(&simnet.path().join("user"), &simnet.node);
        let home = simnet.path().join("watching");
        let mut watching = Wallet::start(&home, &simnet.node, WATCHING_SEED, &[]);
        let xpub = user.wallet.export().extended_key(Network::Simnet).to_string();
        let _: () = watching.call("importxpub", (WATCHED, xpub));
        for (branch, index) in [(0, 500), (1, 4500)] {
            let _: () = watching.call("accountsyncaddressindex", (WATCHED, branch, index));
        }
        let mut run = Self {
            simnet,
            user,
            watching,
            random: Random::new(seed),
            tickets: Vec::new(),
            withheld: None,
            funded: Amount::ZERO,
            split_fees: Amount::ZERO,
            kinds: BTreeMap::new(),
        };
        run.fund_at_random(10);
        run
    }

    /// Mines a block, with tickets of the mining wallet when the lottery needs them.
    fn mine(&mut self) {
        let pool = self.simnet.tip_header().pool_size;
        self.simnet.mine_with_tickets(if pool < POOL { TICKETS_PER_BLOCK } else { 0 });
    }

    /// Pays coins of these values to new addresses of the account, and mines them.
    fn fund(&mut self, values: &[Amount]) {
        for value in values {
            let (_, address) = self.user.wallet.receive(Receive::New, &SystemClock).unwrap();
            self.simnet.pay(&address.to_string(), *value);
            self.funded = self.funded.checked_add(*value).unwrap();
        }
        self.mine();
        self.user.sync();
    }

    fn fund_at_random(&mut self, coins: u64) {
        let values: Vec<_> = (0..coins).map(|_| atoms(self.random.of_any_size(20_000, 50_00000000))).collect();
        self.fund(&values);
    }

    fn purchase(&mut self, number: u64, last: bool) {
        if self.random.once_in(2) {
            let coins = self.random.between(1, 4);
            self.fund_at_random(coins);
        }
        let kind = match self.random.between(0, 9) {
            _ if number % 10 == 5 => Kind::Programs,
            0..4 => Kind::Ordinary,
            4..7 => Kind::AnyAmount,
            7..9 => Kind::NoChange,
            _ => Kind::Direct,
        };
        let (least, most) = match kind {
            Kind::Direct => (1, 5),
            Kind::NoChange => (2, 20),
            _ => (1, 20),
        };
        let count = u32::try_from(self.random.between(least, most)).unwrap();
        let rate = FeeRate::from_atoms_per_kb(self.random.of_any_size(10_000, 100_000));
        let bought = match kind {
            Kind::Programs => self.buy_with_programs(count, rate),
            _ => self.buy(kind, count, rate),
        };
        self.mine_tickets(&bought);
        if last {
            self.withheld = bought.first().copied();
        }
        self.hand_over(kind, &bought);
        self.tickets.extend(bought);
        *self.kinds.entry(kind).or_default() += 1;
    }

    /// Mines until the price stays for as long as a purchase takes, and says which it is.
    fn await_room(&mut self) -> Amount {
        loop {
            self.user.sync();
            let price = self.user.source.price().unwrap();
            if price.blocks_left >= ROOM {
                return price.next;
            }
            self.mine();
        }
    }

    /// Buys with the libraries; the ids of the tickets are those computed before anything was signed.
    fn buy(&mut self, kind: Kind, count: u32, fee_rate: FeeRate) -> Vec<TxId> {
        let (lock, funding) = self.terms(kind, count, fee_rate);
        let order = BuyOrder { lock, fee_rate, funding, ..order(count) };
        let price = self.user.source.price().unwrap();
        let prepared = self.user.wallet.prepare(&order, &price, &SystemClock).unwrap();
        assert_eq!(prepared.tickets.len(), usize::try_from(count).unwrap());
        assert!(kind != Kind::NoChange || prepared.change.is_none(), "{prepared:?}");
        let answer = match prepared.beyond_default_limits.first() {
            None => self.user.sign(&prepared.request, &prepared.id),
            Some(refusal) => {
                assert_ne!(kind, Kind::Ordinary, "{refusal}");
                assert_eq!(self.user.refusal(&prepared.request), *refusal);
                self.user.sign_within(&WIDEST_LIMITS, &prepared.request, &prepared.id)
            }
        };
        let id = self.user.wallet.accept(&answer, &SystemClock).unwrap();
        let sent = self.user.wallet.send(&id, &mut self.user.source, &SystemClock).unwrap();
        assert_eq!((sent.split, &sent.tickets, sent.known_before), (prepared.split, &prepared.tickets, 0));
        self.note_fee(&prepared);
        prepared.tickets
    }

    fn note_fee(&mut self, prepared: &Prepared) {
        self.split_fees = self.split_fees.checked_add(prepared.split_fee.unwrap_or_default()).unwrap();
    }

    /// What each ticket locks, and out of what.
    fn terms(&mut self, kind: Kind, count: u32, rate: FeeRate) -> (Lock, Funding) {
        let price = self.await_room();
        match kind {
            Kind::Ordinary | Kind::Programs => {
                let headroom = self.random.between(0, 1000);
                (Lock::PricePlus(Percent::from_hundredths(u32::try_from(headroom).unwrap())), Funding::Split)
            }
            Kind::AnyAmount => {
                let spendable = self.user.wallet.balance().unwrap().spendable.atoms();
                let most = (spendable / u64::from(count) / 2).min(price.atoms() * MOST_HEADROOM);
                (Lock::Amount(atoms(self.random.of_any_size(price.atoms(), most))), Funding::Split)
            }
            Kind::NoChange => (Lock::Amount(self.amount_without_change(count, rate)), Funding::Split),
            Kind::Direct => {
                let fee = rate.fee(TICKET_SIZE).unwrap();
                let values: Vec<_> = (0..count)
                    .map(|_| atoms(fee.atoms() + price.atoms() + self.random.between(0, price.atoms() / 20)))
                    .collect();
                self.fund(&values);
                (Lock::Amount(self.await_room()), Funding::Direct)
            }
        }
    }

    /// Shares the coin that is spent first so that less than the least change is left.
    fn amount_without_change(&mut self, count: u32, rate: FeeRate) -> Amount {
        let tip = self.user.wallet.height().unwrap();
        let coins = self.user.wallet.coins().unwrap();
        let spendable = coins.iter().filter(|coin| coin.state(tip) == CoinState::Spendable);
        let first = spendable.max_by_key(|coin| (coin.tag.is_some(), coin.value)).unwrap();
        let outputs = (0..count).fold(Outputs::default(), |sum, _| sum.with(KEY_HASH_SCRIPT));
        let fee = rate.fee(outputs.size(1)).unwrap().atoms() + self.random.between(0, 6_000);
        let each = (first.value.atoms() - fee) / u64::from(count);
        atoms(each - rate.fee(TICKET_SIZE).unwrap().atoms())
    }

    /// Buys with the two programs; the ids of the tickets are those that `buy` prints.
    fn buy_with_programs(&mut self, count: u32, rate: FeeRate) -> Vec<TxId> {
        self.await_room();
        let (request, answer) = (self.user.path("request"), self.user.path("answer"));
        let (count, rate) = (count.to_string(), rate.atoms_per_kb().to_string());
        let headroom = self.random.between(0, 9).to_string();
        let terms = ["--fee-rate", &rate, "--headroom", &headroom, "--label", "by the programs", "--out", &request];
        let bought = self.user.online(&[&["buy", &count][..], &terms].concat());
        self.user.sign_offline(&request, &answer, bought["id"].as_str().unwrap());
        let sent = self.user.online(&["submit", &answer]);
        assert_eq!((&sent["split"], &sent["tickets"]), (&bought["split"], &bought["tickets"]));
        fs::remove_file(request).unwrap();
        fs::remove_file(answer).unwrap();
        let fee = bought["split_fee"].as_u64().unwrap();
        self.split_fees = self.split_fees.checked_add(atoms(fee)).unwrap();
        ids(&bought["tickets"])
    }

    /// Mines until all of these tickets are in blocks.
    fn mine_tickets(&mut self, tickets: &[TxId]) {
        for _ in 0..6 {
            self.mine();
            self.user.sync();
            let mined = |id: &TxId| self.user.wallet.block_of(id).unwrap().is_some();
            if tickets.iter().all(mined) {
                return;
            }
        }
        panic!("some of the tickets {tickets:?} are not mined");
    }

    /// Gives the voting keys to dcrwallet, all but the one that is withheld.
    fn hand_over(&mut self, kind: Kind, tickets: &[TxId]) {
        for ticket in tickets.iter().filter(|ticket| self.withheld != Some(**ticket)) {
            let (wif, block, hex) = match kind {
                Kind::Programs => self.user.hand_over_online(ticket),
                _ => self.user.hand_over(ticket),
            };
            let _: () = self.simnet.wallet.call("importprivkey", (wif, "imported", false));
            let _: () = self.simnet.wallet.call("addtransaction", (block, hex));
        }
    }

    /// Lets three blocks be replaced by four, and looks whether everything is still there.
    fn reorganise(&mut self) {
        while self.user.source.price().unwrap().blocks_left < ROOM {
            self.mine();
        }
        self.user.sync();
        self.simnet.reorganise(3);
        let report = self.user.sync();
        assert_eq!(report.undone, 3);
        self.mine();
        self.compare("reorganisation");
    }

    /// Mines until every ticket has voted or was revoked.
    fn wait_for_votes(&mut self) {
        for _ in 0..LONGEST_LIFE {
            self.mine();
            self.user.sync();
            if self.user.wallet.tickets().unwrap().iter().all(|ticket| ticket.ending.is_some()) {
                break;
            }
        }
        (0..MATURITY).for_each(|_| self.mine());
        self.compare("the end");
    }
}

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

fn ids(list: &Value) -> Vec<TxId> {
    let ids: Vec<Text<TxId>> = serde_json::from_value(list.clone()).unwrap();
    ids.into_iter().map(|id| id.0).collect()
}
