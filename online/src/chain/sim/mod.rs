//! The embedded network: a Decred chain by the rules of simnet, for demonstrations and tests.
//!
//! Its blocks are real: from the same genesis block, with proof of work, both trees, filters, price windows, tickets,
//! the lottery, votes and automatic revocations, so that a simnet dcrd accepts every one of them. The same seed, start
//! time and events give the same chain. It mines by itself when told to, buys the tickets that keep the chain going, and
//! votes with those; votes of other tickets come by [`ChainSource::send`] before the next block, or the ticket is
//! revoked.
//!
//! Left out: treasury adds and spends, agendas, anything spent but public key hashes, sequence locks, transactions that
//! wait for an unknown parent.
//!
//! [`ChainSource::send`]: super::ChainSource::send

mod base;
mod block_rules;
mod chain;
mod coins;
mod error;
mod genesis;
mod headers;
mod journal;
mod lottery;
mod mempool;
mod params;
mod policy;
mod sanity;
mod script;
mod source;
mod spend;
mod stake;
mod stakers;
mod state;
mod template;
mod violation;

use std::fmt;
use std::path::Path;

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_signer::block::Block;
use dcrcold_signer::tx::Transaction;

pub use error::SimError;
use journal::{Event, Journal};
use state::{Orders, State};
pub use violation::{Rule, Violation};

use super::{BlockId, Winners};

/// What a network follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The keys and salts of the network's own wallet and miner follow from it.
    pub seed: u64,
    /// Unix time of block 1; every block after it is a second later.
    pub start: u32,
}

impl Settings {
    /// The time of block 1 unless another is asked for: the start of 2026.
    pub const START: u32 = 1_767_225_600;

    /// The network of a seed that starts at [`Self::START`].
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, start: Self::START }
    }
}

/// The height from which the network is as it will stay: about 400 tickets, and a price of about 25 DCR.
pub const SETTLED: Height = Height(240);

/// The embedded network.
///
/// In a folder, it is shared with other processes that open the same folder; each call sees what they did.
pub struct Sim {
    state: State,
    journal: Option<Journal>,
    /// The tip whose winners were told last.
    told: Option<BlockHash>,
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tip = self.state.chain.headers().tip();
        f.debug_struct("Sim").field("height", &tip.header.height).field("tip", &tip.id).finish_non_exhaustive()
    }
}

impl Sim {
    /// Makes a network that lives in memory alone.
    #[must_use]
    pub fn in_memory(settings: Settings) -> Self {
        Self { state: State::new(settings), journal: None, told: None }
    }

    /// Makes a network that lives in `folder`.
    ///
    /// # Errors
    /// [`SimError::Io`] when the folder holds a network already or cannot be written.
    pub fn create(folder: &Path, settings: Settings) -> Result<Self, SimError> {
        let journal = Journal::create(folder, settings)?;
        Ok(Self { state: State::new(settings), journal: Some(journal), told: None })
    }

    /// Opens the network in `folder`.
    ///
    /// # Errors
    /// [`SimError`] when there is none or its journal is damaged.
    pub fn open(folder: &Path) -> Result<Self, SimError> {
        let (journal, settings) = Journal::open(folder)?;
        let mut sim = Self { state: State::new(settings), journal: Some(journal), told: None };
        sim.shared(|_| Ok(((), Vec::new())))?;
        Ok(sim)
    }

    /// The last block.
    ///
    /// # Errors
    /// [`SimError`] when the folder cannot be read.
    pub fn tip(&mut self) -> Result<BlockId, SimError> {
        self.read(|state| {
            let tip = state.chain.headers().tip();
            BlockId { hash: tip.id, height: tip.header.height }
        })
    }

    /// Mines `blocks` blocks out of what waits. The network's own tickets vote in each; others must have sent their
    /// votes on the tip before, which is why somebody who votes mines one block at a time.
    ///
    /// # Errors
    /// [`Rule::NotEnoughVotes`] when so many tickets of others were called that too few votes are there.
    pub fn mine(&mut self, blocks: u32) -> Result<BlockId, SimError> {
        for _ in 0..blocks {
            self.shared(|state| Ok(((), vec![state.mine(Orders::USUAL)?])))?;
        }
        self.tip()
    }

    /// Mines up to `height`; does nothing when the chain is that high already.
    ///
    /// # Errors
    /// Those of [`Self::mine`].
    pub fn mine_to(&mut self, height: Height) -> Result<BlockId, SimError> {
        let tip = self.tip()?;
        self.mine(height.above(tip.height).unwrap_or_default())
    }

    /// Mines a block in which the network's own tickets reject the regular tree of the tip: its payments have to be
    /// mined again.
    ///
    /// # Errors
    /// Those of [`Self::mine`].
    pub fn mine_disapproving(&mut self) -> Result<BlockId, SimError> {
        self.mine_as(Orders { approve: false, ..Orders::USUAL })
    }

    /// Mines a block whose coinbase pays `script` instead of the network's own wallet.
    ///
    /// # Errors
    /// Those of [`Self::mine`].
    pub fn mine_paying(&mut self, script: &[u8]) -> Result<BlockId, SimError> {
        self.mine_as(Orders { coinbase: Some(script), ..Orders::USUAL })
    }

    /// The tickets called to vote on the tip; their votes belong into the next block.
    ///
    /// # Errors
    /// [`SimError`] when the folder cannot be read.
    pub fn winners(&mut self) -> Result<Winners, SimError> {
        self.read(|state| {
            let tip = state.chain.headers().tip();
            let block = BlockId { hash: tip.id, height: tip.header.height };
            Winners { block, tickets: state.chain.draw().winners.clone() }
        })
    }

    fn mine_as(&mut self, orders: Orders<'_>) -> Result<BlockId, SimError> {
        self.shared(|state| Ok(((), vec![state.mine(orders)?])))?;
        self.tip()
    }

    /// Pays `amount` to `script` from the coins of the network's own wallet. The payment is mined with the next block.
    ///
    /// # Errors
    /// [`Rule::SpendTooHigh`] when the wallet has less, [`Rule::DustOutput`] below 6,030 atoms.
    pub fn fund(&mut self, script: &[u8], amount: Amount) -> Result<TxId, SimError> {
        self.shared(|state| {
            let (id, event) = state.pay(script, amount)?;
            Ok((id, vec![event]))
        })
    }

    /// Undoes the last `depth` blocks. Their transactions wait again, and other blocks will take their place.
    ///
    /// # Errors
    /// [`SimError::TooDeep`] when there are not so many.
    pub fn undo(&mut self, depth: u32) -> Result<BlockId, SimError> {
        self.shared(|state| {
            let height = state.chain.headers().tip().header.height;
            let left = height.0.checked_sub(depth).ok_or(SimError::TooDeep { asked: depth, height })?;
            Ok(((), vec![state.undo(Height(left))]))
        })?;
        self.tip()
    }

    /// Replaces the last `depth` blocks by a longer chain: undoes them and mines one more.
    ///
    /// # Errors
    /// Those of [`Self::undo`] and [`Self::mine`].
    pub fn reorganise(&mut self, depth: u32) -> Result<BlockId, SimError> {
        self.undo(depth)?;
        self.mine(depth + 1)
    }

    /// The next block as the network's own miner would make it now, solved. Nothing is mined.
    ///
    /// # Errors
    /// Those of [`Self::mine`].
    pub fn next_block(&mut self) -> Result<Block, SimError> {
        self.shared(|state| Ok((state.next_block(Orders::USUAL)?, Vec::new())))
    }

    /// Writes anew what the header of a changed block commits to, size, transactions and filter, and solves it.
    ///
    /// # Errors
    /// [`Rule::MissingTxOut`] when the block spends an output that does not exist.
    pub fn remake(&mut self, block: Block) -> Result<Block, SimError> {
        self.read(|state| state.remake(block))?.map_err(SimError::Violation)
    }

    /// Checks a block and makes it the tip.
    ///
    /// # Errors
    /// [`SimError::Violation`] names the first rule that it breaks.
    pub fn submit(&mut self, block: Block) -> Result<(), SimError> {
        self.shared(|state| Ok(((), vec![state.submit(block)?])))
    }

    /// Checks a transaction by the rules of blocks and of the mempool, and lets it wait.
    ///
    /// # Errors
    /// [`SimError::Violation`] names the first rule that it breaks.
    pub fn accept(&mut self, tx: &Transaction) -> Result<TxId, SimError> {
        self.shared(|state| {
            let (id, event) = state.send(tx)?;
            Ok((id, vec![event]))
        })
    }

    /// A transaction that waits to be mined.
    ///
    /// # Errors
    /// [`SimError`] when the folder cannot be read.
    pub fn waiting(&mut self, id: &TxId) -> Result<Option<Transaction>, SimError> {
        self.read(|state| state.mempool.get(id).map(|entry| entry.tx.clone()))
    }

    /// Whether other processes may change the network.
    fn is_shared(&self) -> bool {
        self.journal.is_some()
    }

    /// Looks at the network as it is now.
    fn read<T>(&mut self, look: impl FnOnce(&State) -> T) -> Result<T, SimError> {
        self.shared(|state| Ok((look(state), Vec::new())))
    }

    /// Changes the network while no other process does, and writes down what happened.
    fn shared<T>(
        &mut self,
        change: impl FnOnce(&mut State) -> Result<(T, Vec<Event>), SimError>,
    ) -> Result<T, SimError> {
        let Self { state, journal, .. } = self;
        let Some(journal) = journal else { return change(state).map(|(value, _)| value) };
        let result = journal.lock().and_then(|events| {
            for event in &events {
                state.replay(event).map_err(SimError::Damaged)?;
            }
            let (value, events) = change(state)?;
            journal.append(&events)?;
            Ok(value)
        });
        journal.unlock()?;
        result
    }
}
