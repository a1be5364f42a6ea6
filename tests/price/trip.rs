//! A wallet on the embedded network whose price a stranger moves, and the trip to the signer.

use dcrcold::chain::sim::{Settings, Sim};
use dcrcold::chain::{ChainError, ChainSource, PriceWindow};
use dcrcold::wallet::purchase::{BuyOrder, Late, Orders, Prepared, PurchaseError, PurchaseRecord, Submitted};
use dcrcold::wallet::{Coin, Receive, SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Hash160, TransferId, TxId};
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, Index, KeyPath};
use dcrcold_core::policy::Limits;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Encode};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxKind};

use crate::chain::pay_to;
use crate::fixture::{Fixture, contents, sign, sign_bytes};
use crate::world::World;

pub const WINDOW: u32 = Network::Simnet.params().stake_difficulty_window;
/// A test that has not got the price it wants by then never will.
const PATIENCE: u32 = 400;

pub struct Trip {
    pub fixture: Fixture,
    pub world: World,
    pub wallet: Wallet,
}

impl Trip {
    /// A wallet with coins of so many DCR.
    pub fn new(coins: &[u64]) -> Self {
        let fixture = Fixture::new();
        let mut world = World::on(Sim::in_memory(Settings::new(11)), 11);
        world.lazy = false;
        let wallet = fixture.wallet("w");
        let mut trip = Self { fixture, world, wallet };
        for dcr in coins {
            trip.fund(Amount::from_atoms(dcr * 100_000_000).unwrap());
        }
        trip.mine(1);
        trip
    }

    /// Pays the wallet with the next block.
    pub fn fund(&mut self, amount: Amount) {
        let (_, address) = self.wallet.receive(Receive::New, &SystemClock).unwrap();
        self.world.sim.fund(&address.script(), amount).unwrap();
    }

    pub fn price(&mut self) -> PriceWindow {
        self.world.sim.price().unwrap()
    }

    /// Mines blocks and does what `dcrcold sync` does.
    pub fn mine(&mut self, blocks: u32) -> Orders {
        self.world.mine(blocks);
        self.sync()
    }

    pub fn sync(&mut self) -> Orders {
        self.wallet.sync(&mut self.world.sim, &SystemClock, &mut |_| {}).unwrap();
        self.wallet.rebroadcast(&mut self.world.sim).unwrap();
        self.wallet.settle(&mut self.world.sim, &SystemClock).unwrap()
    }

    /// Mines until so many blocks are left of the window.
    pub fn mine_until_left(&mut self, blocks: u32) {
        while self.price().blocks_left != blocks {
            self.mine(1);
        }
    }

    /// Puts tickets of the stranger into the mempool, in front of all that come later.
    pub fn crowd(&mut self, tickets: u32) {
        let each = self.world.ticket_price() * 12 / 10;
        for _ in 0..tickets {
            self.world.fund_stranger(each);
        }
        self.mine(1);
        for _ in 0..tickets {
            self.world.buy_for(Hash160::from_bytes([5; 20])).unwrap().unwrap();
        }
    }

    /// Mines, and has the stranger buy where that helps, until the price is in a range.
    pub fn mine_until_price(&mut self, least: Amount, most: Amount) {
        for _ in 0..PATIENCE {
            let price = self.price();
            if (least..=most).contains(&price.next) {
                return;
            }
            if price.estimate.max < least || price.next < least && price.estimate.expected < least {
                self.crowd(4);
            } else {
                self.mine(1);
            }
        }
        panic!("the price never was from {least} to {most}");
    }

    pub fn prepare(&mut self, order: &BuyOrder) -> Prepared {
        let price = self.price();
        self.wallet.prepare(order, &price, &SystemClock).unwrap()
    }

    pub fn again(&mut self, id: &TransferId, order: &BuyOrder) -> Result<Prepared, PurchaseError> {
        let price = self.price();
        self.wallet.prepare_again(id, None, order, &price, &mut self.world.sim, &SystemClock)
    }

    /// Has a request signed, and takes the answer.
    pub fn accept(&mut self, prepared: &Prepared) -> Container {
        let answer = sign(prepared).to_container(Network::Simnet).unwrap();
        self.wallet.accept(&answer, &SystemClock).unwrap();
        answer
    }

    /// The same by a signer whose owner takes any number of tickets.
    pub fn accept_many(&mut self, prepared: &Prepared) -> Container {
        let mut contents = contents(7);
        let total = Amount::constant::<1_000_000_000_000>();
        contents.set_limits(Limits { tickets: 100, total, ..Limits::DEFAULT });
        let reviewed = review(&prepared.request, &contents, &mut NoMemory).unwrap();
        let answer = reviewed.approve(&prepared.id).unwrap().sign(&mut NoMemory).unwrap();
        let answer = answer.to_container(Network::Simnet).unwrap();
        self.wallet.accept(&answer, &SystemClock).unwrap();
        answer
    }

    pub fn accept_bytes(&mut self, request: &[u8], id: &TransferId) {
        let answer = sign_bytes(request, id).to_container(Network::Simnet).unwrap();
        self.wallet.accept(&answer, &SystemClock).unwrap();
    }

    pub fn send(&mut self, id: &TransferId) -> Result<Submitted, PurchaseError> {
        let sent = self.wallet.send(id, &mut self.world.sim, &SystemClock)?;
        for ticket in &sent.tickets {
            self.world.tickets.insert(*ticket, self.wallet.transaction(ticket).unwrap().unwrap());
        }
        Ok(sent)
    }

    /// From the order to the network.
    pub fn buy(&mut self, order: &BuyOrder) -> (Prepared, Container) {
        let prepared = self.prepare(order);
        let answer = self.accept(&prepared);
        self.send(&prepared.id).unwrap();
        (prepared, answer)
    }

    /// The coin that a split made for one of its tickets, whatever spends it.
    pub fn coin_of_split(&self, prepared: &Prepared, ticket: u32) -> Coin {
        let split = self.wallet.transaction(&prepared.split.unwrap()).unwrap().unwrap();
        let output = &split.outputs[ticket as usize];
        let index = (0..100).find(|index| output.script == pay_to(self.fixture.internal(*index))).unwrap();
        Coin {
            outpoint: OutPoint { id: split.id(), index: ticket, tree: Tree::Regular },
            value: output.value.amount().unwrap(),
            path: KeyPath { branch: Branch::Internal, index: Index::new(index.into()).unwrap() },
            tag: None,
            kind: TxKind::Regular,
            height: None,
            maturity: 0,
            locked_by: None,
            frozen: false,
        }
    }

    pub fn late(&mut self, id: &TransferId) -> Late {
        self.wallet.late(id, &mut self.world.sim).unwrap()
    }

    pub fn record(&self, id: &TransferId) -> PurchaseRecord {
        self.wallet.purchases().unwrap().into_iter().find(|record| record.id == *id).unwrap()
    }

    pub fn waiting(&mut self, ids: &[TxId]) -> usize {
        self.world.sim.in_mempool(ids).unwrap().into_iter().filter(|waits| *waits).count()
    }

    /// How many of these tickets are in blocks.
    pub fn mined(&self, ids: &[TxId]) -> usize {
        let tickets = self.wallet.tickets().unwrap();
        tickets.iter().filter(|ticket| ids.contains(&ticket.id) && ticket.height.is_some()).count()
    }

    /// Hands the network all that an answer completes, as a thief of the answer would; none of it may be taken.
    pub fn harmless(&mut self, request: &[u8], answer: &Container) {
        let completed = self.wallet.completed(request, answer).unwrap();
        let txs: Vec<Transaction> = completed.funding.into_iter().chain(completed.tickets).collect();
        let mut refused = 0;
        for tx in &txs {
            match self.world.sim.send(tx) {
                Err(ChainError::Rejected { .. }) => refused += 1,
                // A split that is mined is known; what it made is spent.
                Err(ChainError::AlreadyKnown) => assert_eq!(self.waiting(&[tx.id()]), 0),
                other => panic!("{other:?}"),
            }
        }
        assert!(refused + 1 >= txs.len() && refused > 0, "{refused} of {}", txs.len());
    }

    /// The coins and tickets are those that the chain alone tells of.
    pub fn compare_with_new(&mut self) {
        let mut fresh = self.fixture.wallet("fresh");
        fresh.sync(&mut self.world.sim, &SystemClock, &mut |_| {}).unwrap();
        assert_eq!(fresh.tickets().unwrap(), self.wallet.tickets().unwrap());
        assert_eq!(fresh.balance().unwrap().total(), self.wallet.balance().unwrap().total());
    }
}

/// A part of an amount in hundredths.
pub fn percent(amount: Amount, hundredths: u64) -> Amount {
    Amount::from_atoms(amount.atoms() * hundredths / 100).unwrap()
}
