//! What a VSP's node knows of the network.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_signer::tx::Transaction;

/// Why a node does not take a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It spends coins that the node does not know, or knows as spent.
    UnknownOutputs,
    /// Anything else.
    Invalid,
}

/// The questions of a VSP to its node.
pub trait Node: Send {
    /// How many blocks confirm a transaction: 0 while it waits, none when it is not known.
    fn depth(&mut self, id: &TxId) -> Option<u32>;

    /// A transaction that is known.
    fn transaction(&mut self, id: &TxId) -> Option<Transaction>;

    /// Whether a ticket can still vote: it waits, matures or is live.
    fn can_vote(&mut self, ticket: &TxId) -> bool;

    /// Takes a transaction.
    fn send(&mut self, tx: &Transaction) -> Result<(), Rejected>;

    /// The price of tickets in the last block.
    fn price(&mut self) -> Amount;

    /// The height of the last block.
    fn height(&mut self) -> u32;
}

/// A node that knows what a test tells it.
#[derive(Default)]
pub struct TableNode {
    pub known: HashMap<TxId, (Transaction, u32)>,
    pub votable: Vec<TxId>,
    pub sent: Vec<TxId>,
    pub refuses: Option<Rejected>,
}

impl TableNode {
    /// Knows a transaction from now on.
    pub fn learn(&mut self, tx: &Transaction, depth: u32) {
        self.known.insert(tx.id(), (tx.clone(), depth));
    }

    /// Adds blocks on top of all.
    pub fn bury(&mut self, blocks: u32) {
        self.known.values_mut().for_each(|(_, depth)| *depth += blocks);
    }
}

impl Node for TableNode {
    fn depth(&mut self, id: &TxId) -> Option<u32> {
        self.known.get(id).map(|(_, depth)| *depth)
    }

    fn transaction(&mut self, id: &TxId) -> Option<Transaction> {
        self.known.get(id).map(|(tx, _)| tx.clone())
    }

    fn can_vote(&mut self, ticket: &TxId) -> bool {
        self.votable.contains(ticket)
    }

    fn send(&mut self, tx: &Transaction) -> Result<(), Rejected> {
        match self.refuses {
            Some(rejected) => Err(rejected),
            None => {
                self.sent.push(tx.id());
                self.known.entry(tx.id()).or_insert_with(|| (tx.clone(), 0));
                Ok(())
            }
        }
    }

    fn price(&mut self) -> Amount {
        Amount::from_atoms(20_000).unwrap()
    }

    fn height(&mut self) -> u32 {
        200
    }
}

/// One node for a VSP and the test.
impl<N: Node> Node for Arc<Mutex<N>> {
    fn depth(&mut self, id: &TxId) -> Option<u32> {
        self.lock().unwrap().depth(id)
    }

    fn transaction(&mut self, id: &TxId) -> Option<Transaction> {
        self.lock().unwrap().transaction(id)
    }

    fn can_vote(&mut self, ticket: &TxId) -> bool {
        self.lock().unwrap().can_vote(ticket)
    }

    fn send(&mut self, tx: &Transaction) -> Result<(), Rejected> {
        self.lock().unwrap().send(tx)
    }

    fn price(&mut self) -> Amount {
        self.lock().unwrap().price()
    }

    fn height(&mut self) -> u32 {
        self.lock().unwrap().height()
    }
}
